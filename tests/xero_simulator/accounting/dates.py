"""Calendar dates and instants in the several ways Xero writes and reads them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS_DATE = re.compile(r"^/Date\((-?\d+)(?:[+-]\d{4})?\)/$")
_ISO_DATE = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:[T ].*)?$")

# Xero names zones as Microsoft does, in capitals without blanks; these are the ones the demo books can take.
ZONES = {
    "AUSEASTERNSTANDARDTIME": "Australia/Sydney",
    "EAUSTRALIASTANDARDTIME": "Australia/Brisbane",
    "CENAUSTRALIASTANDARDTIME": "Australia/Adelaide",
    "AUSCENTRALSTANDARDTIME": "Australia/Darwin",
    "WAUSTRALIASTANDARDTIME": "Australia/Perth",
    "TASMANIASTANDARDTIME": "Australia/Hobart",
    "NEWZEALANDSTANDARDTIME": "Pacific/Auckland",
    "GMTSTANDARDTIME": "Europe/London",
    "UTC": "UTC",
    "EASTERNSTANDARDTIME": "America/New_York",
    "PACIFICSTANDARDTIME": "America/Los_Angeles",
    "SINGAPORESTANDARDTIME": "Asia/Singapore",
}


def to_milliseconds(moment: datetime) -> datetime:
    """Xero keeps milliseconds; finer time is cut off."""
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


def local_day(moment: datetime, time_zone: str) -> date:
    """The calendar day an organisation is in; Xero dates a document so when no date is given."""
    return moment.astimezone(ZoneInfo(ZONES.get(time_zone, "UTC"))).date()


def ms_moment(moment: datetime) -> str:
    return f"/Date({(moment - EPOCH) // timedelta(milliseconds=1)}+0000)/"


def ms_date(day: date) -> str:
    return ms_moment(datetime(day.year, day.month, day.day, tzinfo=UTC))


def iso_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_date(day: date) -> str:
    return f"{day.isoformat()}T00:00:00"


def read_date(value: Any) -> date | None:
    """``YYYY-MM-DD`` (a time after it is ignored) or ``/Date(ms)/``, whose UTC day counts; None otherwise."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    if found := _MS_DATE.match(text):
        return (EPOCH + timedelta(milliseconds=int(found.group(1)))).date()
    if found := _ISO_DATE.match(text):
        try:
            return date.fromisoformat(found.group(1))
        except ValueError:
            return None
    return None


def read_since(value: str) -> datetime | None:
    """If-Modified-Since as ISO 8601; without an offset it means UTC. Anything else counts as absent."""
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def lock_text(day: date) -> str:
    """The way Xero's messages write a lock date: 31-Jul-2013."""
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    return f"{day.day:02d}-{months[day.month - 1]}-{day.year}"
