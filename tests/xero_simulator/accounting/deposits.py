"""Prepayments and overpayments: money that came before, or beyond, what an invoice asked for.

A person enters them in Xero with the bank's money and applies them to invoices later. On the invoice they count as
``AmountCredited`` and are listed under ``Prepayments`` and ``Overpayments``; the app this simulator serves only
ever sees them there.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from .contact_view import brief_view
from .dates import ms_date, ms_moment, read_date
from .ledger import Work, new_id
from .money import amount, rounded, tax_on
from .records import Allocation, Contact, Deposit
from .replies import Invalid
from .settling import resettle

PLURALS = {"prepayments": "Prepayment", "overpayments": "Overpayment"}


def receive(work: Work, contact: Contact, kind: str, fields: dict[str, Any]) -> Deposit:
    """``{"amount", "date"?, "reference"?, "tax_type"?}``; the tax of a prepayment is contained in its amount."""
    total = amount(fields.get("amount"))
    if total is None or total <= 0:
        raise Invalid("amount must be more than nothing")
    rate = work.settings.tax_rate(str(fields.get("tax_type") or "")) if kind == "Prepayment" else None
    day = read_date(fields["date"]) if fields.get("date") else None
    deposit = Deposit(
        id=new_id(),
        kind=kind,
        contact_id=contact.id,
        date=day or work.today,
        total=rounded(total),
        total_tax=tax_on(total, rate.rate, "Inclusive") if rate else Decimal("0.00"),
        currency=work.settings.organisation.currency,
        updated=work.now,
        reference=str(fields.get("reference") or ""),
    )
    return work.ledger.deposits.put(work.noted(deposit, "Created"))


def allocate(work: Work, deposit: Deposit, fields: dict[str, Any]) -> Deposit:
    """``{"invoice_id", "amount"?}``: as much as is left and due, unless told otherwise."""
    invoice = work.ledger.invoices.get(str(fields.get("invoice_id") or ""))
    if invoice is None or invoice.status != "AUTHORISED" or invoice.contact_id != deposit.contact_id:
        raise Invalid("invoice_id must be the InvoiceID of an approved invoice of the same contact")
    value = amount(fields.get("amount") or min(deposit.remaining, invoice.amount_due))
    if value is None or not 0 < value <= min(deposit.remaining, invoice.amount_due):
        raise Invalid("amount must be at most what is left of it and what is due")
    part = Allocation(new_id(), invoice.id, rounded(value), work.today)
    deposit = replace(deposit, allocations=(*deposit.allocations, part), updated=work.now)
    deposit = replace(deposit, status="AUTHORISED" if deposit.remaining else "PAID")
    deposit = work.ledger.deposits.put(work.noted(deposit, "Credit Applied"))
    resettle(work, invoice.id, "Credit Applied", f"{deposit.kind} of {part.amount} applied")
    return deposit


def deposit_view(deposit: Deposit, work: Work) -> dict[str, Any]:
    return {
        f"{deposit.kind}ID": deposit.id,
        "Type": f"RECEIVE-{deposit.kind.upper()}",
        "Contact": brief_view(deposit.contact_id, work.ledger, False),
        "Date": ms_date(deposit.date),
        "Status": deposit.status,
        "LineAmountTypes": "Inclusive" if deposit.total_tax else "NoTax",
        "SubTotal": deposit.total - deposit.total_tax,
        "TotalTax": deposit.total_tax,
        "Total": deposit.total,
        "RemainingCredit": deposit.remaining,
        "CurrencyCode": deposit.currency,
        "UpdatedDateUTC": ms_moment(deposit.updated),
        "Allocations": [
            {
                "Amount": part.amount,
                "Date": ms_date(part.date),
                "Invoice": {
                    "InvoiceID": part.invoice_id,
                    "InvoiceNumber": work.ledger.invoice(part.invoice_id).number,
                },
            }
            for part in deposit.allocations
        ],
        "HasAttachments": False,
    }
