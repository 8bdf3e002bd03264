"""The Payments endpoint: money against approved invoices, and refunds, which pay a credit note out.

A payment is never changed; it is deleted by POSTing exactly ``{"Status": "DELETED"}`` to it, which opens the
invoice again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..interface import Call, Reply
from . import history
from .batches import Batch, Raw
from .bodies import elements, given, guid, text
from .credit_note_writing import CREDIT_NOT_FOUND, refunded
from .dates import read_date
from .document_rules import lock_problems
from .invoice_writing import ID_NOT_FOUND
from .ledger import Work, new_id
from .listing import Listing, Query
from .money import amount, rounded
from .payment_view import payment_view
from .records import CreditNote, Invoice, Payment
from .replies import Invalid, Refused, envelope, errors, not_allowed, not_found, validation
from .settings import Account
from .settling import resettle
from .where import guid_of, moment_of, number_of, text_of

NOT_AUTHORISED = "Payments can only be made against Authorised documents"
TOO_MUCH = "Payment amount exceeds the amount outstanding on this document"
NOT_MODIFIABLE = "Payment not of valid status for modification"

LISTING: Listing[Payment] = Listing(
    "Payment",
    {
        "paymentid": guid_of(lambda one: one.id),
        "status": text_of(lambda one: one.status),
        "date": moment_of(lambda one: one.date),
        "amount": number_of(lambda one: one.amount),
        "reference": text_of(lambda one: one.reference),
        "updateddateutc": moment_of(lambda one: one.updated),
        "invoice.invoiceid": guid_of(lambda one: one.invoice_id),
        "account.accountid": guid_of(lambda one: one.account_id),
        "paymenttype": text_of(lambda one: "ARCREDITPAYMENT" if one.credit_note_id else "ACCRECPAYMENT"),
    },
    lambda one: one.updated,
)


def answer(call: Call, work: Work) -> Reply:
    rest = call.path[1:]
    query = Query(call)
    if not rest:
        if call.method != "GET":
            return _write(call, work, query)
        found = LISTING.select(list(work.ledger.payments), query)
        return LISTING.reply("Payments", found, query, work.now, lambda one: payment_view(one, work))
    payment = work.ledger.payments.get(rest[0])
    if payment is None:
        raise not_found()
    if len(rest) == 2 and rest[1].lower() == "history":
        return history.answer(call, work, work.ledger.payments, payment)
    if len(rest) > 1:
        raise not_found()
    if call.method == "POST":
        return _delete(call, work, payment)
    if call.method != "GET":
        raise not_allowed()
    return envelope("Payments", [payment_view(payment, work, whole=True)], work.now)


def _write(call: Call, work: Work, query: Query) -> Reply:
    if call.method not in ("PUT", "POST"):
        raise not_allowed()
    batch: Batch[Payment] = Batch(
        "Payments",
        "PaymentID",
        "HasValidationErrors",
        create,
        lambda one: payment_view(one, work, whole=True),
    )
    return batch.reply(work, elements(call.body, "Payments"), query)


def create(work: Work, raw: Raw) -> Payment:
    raw = given(raw)
    if guid(raw, "PaymentID"):
        raise Invalid(NOT_MODIFIABLE)
    credit = _credit_note(work, raw)
    target = credit or _invoice(work, raw)
    problems: list[str] = []
    account = _account(work, raw, problems)
    paid_on = read_date(raw["Date"]) if raw.get("Date") else work.today
    if paid_on is None:
        problems.append("Date is not a valid date")
    else:
        problems += lock_problems(work, paid_on, "payment")
    value = amount(raw.get("Amount"))
    if value is None or value <= 0 or rounded(value) != value:
        problems.append("Payment amount must be greater than zero, with at most two decimal places")
    if target.status != "AUTHORISED":
        problems.append(NOT_AUTHORISED)
    if value is not None and value > (
        target.remaining if isinstance(target, CreditNote) else target.amount_due
    ):
        problems.append(TOO_MUCH)
    reference = text(raw, "Reference", 255, problems)
    if problems or account is None or paid_on is None or value is None:
        raise Invalid(*problems)
    payment = Payment(
        id=new_id(),
        invoice_id="" if credit else target.id,
        account_id=account.id,
        date=paid_on,
        amount=rounded(value),
        updated=work.now,
        reference=reference,
        reconciled=raw.get("IsReconciled") is True,
        client_id=work.client_id,
        credit_note_id=credit.id if credit else "",
    )
    payment = work.ledger.payments.put(work.noted(payment, "Created"))
    _resettle(work, payment, "Payment", f"Payment of {payment.amount} on {paid_on.isoformat()}")
    return payment


def _resettle(work: Work, payment: Payment, note: str, details: str) -> None:
    if payment.credit_note_id:
        refunded(work, payment.credit_note_id, note, details)
    else:
        resettle(work, payment.invoice_id, note, details)


def _credit_note(work: Work, raw: dict[str, Any]) -> CreditNote | None:
    """The credit note that is paid out, None when an invoice is paid."""
    inner = given(raw["CreditNote"]) if isinstance(raw.get("CreditNote"), dict) else {}
    number = str(inner.get("CreditNoteNumber") or raw.get("CreditNoteNumber") or "")
    credit_id = guid(inner, "CreditNoteID")
    if not credit_id and not number:
        return None
    if credit_id:
        found = work.ledger.credit_notes.get(credit_id)
    else:
        found = next(iter(work.ledger.credit_notes.find("number", number)), None)
    if found is None:
        raise Invalid(CREDIT_NOT_FOUND)
    return found


def _invoice(work: Work, raw: dict[str, Any]) -> Invoice:
    """The invoice by its id, or by its number inside Invoice or beside it."""
    inner = given(raw["Invoice"]) if isinstance(raw.get("Invoice"), dict) else {}
    if invoice_id := guid(inner, "InvoiceID"):
        found = work.ledger.invoices.get(invoice_id)
    else:
        held = work.ledger.invoices.find(
            "number", str(inner.get("InvoiceNumber") or raw.get("InvoiceNumber") or "")
        )
        found = held[0] if held else None
    if found is None:
        raise Invalid(ID_NOT_FOUND)
    return found


def _account(work: Work, raw: dict[str, Any], problems: list[str]) -> Account | None:
    """A bank account, or one that payments are enabled for; active either way."""
    inner = given(raw["Account"]) if isinstance(raw.get("Account"), dict) else {}
    account_id = guid(inner, "AccountID")
    code = "" if account_id else str(inner.get("Code") or raw.get("Code") or "")
    account = work.settings.account(code=code, account_id=account_id)
    if account is None or account.status != "ACTIVE":
        problems.append("Account could not be found")
        return None
    if account.type != "BANK" and not account.takes_payments:
        problems.append(f"Account '{account.code}' must be a bank account or have payments enabled.")
    return account


def _delete(call: Call, work: Work, payment: Payment) -> Reply:
    raws = elements(call.body, "Payments")
    if len(raws) != 1 or raws[0] != {"Status": "DELETED"}:
        raise _refuse(payment, NOT_MODIFIABLE)
    try:
        with work.step():
            deleted = delete(work, payment)
    except Invalid as problem:
        raise _refuse(payment, *problem.messages) from None
    return envelope("Payments", [payment_view(deleted, work, whole=True)], work.now)


def delete(work: Work, payment: Payment) -> Payment:
    if payment.status == "DELETED":
        raise Invalid(NOT_MODIFIABLE)
    if problems := lock_problems(work, payment.date, "payment"):
        raise Invalid(*problems)
    deleted = work.noted(replace(payment, status="DELETED", updated=work.now), "Deleted")
    work.ledger.payments.put(deleted)
    _resettle(work, payment, "Payment deleted", f"Payment of {payment.amount} was removed")
    return deleted


def _refuse(payment: Payment, *messages: str) -> Refused:
    element = {
        "PaymentID": payment.id,
        "HasValidationErrors": True,
        "ValidationErrors": errors(list(messages)),
    }
    return Refused(validation([element]))
