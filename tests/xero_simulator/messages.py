"""An HTTP request and an HTTP response as the simulator's own code passes them around."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote

import simplejson

JSON = "application/json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"


class DropConnection(Exception):
    """Close the caller's socket without an answer."""


@dataclass(frozen=True)
class Request:
    """What a client sent; header names keep the spelling they came with in ``sent_headers``."""

    method: str
    path: str
    query_string: str
    sent_headers: Mapping[str, str]
    body: bytes

    @cached_property
    def headers(self) -> dict[str, str]:
        """The headers with names in lower case."""
        return {name.lower(): value for name, value in self.sent_headers.items()}

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The decoded parts of the path; a trailing slash makes no difference."""
        return tuple(unquote(part) for part in self.path.split("/") if part)

    @cached_property
    def query_list(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query_string, keep_blank_values=True)

    @cached_property
    def query(self) -> dict[str, str]:
        return dict(self.query_list)

    @cached_property
    def form(self) -> dict[str, str]:
        """An ``application/x-www-form-urlencoded`` body."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @cached_property
    def json(self) -> dict[str, Any]:
        """The body as a JSON object; an empty body is an empty object; ValueError for anything else."""
        document = json.loads(self.body or b"{}")
        if isinstance(document, dict):
            return document
        raise ValueError("a JSON object is expected")


@dataclass
class Response:
    """What goes back."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def json_response(status: int, document: Any, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer; amounts stay exact decimals."""
    text = simplejson.dumps(document, use_decimal=True)
    return Response(status, text.encode(), {"Content-Type": JSON, **(headers or {})})


def text_response(status: int, text: str, content_type: str = TEXT) -> Response:
    return Response(status, text.encode(), {"Content-Type": content_type})


def problem(status: int, title: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Xero's own problem document, in PascalCase, as its 401 and 403 answers carry it."""
    document: dict[str, Any] = {
        "Type": None,
        "Title": title,
        "Status": status,
        "Detail": detail,
        "Instance": str(uuid.uuid4()),
        "Extensions": {},
    }
    return json_response(status, document, headers)
