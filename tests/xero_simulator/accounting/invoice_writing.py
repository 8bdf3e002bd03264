"""Creating and updating invoices.

PUT creates and fails on a number in use. POST without an id finds the invoice by its number and updates it, which
Xero's own users call the dangerous verb. Statuses go DRAFT, SUBMITTED, AUTHORISED, then PAID by itself; DELETED
comes from the first two, VOIDED from AUTHORISED with nothing applied. A number is never released again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .bodies import given, guid, text
from .dates import read_date
from .document_lines import lines_of
from .document_rules import (
    HAS_PAYMENTS,
    NOT_MODIFIABLE,
    approval_problems,
    contact_of,
    header,
    lock_problems,
    totalled,
)
from .ledger import Work, new_id
from .money import ZERO
from .records import Invoice
from .replies import Invalid
from .settling import settled

NUMBER_TAKEN = "Invoice # must be unique."
ID_NOT_FOUND = "An existing Invoice with the specified InvoiceID could not be found"
LIMIT_REACHED = "You have reached the limit of invoices you can approve"
HELD_BY_PAYMENTS = "Invoice cannot be voided as it has payments allocated to it"
NEXT = {
    "DRAFT": ("DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"),
    "SUBMITTED": ("DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"),
    "AUTHORISED": ("AUTHORISED", "VOIDED"),
}
IDENTITY = {"InvoiceID", "InvoiceNumber", "Status", "Type"}


def create(work: Work, raw: dict[str, Any]) -> Invoice:
    """PUT: always a new invoice."""
    raw = given(raw)
    if guid(raw, "InvoiceID"):
        raise Invalid("An InvoiceID cannot be given for a new invoice; use POST to update one.")
    return _new(work, raw)


def create_or_update(work: Work, raw: dict[str, Any], invoice_id: str = "") -> Invoice:
    raw = given(raw)
    wanted = invoice_id or guid(raw, "InvoiceID")
    if wanted:
        existing = work.ledger.invoices.get(wanted)
        if existing is None:
            raise Invalid(ID_NOT_FOUND)
        return update(work, existing, raw)
    held = sales_with_number(work, str(raw.get("InvoiceNumber") or ""))
    if held and raw.get("Type", "ACCREC") == "ACCREC":
        return update(work, held[0], raw)
    return _new(work, raw)


def sales_with_number(work: Work, number: str) -> list[Invoice]:
    return [one for one in work.ledger.invoices.find("number", number) if one.type == "ACCREC"]


def _new(work: Work, raw: dict[str, Any]) -> Invoice:
    kind = raw.get("Type")
    if kind not in ("ACCREC", "ACCPAY"):
        raise Invalid("Invoice Type must be ACCREC or ACCPAY")
    status = raw.get("Status", "DRAFT")
    if status not in NEXT:
        raise Invalid("Invoice not of valid status for creation")
    contact = contact_of(work, raw.get("Contact"), kind == "ACCREC")
    blank = Invoice(
        id=new_id(),
        type=kind,
        contact_id=contact.id,
        number="",
        date=work.today,
        updated=work.now,
        client_id=work.client_id,
    )
    return _written(work, blank, raw, status)


def update(work: Work, existing: Invoice, raw: dict[str, Any]) -> Invoice:
    status = raw.get("Status", existing.status)
    if existing.status in ("VOIDED", "DELETED"):
        raise Invalid(NOT_MODIFIABLE)
    if set(raw) - IDENTITY == {"SentToContact"} and status == existing.status:
        return _marked_sent(work, existing, bool(raw["SentToContact"]))
    if existing.status == "PAID" or existing.settled:
        if status == "VOIDED":
            raise Invalid(HELD_BY_PAYMENTS)
        raise Invalid(*([NOT_MODIFIABLE] if existing.status == "PAID" else []), HAS_PAYMENTS)
    if status not in NEXT[existing.status]:
        raise Invalid(NOT_MODIFIABLE)
    if status in ("VOIDED", "DELETED"):
        return _ended(work, existing, raw, status)
    if existing.status == "AUTHORISED" and (problems := lock_problems(work, existing.date)):
        raise Invalid(*problems)
    if "Contact" in raw:
        contact = contact_of(work, raw["Contact"], existing.type == "ACCREC")
        existing = replace(existing, contact_id=contact.id)
    return _written(work, existing, raw, status)


def _marked_sent(work: Work, existing: Invoice, sent: bool) -> Invoice:
    """SentToContact is one of the changes that do not touch UpdatedDateUTC."""
    if existing.status not in ("AUTHORISED", "PAID"):
        raise Invalid("Only approved invoices can be marked as sent.")
    return work.ledger.invoices.put(replace(existing, sent=sent))


def _ended(work: Work, existing: Invoice, raw: dict[str, Any], status: str) -> Invoice:
    """Voiding or deleting takes the id and the status and nothing else."""
    if set(raw) - IDENTITY:
        raise Invalid(NOT_MODIFIABLE)
    if status == "VOIDED" and (problems := lock_problems(work, existing.date)):
        raise Invalid(*problems)
    return work.save_invoice(replace(existing, status=status), status.capitalize())


def _written(work: Work, invoice: Invoice, raw: dict[str, Any], status: str) -> Invoice:
    problems: list[str] = []
    types = invoice.line_amount_types
    invoice = header(work, invoice, raw, problems)
    if raw.get("ExpectedPaymentDate"):
        invoice = replace(invoice, expected_payment=read_date(raw["ExpectedPaymentDate"]))
    invoice = _numbered(work, invoice, raw, problems)
    approving = status in ("SUBMITTED", "AUTHORISED")
    lines: dict[int, list[str]] = {}
    if "LineItems" in raw:
        try:
            found = lines_of(
                work, raw["LineItems"], invoice.type, invoice.line_amount_types, approving, invoice.lines
            )
            invoice = replace(invoice, lines=found)
        except Invalid as broken:
            problems, lines = problems + broken.messages, broken.lines
    if not problems:
        invoice = totalled(work, invoice, "LineItems" not in raw and types != invoice.line_amount_types)
    if approving and not lines:
        problems += approval_problems(work, invoice)
    if status == "AUTHORISED":
        problems += lock_problems(work, invoice.date)
        problems += _approval_counted(work, invoice)
    if problems:
        raise Invalid(*dict.fromkeys(problems), lines=lines)
    approved = status == "AUTHORISED" != invoice.status
    invoice = replace(invoice, status=status)
    if status == "AUTHORISED":
        invoice = settled(invoice, ZERO, ZERO, invoice.date)
    if not invoice.number and invoice.type == "ACCREC":
        invoice = replace(invoice, number=work.next_number(Invoice))
    return work.save_invoice(invoice, "Approved" if approved else "Edited")


def _numbered(work: Work, invoice: Invoice, raw: dict[str, Any], problems: list[str]) -> Invoice:
    """A sales invoice's number is unique for good: a voided or deleted one still holds it."""
    number = text(raw, "InvoiceNumber", 255, problems)
    if not number:
        return invoice
    if invoice.type == "ACCREC" and any(other.id != invoice.id for other in sales_with_number(work, number)):
        problems.append(NUMBER_TAKEN)
    return replace(invoice, number=number)


def _approval_counted(work: Work, invoice: Invoice) -> list[str]:
    """The legacy Early plan lets 20 sales invoices a month be approved."""
    if invoice.type != "ACCREC" or invoice.status == "AUTHORISED":
        return []
    counters, month = work.ledger.counters, f"{work.today:%Y-%m}"
    used, limit = counters.approvals.get(month, 0), work.settings.organisation.monthly_approvals
    if limit is not None and used >= limit:
        return [LIMIT_REACHED]
    counters.approvals[month] = used + 1
    work.ledger.counters_changed = True
    return []
