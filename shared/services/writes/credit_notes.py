"""Correcting an invoice by a credit note: one is created for the whole invoice, then applied to what is due."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shared.domain import wire
from shared.domain.errors import Rejected
from shared.domain.links import InvoiceLink
from shared.domain.operations import Operation, operation_id
from shared.domain.times import instant
from shared.domain.xero_records import CreditNoteSnapshot
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.ports.store import Create, Write
from shared.services import paths
from shared.services.writes.invoice_changes import APPROVED, read_invoice
from shared.services.writes.kinds import Adopt, AlreadyDone, Fail, Prepared, Refuse, Resolution, Settled

COPIED = ("Description", "Quantity", "UnitAmount", "AccountCode", "TaxType", "ItemCode")


class CreditNoteCreate:
    """``request``: {"invoice_id", "date"}. The number is the invoice's with ``-CN``, unique in Xero."""

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
        number = f"{invoice.invoice_number}-CN"
        body = {
            "Type": "ACCRECCREDIT",
            "Contact": {"ContactID": invoice.contact_id},
            "CreditNoteNumber": number,
            "Reference": operation.subject["appointment_id"],
            "Date": operation.request["date"],
            "LineAmountTypes": invoice.line_amount_types or "Exclusive",
            "Status": "AUTHORISED",
            "LineItems": [_copied(line) for line in invoice.line_items],
        }
        return Prepared(wire.dumps({"CreditNotes": [body]}), notes={"number": number})

    def look_up(self, ports: Ports, operation: Operation, accounting: Accounting) -> Any | None:
        found = accounting.credit_note(str(operation.prepared["number"]))
        return found if found and found.reference == operation.subject["appointment_id"] else None

    def rejected(
        self, ports: Ports, operation: Operation, accounting: Accounting, error: Rejected
    ) -> Resolution:
        found = self.look_up(ports, operation, accounting)
        return Adopt(found) if found else Fail(error.code, error.detail)

    def settle(self, ports: Ports, operation: Operation, snapshot: Any) -> Settled:
        result = {
            "credit_note_id": snapshot.credit_note_id,
            "number": snapshot.number,
            "total": f"{snapshot.total:.2f}",
            "remaining_credit": f"{snapshot.remaining_credit:.2f}",
        }
        return Settled(_allocation(ports, operation, snapshot), result, snapshot.credit_note_id)


class CreditNoteAllocate:
    """``request``: {"invoice_id", "credit_note_id", "date"}: applies as much as is due, if anything is."""

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
        return Fail(error.code, error.detail)

    def settle(self, ports: Ports, operation: Operation, snapshot: Any) -> Settled:
        amount = operation.prepared.get("amount", "0.00")
        return Settled([], {"allocated": amount}, str(operation.request["credit_note_id"]))


def _allocation(ports: Ports, operation: Operation, note: CreditNoteSnapshot) -> list[Write]:
    """The second half of a correction, kept in the same breath as the first half's end: whoever finishes the credit
    note, and wherever they stop, it is applied to what is due."""
    practice_id, invoice_id = operation.practice_id, str(operation.request["invoice_id"])
    document = ports.store.get(paths.invoice_link(practice_id, operation.subject["appointment_id"]))
    link = InvoiceLink.from_data(document.data) if document else None
    if link is None or link.invoice_id != invoice_id or Decimal(link.amount_due) == 0:
        return []
    now = instant(ports.clock.now())
    allocate = Operation(
        id=operation_id("credit_note_allocate", operation.tenant_id, invoice_id),
        kind="credit_note_allocate",
        practice_id=practice_id,
        tenant_id=operation.tenant_id,
        subject=operation.subject,
        request=operation.request | {"credit_note_id": note.credit_note_id},
        created_at=now,
        created_by=operation.created_by,
        next_attempt_at=now,
    )
    path = paths.operation(practice_id, allocate.id)
    return [] if ports.store.get(path) else [Create(path, allocate.to_data())]


def _copied(line: dict[str, Any]) -> dict[str, Any]:
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
