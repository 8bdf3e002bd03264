"""Whatever looks confidential is taken out of a log line, and what a reader needs stays."""

from __future__ import annotations

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.logs import JsonFormatter
from shared.http.redaction import HIDDEN, redacted

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0In0",
        "Authorization: Bearer 0f9a8b7c6d5e4f3a2b1c",
        "authorization: basic Y2xpZW50OnNlY3JldA==",
        "refresh_token=0123456789abcdef&x=1",
        '{"access_token": "0123456789abcdef"}',
        "?code=fe2398&state=aXb9",
        "client_secret='s3cr3t-s3cr3t'",
        "anna.lee+clinic@example.com.au",
    ],
)
def test_confidential(text: str) -> None:
    """Tokens of every kind, headers, form fields, addresses; also inside a sentence, a list and a mapping."""
    secret = max(text.replace("=", " ").replace('"', " ").replace("'", " ").split(), key=len)
    for value in (text, f"before {text} after", [text], {"a": {"b": (text,)}}):
        shown = json.dumps(redacted(value))
        assert secret not in shown
        assert HIDDEN in shown


@pytest.mark.parametrize(
    "text",
    [
        "activity",
        "invoice.create",
        "0b9f6f3e-1c2d-4a5b-8c7d-9e0f1a2b3c4d",
        "2026-11-25T09:00:00+00:00",
        "shared/services/tokens.py:42 refresh",
        "The state of the queue: waiting",
        "status 503, 12 ms",
    ],
)
def test_needed(text: str) -> None:
    """Ids, instants, places and plain sentences are left as they are."""
    assert redacted(text) == text


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    )
)
def test_shape(value: object) -> None:
    """Nothing but texts changes, and twice is once."""
    once = redacted(value)
    assert redacted(once) == once
    assert type(once) is type(value)


def test_the_formatter_uses_it() -> None:
    """In the message, in a field and in an object that is written as text."""

    class Odd:
        def __str__(self) -> str:
            return f"odd {TOKEN}"

    record = logging.LogRecord("x", logging.INFO, "", 0, f"with {TOKEN}", (), None)
    record.fields = {"detail": f"anna@example.com {TOKEN}", "odd": Odd()}
    line = JsonFormatter().format(record)
    assert TOKEN not in line
    assert "anna@example.com" not in line
    assert json.loads(line)["detail"] == f"{HIDDEN} {HIDDEN}"
