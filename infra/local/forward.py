"""Hands a request on to a function in a process of its own, as the cloud's load balancer does, unchanged both ways."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterable
from typing import Any

TIMEOUT_SECONDS = 600
#: Of one connection, not of the message (RFC 9110, 7.6.1).
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer"}


class Forward:
    """WSGI app. 503 when the function does not answer: it is being started again, and every caller tries again."""

    def __init__(self, port: int) -> None:
        self._port = port

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_SECONDS)
        try:
            body = environ["wsgi.input"].read()
            connection.request(
                environ["REQUEST_METHOD"], _target(environ), body, _headers(environ, len(body))
            )
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            problem = {"type": "about:blank", "title": "The function is being started", "status": 503}
            start_response("503 Service Unavailable", [("Content-Type", "application/problem+json")])
            return [json.dumps(problem).encode()]
        finally:
            connection.close()
        headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP]
        start_response(f"{answer.status} {answer.reason or '-'}", headers)
        return [content]


def _target(environ: dict[str, Any]) -> str:
    """As it came in: gunicorn keeps it, escapes and all."""
    return str(environ.get("RAW_URI") or environ["PATH_INFO"])


def _headers(environ: dict[str, Any], length: int) -> dict[str, str]:
    headers = {
        name[5:].replace("_", "-").title(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_") and name[5:].replace("_", "-").lower() not in HOP_BY_HOP
    }
    if environ.get("CONTENT_TYPE"):
        headers["Content-Type"] = str(environ["CONTENT_TYPE"])
    return {**headers, "Content-Length": str(length)}
