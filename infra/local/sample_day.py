"""A day of sample appointments, sent in through the public interface as a clinic's app would."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from infra.local.client import Client
from infra.local.settings import Settings

ZONES = {
    "demo": ZoneInfo("Australia/Sydney"),
    "other": ZoneInfo("Pacific/Auckland"),
    "thames": ZoneInfo("Europe/London"),
}

#: Two John Smiths, a namesake of a contact that the books already have, and a child whose parent pays.
PATIENTS: dict[str, list[dict[str, Any]]] = {
    "demo": [
        {"id": "p-11", "first_name": "John", "last_name": "Smith", "reference": "JS1", "email": "john@example.com"},
        {"id": "p-22", "first_name": "John", "last_name": "Smith", "reference": "JS2"},
        {"id": "p-33", "first_name": "Adam", "last_name": "Brown", "reference": "AB1"},
        {"id": "p-44", "first_name": "Mia", "last_name": "Nguyen", "reference": "MN1", "payer": "p-55"},
        {"id": "p-55", "first_name": "Linh", "last_name": "Nguyen", "reference": "LN1", "phone": "0400 000 055"},
        {"id": "p-66", "first_name": "Zoë", "last_name": "O'Neil-García", "reference": "ZO1",
         "address": {"line1": "1 Harbour St", "city": "Sydney", "region": "NSW", "postal_code": "2000"}},
    ],
    "other": [
        {"id": "p-11", "first_name": "Aroha", "last_name": "Ngata", "reference": "AN1"},
        {"id": "p-22", "first_name": "Tom", "last_name": "Walker", "reference": "TW1"},
    ],
    "thames": [
        {"id": "p-11", "first_name": "Oliver", "last_name": "Bennett", "reference": "OB1",
         "email": "oliver@example.com"},
        {"id": "p-22", "first_name": "Priya", "last_name": "Shah", "reference": "PS1"},
    ],
}  # fmt: skip

CONSULT = {"service_code": "consult", "description": "Consultation", "unit_amount": "95.00"}
LONG = {"service_code": "consult-long", "description": "Long consultation", "unit_amount": "142.50"}
ORTHOTIC = {
    "service_code": "orthotic",
    "description": "Orthotic insoles",
    "unit_amount": "33.33",
    "quantity": "2",
}
TAPE = {"service_code": "tape", "description": "Sports tape", "unit_amount": "19.99", "quantity": "3",
        "discount_rate": "10"}  # fmt: skip

#: (id, hour, patient, clinic, practitioner, status, lines)
DAY: dict[str, list[tuple[str, str, str, str, str, str, list[dict[str, Any]]]]] = {
    "demo": [
        ("apt-1001", "08:00", "p-11", "harbour", "dr-ruiz", "completed", [CONSULT]),
        ("apt-1002", "08:30", "p-22", "harbour", "dr-ruiz", "completed", [CONSULT, TAPE]),
        ("apt-1003", "09:00", "p-33", "harbour", "b-okafor", "completed", [LONG]),
        ("apt-1004", "09:45", "p-44", "harbour", "b-okafor", "completed", [CONSULT, ORTHOTIC]),
        ("apt-1005", "10:30", "p-66", "north", "c-tan", "completed", [ORTHOTIC]),
        ("apt-1006", "11:00", "p-11", "north", "c-tan", "completed", [LONG, TAPE]),
        ("apt-1007", "13:00", "p-22", "north", "d-patel", "completed", [CONSULT]),
        ("apt-1008", "14:00", "p-33", "harbour", "d-patel", "cancelled", [CONSULT]),
        ("apt-1009", "15:00", "p-55", "harbour", "dr-ruiz", "completed", [LONG]),
        ("apt-1010", "16:15", "p-66", "harbour", "dr-ruiz", "arrived", [CONSULT]),
        ("apt-1011", "17:00", "p-44", "north", "b-okafor", "completed", [TAPE]),
        ("apt-1012", "23:30", "p-11", "harbour", "dr-ruiz", "completed", [CONSULT]),
    ],
    "other": [
        ("apt-1001", "08:00", "p-11", "kauri", "j-reid", "completed", [CONSULT]),
        ("apt-1002", "10:00", "p-22", "kauri", "j-reid", "completed", [LONG, ORTHOTIC]),
        ("apt-1003", "23:30", "p-11", "kauri", "j-reid", "completed", [TAPE]),
    ],
    "thames": [
        ("apt-1001", "08:00", "p-11", "thames", "s-ward", "completed", [CONSULT]),
        ("apt-1002", "10:00", "p-22", "thames", "s-ward", "completed", [LONG, TAPE]),
    ],
}

#: What each service is in the books: consultations carry no tax in Australia and the United Kingdom, products do.
SERVICES: dict[str, dict[str, tuple[str, str]]] = {
    "demo": {
        "consult": ("201", "EXEMPTOUTPUT"),
        "consult-long": ("201", "EXEMPTOUTPUT"),
        "orthotic": ("202", "OUTPUT"),
        "tape": ("202", "OUTPUT"),
    },
    "other": dict.fromkeys(("consult", "consult-long", "orthotic", "tape"), ("200", "OUTPUT2")),
    "thames": {
        "consult": ("201", "EXEMPTOUTPUT"),
        "consult-long": ("201", "EXEMPTOUTPUT"),
        "orthotic": ("202", "OUTPUT2"),
        "tape": ("202", "OUTPUT2"),
    },
}


def load(base_url: str, state_dir: Path) -> date:
    """The day. Once per state: what people changed since is not set back. ``base_url`` is the running stack's."""
    marker = state_dir / "sample-day-loaded"
    if marker.exists():
        return date.fromisoformat(marker.read_text(encoding="utf-8"))
    settings = Settings.from_environment()
    if settings.base_url != base_url:
        raise ValueError(f"the stack runs at {settings.base_url}, not at {base_url}")
    day = datetime.now(ZONES["demo"]).date()
    for practice in DAY:
        lines = import_lines(practice, day.isoformat())
        Client(settings, practice, "app").call("POST", "/clinic/import", data=lines.encode())
        items = [
            {"service_code": code, "account_code": account, "tax_type": tax}
            for code, (account, tax) in SERVICES[practice].items()
        ]
        bookkeeper = Client(settings, practice, "bookkeeper")
        bookkeeper.call("PUT", "/xero/items/", json={"items": items})
        if (
            settings.simulated
        ):  # a draft cannot be paid, and a newcomer wants to see that; Xero itself gets drafts
            bookkeeper.call("PUT", "/xero/settings/", json={"invoice_status": "AUTHORISED"})
    marker.write_text(day.isoformat(), encoding="utf-8")
    return day


def import_lines(practice: str, day: str) -> str:
    """The practice's patients, and its appointments on that day (ISO), as ``POST /clinic/import`` takes them."""
    return "\n".join(json.dumps(record) for record in _records(practice, day))


def _records(practice: str, day: str) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = [{"kind": "patient"} | patient for patient in PATIENTS[practice]]
    for appointment_id, hour, patient_id, clinic_id, practitioner_id, status, lines in DAY[practice]:
        starts_at = datetime.fromisoformat(f"{day}T{hour}:00").replace(tzinfo=ZONES[practice])
        records.append(
            {
                "kind": "appointment",
                "id": appointment_id,
                "patient_id": patient_id,
                "starts_at": starts_at.isoformat(),
                "clinic_id": clinic_id,
                "practitioner_id": practitioner_id,
                "status": status,
                "line_items": lines,
            }
        )
    return records
