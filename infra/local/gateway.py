"""One origin for all functions: picks the function by the path's prefix and hands the request over unchanged."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import functions_framework

from infra.local.routing_table import EVENT_FUNCTIONS, PREFIXES, function_for

log = logging.getLogger(__name__)

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def load_functions(folder: Path) -> dict[str, WsgiApp]:
    """Every ``<name>/main.py`` that answers requests, as functions-framework serves it when deployed.

    Each is executed as the module ``main`` and replaces the one before: state belongs in ``shared``.
    """
    return {
        source.parent.name: functions_framework.create_app(source.parent.name, str(source))
        for source in sorted(folder.glob("*/main.py"))
        if source.parent.name not in EVENT_FUNCTIONS
    }


class Gateway:
    """WSGI app. A folder without a prefix is an error: nobody could reach it, here or in the cloud."""

    def __init__(
        self, functions: dict[str, WsgiApp], prefixes: dict[str, tuple[str, ...]] = PREFIXES
    ) -> None:
        unknown = sorted(set(functions) - set(prefixes))
        if unknown:
            raise ValueError(f"no path prefix in infra/local/routing_table.py for: {', '.join(unknown)}")
        missing = sorted(set(prefixes) - set(functions))
        if missing:
            log.warning("no main.py for: %s", ", ".join(missing))
        self._functions = functions
        self._prefixes = prefixes

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        function = self._functions.get(function_for(environ.get("PATH_INFO") or "/", self._prefixes) or "")
        if function is None:
            body = json.dumps(
                {"type": "about:blank", "title": "No function answers this path", "status": 404}
            )
            start_response("404 Not Found", [("Content-Type", "application/problem+json")])
            return [body.encode()]
        return function(environ, start_response)
