"""Which contact a person gets in Xero, and what it says.

A contact is ours by its ContactNumber (the patient's id), never by its name: two patients of the same name are two
contacts. Xero wants names unique among active contacts, so a taken name gets the patient's code as a suffix.

How much of a patient goes to Xero is the practice's to say (``Privacy``); a payer given by name is who the books say
owes the money, and goes there whole.
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
#: What a patient is called in Xero: by name, by initials and the clinic's code, or by the code alone.
PRIVACY_MODES = ("full", "initials", "code")
#: Which further details go there: e-mail, phone and address, the e-mail only (Xero can send the invoice), or none.
CONTACT_DETAILS = ("all", "email", "none")
#: For a person who is to use an archived contact again.
HOW_TO_RESTORE = (
    "The contact is archived in Xero; restore it there (Contacts, Archived, choose it, Restore), "
    "then try again"
)


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


@dataclass(frozen=True)
class Privacy:
    """``details`` None: all of them with the full name, none with less than it."""

    mode: str = "full"
    details: str | None = None

    @property
    def told(self) -> str:
        return self.details or ("all" if self.mode == "full" else "none")


def patient_code(patient: Patient) -> str:
    """What stands for the patient where the name must not: the clinic's own short code, else its id."""
    return patient.reference or patient.id


def person_of_patient(patient: Patient, privacy: Privacy | None = None) -> Person:
    """``privacy`` None tells all."""
    privacy, code = privacy or Privacy(), patient_code(patient)
    if patient.erased:
        return Person(
            patient.id, clean_name(f"Erased {code}"), None, None, None, None, None, code, erased=True
        )
    first, last = _names(patient, privacy.mode)
    name = clean_name(f"{first or ''} {last or ''}")
    if not name:
        name = clean_name(f"Patient {code}")
    elif privacy.mode == "initials":
        name = clean_name(f"{name} ({code})")
    told = privacy.told
    return Person(
        patient.id,
        name,
        first,
        last,
        patient.email if told in ("all", "email") else None,
        patient.phone if told == "all" else None,
        patient.address if told == "all" else None,
        code,
    )


def _names(patient: Patient, mode: str) -> tuple[str | None, str | None]:
    if mode == "full":
        return patient.first_name, patient.last_name
    if mode == "initials":
        return _initial(patient.first_name), _initial(patient.last_name)
    return None, None


def _initial(name: str) -> str | None:
    letter = next((c for c in name if c.isalnum()), None)
    return f"{letter.upper()}." if letter else None


def person_of_payer(payer: Payer) -> Person:
    """A payer given by name; the id follows from name and e-mail, so that one insurer is one contact."""
    name = clean_name(payer.name or "")
    digest = hashlib.sha256(f"{name.casefold()}\n{(payer.email or '').casefold()}".encode()).hexdigest()[:16]
    name = name or f"Payer {digest[:6]}"
    return Person(f"payer-{digest}", name, None, None, payer.email, None, None, digest[:6])


def contact_name(person: Person, suffix: int = 0) -> str:
    """``Anna Lee``; taken by somebody else: ``Anna Lee (22)``; that too: ``Anna Lee (22-2)``. A name that carries
    the code already counts on: ``A. L. (22)``, then ``A. L. (22) (22-2)``."""
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
