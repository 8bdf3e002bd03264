"""What Xero demands of a contact's fields.

Names are unique among active contacts and hold no angle brackets or stray blanks (Xero's contact pages);
ContactNumber and AccountNumber are unique among all contacts, also archived ones; lengths are those of the
published description; at most five contact persons.
"""

from __future__ import annotations

import re
from typing import Any

from .bodies import text
from .ledger import Ledger
from .records import Contact

NAME_TAKEN = (
    "The contact name {} is already assigned to another contact. "
    "The contact name must be unique across all active contacts."
)
NUMBER_TAKEN = "The contact number {} is already assigned to another contact"
ACCOUNT_NUMBER_TAKEN = "The Account Number already exists. Please enter a different Account Number."
LIMITS = {
    "FirstName": 255,
    "LastName": 255,
    "CompanyNumber": 50,
    "EmailAddress": 255,
    "TaxNumber": 50,
    "BankAccountDetails": 100,
    "AccountsReceivableTaxType": 50,
    "AccountsPayableTaxType": 50,
    "SalesDefaultAccountCode": 10,
    "PurchasesDefaultAccountCode": 10,
    "DefaultCurrency": 3,
    "XeroNetworkKey": 255,
}
ADDRESS_LIMITS = {
    **{f"AddressLine{n}": 500 for n in (1, 2, 3, 4)},
    **dict.fromkeys(("City", "Region", "AttentionTo"), 255),
    **dict.fromkeys(("PostalCode", "Country"), 50),
}
PHONE_LIMITS = {"PhoneNumber": 50, "PhoneAreaCode": 10, "PhoneCountryCode": 20}
PERSON_LIMITS = {"FirstName": 255, "LastName": 255, "EmailAddress": 255}
ADDRESS_TYPES = ("STREET", "POBOX", "DELIVERY")
PHONE_TYPES = ("DEFAULT", "DDI", "MOBILE", "FAX", "OFFICE")
_EMAIL = re.compile(r"^[!-?A-~]+@[!-?A-~]+\.[!-?A-~]+$")


def name_problems(name: str) -> list[str]:
    problems = []
    if not name.strip():
        return ["The Contact Name cannot be empty."]
    if "<" in name or ">" in name:
        problems.append("The contact name must not contain angle brackets.")
    if name != name.strip() or "  " in name:
        problems.append("The contact name must not begin or end with a space or contain double spaces.")
    return problems


def email_problems(address: str) -> list[str]:
    """An address is optional, but a given one must be valid; letters outside ASCII are not supported."""
    return [] if not address or _EMAIL.match(address) else ["Email address must be valid."]


def clashes(ledger: Ledger, contact: Contact) -> list[str]:
    """Which unique fields someone else already holds."""
    problems = []
    if contact.status == "ACTIVE" and any(
        other.status == "ACTIVE" and other.id != contact.id
        for other in ledger.contacts.find("name", contact.name)
    ):
        problems.append(NAME_TAKEN.format(contact.name))
    if contact.number and _held(ledger, "number", contact.number, contact.id):
        problems.append(NUMBER_TAKEN.format(contact.number))
    if contact.account_number and _held(ledger, "account_number", contact.account_number, contact.id):
        problems.append(ACCOUNT_NUMBER_TAKEN)
    return problems


def _held(ledger: Ledger, index: str, key: str, own_id: str) -> bool:
    return any(other.id != own_id for other in ledger.contacts.find(index, key))


def typed_parts(
    raw: dict[str, Any],
    key: str,
    type_key: str,
    types: tuple[str, ...],
    limits: dict[str, int],
    problems: list[str],
) -> list[dict[str, Any]]:
    """Addresses or phones: each entry has a type of its own and texts of limited length."""
    parts = []
    for entry in _entries(raw, key, problems):
        kind = entry.get(type_key)
        if kind not in types:
            problems.append(f"{type_key} must be one of {', '.join(types)}")
            continue
        values = {field: text(entry, field, limit, problems) for field, limit in limits.items()}
        parts.append({type_key: kind} | {field: value for field, value in values.items() if field in entry})
    return parts


def persons(raw: dict[str, Any], problems: list[str]) -> list[dict[str, Any]]:
    entries = _entries(raw, "ContactPersons", problems)
    if len(entries) > 5:
        problems.append("A contact can have a maximum of 5 ContactPersons.")
    found = []
    for entry in entries:
        person: dict[str, Any] = {
            key: text(entry, key, limit, problems) for key, limit in PERSON_LIMITS.items()
        }
        problems.extend(email_problems(person["EmailAddress"]))
        found.append(person | {"IncludeInEmails": bool(entry.get("IncludeInEmails", False))})
    return found


def _entries(raw: dict[str, Any], key: str, problems: list[str]) -> list[dict[str, Any]]:
    entries = raw.get(key) or []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        problems.append(f"{key} must be a list")
        return []
    return entries
