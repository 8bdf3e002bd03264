"""Giving money back that was paid on an invoice: a credit note for it, then a payment out of that credit note.

In Xero a refund is never a negative payment on the invoice, which stays as it was paid. The credit notes of one
invoice's refunds are numbered on (``CL-a-1-R1``, ``-R2``): Xero takes each number once, so two refunds asked for at the
same moment cannot both count on the same money. Which refund a credit note belongs to is in its Reference. Credit that
is left on the invoice's own credit note, after a correction, is paid out first.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from shared.domain import wire
from shared.domain.errors import Rejected
from shared.domain.links import APPROVED, OVER
from shared.domain.operations import Operation
from shared.domain.refunds import ZERO, charged, shares
from shared.domain.times import instant
from shared.domain.xero_records import CreditNoteSnapshot, InvoiceSnapshot
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.ports.store import Update, Write
from shared.services import paths
from shared.services.writes import locks
from shared.services.writes.chains import following, kept_once
from shared.services.writes.credit_notes import copied
from shared.services.writes.desk_payments import DeskPayment, payment_of, result_of
from shared.services.writes.invoice_changes import linked, read_invoice
from shared.services.writes.kinds import (
    Adopt,
    AlreadyDone,
    Change,
    Fail,
    Prepared,
    Refuse,
    Resolution,
    Settled,
)

#: More refunds of one invoice than this are no refunds any more.
MOST = 20


def refund_reference(operation: Operation) -> str:
    """The appointment's id and the caller's own id of the refund: what ties the credit note to it."""
    return f"{operation.subject['appointment_id']} refund {operation.request['reference']}"


class RefundNote:
    """``request``: {"invoice_id", "reference", "amount"?, "date", "account_code", "method"}; without an amount all that
    was paid and not yet given back."""

    wire_kind = "credit_note_create"
    action = "refund.credit_note"
    sentence = "Credit note for a refund created in Xero"
    at_most_once = False

    def prepare(self, ports: Ports, operation: Operation, accounting: Accounting) -> Prepared:
        invoice = read_invoice(accounting, operation)
        if invoice.status not in APPROVED:
            raise Refuse("wrong_status", f"An invoice that is {invoice.status} has no payments to give back")
        locks.check_request_date(ports, operation, accounting)
        return self._prepared(operation, accounting, invoice)

    def look_up(self, ports: Ports, operation: Operation, accounting: Accounting) -> Any | None:
        invoice = read_invoice(accounting, operation)
        return _own(operation, _refund_notes(accounting, invoice))

    def rejected(
        self, ports: Ports, operation: Operation, accounting: Accounting, error: Rejected
    ) -> Resolution:
        if error.code != "invoice_number_taken":
            return locks.refused(ports, operation, accounting, error, locks.LATER_DAY)
        try:  # another refund of the same invoice was faster: what is left is counted anew
            return Change(self._prepared(operation, accounting, read_invoice(accounting, operation)))
        except AlreadyDone as done:
            return Adopt(done.snapshot)
        except Refuse as refused:
            return Fail(refused.code, refused.reason)

    def settle(self, ports: Ports, operation: Operation, snapshot: CreditNoteSnapshot) -> Settled:
        amount = str(operation.prepared.get("amount") or f"{snapshot.total:.2f}")
        request = operation.request | {"amount": amount, "credit_note_id": snapshot.credit_note_id}
        parts = str(operation.request["invoice_id"]), str(operation.request["reference"])
        payment = following(ports, operation, "refund_create", request, *parts)
        result = {"credit_note_id": snapshot.credit_note_id, "number": snapshot.number, "amount": amount}
        return Settled(kept_once(ports, payment), result, snapshot.credit_note_id)

    def _prepared(self, operation: Operation, accounting: Accounting, invoice: InvoiceSnapshot) -> Prepared:
        notes = _refund_notes(accounting, invoice)
        own = _own(operation, notes)
        if own is not None:
            operation.prepared = {"amount": f"{own.total:.2f}"}
            raise AlreadyDone(own)
        correction = _correction(operation, accounting, invoice)
        amount = _amount(operation, _left(invoice, notes, correction))
        if correction is not None and correction.remaining_credit > 0:
            if amount > correction.remaining_credit:
                given = f"give back at most the {correction.remaining_credit} left on {correction.number}"
                raise Refuse(
                    "refund_exceeds_paid", f"The invoice was credited by {correction.number}; {given}"
                )
            operation.prepared = {"amount": f"{amount:.2f}"}
            raise AlreadyDone(correction)
        body = _note_body(operation, invoice, amount) | {"CreditNoteNumber": _number(invoice, len(notes) + 1)}
        return Prepared(wire.dumps({"CreditNotes": [body]}), notes={"amount": f"{amount:.2f}"})


class RefundCreate(DeskPayment):
    """``request``: {"invoice_id", "credit_note_id", "amount", "date", "account_code", "method"}. The natural key is the
    payment's Reference, as for payments."""

    action = "refund.create"
    sentence = "Refund recorded in Xero"

    def prepare(self, ports: Ports, operation: Operation, accounting: Accounting) -> Prepared:
        note = accounting.credit_note(str(operation.request["credit_note_id"]))
        if note is None:
            raise Refuse("credit_note_gone", "Xero no longer has the credit note of this refund")
        amount = Decimal(operation.request["amount"])
        if amount > note.remaining_credit:
            raise Refuse(
                "refund_exceeds_credit", f"Only {note.remaining_credit} is left on credit note {note.number}"
            )
        return payment_of(
            ports, operation, accounting, {"CreditNote": {"CreditNoteID": note.credit_note_id}}, amount
        )

    def look_up(self, ports: Ports, operation: Operation, accounting: Accounting) -> Any | None:
        note = accounting.credit_note(str(operation.request["credit_note_id"]))
        return next((one for one in note.payments if one.reference == operation.id), None) if note else None

    def settle(self, ports: Ports, operation: Operation, snapshot: Any) -> Settled:
        writes = _counted(ports, operation, snapshot.amount)
        return Settled(writes, result_of(snapshot), snapshot.payment_id)


