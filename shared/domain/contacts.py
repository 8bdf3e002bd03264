"""Which contact a person gets in Xero, and what it says.

A contact is ours by its ContactNumber (the patient's id), never by its name: two patients of the same name are two
contacts. Xero wants names unique among active contacts, so a taken name gets the patient's code as a suffix.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from shared.domain import wire
from shared.domain.records import Address, Patient, Payer
from shared.domain.texts import without_control

#: Xero: Name <= 255, no angle brackets, no leading, trailing or double spaces.
NAME_LIMIT = 255
#: Xero: ContactNumber <= 50.
NUMBER_LIMIT = 50


def clean_name(name: str) -> str:
    """The name as Xero accepts it. Control characters and angle brackets become spaces, runs of spaces one."""
    printable = "".join(c if c.isprintable() and c not in "<>" else " " for c in name)
    return re.sub(r"\s+", " ", printable).strip()[:NAME_LIMIT].strip()


@dataclass(frozen=True)
class Person:
    """Somebody who gets a contact: a patient, or a payer who is not one."""

    id: str  # our link's id and Xero's ContactNumber
    name: str
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    address: Address | None
    code: str  # tells people of the same name apart
    erased: bool = False


def person_of_patient(patient: Patient) -> Person:
    code = patient.reference or patient.id
    if patient.erased:
        return Person(
            patient.id, clean_name(f"Erased {code}"), None, None, None, None, None, code, erased=True
        )
    name = clean_name(f"{patient.first_name} {patient.last_name}") or clean_name(f"Patient {code}")
    return Person(
        patient.id,
        name,
        patient.first_name,
        patient.last_name,
        patient.email,
        patient.phone,
        patient.address,
        code,
    )


def person_of_payer(payer: Payer) -> Person:
    """A payer given by name; the id follows from name and e-mail, so that one insurer is one contact."""
    name = clean_name(payer.name or "")
    digest = hashlib.sha256(f"{name.casefold()}\n{(payer.email or '').casefold()}".encode()).hexdigest()[:16]
    name = name or f"Payer {digest[:6]}"
    return Person(f"payer-{digest}", name, None, None, payer.email, None, None, digest[:6])


def contact_name(person: Person, suffix: int = 0) -> str:
    """``Anna Lee``; taken by somebody else: ``Anna Lee (22)``; that too: ``Anna Lee (22-2)``."""
    if suffix == 0:
        return person.name
    tail = f" ({person.code})" if suffix == 1 else f" ({person.code}-{suffix})"
    return clean_name(person.name[: NAME_LIMIT - len(tail)] + tail)


def contact_body(person: Person, suffix: int = 0) -> dict[str, Any]:
    """The contact's details as Xero's fields. Blank text clears a field in Xero; leaving it out would keep it."""
    street = person.address or Address()
    body: dict[str, Any] = {
        "Name": contact_name(person, suffix),
        "FirstName": clean_name(person.first_name or ""),
        "LastName": clean_name(person.last_name or ""),
        "EmailAddress": without_control(person.email or ""),
        "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": without_control(person.phone or "")}],
        "Addresses": [
            {
                "AddressType": "STREET",
                "AddressLine1": without_control(street.line1 or ""),
                "AddressLine2": without_control(street.line2 or ""),
                "City": without_control(street.city or ""),
                "Region": without_control(street.region or ""),
                "PostalCode": without_control(street.postal_code or ""),
                "Country": without_control(street.country or ""),
            }
        ],
    }
    if person.erased:
        body["ContactStatus"] = "ARCHIVED"
    return body


def details_hash(person: Person) -> str:
    """Changes exactly when something of the person changes that Xero is told."""
    return hashlib.sha256(wire.dumps(contact_body(person)).encode()).hexdigest()[:32]
