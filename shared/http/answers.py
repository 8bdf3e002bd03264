"""Answers and problems as HTTP responses."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import Response

from shared.bootstrap import get_clock
from shared.context import request_id
from shared.domain.errors import InvalidInput, LedgerError, Paused, TooMany
from shared.domain.times import instant

#: Seconds after which a passing trouble of ours is worth another try.
TRY_AGAIN_AFTER = 5
PROBLEM_TYPE = "https://clinic-ledger.example/problems/{code}"


@dataclass(frozen=True)
class Answer:
    """``body``: a JSON-ready dict, or a pydantic model, which is written without the fields that are None."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def json_response(answer: Answer) -> Response:
    body = answer.body
    if hasattr(body, "model_dump"):
        body = body.model_dump(mode="json")
    return Response(_text(body), answer.status, {"Content-Type": "application/json", **answer.headers})


def _text(body: Any) -> bytes:
    """UTF-8; half of a surrogate pair, which UTF-8 cannot carry, becomes a question mark."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def problem(error: LedgerError) -> Response:
    """RFC 9457. ``code`` is stable; ``detail`` is for a person; ``errors`` names each wrong field."""
    body: dict[str, Any] = {
        "type": PROBLEM_TYPE.format(code=error.code),
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "errors": [],
        "request_id": request_id(),
    }
    if isinstance(error, InvalidInput):
        body["errors"] = [{"field": e.field, "message": e.message} for e in error.errors]
    headers = {"Content-Type": "application/problem+json"}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if error.status == 503:
        headers["Retry-After"] = str(TRY_AGAIN_AFTER)
    if isinstance(error, Paused) and error.until is not None:
        body["paused_until"] = instant(error.until)
        seconds = (error.until - get_clock().now()).total_seconds()
        headers["Retry-After"] = str(max(1, math.ceil(seconds)))
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.seconds)
    if isinstance(error, WrongMethod):
        headers["Allow"] = ", ".join(error.allowed)
    return Response(_text(body), error.status, headers)


class WrongMethod(LedgerError):
    code = "method_not_allowed"
    status = 405
    title = "This address takes another method"

    def __init__(self, allowed: Iterable[str]) -> None:
        self.allowed = sorted(allowed)
        super().__init__(f"Use {' or '.join(m for m in self.allowed if m != 'HEAD')} here")


def html_response(html: str, status: int = 200) -> Response:
    """A page of ours: no scripts, no framing, nothing kept by the browser."""
    nothing_else = "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    policy = f"default-src 'none'; style-src 'unsafe-inline'; {nothing_else}"
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
    return Response(html, status, headers)


def add_headers(response: Response) -> None:
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("X-Request-Id", request_id())
