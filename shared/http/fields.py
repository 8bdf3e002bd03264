"""The kinds of values that requests are made of: ids, texts, amounts, instants, days, zones."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from shared.domain.texts import is_readable
from shared.domain.times import zone

AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT = re.compile(DAY.pattern + r"[Tt ][0-9]{2}:.*")
#: Instants beyond these are slips of the keyboard, and some could not be written in another zone.
YEARS = range(1900, 2200)


def readable(value: str) -> str:
    """For an ``AfterValidator``: refuses text of which a person would see nothing."""
    if not is_readable(value):
        raise ValueError("give some text that can be read")
    return value


def _amount_text(value: Any) -> Any:
    """Text is read strictly: ``1_000`` or ``1e3`` in quotes is more likely a slip than an amount."""
    if isinstance(value, str) and not AMOUNT.fullmatch(value.strip()):
        raise ValueError('give a decimal, e.g. "150.00"')
    return value


def _decimals(places: int) -> AfterValidator:
    def check(value: Decimal) -> Decimal:
        # By its digits, not by ``normalize``: that rounds to 28 digits first, and would not see the 30th decimal.
        _, digits, exponent = value.as_tuple()
        zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
        if not isinstance(exponent, int) or (any(digits) and -(exponent + zeros) > places):
            raise ValueError(f"at most {places} decimals")
        # Plain notation, no needless zeros, no minus before a zero: one amount is one text.
        return value.quantize(Decimal(1).scaleb(max(-places, min(exponent, 0)))) + 0

    return AfterValidator(check)


def _zone_name(value: str) -> str:
    zone(value)
    return value


def _only(pattern: re.Pattern[str], example: str) -> BeforeValidator:
    """Numbers are refused: whether seconds or milliseconds are meant would be a guess."""

    def check(value: Any) -> Any:
        if not isinstance(value, str) or not pattern.fullmatch(value.strip()):
            raise ValueError(f"give it as {example}")
        return value

    return BeforeValidator(check)


def _with_offset(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("give the offset too, e.g. 2026-11-24T08:00:00+11:00")
    return value


def _in_range(value: date) -> date:
    if value.year not in YEARS:
        raise ValueError(f"give a year from {YEARS[0]} to {YEARS[-1]}")
    return value


#: The clinic's own ids. At most 50 characters, because the patient's becomes Xero's ContactNumber.
RecordId = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$", min_length=1, max_length=50)
]
#: Ids of ours in a task: whatever may stand in a path of the store.
StoredId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}$")]
Code = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), AfterValidator(readable)
]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255), AfterValidator(readable)
]
#: Xero: Description of 1 to 4,000 characters.
Description = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), AfterValidator(readable)
]
AccountCode = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10)]

_Amount = BeforeValidator(_amount_text)
Quantity = Annotated[Decimal, _Amount, Field(gt=0, le=1_000_000), _decimals(4)]
#: Negative amounts are allowed: a gap already paid, a rebate.
UnitAmount = Annotated[Decimal, _Amount, Field(ge=-9_999_999_999, le=9_999_999_999), _decimals(4)]
Money = Annotated[Decimal, _Amount, Field(gt=0, le=9_999_999_999), _decimals(2)]
DiscountRate = Annotated[Decimal, _Amount, Field(ge=0, le=100), _decimals(4)]
DiscountAmount = Annotated[Decimal, _Amount, Field(ge=0, le=9_999_999_999), _decimals(2)]

Instant = Annotated[
    datetime,
    _only(INSTANT, "2026-11-24T08:00:00+11:00"),
    AfterValidator(_with_offset),
    AfterValidator(_in_range),
]
Day = Annotated[date, _only(DAY, "2026-11-24"), AfterValidator(_in_range)]
ZoneName = Annotated[str, AfterValidator(_zone_name)]
