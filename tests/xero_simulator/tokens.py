"""Codes, access tokens and refresh tokens, with the lifetimes that Xero's FAQ and guidance give.

A code works once and for 5 minutes. An access token is a JWT of 30 minutes. A refresh token dies after 60
days unused; used, it gives a new access and a new refresh token, and may itself be used again for
30 minutes from that first use (the grace for an answer that was lost), then never again.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import uuid
from dataclasses import asdict, dataclass
from typing import Any

import jwt

from .clock import Clock
from .persistence import Store, Work
from .scopes import SIGN_IN

CODE_SECONDS = 5 * 60
ID_TOKEN_SECONDS = 5 * 60
ACCESS_SECONDS = 30 * 60
GRACE_SECONDS = 30 * 60
UNUSED_SECONDS = 60 * 24 * 3600


class InvalidGrant(Exception):
    """The code or the refresh token does not work, whatever the reason."""


class BearerRefused(Exception):
    """The access token is not one, or no longer one."""


@dataclass(frozen=True)
class Grant:
    """One consent of one person: everything issued from it shares its id, the ``authEventId``."""

    auth_event_id: str
    client_id: str
    user_id: str
    scopes: list[str]
    at: float


@dataclass(frozen=True)
class Code:
    auth_event_id: str
    redirect_uri: str
    challenge: str | None
    issued_at: float


@dataclass
class RefreshToken:
    auth_event_id: str
    issued_at: float
    rotated_at: float | None = None


class Tokens:
    """Everything issued. ``lock`` is held by the caller from the first look until its work is committed."""

    def __init__(self, clock: Clock, store: Store) -> None:
        self.lock = threading.RLock()
        self._clock = clock
        self._grants = {key: Grant(**each) for key, each in store.load("grant").items()}
        self._codes = {key: Code(**each) for key, each in store.load("code").items()}
        self._refresh = {key: RefreshToken(**each) for key, each in store.load("refresh_token").items()}
        self._signing_key: str = store.load("signing_key").get("key") or secrets.token_hex(32)

    def save_signing_key(self, work: Work) -> None:
        work.put("signing_key", "key", self._signing_key)

    def begin_grant(self, client_id: str, user_id: str, scopes: list[str], work: Work) -> Grant:
        """A consent. Scopes are additive: what this person gave the app before stays given (Xero's FAQ)."""
        kept = {
            scope
            for grant in self._grants.values()
            if (grant.client_id, grant.user_id) == (client_id, user_id)
            for scope in grant.scopes
        } - SIGN_IN
        merged = scopes + sorted(kept - set(scopes))
        grant = Grant(str(uuid.uuid4()), client_id, user_id, merged, self._clock.time())
        self._grants[grant.auth_event_id] = grant
        work.put("grant", grant.auth_event_id, asdict(grant))
        return grant

    def issue_code(self, grant: Grant, redirect_uri: str, challenge: str | None, work: Work) -> str:
        value = secrets.token_urlsafe(32)
        self._codes[value] = Code(grant.auth_event_id, redirect_uri, challenge, self._clock.time())
        work.put("code", value, asdict(self._codes[value]))
        return value

    def redeem_code(
        self, value: str, client_id: str, redirect_uri: str, verifier: str | None, work: Work
    ) -> dict[str, Any]:
        """A code is spent by looking at it; PKCE is checked when a challenge was sent, and only then."""
        code = self._codes.pop(value, None)
        if code is None:
            raise InvalidGrant("unknown or used code")
        work.drop("code", value)
        grant = self._grants.get(code.auth_event_id)
        if grant is None or grant.client_id != client_id or code.redirect_uri != redirect_uri:
            raise InvalidGrant("code of another app, another redirect URI, or revoked")
        if self._clock.time() - code.issued_at > CODE_SECONDS:
            raise InvalidGrant("code too old")
        if code.challenge != (challenge_of(verifier) if verifier else None):
            raise InvalidGrant("PKCE")
        return self._issue(grant, work, id_token=True)

    def refresh(self, value: str, client_id: str, work: Work) -> dict[str, Any]:
        token = self._refresh.get(value)
        grant = self._grants.get(token.auth_event_id) if token else None
        if token is None or grant is None or grant.client_id != client_id:
            raise InvalidGrant("unknown or revoked refresh token")
        now = self._clock.time()
        if token.rotated_at is None and now - token.issued_at > UNUSED_SECONDS:
            raise InvalidGrant("60 days unused")
        if token.rotated_at is not None and now - token.rotated_at > GRACE_SECONDS:
            raise InvalidGrant("rotated more than 30 minutes ago")
        if token.rotated_at is None:
            token.rotated_at = now
            work.put("refresh_token", value, asdict(token))
        self._forget_dead_siblings(grant.auth_event_id, now, work)
        return self._issue(grant, work, id_token=False)

    def grant_of_refresh_token(self, value: str, client_id: str) -> Grant | None:
        token = self._refresh.get(value)
        grant = self._grants.get(token.auth_event_id) if token else None
        return grant if grant and grant.client_id == client_id else None

    def grants(self) -> list[Grant]:
        return list(self._grants.values())

    def revoke(self, grant: Grant, work: Work) -> None:
        """Everything issued from this consent stops working."""
        self._grants.pop(grant.auth_event_id, None)
        work.drop("grant", grant.auth_event_id)
        for value, token in list(self._refresh.items()):
            if token.auth_event_id == grant.auth_event_id:
                del self._refresh[value]
                work.drop("refresh_token", value)

    def verify(self, bearer: str) -> Grant:
        """The consent behind an access token; BearerRefused when expired, forged or revoked."""
        try:
            claims = jwt.decode(
                bearer,
                self._signing_key,
                algorithms=["HS256"],
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False},
            )
        except jwt.InvalidTokenError as error:
            raise BearerRefused("AuthenticationUnsuccessful") from error
        if "authentication_event_id" not in claims or "scope" not in claims:
            raise BearerRefused("AuthenticationUnsuccessful")
        if self._clock.time() >= claims["exp"]:
            raise BearerRefused("TokenExpired: token expired")
        grant = self._grants.get(claims["authentication_event_id"])
        if grant is None:
            raise BearerRefused("AuthenticationUnsuccessful")
        return grant

    def _issue(self, grant: Grant, work: Work, *, id_token: bool) -> dict[str, Any]:
        now = self._clock.time()
        common = {"iss": "https://identity.xero.com", "nbf": int(now), "iat": int(now), "sub": grant.user_id}
        answer: dict[str, Any] = {}
        if id_token and "openid" in grant.scopes:
            answer["id_token"] = self._sign(
                {
                    **common,
                    "aud": grant.client_id,
                    "exp": int(now) + ID_TOKEN_SECONDS,
                    "xero_userid": grant.user_id,
                }
            )
        answer["access_token"] = self._sign(
            {
                **common,
                "aud": "https://identity.xero.com/resources",
                "exp": int(now) + ACCESS_SECONDS,
                "client_id": grant.client_id,
                "xero_userid": grant.user_id,
                "authentication_event_id": grant.auth_event_id,
                "jti": uuid.uuid4().hex,
                "scope": grant.scopes,
            }
        )
        answer |= {"expires_in": ACCESS_SECONDS, "token_type": "Bearer"}
        if "offline_access" in grant.scopes:
            value = secrets.token_urlsafe(32)
            self._refresh[value] = RefreshToken(grant.auth_event_id, now)
            work.put("refresh_token", value, asdict(self._refresh[value]))
            answer["refresh_token"] = value
        answer["scope"] = " ".join(grant.scopes)
        return answer

    def _sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self._signing_key, algorithm="HS256")

    def _forget_dead_siblings(self, auth_event_id: str, now: float, work: Work) -> None:
        for value, token in list(self._refresh.items()):
            rotated = token.rotated_at
            if token.auth_event_id == auth_event_id and rotated is not None and now - rotated > GRACE_SECONDS:
                del self._refresh[value]
                work.drop("refresh_token", value)


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
