"""Xero's identity service: the token, revocation and connections endpoints.

Its errors are snake_case JSON with status 400, such as ``{"error": "invalid_grant"}``. The app signs in with
HTTP Basic or with its id and secret in the body; both work at Xero.
"""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_plus

from . import access
from .connections import as_xero_shows
from .messages import Request, Response, json_response
from .persistence import Work
from .tokens import InvalidGrant
from .world import World


def token(world: World, request: Request, work: Work) -> Response:
    """``POST /connect/token``: a code or a refresh token becomes a token set."""
    form = request.form
    client_id = _signed_in(world, request)
    if client_id is None:
        return _error("invalid_client")
    with world.tokens.lock:
        try:
            if form.get("grant_type") == "authorization_code":
                answer = world.tokens.redeem_code(
                    form.get("code", ""),
                    client_id,
                    form.get("redirect_uri", ""),
                    form.get("code_verifier"),
                    work,
                )
            elif form.get("grant_type") == "refresh_token":
                answer = world.tokens.refresh(form.get("refresh_token", ""), client_id, work)
            elif form.get("grant_type") == "client_credentials":
                return _error("unauthorized_client")
            else:
                return _error("unsupported_grant_type")
        except InvalidGrant:
            return _error("invalid_grant")
        finally:
            work.commit()
    return json_response(200, answer, {"Cache-Control": "no-store"})


def revocation(world: World, request: Request, work: Work) -> Response:
    """``POST /connect/revocation``: revokes the token's consent and removes all of that user's connections.

    The answer is 200 with an empty body, for a token that never existed too (RFC 7009).
    """
    client_id = _signed_in(world, request)
    if client_id is None:
        return _error("invalid_client")
    with world.tokens.lock:
        grant = world.tokens.grant_of_refresh_token(request.form.get("token", ""), client_id)
        if grant is not None:
            world.tokens.revoke(grant, work)
            for connection in world.connections.of(client_id, grant.user_id):
                world.connections.disconnect(connection, work)
        work.commit()
    return Response(200)


def connections(world: World, request: Request, work: Work) -> Response:
    """``GET /connections[?authEventId=]`` and ``DELETE /connections/{id}``."""
    grant = access.authenticate(request, world.tokens)
    with world.tokens.lock:
        mine = world.connections.of(grant.client_id, grant.user_id)
        if len(request.segments) == 1 and request.method == "GET":
            event = {name.lower(): value for name, value in request.query_list}.get("autheventid")
            shown = [
                as_xero_shows(each, world.organisations[each.tenant_id].books.name)
                for each in mine
                if each.tenant_id in world.organisations and event in (None, "", each.auth_event_id)
            ]
            return json_response(200, shown)
        if len(request.segments) == 2 and request.method == "DELETE":
            for each in mine:
                if each.id == request.segments[1].lower():
                    world.connections.disconnect(each, work)
                    work.commit()
                    return Response(204)
            return Response(404)
    return Response(405)


def _signed_in(world: World, request: Request) -> str | None:
    """The app's client id if its secret is right; Basic may be URL-encoded (RFC 6749) or plain."""
    right = world.application
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        pairs = [(name, secret), (unquote_plus(name), unquote_plus(secret))]
    else:
        pairs = [(request.form.get("client_id", ""), request.form.get("client_secret", ""))]
    return right.client_id if (right.client_id, right.client_secret) in pairs else None


def _error(code: str) -> Response:
    return json_response(400, {"error": code}, {"Cache-Control": "no-store"})
