"""``GET /identity/connect/authorize``: the page where a person lets the app into organisations.

A script answers instead of a person with ``&simulator_decision=allow|deny`` and ``&simulator_tenants=id,id``
(left out: the first organisation; empty: none at all), and as another person with ``&simulator_user=name``.
"""

from __future__ import annotations

import html
import re
import secrets
import uuid
from urllib.parse import urlencode

from . import scopes
from .applications import Application
from .messages import HTML, Request, Response, text_response
from .persistence import Work
from .world import World

_OURS = ("simulator_decision", "simulator_tenants", "simulator_user")


class NotOffered(Exception):
    """The request is refused on Xero's own page; nobody is sent back to the app."""

    def __init__(self, error: str, detail: str) -> None:
        super().__init__(error)
        self.error, self.detail = error, detail


def authorize(world: World, request: Request, work: Work) -> Response:
    """Check the request as Xero does, then show the page or act on the answer given with it."""
    query = request.query
    try:
        wanted = _checked(query, world.application)
    except NotOffered as refusal:
        return _page(400, "Sorry, something went wrong", _refusal(refusal))
    decision = query.get("simulator_decision")
    if decision is None:
        return _page(200, "Allow access?", _form(world, request, wanted))
    back: dict[str, str] = {}
    if decision == "allow":
        tenants = _chosen(world, request)
        if tenants is None:
            return _page(400, "Sorry, something went wrong", "<p>There is no such organisation.</p>")
        back = _allow(world, query, wanted, tenants, work)
    else:
        back = {"error": "access_denied"}
    if "state" in query:
        back["state"] = query["state"]
    joiner = "&" if "?" in query["redirect_uri"] else "?"
    location = query["redirect_uri"] + joiner + urlencode(back)
    return Response(302, b"", {"Location": location, "Cache-Control": "no-store"})


def user_id(name: str) -> str:
    """The Xero user of this name; always the same one."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"simulated-xero-user:{name}"))


def _checked(query: dict[str, str], application: Application) -> list[str]:
    if query.get("client_id") != application.client_id:
        raise NotOffered("unauthorized_client", "Unknown client or client not enabled")
    if query.get("redirect_uri") not in application.redirect_uris:
        raise NotOffered("unauthorized_client", "Invalid redirect_uri")
    if query.get("response_type") != "code":
        raise NotOffered("unsupported_response_type", "Only response_type=code is offered")
    wanted = list(dict.fromkeys(query.get("scope", "").split()))
    if not wanted or scopes.unknown(wanted):
        raise NotOffered("invalid_scope", "Invalid scope for client")
    challenge, method = query.get("code_challenge"), query.get("code_challenge_method")
    if (challenge or method) and not (
        method == "S256" and re.fullmatch(r"[A-Za-z0-9_-]{43,128}", challenge or "")
    ):
        raise NotOffered("invalid_request", "PKCE needs a code_challenge with code_challenge_method=S256")
    return wanted


def _chosen(world: World, request: Request) -> list[str] | None:
    given = [value for name, value in request.query_list if name == "simulator_tenants"]
    if not given:
        return list(world.organisations)[:1]
    chosen = [part.strip().lower() for value in given for part in value.split(",") if part.strip()]
    if any(tenant_id not in world.organisations for tenant_id in chosen):
        return None
    return list(dict.fromkeys(chosen))


def _allow(
    world: World, query: dict[str, str], wanted: list[str], tenants: list[str], work: Work
) -> dict[str, str]:
    person = user_id(query.get("simulator_user") or "owner")
    client_id = world.application.client_id
    with world.tokens.lock:
        grant = world.tokens.begin_grant(client_id, person, wanted, work)
        for tenant_id in tenants:
            world.connections.connect(client_id, person, tenant_id, grant.auth_event_id, work)
        code = world.tokens.issue_code(grant, query["redirect_uri"], query.get("code_challenge"), work)
        work.commit()
    return {"code": code, "scope": " ".join(wanted), "session_state": secrets.token_urlsafe(24)}


def _form(world: World, request: Request, wanted: list[str]) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in request.query_list
        if name not in _OURS
    )
    boxes = "".join(
        f'<label><input type="checkbox" name="simulator_tenants" value="{html.escape(tenant_id)}"'
        f"{' checked' if number == 0 else ''}> {html.escape(organisation.books.name)}</label><br>"
        for number, (tenant_id, organisation) in enumerate(world.organisations.items())
    )
    user = html.escape(request.query.get("simulator_user") or "owner")
    asked = "".join(f"<li>{html.escape(scope)}</li>" for scope in wanted)
    return (
        "<p>An app asks for access to your Xero data.</p>"
        f'<form method="get" action="{html.escape(request.path)}">{hidden}'
        f'<p><label>Signed in as <input name="simulator_user" value="{user}"></label></p>'
        f'<fieldset><legend>Organisations</legend><input type="hidden" name="simulator_tenants" value="">'
        f"{boxes}</fieldset><p>It may use:</p><ul>{asked}</ul>"
        '<p><button name="simulator_decision" value="allow">Allow access</button> '
        '<button name="simulator_decision" value="deny">Cancel</button></p></form>'
    )


def _refusal(refusal: NotOffered) -> str:
    return f"<p>Error: {html.escape(refusal.error)}</p><p>{html.escape(refusal.detail)}</p>"


def _page(status: int, title: str, body: str) -> Response:
    """A page that no other site may frame, as Xero's own."""
    style = "body{font:16px/1.5 sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem}"
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} - simulated Xero</title>'
        f'<meta name="viewport" content="width=device-width"><style>{style}</style></head>'
        f"<body><h1>{title}</h1>{body}<p><small>This is a simulator, not Xero.</small></p></body></html>"
    )
    response = text_response(status, text, HTML)
    response.headers |= {
        "Content-Security-Policy": "frame-ancestors 'none'",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-store",
    }
    return response
