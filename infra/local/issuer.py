"""A small OpenID Connect issuer for the local stack: authorization code flow with PKCE for the staff page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from infra.local import issuer_pages
from infra.local.authorization_codes import AuthorizationCodes, Granted
from infra.local.settings import Settings
from infra.local.signing_key import SigningKey
from infra.local.staff import BY_ID, PRACTICES
from infra.local.tokens import LIFETIME_SECONDS, mint, mint_for

CLIENT_ID = "clinic-ledger-page"
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
HANDED_ON = (
    "response_type",
    "client_id",
    "redirect_uri",
    "state",
    "scope",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)


def create_issuer(settings: Settings, key: SigningKey, codes: AuthorizationCodes | None = None) -> Flask:
    """The WSGI app. Browsers of other origins than the staff page's cannot read its token endpoint."""
    app = Flask("issuer")
    issuer = settings.issuer_url
    known_codes = codes or AuthorizationCodes()

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Response:
        return jsonify(
            issuer=issuer,
            authorization_endpoint=f"{issuer}/authorize",
            token_endpoint=f"{issuer}/token",
            jwks_uri=f"{issuer}/keys",
            response_types_supported=["code"],
            grant_types_supported=["authorization_code"],
            subject_types_supported=["public"],
            id_token_signing_alg_values_supported=["RS256"],
            code_challenge_methods_supported=["S256"],
            token_endpoint_auth_methods_supported=["none"],
            scopes_supported=["openid", "profile"],
        )

    @app.get("/keys")
    def keys() -> Response:
        return jsonify(keys=[key.public_jwk()])

    @app.get("/healthz")
    def health() -> Response:
        return jsonify(status="ok")

    @app.get("/authorize")
    def ask() -> AnyResponse:
        refused = _refused(request.args, settings.page_origins)
        if refused:
            return Response(issuer_pages.refusal(refused), 400, mimetype="text/html")
        handed_on = {name: request.args[name] for name in HANDED_ON if name in request.args}
        return Response(issuer_pages.choose_person(handed_on), mimetype="text/html")

    @app.post("/authorize")
    def answer() -> AnyResponse:
        form = request.form
        practice, _, person = form.get("sign_in_as", "").partition("/")
        refused = _refused(form, settings.page_origins)
        if not refused and (practice not in PRACTICES or person not in BY_ID):
            refused = "Nobody was chosen; go back and press one of the buttons."
        if refused:
            return Response(issuer_pages.refusal(refused), 400, mimetype="text/html")
        back, challenge, nonce = form["redirect_uri"], form["code_challenge"], form.get("nonce", "")
        code = known_codes.give(Granted(practice, BY_ID[person], back, challenge, nonce))
        answered = {"code": code, "iss": issuer} | ({"state": form["state"]} if "state" in form else {})
        return redirect(f"{back}{'&' if urlsplit(back).query else '?'}{urlencode(answered)}", 303)

    @app.post("/token")
    def token() -> tuple[Response, int]:
        form = request.form
        if form.get("grant_type") != "authorization_code":
            return jsonify(error="unsupported_grant_type"), 400
        if form.get("client_id") != CLIENT_ID:
            return jsonify(error="invalid_client"), 401
        granted = known_codes.redeem(
            form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier", "")
        )
        if granted is None:
            said = "the code is unknown, used or older than five minutes, or its verifier or redirect_uri is wrong"
            return jsonify(error="invalid_grant", error_description=said), 400
        account, practice = granted.account, granted.practice
        nonce = {"nonce": granted.nonce} if granted.nonce else {}
        return jsonify(
            access_token=mint_for(key, issuer, practice, account),
            id_token=mint(key, issuer, CLIENT_ID, f"{practice}-{account.id}", name=account.name, **nonce),
            token_type="Bearer",  # noqa: S106  the kind of token, not one
            expires_in=LIFETIME_SECONDS,
            scope="openid profile",
        ), 200

    @app.after_request
    def headers(response: Response) -> Response:
        origin = request.headers.get("Origin")
        if origin in settings.page_origins and request.path != "/authorize":
            response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Vary"] = "Origin"
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        # Browsers apply form-action to the redirect that follows the form, so the page's own origins are listed.
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; "
            f"form-action 'self' {' '.join(settings.page_origins)}"
        )
        return response

    return app


def _refused(given: Mapping[str, str], origins: tuple[str, ...]) -> str | None:
    """Why this request cannot be answered, or None. Nothing is ever redirected to an address not checked here."""
    if given.get("client_id") != CLIENT_ID:
        return f"The client_id must be {CLIENT_ID}."
    back = given.get("redirect_uri", "")
    parts = urlsplit(back)
    if f"{parts.scheme}://{parts.netloc}" not in origins or parts.fragment or re.search(r"[\s\\]", back):
        return (
            "The redirect_uri must be a page of this stack: " + " or ".join(f"{o}/…" for o in origins) + "."
        )
    if given.get("response_type") != "code":
        return "The response_type must be code."
    if given.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(
        given.get("code_challenge", "")
    ):
        return "A PKCE code_challenge with the method S256 is needed."
    return None
