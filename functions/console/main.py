"""The page at ``/`` and the interface description. Needs nothing but its own files."""

from __future__ import annotations

from pathlib import Path

import functions_framework
from flask import Request, Response

from shared.http.answers import html_response
from shared.http.app import PUBLIC, App, Call, Route

HERE = Path(__file__).parent


def page(call: Call) -> Response:
    return html_response((HERE / "welcome.html").read_text(encoding="utf-8"))


def openapi(call: Call) -> Response:
    return Response(
        (HERE / "openapi.json").read_text(encoding="utf-8"), 200, {"Content-Type": "application/json"}
    )


APP = App(
    "console",
    [
        Route("GET", "/", page, PUBLIC, "What can be tried"),
        Route("GET", "/openapi.json", openapi, PUBLIC, "This description"),
    ],
)


@functions_framework.http
def console(request: Request) -> Response:
    return APP.handle(request)
