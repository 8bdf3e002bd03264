"""The staff page, what it needs to know before sign-in, and the interface description: from its own files only."""

from __future__ import annotations

from pathlib import Path

import functions_framework
from flask import Request, Response

from functions.console import built_page
from shared.bootstrap import get_config
from shared.http.answers import Answer
from shared.http.app import PUBLIC, App, Call, Route

HERE = Path(__file__).parent
#: The page's own addresses, one per tab; `src/tabs/index.ts` has the same list.
TABS = "overview,invoices,contacts,mappings,completeness,activity,developer,admin"


def page(call: Call) -> Response:
    config = get_config()
    issuers = [built_page.origin(config["AUTH_ISSUER"]), *config.list("AUTH_ORIGINS")]
    return built_page.index(issuers)


def asset(call: Call) -> Response:
    return built_page.asset(call.request, call.arguments["name"])


def settings(call: Call) -> Answer:
    """What the page needs before anybody is signed in; nothing here is secret."""
    config = get_config()
    return Answer(
        {
            "issuer": config["AUTH_ISSUER"],
            "client_id": config["AUTH_CLIENT_ID"],
            "audience": config["AUTH_AUDIENCE"],
            "scopes": config["AUTH_SCOPES"],
            "practice_claim": config["AUTH_PRACTICE_CLAIM"],
            "role_claim": config["AUTH_ROLE_CLAIM"],
            "public_url": config["PUBLIC_URL"],
            "rehearsal_url": config["REHEARSAL_URL"] or None,
        }
    )


def openapi(call: Call) -> Response:
    return Response(
        (HERE / "openapi.json").read_text(encoding="utf-8"), 200, {"Content-Type": "application/json"}
    )


APP = App(
    "console",
    [
        Route("GET", "/", page, PUBLIC, "The staff page"),
        Route("GET", f"/<any({TABS}):tab>/", page,
              PUBLIC, "A tab of it"),
        Route("GET", "/assets/<name>", asset, PUBLIC, "Its scripts and styles"),
        Route("GET", "/config.json", settings, PUBLIC, "Where to sign in"),
        Route("GET", "/openapi.json", openapi, PUBLIC, "The interface description"),
    ],
)  # fmt: skip


@functions_framework.http
def console(request: Request) -> Response:
    return APP.handle(request)
