"""Single fields of Xero's JSON: texts, amounts, instants, calendar dates.

Xero writes instants as ``/Date(1518685950940+0000)/``, with and without the offset, negative before 1970,
or as ISO text without a zone, which then is UTC. Calendar dates come as midnight in the first form and,
more safely, as ``DateString`` (``2026-11-24T00:00:00``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

_MS_DATE = re.compile(r"^/Date\((-?\d{1,17})([+-]\d{4})?\)/$")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Beyond this no amount is one: Xero's own limit is ten digits before the point.
MOST_DIGITS = 20

Record = Mapping[str, Any]


class Unreadable(ValueError):
    """A record that cannot be understood; the text names the field, never its content."""


def needed_text(record: Record, field: str) -> str:
    value = text(record, field)
    if value is None:
        raise Unreadable(f"{field} is missing")
    return value


def text(record: Record, field: str) -> str | None:
    """The text; None for null, missing and blank. A number is taken as its digits."""
    value = record.get(field)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    raise Unreadable(f"{field} is not text")


def flag(record: Record, field: str) -> bool:
    """True for true, also as text; everything else, missing included, is false."""
    value = record.get(field)
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def needed_amount(record: Record, field: str) -> Decimal:
    value = amount(record, field)
    if value is None:
        raise Unreadable(f"{field} is missing")
    return value


def amount(record: Record, field: str) -> Decimal | None:
    """The amount with the decimals that Xero sent; None for null and missing."""
    value = record.get(field)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise Unreadable(f"{field} is not an amount")
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or (number and abs(number.adjusted()) > MOST_DIGITS):
        raise Unreadable(f"{field} is not an amount")
    return number


def instant(record: Record, *fields: str) -> datetime | None:
    """The first of the fields that holds an instant, in aware UTC; None when none does."""
    for field in fields:
        at = _moment(record.get(field))
        if at is not None:
            return at.astimezone(UTC)
    return None


def calendar_date(record: Record, *fields: str) -> date | None:
    """The first of the fields that holds a date, as the date it names in its own offset; None when none
    does."""
    for field in fields:
        at = _moment(record.get(field))
        if at is not None:
            return at.date()
    return None


@lru_cache(maxsize=64)  # nearly always +0000
def _offset(text: str) -> tzinfo | None:
    return datetime.strptime(text, "%z").tzinfo


def _moment(value: Any) -> datetime | None:
    """The moment in the offset it was written with (UTC without one); None for anything that is not a
    date."""
    if not isinstance(value, str):
        return None
    value = value.strip()
    match = _MS_DATE.match(value)
    try:
        if match:
            # Whole milliseconds as an integer: through a float they would lose their last digit.
            at = _EPOCH + timedelta(milliseconds=int(match[1]))
            return at.astimezone(_offset(match[2])) if match[2] else at
        at = datetime.fromisoformat(value)
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
