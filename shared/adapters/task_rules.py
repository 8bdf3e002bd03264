"""What every Tasks refuses, whatever keeps the queue."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.adapters.store_rules import encode_data

MAX_BODY_BYTES = 100_000  # Cloud Tasks
FURTHEST = timedelta(days=30)  # Cloud Tasks schedules no further
_KIND = re.compile(r"[a-z][a-z0-9_]{0,63}")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,200}")


def checked_body(kind: str, body: dict[str, Any], name: str | None) -> str:
    """The body as JSON text. ValueError: kind, name or size; TypeError: not JSON-ready."""
    if not _KIND.fullmatch(kind):
        raise ValueError(f"{kind!r} cannot be a kind of task")
    if name is not None and not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot name a task")
    text = encode_data(body)
    if len(text.encode()) > MAX_BODY_BYTES:
        raise ValueError(f"a task's body is at most {MAX_BODY_BYTES} bytes; put ids in it, not documents")
    return text


def schedule(at: datetime | None, now: datetime) -> datetime:
    """When to deliver, aware UTC; a time already past means now. ValueError: no zone, or over 30 days ahead."""
    if at is None:
        return now
    if at.tzinfo is None:
        raise ValueError("a task's time needs a zone")
    if at - now > FURTHEST:
        raise ValueError("a task is scheduled at most 30 days ahead")
    return max(at.astimezone(UTC), now)
