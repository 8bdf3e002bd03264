"""What every function's edge promises, as checks that the tests of the functions share."""

from __future__ import annotations

import importlib
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.test import TestResponse

from functions.console.describe import DESCRIBED
from shared.http.app import PUBLIC, TASKS, App, Route
from shared.http.logs import JsonFormatter
from tests.product import Product

PROBLEM = "application/problem+json"
ROLES = ("reception", "bookkeeper", "owner", "app")


def routes() -> list[Route]:
    """Every route that the interface description names."""
    apps: list[App] = [importlib.import_module(f"functions.{name}.main").APP for name in DESCRIBED]
    return [route for app in apps for route in app.routes]


def address(route: Route, **ids: str) -> str:
    """The route's path with ids filled in; ``nobody`` where none is given."""
    return re.sub(r"<(\w+)>", lambda name: ids.get(name[1], "nobody"), route.path)


def bearer(product: Product, route: Route, practice: str = "demo") -> dict[str, str]:
    """The headers of somebody who may call this route."""
    if route.access == PUBLIC:
        return {}
    if route.access == TASKS:
        return {"Authorization": f"Bearer {product.task_token()}"}
    role = next(role for role in ROLES if role in route.access)
    return {"Authorization": f"Bearer {product.token(role, practice)}"}


def check_problem(response: TestResponse, status: int, code: str | None = None) -> dict[str, Any]:
    """A problem as RFC 9457 and our own description have it; gives its body."""
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.headers["Content-Type"] == PROBLEM
    body = json.loads(response.get_data())
    assert set(body) - {"paused_until"} == {
        "type",
        "title",
        "status",
        "detail",
        "code",
        "errors",
        "request_id",
    }
    assert body["status"] == status
    assert body["type"].endswith("/" + body["code"])
    assert body["title"]
    assert body["detail"]
    assert body["request_id"] == response.headers["X-Request-Id"]
    if code:
        assert body["code"] == code, body
    return dict(body)


def wrong(response: TestResponse) -> dict[str, str]:
    """The fields that a 422 names, each with what to do."""
    errors = check_problem(response, 422, "invalid_input")["errors"]
    assert errors
    assert all(set(error) == {"field", "message"} and error["message"] for error in errors)
    return {error["field"]: error["message"] for error in errors}


@contextmanager
def logged(*, by_everybody: bool = False) -> Iterator[list[str]]:
    """The lines that are logged meanwhile, exactly as they would stand on stdout. ``by_everybody``: of every library
    too, at the most talkative level, each with the exception that it would show."""
    lines: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record) + (str(record.exc_info or "") if by_everybody else ""))

    handler = Collector()
    handler.setFormatter(JsonFormatter())
    root, ours = logging.getLogger(), logging.getLogger("clinic_ledger")
    loggers, level = [ours, root] if by_everybody else [ours], root.level
    for logger in loggers:
        logger.addHandler(handler)
    root.setLevel(logging.DEBUG if by_everybody else level)
    try:
        yield lines
    finally:
        root.setLevel(level)
        for logger in loggers:
            logger.removeHandler(handler)
