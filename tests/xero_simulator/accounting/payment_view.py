"""Payments in Xero's shape."""

from __future__ import annotations

from typing import Any

from .contact_view import brief_view
from .dates import iso_moment, ms_date, ms_moment
from .document_view import credit_note_view, invoice_view
from .ledger import Work
from .records import Invoice, Payment


def payment_view(payment: Payment, work: Work, *, whole: bool = False) -> dict[str, Any]:
    """One payment with the whole invoice it pays (or as in a list its names only), or the credit note it pays out."""
    credit = work.ledger.credit_notes.get(payment.credit_note_id) if payment.credit_note_id else None
    account = work.settings.account(account_id=payment.account_id)
    view: dict[str, Any] = {
        "PaymentID": payment.id,
        "Date": ms_date(payment.date),
        "BankAmount": payment.amount,
        "Amount": payment.amount,
        "Reference": payment.reference,
        "CurrencyRate": payment.currency_rate,
        "PaymentType": "ARCREDITPAYMENT",
        "Status": payment.status,
        "UpdatedDateUTC": ms_moment(payment.updated),
        "UpdatedDateUTCString": iso_moment(payment.updated),
        "HasAccount": account is not None,
        "IsReconciled": payment.reconciled,
    }
    if account is not None:
        view["Account"] = {"AccountID": account.id, "Code": account.code}
        if whole:
            view["Account"]["Name"] = account.name
    if credit is not None:
        view["CreditNote"] = credit_note_view(credit, work, full_contact=False)
    else:
        invoice = work.ledger.invoice(payment.invoice_id)
        view["PaymentType"] = "ACCRECPAYMENT" if invoice.type == "ACCREC" else "ACCPAYPAYMENT"
        view["Invoice"] = invoice_view(invoice, work, full_contact=False) if whole else _brief(invoice, work)
    return view | {"HasValidationErrors": False}


def _brief(invoice: Invoice, work: Work) -> dict[str, Any]:
    return {
        "Type": invoice.type,
        "InvoiceID": invoice.id,
        "InvoiceNumber": invoice.number,
        "Payments": [],
        "CreditNotes": [],
        "Prepayments": [],
        "Overpayments": [],
        "HasErrors": False,
        "IsDiscounted": False,
        "Contact": brief_view(invoice.contact_id, work.ledger, False),
        "LineItems": [],
        "CurrencyCode": invoice.currency,
    }
