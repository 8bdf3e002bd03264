"""Xero's limits as its headers tell them: calls left, which limit was hit, how long to wait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from shared.domain.xero_records import Usage

#: A day and a bit: no limit of Xero's lasts longer, so a longer wait is a mistake in the header.
LONGEST_WAIT = 26 * 3600


def usage_of(headers: Mapping[str, str]) -> Usage:
    """Calls left in the minute, the day and the app's minute; None where a header is missing or
    unreadable."""
    return Usage(
        minute=_count(headers.get("X-MinLimit-Remaining")),
        day=_count(headers.get("X-DayLimit-Remaining")),
        app_minute=_count(headers.get("X-AppMinLimit-Remaining")),
    )


def problem_word(headers: Mapping[str, str]) -> str:
    """``minute``, ``day``, ``concurrent``, ``appminute`` or whatever word Xero adds; ``unknown`` without one.

    Xero publishes no complete list, so an unknown word is kept: it still means "pause".
    """
    word = (headers.get("X-Rate-Limit-Problem") or "").strip().lower()
    return word if word.isidentifier() and len(word) <= 40 else "unknown"


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> int | None:
    """Seconds to wait, from seconds or an HTTP date; None when Xero did not say (it does not for
    ``concurrent``)."""
    text = (headers.get("Retry-After") or "").strip()
    seconds = _count(text)
    if seconds is None:
        try:
            at = parsedate_to_datetime(text)
        except (TypeError, ValueError, IndexError):
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        seconds = max(0, round((at - (now or datetime.now(UTC))).total_seconds()))
    return min(seconds, LONGEST_WAIT)


def _count(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None
