"""A small OpenID Connect issuer for the local stack: authorization code flow with PKCE for the staff page.

Whoever chose a person stays signed in at this browser (a cookie) until signing out, as at any provider: the page keeps
its tokens in memory only, so after a reload it comes back here and goes on at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from infra.local import issuer_pages
from infra.local.authorization_codes import AuthorizationCodes, Granted, Kept
from infra.local.settings import Settings
from infra.local.signing_key import SigningKey
from infra.local.staff import BY_ID, PRACTICES, Account
from infra.local.tokens import LIFETIME_SECONDS, mint, mint_for

CLIENT_ID = "clinic-ledger-page"
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
SIGNED_IN_SECONDS = 12 * 3600.0
#: Cookies belong to a host, not to a port; the path keeps this one from the functions.
COOKIE, COOKIE_PATH = "clinic_ledger_issuer", "/authorize"
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

Who = tuple[str, Account]


def create_issuer(settings: Settings, key: SigningKey, codes: AuthorizationCodes | None = None) -> Flask:
    """The WSGI app. Browsers of other origins than the staff page's cannot read its token endpoint."""
    app = Flask("issuer")
    issuer = settings.issuer_url
    known_codes = codes or AuthorizationCodes()
    signed_in: Kept[Who] = Kept(SIGNED_IN_SECONDS)
    refreshing: Kept[Who] = Kept(SIGNED_IN_SECONDS)

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Response:
        return jsonify(
            issuer=issuer,
            authorization_endpoint=f"{issuer}/authorize",
            token_endpoint=f"{issuer}/token",
            end_session_endpoint=f"{issuer}/authorize/end",
            jwks_uri=f"{issuer}/keys",
            response_types_supported=["code"],
            grant_types_supported=["authorization_code", "refresh_token"],
            subject_types_supported=["public"],
            id_token_signing_alg_values_supported=["RS256"],
            code_challenge_methods_supported=["S256"],
            token_endpoint_auth_methods_supported=["none"],
            scopes_supported=["openid", "profile", "offline_access"],
            prompt_values_supported=["none", "login", "select_account"],
        )

    @app.get("/keys")
    def keys() -> Response:
        return jsonify(keys=[key.public_jwk()])

    @app.get("/healthz")
    def health() -> Response:
        return jsonify(status="ok")

    @app.get("/authorize")
    def ask() -> AnyResponse:
        given = request.args
        refused = _refused(given, settings.page_origins)
        if refused:
            return Response(issuer_pages.refusal(refused), 400, mimetype="text/html")
        who = signed_in.look(request.cookies.get(COOKIE, ""))
        prompt = given.get("prompt")
        if who and prompt not in ("login", "select_account"):
            return _back(given, known_codes, issuer, who)
        if prompt == "none":
            return _redirect(given, issuer, {"error": "login_required"})
        handed_on = {name: given[name] for name in HANDED_ON if name in given}
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
        who = (practice, BY_ID[person])
        response = _back(form, known_codes, issuer, who)
        name = signed_in.give(who)
        response.set_cookie(COOKIE, name, path=COOKIE_PATH, httponly=True, samesite="Lax")
        return response

    @app.get("/authorize/end")
    def end() -> AnyResponse:
        """Signing out, and back to the page when it is one of ours."""
        signed_in.take(request.cookies.get(COOKIE, ""))
        back = request.args.get("post_logout_redirect_uri", "")
        response: AnyResponse = Response(issuer_pages.signed_out(), mimetype="text/html")
        if _ours(back, settings.page_origins):
            state = {"state": request.args["state"]} if "state" in request.args else {}
            response = redirect(f"{back}?{urlencode(state)}" if state else back, 303)
        response.delete_cookie(COOKIE, path=COOKIE_PATH)
        return response

    @app.post("/token")
    def token() -> tuple[Response, int]:
        form = request.form
        kind = form.get("grant_type")
        if kind not in ("authorization_code", "refresh_token"):
            return jsonify(error="unsupported_grant_type"), 400
        if form.get("client_id") != CLIENT_ID:
            return jsonify(error="invalid_client"), 401
        if kind == "refresh_token":
            who = refreshing.take(form.get("refresh_token", ""))
            if who is None:
                return jsonify(error="invalid_grant", error_description="unknown, used or too old"), 400
            return _tokens(who), 200
        granted = known_codes.redeem(
            form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier", "")
        )
        if granted is None:
            said = "the code is unknown, used or older than five minutes, or its verifier or redirect_uri is wrong"
            return jsonify(error="invalid_grant", error_description=said), 400
        account, practice = granted.account, granted.practice
        nonce = {"nonce": granted.nonce} if granted.nonce else {}
        identity = mint(key, issuer, CLIENT_ID, f"{practice}-{account.id}", name=account.name, **nonce)
        return _tokens((practice, account), id_token=identity), 200

    def _tokens(who: Who, **more: str) -> Response:
        return jsonify(
            access_token=mint_for(key, issuer, *who),
            refresh_token=refreshing.give(who),  # each is good once
            token_type="Bearer",  # noqa: S106  the kind of token, not one  # nosec B106
            expires_in=LIFETIME_SECONDS,
            scope="openid profile offline_access",
            **more,
        )

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


def _back(given: Mapping[str, str], codes: AuthorizationCodes, issuer: str, who: Who) -> AnyResponse:
    """To the page with a code for this person."""
    granted = Granted(*who, given["redirect_uri"], given["code_challenge"], given.get("nonce", ""))
    return _redirect(given, issuer, {"code": codes.give(granted)})


def _redirect(given: Mapping[str, str], issuer: str, answered: dict[str, str]) -> AnyResponse:
    back = given["redirect_uri"]
    answered = answered | {"iss": issuer} | ({"state": given["state"]} if "state" in given else {})
    return redirect(f"{back}{'&' if urlsplit(back).query else '?'}{urlencode(answered)}", 303)


def _ours(address: str, origins: tuple[str, ...]) -> bool:
    parts = urlsplit(address)
    return (
        f"{parts.scheme}://{parts.netloc}" in origins
        and not parts.fragment
        and not re.search(r"[\s\\]", address)
    )


def _refused(given: Mapping[str, str], origins: tuple[str, ...]) -> str | None:
    """Why this request cannot be answered, or None. Nothing is ever redirected to an address not checked here."""
    if given.get("client_id") != CLIENT_ID:
        return f"The client_id must be {CLIENT_ID}."
    if not _ours(given.get("redirect_uri", ""), origins):
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