def _number(invoice: InvoiceSnapshot, place: int) -> str:
    return f"{invoice.invoice_number}-R{place}"


def _refund_notes(accounting: Accounting, invoice: InvoiceSnapshot) -> list[CreditNoteSnapshot]:
    """Every credit note that a refund of this invoice made so far, by their numbers one after another."""
    notes: list[CreditNoteSnapshot] = []
    for place in range(1, MOST + 1):
        note = accounting.credit_note(_number(invoice, place))
        if note is None:
            return notes
        notes.append(note)
    raise Refuse("too_many_refunds", f"This invoice has {MOST} refunds already; record more of them in Xero")


def _own(operation: Operation, notes: list[CreditNoteSnapshot]) -> CreditNoteSnapshot | None:
    wanted = refund_reference(operation)
    return next((note for note in notes if note.reference == wanted and note.status not in OVER), None)


def _correction(
    operation: Operation, accounting: Accounting, invoice: InvoiceSnapshot
) -> CreditNoteSnapshot | None:
    """Our credit note over the whole invoice, if there is one."""
    note = accounting.credit_note(f"{invoice.invoice_number}-CN")
    ours = note is not None and note.reference == operation.subject["appointment_id"]
    return note if note is not None and ours and note.status not in OVER else None


def _left(
    invoice: InvoiceSnapshot, notes: list[CreditNoteSnapshot], correction: CreditNoteSnapshot | None
) -> Decimal:
    """What was paid and neither given back nor promised to another refund."""
    promised = sum((note.total for note in notes if note.status not in OVER), ZERO)
    given = sum((payment.amount for payment in correction.payments), ZERO) if correction else ZERO
    return invoice.amount_paid - promised - given


def _amount(operation: Operation, left: Decimal) -> Decimal:
    asked = operation.request.get("amount")
    amount = left if asked is None else Decimal(asked)
    if left <= 0 or amount > left:
        raise Refuse(
            "refund_exceeds_paid", f"{max(left, ZERO)} of what was paid on this invoice can be given back"
        )
    return amount


def _note_body(operation: Operation, invoice: InvoiceSnapshot, amount: Decimal) -> dict[str, Any]:
    types = invoice.line_amount_types or "Exclusive"
    lines = [line for line in invoice.line_items if line.get("LineAmount") is not None]
    parts = [charged(line, types) for line in lines]
    if amount == invoice.total == sum(parts, ZERO):  # all of it: exactly the invoice's own tax goes back
        given = [copied(line) for line in lines]
    else:
        types = "NoTax" if types == "NoTax" else "Inclusive"
        given = [
            copied(line) | {"Quantity": Decimal(1), "UnitAmount": share}
            for line, share in zip(lines, shares(parts, amount), strict=True)
            if share
        ]
    return {
        "Type": "ACCRECCREDIT",
        "Contact": {"ContactID": invoice.contact_id},
        "Reference": refund_reference(operation),
        "Date": operation.request["date"],
        "CurrencyCode": invoice.currency,
        "LineAmountTypes": types,
        "Status": "AUTHORISED",
        "LineItems": given,
    }


def _counted(ports: Ports, operation: Operation, amount: Decimal) -> list[Write]:
    """The link remembers what was given back, in the same write that ends the refund: counted once."""
    found = linked(ports, operation)
    if found is None:
        return []
    link, version = found
    refunded = f"{Decimal(link.amount_refunded) + amount:.2f}"
    fresh = replace(link, amount_refunded=refunded, updated_at=instant(ports.clock.now()))
    path = paths.invoice_link(operation.practice_id, operation.subject["appointment_id"])
    return [Update(path, fresh.to_data(), version)]
