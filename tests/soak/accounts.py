"""The accounting: what was done twice, what was lost, what nobody can explain. All must be empty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from tests.soak.evidence import WAITING, Side, differences
from tests.soak.plan import Script
from tests.soak.staff import Desk

OVER = ("VOIDED", "DELETED")


def duplicates(side: Side, script: Script) -> Iterator[str]:
    living = Counter(row["Reference"] for row in _living(side) if row.get("Reference") in script.appointments)
    contacts = Counter(row["ContactNumber"] for row in side.contacts if row.get("ContactNumber"))
    payments = Counter(row["Reference"] for row in side.payments if row.get("Reference"))
    emails = Counter({invoice: notes.count("Invoice sent") for invoice, notes in side.notes.items()})
    for what, found in (
        ("living invoices of one appointment", living),
        ("contacts of one number", contacts),
        ("payments of one reference", payments),
        ("e-mails of one invoice", emails),
    ):
        yield from (f"{count} {what}: {key}" for key, count in found.items() if count > 1)


def lost(side: Side, desk: Desk) -> Iterator[str]:
    yield from _lost_requests(side, desk)
    yield from _lost_results(side)
    yield from _links(side, desk.script)
    phones = {
        row["ContactNumber"]: [phone.get("PhoneNumber") for phone in row.get("Phones", [])]
        for row in side.contacts
        if row.get("ContactNumber")
    }
    explained = {
        row["subject"].get("patient_id")
        for row in side.operations
        if row["kind"].startswith("contact_") and row["status"] != "done" and row["reason"]
    }
    for (practice, patient_id), phone in desk.details.items():
        if (
            practice == side.practice
            and patient_id not in explained
            and phone not in phones.get(patient_id, [])
        ):
            yield f"patient {patient_id}: the telephone number {phone} is not in Xero"


def unexplained(side: Side) -> Iterator[str]:
    if side.connection["status"] != "connected":
        yield f"{side.practice} is {side.connection['status']}: {side.connection['reason']}"
    shown = {row["operation_id"] for cause in side.attention for row in cause["operations"]}
    for row in side.operations:
        name = f"{row['kind']} {row['operation_id']} of {row['subject']}"
        if row["status"] in WAITING:
            yield f"{name} is still {row['status']}, until {row['next_attempt_at']}: {row['reason']}"
            continue
        if row["status"] == "failed" and not row["reason"]:
            yield f"{name} failed and does not say why"
        if row["status"] == "failed" and row["operation_id"] not in shown:
            yield f"{name} failed, but nobody is told"
        if row["operation_id"] not in side.logged:
            yield f"{name} is {row['status']}, but the log does not say so"


def money(side: Side, script: Script) -> Iterator[str]:
    """To the cent: the clinic's own total, the sums of both sides, and nothing touched once it was paid."""
    for row in _living(side):
        one = script.appointments.get(row.get("Reference", ""))
        if one and Decimal(str(row["Total"])) != one.total:
            yield f"{one.id}: the clinic says {one.total}, Xero {row['Total']}"
    ours = [row for row in _living(side) if row.get("Reference") in script.appointments]
    for here, there in (("total", "Total"), ("amount_paid", "AmountPaid"), ("amount_due", "AmountDue")):
        links = sum((Decimal(x[here]) for x in side.links.values() if x["status"] not in OVER), Decimal(0))
        books = sum((Decimal(str(x[there])) for x in ours), Decimal(0))
        if links != books:
            yield f"{side.practice}: {here} is {links} here and {books} in Xero, {links - books} apart"
    for invoice_id, notes in side.notes.items():
        if "Payment" in notes and {"Edited", "Approved", "Voided", "Deleted"} & set(
            notes[notes.index("Payment") :]
        ):
            yield f"invoice {invoice_id} was changed after a payment: {', '.join(notes)}"


def _living(side: Side) -> list[dict]:
    return [row for row in side.invoices if row["Status"] not in OVER]


def _lost_requests(side: Side, desk: Desk) -> Iterator[str]:
    living = {row.get("Reference") for row in _living(side)}
    voided = {
        row["subject"].get("appointment_id")
        for row in side.operations
        if row["kind"] == "invoice_void" and row["status"] == "done"
    }
    reasons = {
        row["subject"].get("appointment_id")
        for row in side.operations
        if row["kind"] == "invoice_create" and row["status"] != "done" and row["reason"]
    }
    for appointment_id in desk.asked - living - voided - reasons:
        if desk.script.appointments[appointment_id].practice == side.practice:
            yield f"appointment {appointment_id}: an invoice was asked for, there is none, and nothing says why"


def _lost_results(side: Side) -> Iterator[str]:
    """Every operation that is done left its document in Xero."""
    invoices = {row["InvoiceID"] for row in side.invoices}
    payments = {row["Reference"]: row for row in side.payments if row.get("Reference")}
    contacts = {row["ContactID"] for row in side.contacts}
    for row in (row for row in side.operations if row["status"] == "done"):
        name, result = f"{row['kind']} {row['operation_id']} of {row['subject']}", row["result"]
        if row["kind"] == "invoice_create" and result["invoice_id"] not in invoices:
            yield f"{name} is done, but its invoice is not in Xero"
        if row["kind"].startswith("contact_") and result["contact_id"] not in contacts:
            yield f"{name} is done, but its contact is not in Xero"
        if row["kind"] == "payment_create":
            found = payments.get(row["operation_id"])
            if found is None or Decimal(str(found["Amount"])) != Decimal(result["amount"]):
                yield f"{name} is done, but its payment is not in Xero with {result['amount']}"
    done = {row["operation_id"] for row in side.operations if row["status"] == "done"}
    yield from (f"payment {key} is in Xero, but not done here" for key in payments if key not in done)


def _links(side: Side, script: Script) -> Iterator[str]:
    by_id = {row["InvoiceID"]: row for row in side.invoices}
    for appointment_id, link in side.links.items():
        found = differences(link, by_id.get(link["invoice_id"], {}))
        yield from (f"{appointment_id} ({link['invoice_number']}): {difference}" for difference in found)
    for row in _living(side):
        appointment_id = row.get("Reference", "")
        linked = side.links.get(appointment_id, {}).get("invoice_id")
        if appointment_id in script.appointments and linked != row["InvoiceID"]:
            yield f"{appointment_id}: {row['InvoiceNumber']} is in Xero, but not linked here"
