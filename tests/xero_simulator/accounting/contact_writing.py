"""Creating, updating, archiving and restoring contacts.

PUT creates and fails where the name or number is taken. POST looks for an existing contact by ContactID, then
ContactNumber, then Name, and updates what it finds without a word: Xero's public record warns of exactly that.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .bodies import given, guid, text
from .contact_rules import (
    ADDRESS_LIMITS,
    ADDRESS_TYPES,
    LIMITS,
    PHONE_LIMITS,
    PHONE_TYPES,
    clashes,
    email_problems,
    name_problems,
    persons,
    typed_parts,
)
from .ledger import Work, new_id
from .records import Contact
from .replies import Invalid

NOT_FOUND = "An existing Contact with the specified ContactID could not be found"
ANONYMOUS = (
    "The Contact must contain at least 1 of the following elements to identify the contact: "
    "Name, ContactID, ContactNumber"
)


def create(work: Work, raw: dict[str, Any]) -> Contact:
    """PUT: always a new contact."""
    if guid(raw, "ContactID"):
        raise Invalid("A ContactID cannot be given for a new contact; use POST to update one.")
    return apply(work, None, raw)


def create_or_update(work: Work, raw: dict[str, Any], contact_id: str = "") -> Contact:
    """POST: with an id (in the path or body) an update, else whatever number or name leads to."""
    wanted = contact_id or guid(raw, "ContactID")
    if wanted:
        existing = work.ledger.contacts.get(wanted)
        if existing is None:
            raise Invalid(NOT_FOUND)
        return apply(work, existing, raw)
    return apply(work, matching(work, raw), raw)


def matching(work: Work, raw: dict[str, Any]) -> Contact | None:
    """The contact that number or name stands for.

    A number that nobody has falls back to the name, unless the contact of that name has a number of its own.
    """
    number, name = raw.get("ContactNumber") or "", raw.get("Name") or ""
    if number:
        held = work.ledger.contacts.find("number", str(number))
        if held:
            return held[0]
    for contact in work.ledger.contacts.find("name", str(name)):
        if contact.status == "ACTIVE" and not (number and contact.number):
            return contact
    return None


def apply(
    work: Work, existing: Contact | None, raw: dict[str, Any], *, drop_persons: bool = False
) -> Contact:
    raw = given(raw)
    problems: list[str] = []
    contact = existing or Contact(id=new_id(), name="", updated=work.now)
    if "Name" in raw:
        contact = replace(contact, name=text(raw, "Name", 255, problems))
        problems += name_problems(contact.name)
    elif existing is None:
        raise Invalid(ANONYMOUS)
    if "ContactNumber" in raw:
        contact = replace(contact, number=text(raw, "ContactNumber", 50, problems))
    if "AccountNumber" in raw:
        contact = replace(contact, account_number=text(raw, "AccountNumber", 50, problems))
    texts = dict(contact.texts or {})
    for field, limit in LIMITS.items():
        if field in raw:
            texts[field] = text(raw, field, limit, problems)
    problems += email_problems(texts.get("EmailAddress", ""))
    contact = replace(contact, texts=texts)
    contact = _parts(contact, raw, problems, drop_persons)
    contact = _status(contact, raw, problems)
    problems += clashes(work.ledger, contact)
    if problems:
        raise Invalid(*dict.fromkeys(problems))
    return work.save_contact(contact)


def _parts(contact: Contact, raw: dict[str, Any], problems: list[str], drop_persons: bool) -> Contact:
    """An address or phone replaces the one of its type; contact persons are replaced as a whole."""
    addresses = typed_parts(raw, "Addresses", "AddressType", ADDRESS_TYPES, ADDRESS_LIMITS, problems)
    phones = typed_parts(raw, "Phones", "PhoneType", PHONE_TYPES, PHONE_LIMITS, problems)
    people = contact.persons
    if "ContactPersons" in raw or drop_persons:
        people = tuple(persons(raw, problems))
    return replace(
        contact,
        addresses=_merged(contact.addresses, addresses, "AddressType"),
        phones=_merged(contact.phones, phones, "PhoneType"),
        persons=people,
    )


def _merged(
    old: tuple[dict[str, Any], ...], new: list[dict[str, Any]], key: str
) -> tuple[dict[str, Any], ...]:
    return tuple({one[key]: one for one in (*old, *new)}.values())


def _status(contact: Contact, raw: dict[str, Any], problems: list[str]) -> Contact:
    status = raw.get("ContactStatus")
    if status is None or status == contact.status:
        return contact
    if status not in ("ACTIVE", "ARCHIVED"):
        problems.append(f"ContactStatus {status} is not a valid status for this contact")
        return contact
    if contact.status == "GDPRREQUEST":
        problems.append("A contact with a GDPR request cannot be changed.")
    if contact.merged_into and status == "ACTIVE":
        problems.append("A merged contact cannot be restored.")
    return replace(contact, status=status)
