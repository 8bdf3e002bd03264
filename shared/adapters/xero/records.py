"""Contacts, invoices, credit notes and payments, from Xero's JSON to our snapshots.

Tolerant where nothing hangs on it: unknown words of an enumeration are kept, null and missing fields give
None. Strict about identity and amounts: a record without them raises ``Unreadable`` and is set aside by its
reader, because a figure made up here would end up in somebody's books.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from shared.adapters.xero.fields import (
    Record,
    Unreadable,
    amount,
    calendar_date,
    instant,
    needed_amount,
    needed_text,
    text,
)
from shared.domain.xero_records import ContactSnapshot, CreditNoteSnapshot, InvoiceSnapshot, PaymentSnapshot

ZERO = Decimal("0.00")
#: The ISO form is new (July 2026) and only on some documents; the other form says the same.
UPDATED = ("UpdatedDateUTC", "UpdatedDateUTCString")


def contact(record: Record) -> ContactSnapshot:
    return ContactSnapshot(
        contact_id=needed_text(record, "ContactID"),
        name=text(record, "Name") or "",  # a person erased under GDPR has none
        contact_number=text(record, "ContactNumber"),
        status=text(record, "ContactStatus") or "ACTIVE",  # left out of summaries, which list active contacts
        email=text(record, "EmailAddress"),
        merged_to=text(record, "MergedToContactID"),
        updated_at=instant(record, *UPDATED),
    )


def invoice(record: Record) -> InvoiceSnapshot:
    """Total and status must be there. What is due, where Xero leaves it out, is the total less paid and
    credited."""
    total = needed_amount(record, "Total")
    sub_total, total_tax = _parts(total, amount(record, "SubTotal"), amount(record, "TotalTax"))
    paid = amount(record, "AmountPaid") or ZERO
    credited = amount(record, "AmountCredited") or ZERO
    due = amount(record, "AmountDue")
    return InvoiceSnapshot(
        invoice_id=needed_text(record, "InvoiceID"),
        type=needed_text(record, "Type"),
        invoice_number=text(record, "InvoiceNumber"),
        reference=text(record, "Reference"),
        contact_id=text(_inner(record, "Contact"), "ContactID"),
        status=needed_text(record, "Status"),
        currency=text(record, "CurrencyCode"),
        sub_total=sub_total,
        total_tax=total_tax,
        total=total,
        amount_due=total - paid - credited if due is None else due,
        amount_paid=paid,
        amount_credited=credited,
        date=calendar_date(record, "DateString", "Date"),
        due_date=calendar_date(record, "DueDateString", "DueDate"),
        fully_paid_on=calendar_date(record, "FullyPaidOnDate"),
        updated_at=instant(record, *UPDATED),
        payments=tuple(_payments(record)),
        sent_to_contact=record.get("SentToContact") is True,
        line_amount_types=text(record, "LineAmountTypes"),
        line_items=tuple(line for line in _list(record, "LineItems") if isinstance(line, dict)),
    )


def credit_note(record: Record) -> CreditNoteSnapshot:
    return CreditNoteSnapshot(
        credit_note_id=needed_text(record, "CreditNoteID"),
        number=text(record, "CreditNoteNumber"),
        reference=text(record, "Reference"),
        status=needed_text(record, "Status"),
        total=needed_amount(record, "Total"),
        remaining_credit=needed_amount(record, "RemainingCredit"),
        updated_at=instant(record, *UPDATED),
        payments=tuple(_payments(record)),
    )


def payment(record: Record) -> PaymentSnapshot:
    return PaymentSnapshot(
        payment_id=needed_text(record, "PaymentID"),
        amount=needed_amount(record, "Amount"),
        date=calendar_date(record, "DateString", "Date"),
        reference=text(record, "Reference"),
    )


def _payments(record: Record) -> Iterator[PaymentSnapshot]:
    """The document's payments that can be read. One that cannot must not hide an invoice, whose AmountPaid
    counts, nor a credit note, whose RemainingCredit does."""
    for item in _list(record, "Payments"):
        if isinstance(item, dict) and item.get("Status") != "DELETED":
            try:
                yield payment(item)
            except Unreadable:
                continue


def _parts(total: Decimal, sub_total: Decimal | None, tax: Decimal | None) -> tuple[Decimal, Decimal]:
    """Net and tax; either follows from the other."""
    if sub_total is None and tax is None:
        raise Unreadable("SubTotal and TotalTax are missing")
    if sub_total is None:
        sub_total = total - (tax or ZERO)
    return sub_total, total - sub_total if tax is None else tax


def _inner(record: Record, field: str) -> Record:
    value: Any = record.get(field)
    return value if isinstance(value, dict) else {}


def _list(record: Record, field: str) -> list[Any]:
    value = record.get(field)
    return value if isinstance(value, list) else []
