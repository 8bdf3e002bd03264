"""Correcting an invoice by a credit note: one is created for the whole invoice, then applied to what is due."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from shared.domain import wire
from shared.domain.errors import Rejected
from shared.domain.links import APPROVED
from shared.domain.operations import Operation
from shared.domain.xero_records import CreditNoteSnapshot
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.ports.store import Write
from shared.services.writes import locks
from shared.services.writes.chains import following, kept_once
from shared.services.writes.invoice_changes import linked, read_invoice, settle_link
from shared.services.writes.kinds import Adopt, AlreadyDone, Prepared, Refuse, Resolution, Settled
from shared.services.writes.notes import reason_kept

COPIED = ("Description", "Quantity", "UnitAmount", "AccountCode", "TaxType", "ItemCode")


class CreditNoteCreate:
    """``request``: {"invoice_id", "date", "reason"?, "then"?}. The number is the invoice's with ``-CN``.

    ``then`` is the request of the invoice that replaces this one; it goes on from step to step of the correction.
    """

    wire_kind = "credit_note_create"
    action = "credit_note.create"
    sentence = "Credit note created in Xero"
    at_most_once = False

    def prepare(self, ports: Ports, operation: Operation, accounting: Accounting) -> Prepared:
        invoice = read_invoice(accounting, operation)
        if invoice.status not in APPROVED:
            raise Refuse(
                "wrong_status", f"An invoice that is {invoice.status} is not credited; void it instead"
            )
        locks.check_request_date(ports, operation, accounting)
        number = f"{invoice.invoice_number}-CN"
        body = {
            "Type": "ACCRECCREDIT",
            "Contact": {"ContactID": invoice.contact_id},
            "CreditNoteNumber": number,
            "Reference": operation.subject["appointment_id"],
            "Date": operation.request["date"],
            "CurrencyCode": invoice.currency,
            "LineAmountTypes": invoice.line_amount_types or "Exclusive",
            "Status": "AUTHORISED",
            "LineItems": [copied(line) for line in invoice.line_items],
        }
        return Prepared(wire.dumps({"CreditNotes": [body]}), notes={"number": number})

    def look_up(self, ports: Ports, operation: Operation, accounting: Accounting) -> Any | None:
        found = accounting.credit_note(str(operation.prepared["number"]))
        return found if found and found.reference == operation.subject["appointment_id"] else None

    def rejected(
        self, ports: Ports, operation: Operation, accounting: Accounting, error: Rejected
    ) -> Resolution:
        found = self.look_up(ports, operation, accounting)
        return Adopt(found) if found else locks.refused(ports, operation, accounting, error, locks.LATER_DAY)

    def settle(self, ports: Ports, operation: Operation, snapshot: Any) -> Settled:
        result = {
            "credit_note_id": snapshot.credit_note_id,
            "number": snapshot.number,
            "total": f"{snapshot.total:.2f}",
            "remaining_credit": f"{snapshot.remaining_credit:.2f}",
        }
        link = settle_link(ports, operation, None, lambda link: replace(link, credited_by=snapshot.number))
        what = (
            f"Corrected by {snapshot.number}"
            if "then" in operation.request
            else f"Credited by {snapshot.number}"
        )
        writes = [
            *link.writes,
            *_allocation(ports, operation, snapshot),
            *reason_kept(ports, operation, what),
        ]
        return Settled(writes, result, snapshot.credit_note_id)


class CreditNoteAllocate:
    """``request``: {"invoice_id", "credit_note_id", "date", "then"?}: applies as much as is due, if anything is."""

    wire_kind = "credit_note_allocate"
    action = "credit_note.allocate"
    sentence = "Credit note applied to the invoice in Xero"
    at_most_once = False

    def prepare(self, ports: Ports, operation: Operation, accounting: Accounting) -> Prepared:
        invoice = read_invoice(accounting, operation)
        note = accounting.credit_note(str(operation.request["credit_note_id"]))
        if note is None:
            raise Refuse("credit_note_gone", "Xero no longer has this credit note")
        amount = min(invoice.amount_due, note.remaining_credit)
        if amount <= 0:
            raise AlreadyDone(note)  # nothing is due that the credit could be applied to
        locks.check_request_date(ports, operation, accounting)
        allocation = {
            "Amount": amount,
            "Date": operation.request["date"],
            "Invoice": {"InvoiceID": invoice.invoice_id},
        }
        notes = {"amount": str(amount), "remaining_before": str(note.remaining_credit)}
        return Prepared(wire.dumps({"Allocations": [allocation]}), target_id=note.credit_note_id, notes=notes)

    def look_up(self, ports: Ports, operation: Operation, accounting: Accounting) -> Any | None:
        note = accounting.credit_note(str(operation.request["credit_note_id"]))
        left = Decimal(operation.prepared["remaining_before"]) - Decimal(operation.prepared["amount"])
        return note if note and note.remaining_credit <= left else None

    def rejected(
        self, ports: Ports, operation: Operation, accounting: Accounting, error: Rejected
    ) -> Resolution:
        return locks.refused(ports, operation, accounting, error, locks.LATER_DAY)

    def settle(self, ports: Ports, operation: Operation, snapshot: Any) -> Settled:
        amount = operation.prepared.get("amount", "0.00")
        writes = replacement(ports, operation)
        return Settled(writes, {"allocated": amount}, str(operation.request["credit_note_id"]))


def _allocation(ports: Ports, operation: Operation, note: CreditNoteSnapshot) -> list[Write]:
    """The second half of a correction, kept in the same breath as the first half's end: whoever finishes the credit
    note, and wherever they stop, it is applied to what is due."""
    found = linked(ports, operation)
    due = found is not None and Decimal(found[0].amount_due) != 0
    if not due and "then" not in operation.request:
        return []
    request = operation.request | {"credit_note_id": note.credit_note_id}
    invoice_id = str(operation.request["invoice_id"])
    return kept_once(ports, following(ports, operation, "credit_note_allocate", request, invoice_id))


def replacement(ports: Ports, operation: Operation) -> list[Write]:
    """The last step of a correction: the invoice that takes the place of the credited one."""
    then = operation.request.get("then")
    if then is None:
        return []
    appointment_id = operation.subject["appointment_id"]
    return kept_once(
        ports, following(ports, operation, "invoice_create", then, appointment_id, then["generation"])
    )


def copied(line: dict[str, Any]) -> dict[str, Any]:
    """A line of the invoice as a line of its credit note: the same money, account, tax and tracking."""
    copy = {name: line[name] for name in COPIED if line.get(name) not in (None, "")}
    if line.get("DiscountRate") or line.get("DiscountAmount"):
        # Xero takes no discounts on credit notes: the discounted amount as one unit is the same money and tax.
        copy |= {"Quantity": Decimal(1), "UnitAmount": line["LineAmount"]}
    tracking = [
        {"TrackingCategoryID": t["TrackingCategoryID"], "TrackingOptionID": t["TrackingOptionID"]}
        for t in line.get("Tracking") or []
        if t.get("TrackingCategoryID") and t.get("TrackingOptionID")
    ]
    return copy | ({"Tracking": tracking} if tracking else {})
