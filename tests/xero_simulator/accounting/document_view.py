"""Invoices and credit notes in Xero's shape: whole with their lines, or short as in a list without pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from .contact_view import brief_view
from .dates import iso_date, iso_moment, ms_date, ms_moment
from .ledger import Work
from .money import rounded
from .records import CreditNote, Invoice, Line, Payment
from .settings import Settings


def invoice_view(
    invoice: Invoice, work: Work, *, lines: bool = True, full_contact: bool = True
) -> dict[str, Any]:
    view: dict[str, Any] = {
        "Type": invoice.type,
        "InvoiceID": invoice.id,
        "InvoiceNumber": invoice.number,
        "Reference": invoice.reference,
        "Payments": _brief(work.ledger.payments.find("invoice", invoice.id)),
        "CreditNotes": _credits(invoice, work),
        "Prepayments": _deposits(invoice, work, "Prepayment"),
        "Overpayments": _deposits(invoice, work, "Overpayment"),
        "AmountDue": invoice.amount_due,
        "AmountPaid": invoice.amount_paid,
        "AmountCredited": invoice.amount_credited,
        "SentToContact": invoice.sent,
        "CurrencyRate": invoice.currency_rate,
        "IsDiscounted": invoice.total_discount != 0,
        "HasAttachments": False,
        "HasErrors": False,
        "Contact": brief_view(invoice.contact_id, work.ledger, full_contact),
    }
    _add_shared(view, invoice, work, lines)
    if invoice.total_discount:
        view["TotalDiscount"] = invoice.total_discount
    if invoice.expected_payment:
        view["ExpectedPaymentDate"] = ms_date(invoice.expected_payment)
    return view


def summary_view(invoice: Invoice, work: Work) -> dict[str, Any]:
    """``summaryOnly=true``: neither lines nor payments."""
    view = invoice_view(invoice, work, lines=False, full_contact=False)
    for heavy in ("Payments", "CreditNotes", "Prepayments", "Overpayments", "LineItems"):
        view.pop(heavy)
    return view


def credit_note_view(
    credit: CreditNote, work: Work, *, lines: bool = True, full_contact: bool = True
) -> dict[str, Any]:
    view: dict[str, Any] = {
        "CreditNoteID": credit.id,
        "CreditNoteNumber": credit.number,
        "ID": credit.id,
        "Type": credit.type,
        "Reference": credit.reference,
        "RemainingCredit": credit.remaining,
        "AppliedAmount": sum((part.amount for part in credit.allocations), Decimal("0.00")),
        "Allocations": [
            {
                "AllocationID": part.id,
                "Amount": part.amount,
                "Date": ms_date(part.date),
                "Invoice": {
                    "InvoiceID": part.invoice_id,
                    "InvoiceNumber": work.ledger.invoice(part.invoice_id).number,
                },
            }
            for part in credit.allocations
        ],
        "Payments": _brief(work.ledger.payments.find("credit_note", credit.id)),
        "SentToContact": credit.sent,
        "CurrencyRate": credit.currency_rate,
        "HasAttachments": False,
        "HasErrors": False,
        "Contact": brief_view(credit.contact_id, work.ledger, full_contact),
    }
    _add_shared(view, credit, work, lines)
    return view


def _add_shared(view: dict[str, Any], document: Invoice | CreditNote, work: Work, lines: bool) -> None:
    view["DateString"] = iso_date(document.date)
    view["Date"] = ms_date(document.date)
    if document.due_date:
        view["DueDateString"] = iso_date(document.due_date)
        view["DueDate"] = ms_date(document.due_date)
    if document.branding_theme:
        view["BrandingThemeID"] = document.branding_theme
    if document.url:
        view["Url"] = document.url
    view |= {
        "Status": document.status,
        "LineAmountTypes": document.line_amount_types,
        "LineItems": [line_view(line, work) for line in document.lines] if lines else [],
        "SubTotal": document.sub_total,
        "TotalTax": document.total_tax,
        "Total": document.total,
        "UpdatedDateUTC": ms_moment(document.updated),
        "UpdatedDateUTCString": iso_moment(document.updated),
        "CurrencyCode": document.currency,
    }
    if document.fully_paid_on:
        view["FullyPaidOnDate"] = ms_date(document.fully_paid_on)


def line_view(line: Line, work: Work) -> dict[str, Any]:
    view: dict[str, Any] = {"LineItemID": line.id, "Description": line.description}
    if line.item_code:
        view["ItemCode"] = line.item_code
        if item := work.settings.item(line.item_code):
            view["Item"] = {"ItemID": item.id, "Name": item.name, "Code": item.code}
    if line.unit_amount is not None:
        view["UnitAmount"] = rounded(line.unit_amount, work.unitdp)
    if line.tax_type:
        view["TaxType"] = line.tax_type
    view["TaxAmount"] = line.tax_amount
    view["LineAmount"] = line.line_amount
    if account := work.settings.account(account_id=line.account_id) if line.account_id else None:
        view["AccountCode"] = account.code
        view["AccountID"] = account.id
    view["Tracking"] = _tracking(line, work.settings)
    if line.quantity is not None:
        view["Quantity"] = line.quantity
    if line.discount_rate is not None:
        view["DiscountRate"] = line.discount_rate
    if line.discount_amount is not None:
        view["DiscountAmount"] = line.discount_amount
    return view | {"ValidationErrors": []}


def _tracking(line: Line, settings: Settings) -> list[dict[str, Any]]:
    found = []
    for category_id, option_id in line.tracking:
        category = next(one for one in settings.tracking if one.id == category_id)
        option = next(one for one in category.options if one.id == option_id)
        found.append(
            {
                "Name": category.name,
                "Option": option.name,
                "TrackingCategoryID": category_id,
                "TrackingOptionID": option_id,
            }
        )
    return found


def _brief(payments: list[Payment]) -> list[dict[str, Any]]:
    return [
        {
            "PaymentID": one.id,
            "Date": ms_date(one.date),
            "Amount": one.amount,
            "Reference": one.reference,
            "CurrencyRate": one.currency_rate,
            "HasAccount": False,
            "HasValidationErrors": False,
        }
        for one in payments
        if one.status == "AUTHORISED"
    ]


def _credits(invoice: Invoice, work: Work) -> list[dict[str, Any]]:
    return [
        {
            "CreditNoteID": credit.id,
            "CreditNoteNumber": credit.number,
            "ID": credit.id,
            "HasErrors": False,
            "AppliedAmount": part.amount,
            "DateString": iso_date(part.date),
            "Date": ms_date(part.date),
            "LineItems": [],
            "Total": credit.total,
        }
        for credit in work.ledger.credit_notes.find("invoice", invoice.id)
        for part in credit.allocations
        if part.invoice_id == invoice.id
    ]


def _deposits(invoice: Invoice, work: Work, kind: str) -> list[dict[str, Any]]:
    return [
        {
            f"{kind}ID": deposit.id,
            "AppliedAmount": part.amount,
            "Date": ms_date(part.date),
            "LineItems": [],
            "Total": deposit.total,
            "CurrencyRate": Decimal("1.000000"),
        }
        for deposit in work.ledger.deposits.find("invoice", invoice.id)
        for part in deposit.allocations
        if deposit.kind == kind and part.invoice_id == invoice.id
    ]
