"""How payments and credits change an invoice: paid by itself when nothing is due, open again when money goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from .ledger import Work
from .money import ZERO
from .records import Invoice


def settled(invoice: Invoice, paid: Decimal, credited: Decimal, last: date) -> Invoice:
    """The invoice with these amounts applied; a total of nothing is paid at once."""
    invoice = replace(invoice, amount_paid=paid, amount_credited=credited)
    if invoice.amount_due == 0:
        return replace(invoice, status="PAID", fully_paid_on=last)
    return replace(invoice, status="AUTHORISED", fully_paid_on=None)


def resettle(work: Work, invoice_id: str, note: str, details: str = "") -> Invoice:
    """Count again what is applied to an invoice; Xero shows that as a change of the invoice."""
    invoice = work.ledger.invoice(invoice_id)
    payments = [one for one in work.ledger.payments.find("invoice", invoice_id) if one.status == "AUTHORISED"]
    credits = [
        part
        for table in (work.ledger.credit_notes, work.ledger.deposits)
        for credit in table.find("invoice", invoice_id)
        for part in credit.allocations
        if part.invoice_id == invoice_id
    ]
    days = [one.date for one in payments] + [one.date for one in credits]
    changed = settled(
        invoice,
        sum((one.amount for one in payments), ZERO),
        sum((one.amount for one in credits), ZERO),
        max(days, default=invoice.date),
    )
    return work.save_invoice(changed, note, details)
