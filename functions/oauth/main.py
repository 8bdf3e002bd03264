"""Connecting, choosing, renewing and ending the connection to Xero."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from functions.oauth import pages
from shared.domain.errors import LedgerError
from shared.http import schemas
from shared.http.answers import Answer, html_response
from shared.http.app import ANYONE_SIGNED_IN, OWNERS, PUBLIC, App, Call, Route
from shared.http.models import ConnectQuery, Nothing, SelectOrganisation
from shared.services import disconnect as ending
from shared.services.connect import finish_connect, select_organisation, start_connect
from shared.services.connection_status import connection_status

COOKIE = "clinic_ledger_connect"
COOKIE_PATH = "/xero/oauth/"


def connect(call: Call) -> Answer:
    started = start_connect(call.ports, call.person, call.query.return_to)
    secure = "; Secure" if call.ports.config.redirect_uri.startswith("https://") else ""
    # Lax, because Xero sends the browser back to us by a top-level GET.
    cookie = (
        f"{COOKIE}={started.browser_secret}; Path={COOKIE_PATH}; Max-Age=600; HttpOnly; SameSite=Lax{secure}"
    )
    headers = {"Set-Cookie": cookie}
    if call.query.redirect == "1":
        return Answer(
            {"authorize_url": started.authorize_url}, 302, headers | {"Location": started.authorize_url}
        )
    return Answer(schemas.Connect(authorize_url=started.authorize_url), 200, headers)


def callback(call: Call) -> Response:
    """Unless it is connected, ``return_to`` gets ``xero`` in its query: ``pages.way_back``."""
    try:
        outcome = finish_connect(
            call.ports, dict(call.request.args.items()), call.request.cookies.get(COOKIE)
        )
    except LedgerError as error:
        return html_response(pages.problem_page(error), error.status)
    if outcome.return_to:
        return Response("", 302, {"Location": pages.way_back(outcome.return_to, outcome)})
    return html_response(pages.outcome_page(outcome), pages.status_of(outcome))


def status(call: Call) -> Answer:
    return Answer(schemas.ConnectionStatus(**connection_status(call.ports, call.practice_id)))


def select(call: Call) -> Answer:
    select_organisation(call.ports, call.person, call.body.tenant_id)
    return status(call)


def refresh(call: Call) -> Answer:
    ending.refresh(call.ports, call.person)
    return status(call)


def disconnect(call: Call) -> Answer:
    ending.disconnect(call.ports, call.person)
    return status(call)


APP = App(
    "oauth",
    [
        Route("GET", "/xero/oauth/connect/", connect, OWNERS, "Start connecting: gives Xero's consent page",
              query=ConnectQuery, answers={200: schemas.Connect, 302: None}),
        Route("GET", "/xero/oauth/callback/", callback, PUBLIC,
              "Where Xero sends the browser back to; a page, or 302 to return_to"),
        Route("POST", "/xero/oauth/refresh/", refresh, OWNERS, "Renew the access token now",
              body=Nothing, answers={200: schemas.ConnectionStatus}, costly=True),
        Route("POST", "/xero/oauth/disconnect/", disconnect, OWNERS, "End the connection, here and in Xero",
              body=Nothing, answers={200: schemas.ConnectionStatus}),
        Route("GET", "/xero/connections/status/", status, ANYONE_SIGNED_IN, "How the connection is",
              answers={200: schemas.ConnectionStatus}),
        Route("POST", "/xero/connections/select/", select, OWNERS, "Choose among the organisations consented to",
              body=SelectOrganisation, answers={200: schemas.ConnectionStatus}),
    ],
)  # fmt: skip


@functions_framework.http
def oauth(request: Request) -> Response:
    return APP.handle(request)
