"""Xero's answers: the envelope of a success and the different shapes of a refusal."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from ..interface import Reply
from .dates import ms_moment

NO_ID = "00000000-0000-0000-0000-000000000000"
PROVIDER = "Clinic Ledger (simulated Xero)"


class Invalid(Exception):
    """One element breaks rules: all messages together, some of them belonging to a line."""

    def __init__(self, *messages: str, lines: dict[int, list[str]] | None = None) -> None:
        super().__init__("; ".join(messages))
        self.messages = list(messages)
        self.lines = lines or {}


class Refused(Exception):
    """The request as a whole cannot be answered with data."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"HTTP {reply.status}")
        self.reply = reply


def envelope(plural: str, items: list[dict[str, Any]], now: datetime, **extra: Any) -> Reply:
    """The success envelope: Id, Status, ProviderName, DateTimeUTC, then the list under its plural name."""
    body = {
        "Id": str(uuid4()),
        "Status": "OK",
        "ProviderName": PROVIDER,
        "DateTimeUTC": ms_moment(now).replace("+0000", ""),
        **extra,
        plural: items,
    }
    return Reply(200, body)


def validation(elements: list[dict[str, Any]]) -> Reply:
    """The 400 of broken rules: ErrorNumber 10 and every failing element echoed with its messages."""
    return Reply(
        400,
        {
            "ErrorNumber": 10,
            "Type": "ValidationException",
            "Message": "A validation exception occurred",
            "Elements": elements,
        },
    )


def errors(messages: list[str]) -> list[dict[str, str]]:
    return [{"Message": message} for message in messages]


def not_found() -> Refused:
    """Xero answers an unknown resource in plain text (Xero-OpenAPI issue 163, closed as won't fix)."""
    return Refused(Reply(404, "The resource you're looking for cannot be found", "text/plain; charset=utf-8"))


def bad_query(message: str) -> Refused:
    """A where or order clause that cannot be read: ErrorNumber 16."""
    return Refused(Reply(400, {"ErrorNumber": 16, "Type": "QueryParseException", "Message": message}))


def bad_post_data(message: str) -> Refused:
    """A body that is not JSON, or holds an identifier that is not one: ErrorNumber 14."""
    return Refused(Reply(400, {"ErrorNumber": 14, "Type": "PostDataInvalidException", "Message": message}))


def not_allowed() -> Refused:
    return Refused(Reply(405, "The method is not allowed on this resource", "text/plain; charset=utf-8"))
