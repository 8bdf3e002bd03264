"""Health identifiers in what is about to leave for Xero: found by their form and their check digits.

Books are read by people who need not know who is treated where, so a Medicare, IHI, NHI or NHS number never goes there.
A check digit lets one in ten or so of other numbers through; so phone numbers and the numbers of documents, which are
seldom anything else, are looked at for the forms alone that nothing else has (``DISTINCT``).

Sources: Medicare card (8 digits, check digit, issue, reference): Services Australia's claiming guides; IHI: AS 5017, 16
digits from 800360, Luhn; NHI: HISO 10046, three letters and four digits (modulus 11), of late also letters at the end
(published with modulus 24 and with 23, so either counts); NHS number: NHS Data Dictionary, modulus 11.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from shared.domain.errors import FieldError

#: HISO 10046's alphabet: A is 1, without I and O.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
MEDICARE_WEIGHTS = (1, 3, 7, 9, 1, 3, 7, 9)
#: Neither glued to a word or another number, nor written as an international phone number or an amount.
_BEFORE, _AFTER = r"(?<![\w+.,])", r"(?!\w|[.,-]\d)"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
#: Phone numbers, and ids of documents that we make of the appointment's.
NOT_A_PERSONS = frozenset({"PhoneNumber", "InvoiceNumber", "CreditNoteNumber", "Reference", "Url"})


def _digits(text: str) -> list[int]:
    return [int(c) for c in text if c.isdigit()]


def is_medicare(text: str) -> bool:
    """Ten digits, or eleven with the person's place on the card; the first is 2 to 6, the ninth the check digit."""
    digits = _digits(text)
    if len(digits) not in (10, 11) or digits[0] not in range(2, 7) or digits[9] == 0:
        return False
    return sum(w * d for w, d in zip(MEDICARE_WEIGHTS, digits, strict=False)) % 10 == digits[8]


def is_nhs(text: str) -> bool:
    """Ten digits; none is issued that begins with 0, 1 or 2."""
    digits = _digits(text)
    if len(digits) != 10 or digits[0] < 3:
        return False
    check = 11 - sum((10 - place) * digit for place, digit in enumerate(digits[:9])) % 11
    return check % 11 == digits[9] and check != 10


def is_ihi(text: str) -> bool:
    """Sixteen digits from 800360 whose Luhn sum is a multiple of ten."""
    digits = _digits(text)
    if len(digits) != 16 or digits[:6] != [8, 0, 0, 3, 6, 0]:
        return False
    doubled = [d if place % 2 else sum(divmod(2 * d, 10)) for place, d in enumerate(digits)]
    return sum(doubled) % 10 == 0


def is_nhi(text: str) -> bool:
    """``ZAC5361`` of old, or ``ALU18KZ`` of the new form."""
    code = text.upper()
    values = [int(c) if c.isdigit() else LETTERS.find(c) + 1 for c in code]
    total = sum((7 - place) * value for place, value in enumerate(values[:6]))
    if code[-1].isdigit():
        return total % 11 != 0 and (11 - total % 11) % 10 == values[6]
    return values[6] in (24 - total % 24, 23 - total % 23)


_LETTER = r"[A-HJ-NP-Za-hj-np-z]"
#: name for a person, form, check; ``DISTINCT`` those that hardly anything else looks like
FORMS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("an IHI", re.compile(rf"{_BEFORE}8003[ -]?60\d\d[ -]?\d{{4}}[ -]?\d{{4}}{_AFTER}", re.ASCII), is_ihi),
    (
        "an NHI",
        re.compile(rf"{_BEFORE}{_LETTER}{{3}}(\d{{4}}|\d\d{_LETTER}{{2}}){_AFTER}", re.ASCII),
        is_nhi,
    ),
    (
        "a Medicare",
        re.compile(rf"{_BEFORE}\d{{4}}[ -]?\d{{5}}[ -]?\d([ /-]?\d)?{_AFTER}", re.ASCII),
        is_medicare,
    ),
    ("an NHS", re.compile(rf"{_BEFORE}\d{{3}}[ -]?\d{{3}}[ -]?\d{{4}}{_AFTER}", re.ASCII), is_nhs),
)
DISTINCT = FORMS[:2]


def identifier_in(text: str, *, of_a_person: bool = True) -> str | None:
    """``an NHI``, ``a Medicare`` ...: what kind of number stands in the text; never the number itself."""
    if UUID.fullmatch(text):
        return None
    for name, form, holds in FORMS if of_a_person else DISTINCT:
        if any(holds(found.group()) for found in form.finditer(text)):
            return name
    return None


def identifiers_in(payload: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """(field, kind) of everything in a payload; fields as in ``LineItems[0].Description``."""
    if isinstance(payload, dict):
        for name, value in payload.items():
            yield from identifiers_in(value, f"{field}.{name}" if field else name)
    elif isinstance(payload, list):
        for number, value in enumerate(payload):
            yield from identifiers_in(value, f"{field}[{number}]")
    elif isinstance(payload, str):
        kind = identifier_in(payload, of_a_person=field.rsplit(".", 1)[-1] not in NOT_A_PERSONS)
        if kind:
            yield field, kind


def told(kind: str) -> str:
    """What is wrong and what to do, without the number."""
    return (
        f"looks like {kind} number, which never goes to Xero; take it out of the record or the billing label"
    )


def description_errors(descriptions: Iterable[str]) -> list[FieldError]:
    """Of the lines of a document, as its caller named them."""
    found = ((number, identifier_in(text)) for number, text in enumerate(descriptions))
    return [FieldError(f"line_items[{number}].description", told(kind)) for number, kind in found if kind]
