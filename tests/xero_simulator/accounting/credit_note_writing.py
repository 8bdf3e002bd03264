"""Creating, changing and allocating credit notes.

A credit note is written and approved first; a second call allocates it to invoices of the same contact, which
lowers what they owe and raises what they were credited.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .bodies import given, guid, text
from .dates import read_date
from .document_lines import lines_of
from .document_rules import (
    HAS_PAYMENTS,
    approval_problems,
    contact_of,
    header,
    lock_problems,
    totalled,
)
from .invoice_writing import ID_NOT_FOUND, NEXT
from .ledger import Work, new_id
from .money import ZERO, amount, rounded
from .records import Allocation, CreditNote, Payment
from .replies import Invalid
from .settling import resettle

NUMBER_TAKEN = "Credit Note # must be unique."
CREDIT_NOT_FOUND = "An existing Credit Note with the specified CreditNoteID could not be found"
NOT_MODIFIABLE = "Credit note not of valid status for modification"
IDENTITY = {"CreditNoteID", "CreditNoteNumber", "Status", "Type"}
TYPES = ("ACCRECCREDIT", "ACCPAYCREDIT")


def create(work: Work, raw: dict[str, Any]) -> CreditNote:
    raw = given(raw)
    if guid(raw, "CreditNoteID"):
        raise Invalid("A CreditNoteID cannot be given for a new credit note; use POST to update one.")
    return _new(work, raw)


def create_or_update(work: Work, raw: dict[str, Any], credit_id: str = "") -> CreditNote:
    raw = given(raw)
    wanted = credit_id or guid(raw, "CreditNoteID")
    if wanted:
        existing = work.ledger.credit_notes.get(wanted)
        if existing is None:
            raise Invalid(CREDIT_NOT_FOUND)
        return update(work, existing, raw)
    held = work.ledger.credit_notes.find("number", str(raw.get("CreditNoteNumber") or ""))
    return update(work, held[0], raw) if held else _new(work, raw)


def _new(work: Work, raw: dict[str, Any]) -> CreditNote:
    kind, status = raw.get("Type"), raw.get("Status", "DRAFT")
    if kind not in TYPES:
        raise Invalid("Credit note Type must be ACCRECCREDIT or ACCPAYCREDIT")
    if status not in NEXT:
        raise Invalid("Credit note not of valid status for creation")
    contact = contact_of(work, raw.get("Contact"), kind == "ACCRECCREDIT")
    blank = CreditNote(
        id=new_id(),
        type=kind,
        contact_id=contact.id,
        number="",
        date=work.today,
        updated=work.now,
        client_id=work.client_id,
    )
    return _written(work, blank, raw, status)


def update(work: Work, existing: CreditNote, raw: dict[str, Any]) -> CreditNote:
    status = raw.get("Status", existing.status)
    if existing.status in ("VOIDED", "DELETED"):
        raise Invalid(NOT_MODIFIABLE)
    if existing.allocations or existing.refunded or existing.status == "PAID":
        raise Invalid(HAS_PAYMENTS)
    if status not in NEXT[existing.status]:
        raise Invalid(NOT_MODIFIABLE)
    if existing.status == "AUTHORISED" and (problems := lock_problems(work, existing.date)):
        raise Invalid(*problems)
    if status in ("VOIDED", "DELETED"):
        if set(raw) - IDENTITY:
            raise Invalid(NOT_MODIFIABLE)
        return work.save_credit_note(replace(existing, status=status), status.capitalize())
    if "Contact" in raw:
        contact = contact_of(work, raw["Contact"], existing.type == "ACCRECCREDIT")
        existing = replace(existing, contact_id=contact.id)
    return _written(work, existing, raw, status)


def _written(work: Work, credit: CreditNote, raw: dict[str, Any], status: str) -> CreditNote:
    problems: list[str] = []
    types = credit.line_amount_types
    credit = header(work, credit, raw, problems)
    number = text(raw, "CreditNoteNumber", 255, problems)
    if number:
        if any(other.id != credit.id for other in work.ledger.credit_notes.find("number", number)):
            problems.append(NUMBER_TAKEN)
        credit = replace(credit, number=number)
    approving = status in ("SUBMITTED", "AUTHORISED")
    lines: dict[int, list[str]] = {}
    if "LineItems" in raw:
        try:
            found = lines_of(
                work, raw["LineItems"], credit.type, credit.line_amount_types, approving, credit.lines
            )
            credit = replace(credit, lines=found)
        except Invalid as broken:
            problems, lines = problems + broken.messages, broken.lines
    if not problems:
        credit = totalled(work, credit, "LineItems" not in raw and types != credit.line_amount_types)
    if approving and not lines:
        problems += approval_problems(work, credit)
    if status == "AUTHORISED":
        problems += lock_problems(work, credit.date)
    if problems:
        raise Invalid(*dict.fromkeys(problems), lines=lines)
    if not credit.number:
        credit = replace(credit, number=work.next_number(CreditNote))
    return work.save_credit_note(replace(credit, status=status))


def allocate(work: Work, credit: CreditNote, raw: dict[str, Any]) -> Allocation:
    raw = given(raw)
    credit = work.ledger.credit_notes.get(credit.id) or credit  # earlier ones in the same batch count
    inner = raw["Invoice"] if isinstance(raw.get("Invoice"), dict) else {}
    invoice = work.ledger.invoices.get(guid(inner, "InvoiceID"))
    if invoice is None:
        raise Invalid(ID_NOT_FOUND)
    value = amount(raw.get("Amount"))
    day = read_date(raw["Date"]) if raw.get("Date") else work.today
    problems = [] if day is None else lock_problems(work, day, "allocation")
    if day is None:
        problems.append("Date is not a valid date")
    if credit.status != "AUTHORISED":
        problems.append("Only an AUTHORISED credit note with credit remaining can be allocated.")
    if invoice.status != "AUTHORISED":
        problems.append("Credit can only be allocated to Authorised documents")
    if (invoice.type, credit.type) not in (("ACCREC", "ACCRECCREDIT"), ("ACCPAY", "ACCPAYCREDIT")):
        problems.append("The credit note and the invoice are of different kinds.")
    if invoice.contact_id != credit.contact_id:
        problems.append("The invoice and the credit note must have the same contact.")
    if invoice.currency != credit.currency:
        problems.append("The invoice and the credit note must have the same currency.")
    if value is None or value <= 0 or rounded(value) != value:
        problems.append("Allocation amount must be greater than zero, with at most two decimal places")
    elif value > credit.remaining:
        problems.append("Allocation amount exceeds the remaining credit")
    elif value > invoice.amount_due:
        problems.append("Allocation amount exceeds the amount outstanding on this document")
    if problems or value is None or day is None:
        raise Invalid(*problems)
    part = Allocation(new_id(), invoice.id, rounded(value), day)
    _reallocated(work, credit, (*credit.allocations, part), "Credit Applied")
    resettle(work, invoice.id, "Credit Applied", f"Credit of {part.amount} from {credit.number}")
    return part


def deallocate(work: Work, credit: CreditNote, part: Allocation) -> None:
    rest = tuple(one for one in credit.allocations if one.id != part.id)
    _reallocated(work, credit, rest, "Credit Removed")
    resettle(
        work, part.invoice_id, "Credit Removed", f"Credit of {part.amount} from {credit.number} was removed"
    )


def refunded(work: Work, credit_id: str, note: str, details: str) -> CreditNote:
    """Count again what was paid out of a credit note."""
    credit = work.ledger.credit_notes.get(credit_id)
    if credit is None:
        raise LookupError(credit_id)
    paid = sum((one.amount for one in _refunds(work, credit)), ZERO)
    return _spent(work, replace(credit, refunded=paid), note, details)


def _refunds(work: Work, credit: CreditNote) -> list[Payment]:
    return [one for one in work.ledger.payments.find("credit_note", credit.id) if one.status == "AUTHORISED"]


def _reallocated(work: Work, credit: CreditNote, parts: tuple[Allocation, ...], note: str) -> CreditNote:
    return _spent(work, replace(credit, allocations=parts), note)


def _spent(work: Work, credit: CreditNote, note: str, details: str = "") -> CreditNote:
    """Paid by itself when nothing of it is left, open again when something is."""
    spent = credit.remaining == 0
    days = [one.date for one in credit.allocations] + [one.date for one in _refunds(work, credit)]
    credit = replace(
        credit,
        status="PAID" if spent else "AUTHORISED",
        fully_paid_on=max(days, default=credit.date) if spent else None,
    )
    return work.save_credit_note(credit, note, details)
