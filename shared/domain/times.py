"""Instants and calendar dates.

An instant is aware UTC; stored as fixed-width text so that text order is time order. A calendar date is a date
in the clinic's zone: an appointment at 08:00 in Sydney belongs to that Sydney day, whatever day UTC has.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def instant(at: datetime) -> str:
    """``2026-11-24T21:00:00.000000Z``, always 27 characters."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def parse_instant(text: str) -> datetime:
    """The reverse of ``instant``; takes any ISO 8601 text with an offset."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return at.astimezone(UTC)


def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name; ValueError when unknown."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            "not a time zone of the IANA database; write for example Australia/Sydney"
        ) from error


def calendar_date(at: datetime, zone_name: str) -> date:
    """The date that a wall calendar in the zone shows at this instant."""
    return at.astimezone(zone(zone_name)).date()
