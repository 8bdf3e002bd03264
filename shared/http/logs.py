"""Structured logs: one JSON line per event, for people and for Cloud Logging.

A line carries ids, codes, counts and times, never a patient's details, a token or a secret: nothing of a request's
body or query is ever handed to the logger, and a crash is logged by its type and place, without its text. Whatever
looks like a token, a secret or an e-mail address all the same is taken out of the line at the last moment.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from shared.context import request_id
from shared.http.redaction import redacted

_notes: ContextVar[dict[str, Any] | None] = ContextVar("log_notes", default=None)
_log = logging.getLogger("clinic_ledger")


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "severity": record.levelname,
            "message": record.getMessage(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "request_id": request_id(),
            **(_notes.get() or {}),
            **getattr(record, "fields", {}),
        }
        return json.dumps(redacted(line), ensure_ascii=False, default=lambda each: redacted(str(each)))


def set_up(level: str) -> None:
    """Idempotent; our own logger only, so that libraries do not write request lines of theirs."""
    if not _log.handlers:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(JsonFormatter())
        _log.addHandler(handler)
        _log.propagate = False
    _log.setLevel(level.upper())


def begin(function: str) -> None:
    """Threads are used again: what the previous request noted must not stand on this one's lines."""
    _notes.set({"function": function})


def note(**fields: Any) -> None:
    _notes.set({**(_notes.get() or {}), **fields})


def info(message: str, **fields: Any) -> None:
    _log.info(message, extra={"fields": fields})


def warning(message: str, **fields: Any) -> None:
    _log.warning(message, extra={"fields": fields})


def crash(error: BaseException) -> None:
    """Type and frames; the text of an unexpected exception may quote what it choked on, so it stays out."""
    frames = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
    _log.error("crash", extra={"fields": {"error": type(error).__name__, "frames": frames[-12:]}})


def request_done(method: str, status: int, seconds: float) -> None:
    level = logging.WARNING if status >= 500 else logging.INFO
    _log.log(
        level, "request", extra={"fields": {"method": method, "status": status, "ms": int(seconds * 1000)}}
    )
