"""Both sides as they stand at the end: the simulator's books, and what our interface says."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from infra.local.client import Client
from infra.local.settings import Settings
from tests.soak.xero import Xero

WAITING = ("pending", "sending", "uncertain")
FIGURES = {"status": "Status", "invoice_number": "InvoiceNumber"}
AMOUNTS = {
    "total": "Total",
    "amount_due": "AmountDue",
    "amount_paid": "AmountPaid",
    "amount_credited": "AmountCredited",
}


@dataclass
class Side:
    """One practice."""

    practice: str
    operations: list[dict[str, Any]]
    links: dict[str, dict[str, Any]]  # by appointment
    logged: set[str]  # operations with an entry that says how they ended
    attention: list[dict[str, Any]]
    connection: dict[str, Any]
    contacts: list[dict[str, Any]]
    invoices: list[dict[str, Any]]
    payments: list[dict[str, Any]]
    notes: dict[str, list[str]]  # InvoiceID -> what its history in Xero says, oldest first


def gather(settings: Settings, xero: Xero, practice: str) -> Side:
    owner = Client(settings, practice, "owner")
    books = xero.books(practice)
    logged = {
        row["operation_id"]
        for row in pages(owner, "/xero/logs/")
        if row.get("operation_id") and row.get("outcome") in ("ok", "failed")
    }
    return Side(
        practice=practice,
        operations=list(pages(owner, "/xero/operations/")),
        links={row["appointment_id"]: row for row in pages(owner, "/xero/invoices/")},
        logged=logged,
        attention=owner.call("GET", "/xero/attention/")["items"],
        connection=owner.call("GET", "/xero/connections/status/"),
        contacts=books["contacts"],
        invoices=[row for row in books["invoices"] if row["Type"] == "ACCREC"],
        payments=[row for row in books["payments"] if row["Status"] != "DELETED"],
        notes=_notes(settings, xero.tenants[practice]),
    )


def pages(client: Client, path: str, **query: str) -> Iterator[dict[str, Any]]:
    """Every item of a list."""
    params = {"limit": "200", **query}
    while True:
        page = client.call("GET", path, params=params)
        yield from page["items"]
        if not page["next_cursor"]:
            return
        params["cursor"] = page["next_cursor"]


def differences(link: dict[str, Any], invoice: dict[str, Any]) -> list[str]:
    """Where our link and Xero's document do not say the same."""
    pairs = {name: (link[name], invoice.get(theirs)) for name, theirs in FIGURES.items()}
    pairs |= {
        name: (Decimal(link[name]), Decimal(str(invoice.get(theirs) or 0)))
        for name, theirs in AMOUNTS.items()
    }
    return [f"{name}: here {here}, in Xero {there}" for name, (here, there) in pairs.items() if here != there]


def _notes(settings: Settings, tenant_id: str) -> dict[str, list[str]]:
    """From the simulator's state file: its interface gives one document's history at a time."""
    with contextlib.closing(sqlite3.connect(settings.state_dir / "simulator.sqlite")) as database:
        rows = database.execute(
            "SELECT body FROM documents WHERE kind = ? AND key LIKE 'invoice:%'", (f"books {tenant_id}",)
        ).fetchall()
    found = (json.loads(body) for (body,) in rows)
    return {one["id"]: [note["changes"] for note in one["history"]] for one in found}
