"""Contacts in Xero's shape."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from .dates import ms_moment
from .ledger import Ledger, Work
from .money import ZERO
from .records import Contact

PHONES = ("DDI", "DEFAULT", "FAX", "MOBILE")
ADDRESSES = ("STREET", "POBOX")
TEXTS = ("FirstName", "LastName", "CompanyNumber", "EmailAddress", "BankAccountDetails", "TaxNumber")
QUIET_TEXTS = (
    "AccountsReceivableTaxType",
    "AccountsPayableTaxType",
    "SalesDefaultAccountCode",
    "PurchasesDefaultAccountCode",
    "DefaultCurrency",
    "XeroNetworkKey",
    "Website",
)


def contact_view(contact: Contact) -> dict[str, Any]:
    """What every answer shows of a contact."""
    view: dict[str, Any] = {"ContactID": contact.id}
    if contact.number:
        view["ContactNumber"] = contact.number
    if contact.account_number:
        view["AccountNumber"] = contact.account_number
    view |= {"ContactStatus": contact.status, "Name": contact.name}
    for field in TEXTS:
        view[field] = contact.text(field)
    for field in QUIET_TEXTS:
        if contact.text(field):
            view[field] = contact.text(field)
    view |= {
        "Addresses": _addresses(contact),
        "Phones": _phones(contact),
        "UpdatedDateUTC": ms_moment(contact.updated),
        "ContactGroups": [],
        "IsSupplier": contact.is_supplier,
        "IsCustomer": contact.is_customer,
        "ContactPersons": [dict(person) for person in contact.persons],
        "HasAttachments": False,
        "HasValidationErrors": False,
    }
    return view


def summary_view(contact: Contact) -> dict[str, Any]:
    """``summaryOnly=true``: light fields only."""
    view = contact_view(contact)
    for heavy in ("Addresses", "Phones", "ContactPersons", "ContactGroups"):
        view.pop(heavy)
    return view


def detailed_view(contact: Contact, work: Work) -> dict[str, Any]:
    """A page of contacts, or one by its id or number: the merge target and the balances come with it."""
    view = contact_view(contact)
    if contact.merged_into:
        view["MergedToContactID"] = contact.merged_into
    view["SalesTrackingCategories"] = []
    view["PurchasesTrackingCategories"] = []
    if balances := _balances(contact, work):
        view["Balances"] = balances
    return view


def brief_view(contact_id: str, ledger: Ledger, full: bool) -> dict[str, Any]:
    """The contact inside a document: whole on a single document, little more than its name in a list."""
    contact = ledger.contact(contact_id)
    if full:
        return contact_view(contact)
    view: dict[str, Any] = {"ContactID": contact.id}
    if contact.number:
        view["ContactNumber"] = contact.number
    return view | {
        "Name": contact.name,
        "Addresses": [],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
        "HasValidationErrors": False,
    }


def _addresses(contact: Contact) -> list[dict[str, Any]]:
    kept = {one["AddressType"]: one for one in contact.addresses}
    blank = {"City": "", "Region": "", "PostalCode": "", "Country": ""}
    return [kept.get(kind, {"AddressType": kind, **blank}) for kind in ADDRESSES]


def _phones(contact: Contact) -> list[dict[str, Any]]:
    kept = {one["PhoneType"]: one for one in contact.phones}
    blank = {"PhoneNumber": "", "PhoneAreaCode": "", "PhoneCountryCode": ""}
    types = [*PHONES, *(kind for kind in kept if kind not in PHONES)]
    return [kept.get(kind, {"PhoneType": kind, **blank}) for kind in types]


def _balances(contact: Contact, work: Work) -> dict[str, Any]:
    sums: dict[str, list[Decimal]] = {"ACCREC": [ZERO, ZERO], "ACCPAY": [ZERO, ZERO]}
    for invoice in work.ledger.invoices.find("contact", contact.id):
        if invoice.status == "AUTHORISED":
            sums[invoice.type][0] += invoice.amount_due
            if invoice.due_date and invoice.due_date < work.today:
                sums[invoice.type][1] += invoice.amount_due
    return {
        name: {"Outstanding": sums[kind][0], "Overdue": sums[kind][1]}
        for name, kind in (("AccountsReceivable", "ACCREC"), ("AccountsPayable", "ACCPAY"))
        if sums[kind][0]
    }
