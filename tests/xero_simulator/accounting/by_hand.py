"""What a person does in Xero's own pages, for the control API: the same rules, without an app in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..interface import Reply
from . import by_hand_settings, contact_writing, credit_note_writing, deposits, invoice_writing, payments
from .bodies import given
from .contact_view import detailed_view
from .document_view import credit_note_view, invoice_view
from .ledger import Work
from .payment_view import payment_view
from .records import Contact, CreditNote, Invoice, Payment
from .replies import Invalid, Refused

Fields = dict[str, Any]


def perform(work: Work, kind: str, resource_id: str, action: str, fields: Fields) -> Reply:
    """The changed document in Xero's shape, or 400 ``{"Message": ...}``."""
    try:
        with work.step():
            return Reply(200, _perform(work, kind, resource_id, action, fields))
    except Invalid as problem:
        return Reply(400, {"Message": "; ".join(problem.messages)})
    except Refused as refused:
        return refused.reply


def _perform(work: Work, kind: str, resource_id: str, action: str, fields: Fields) -> Fields:
    if kind == "organisation":
        return by_hand_settings.change(work, fields)
    ledger = work.ledger
    if kind == "invoices" and (invoice := ledger.invoices.get(resource_id)):
        return invoice_view(_known(INVOICES, action)(work, invoice, fields), work)
    if kind == "contacts" and (contact := ledger.contacts.get(resource_id)):
        if action in RECEIVED:
            return deposits.deposit_view(deposits.receive(work, contact, RECEIVED[action], fields), work)
        return detailed_view(_known(CONTACTS, action)(work, contact, fields), work)
    if kind == "credit_notes" and (credit := ledger.credit_notes.get(resource_id)):
        return credit_note_view(_known(CREDIT_NOTES, action)(work, credit, fields), work)
    if kind == "payments" and (payment := ledger.payments.get(resource_id)):
        return payment_view(_known(PAYMENTS, action)(work, payment, fields), work)
    if kind in deposits.PLURALS and (deposit := ledger.deposits.get(resource_id)):
        return deposits.deposit_view(
            _known({"allocate": deposits.allocate}, action)(work, deposit, fields), work
        )
    if kind in ("invoices", "contacts", "credit_notes", "payments", *deposits.PLURALS):
        raise Invalid(f"There is no such document: {kind} {resource_id}")
    raise Invalid(f"Unknown kind of document: {kind}")


def _known(actions: dict[str, Any], action: str) -> Any:
    if action not in actions:
        raise Invalid(f"Unknown action {action}; one of {', '.join(actions)}")
    return actions[action]


def pay(work: Work, invoice: Invoice, fields: Fields) -> Invoice:
    """All that is due, today, into the cards clearing account (or else the bank), unless told otherwise."""
    code = str(fields.get("account_code") or "")
    if not code:
        account = work.settings.account(code="880")
        if account is None or account.status != "ACTIVE":
            account = next((one for one in work.settings.accounts if one.type == "BANK"), None)
        code = account.code if account else ""
    raw: Fields = {
        "Invoice": {"InvoiceID": invoice.id},
        "Account": {"Code": code},
        "Amount": fields["amount"] if fields.get("amount") is not None else invoice.amount_due,
        "Date": fields.get("date"),
        "Reference": fields.get("reference"),
    }
    payments.create(work, raw)
    return work.ledger.invoice(invoice.id)


def _status(status: str) -> Callable[[Work, Invoice, Fields], Invoice]:
    return lambda work, invoice, fields: invoice_writing.update(work, invoice, {"Status": status})


def edit_invoice(work: Work, invoice: Invoice, fields: Fields) -> Invoice:
    return invoice_writing.update(work, invoice, given(fields))


def archive(work: Work, contact: Contact, fields: Fields) -> Contact:
    return contact_writing.apply(work, contact, {"ContactStatus": "ARCHIVED"})


def restore(work: Work, contact: Contact, fields: Fields) -> Contact:
    return contact_writing.apply(work, contact, {"ContactStatus": "ACTIVE"})


def edit_contact(work: Work, contact: Contact, fields: Fields) -> Contact:
    """Any field; a GDPR request is set here too, as only a person can."""
    if fields.get("ContactStatus") == "GDPRREQUEST":
        return work.save_contact(replace(contact, status="GDPRREQUEST"))
    return contact_writing.apply(work, contact, fields)


def merge(work: Work, contact: Contact, fields: Fields) -> Contact:
    """Everything of this contact moves to ``into``; it stays behind archived, pointing there."""
    into = work.ledger.contacts.get(str(fields.get("into") or ""))
    if into is None or into.id == contact.id or into.status != "ACTIVE":
        raise Invalid("into must be the ContactID of another, active contact")
    for invoice in work.ledger.invoices.find("contact", contact.id):
        work.ledger.invoices.put(replace(invoice, contact_id=into.id))
    for credit in work.ledger.credit_notes.find("contact", contact.id):
        work.ledger.credit_notes.put(replace(credit, contact_id=into.id))
    for deposit in work.ledger.deposits.find("contact", contact.id):
        work.ledger.deposits.put(replace(deposit, contact_id=into.id))
    work.save_contact(
        replace(
            into,
            is_customer=into.is_customer or contact.is_customer,
            is_supplier=into.is_supplier or contact.is_supplier,
        ),
        "Merged",
    )
    return work.save_contact(replace(contact, status="ARCHIVED", merged_into=into.id), "Merged")


def edit_credit_note(work: Work, credit: CreditNote, fields: Fields) -> CreditNote:
    return credit_note_writing.update(work, credit, given(fields))


def allocate(work: Work, credit: CreditNote, fields: Fields) -> CreditNote:
    """``{"invoice_id", "amount"?}``: a credit note set against an invoice."""
    target = work.ledger.invoices.get(str(fields.get("invoice_id") or ""))
    if target is None:
        raise Invalid("invoice_id must be the InvoiceID of an invoice")
    amount = fields.get("amount") or min(credit.remaining, target.amount_due)
    credit_note_writing.allocate(work, credit, {"Invoice": {"InvoiceID": target.id}, "Amount": amount})
    return work.ledger.credit_notes.get(credit.id) or credit


def remove_payment(work: Work, payment: Payment, fields: Fields) -> Payment:
    return payments.delete(work, payment)


INVOICES: dict[str, Callable[[Work, Invoice, Fields], Invoice]] = {
    "pay": pay,
    "approve": _status("AUTHORISED"),
    "void": _status("VOIDED"),
    "delete": _status("DELETED"),
    "edit": edit_invoice,
}
CONTACTS: dict[str, Callable[[Work, Contact, Fields], Contact]] = {
    "archive": archive,
    "restore": restore,
    "merge": merge,
    "edit": edit_contact,
}
CREDIT_NOTES: dict[str, Callable[[Work, CreditNote, Fields], CreditNote]] = {
    "edit": edit_credit_note,
    "allocate": allocate,
}
#: Money from a contact before, or beyond, an invoice.
RECEIVED = {"prepay": "Prepayment", "overpay": "Overpayment"}
PAYMENTS: dict[str, Callable[[Work, Payment, Fields], Payment]] = {"delete": remove_payment}
