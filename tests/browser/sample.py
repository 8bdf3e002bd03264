"""A clinic in the middle of its work, for the tests that look at every tab and for the pictures of them."""

from __future__ import annotations

from datetime import timedelta

from infra.local import sample_day
from tests.browser.clinic import Clinic, at

#: Weeks back -> (appointment, patient, clinic, lines, paid of it: all, this much, or nothing)
EARLIER = {
    1: [
        ("apt-0901", "p-11", "harbour", [sample_day.LONG], "all"),
        ("apt-0902", "p-66", "north", [sample_day.CONSULT], "all"),
        ("apt-0903", "p-22", "north", [sample_day.CONSULT, sample_day.TAPE], "50.00"),
    ],
    2: [
        ("apt-0801", "p-33", "harbour", [sample_day.CONSULT], "all"),
        ("apt-0802", "p-55", "harbour", [sample_day.ORTHOTIC], None),
    ],
    4: [("apt-0601", "p-11", "harbour", [sample_day.LONG, sample_day.TAPE], "all")],
    5: [("apt-0501", "p-66", "north", [sample_day.CONSULT], None)],
}
TODAY_INVOICED = ("apt-1001", "apt-1002", "apt-1003", "apt-1005", "apt-1006", "apt-1007")
TODAY_PAID = {"apt-1001": None, "apt-1002": "50.00", "apt-1006": None}


def a_clinic_at_work(clinic: Clinic) -> None:
    """Earlier weeks invoiced and partly paid; today half done; one patient archived in Xero, so that one invoice of
    today needs a person."""
    clinic.ready()
    clinic.sample_day()
    for weeks, appointments in EARLIER.items():
        for appointment_id, patient_id, clinic_id, lines, _ in appointments:
            starts_at = (at(10) - timedelta(weeks=weeks)).isoformat()
            more = {"starts_at": starts_at, "clinic_id": clinic_id, "line_items": lines}
            clinic.appointment(appointment_id, patient_id, **more)
    everything = [row for rows in EARLIER.values() for row in rows]
    for appointment_id in [row[0] for row in everything] + list(TODAY_INVOICED):
        clinic.invoice(appointment_id)
    paid = {row[0]: None if row[4] == "all" else row[4] for row in everything if row[4]} | TODAY_PAID
    for appointment_id, amount in paid.items():
        clinic.pay(appointment_id, amount)
    for appointment_id, amount in paid.items():
        wanted = ["PAID"] if amount is None else ["AUTHORISED"]
        clinic.until(
            lambda a=appointment_id, w=wanted: paid_of(clinic, a) != "0.00" and status(clinic, a) in w
        )
    needs_a_person(clinic, "apt-1009", "p-55")


def needs_a_person(clinic: Clinic, appointment_id: str, patient_id: str) -> None:
    """The patient's contact is archived in Xero, so this invoice is refused and waits for a person."""
    contact = clinic.ok("GET", f"/xero/contacts/{patient_id}/")
    clinic.by_hand(f"contacts/{contact['contact_id']}/archive")
    clinic.call(
        "POST", "/xero/invoices/create_invoice/", "reception", json={"appointment_id": appointment_id}
    )
    clinic.until(lambda: clinic.ok("GET", "/xero/attention/")["items"])


def status(clinic: Clinic, appointment_id: str) -> str:
    return str((clinic.invoice_of(appointment_id) or {})["status"])


def paid_of(clinic: Clinic, appointment_id: str) -> str:
    return str((clinic.invoice_of(appointment_id) or {})["amount_paid"])
