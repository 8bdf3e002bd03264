"""A token answer of Xero's identity host, as our TokenSet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import jwt

from shared.domain.errors import AnswerLost, Rejected
from shared.ports.accounting import TokenSet

#: No access token of Xero's lives longer than 30 minutes; more is a mistake that would stop refreshing for
#: good.
LONGEST_LIFE = 24 * 3600


def token_set(document: Any, *, asked_at: datetime, known_refresh_token: str | None = None) -> TokenSet:
    """Reads ``{"access_token", "refresh_token", "expires_in", "scope", ...}``; further fields are let pass.

    ``asked_at`` is when the request left: a life counted from there ends early rather than late. Without
    ``expires_in`` the set counts as expired at once (the SDK would take it for valid for ever). A refresh
    that names no new refresh token leaves the known one in force (RFC 6749, section 6). Raises AnswerLost
    when there is no access token, Rejected (``no_refresh_token``) when a consent came without
    ``offline_access``.
    """
    if not isinstance(document, Mapping) or not _word(document.get("access_token")):
        raise AnswerLost("Xero's token answer holds no token", answered=True)
    access_token = str(document["access_token"])
    refresh_token = _word(document.get("refresh_token")) or known_refresh_token
    if not refresh_token:
        raise Rejected(
            ["Xero gave no refresh token: offline_access must be granted"], code="no_refresh_token"
        )
    claims = claims_of(access_token)
    return TokenSet(
        access_token=access_token,
        refresh_token=refresh_token,
        expires_at=asked_at + timedelta(seconds=_seconds(document.get("expires_in"))),
        scopes=_scopes(document.get("scope")) or _scopes(claims.get("scope")),
        authentication_event_id=_word(claims.get("authentication_event_id")),
        xero_user_id=_word(claims.get("xero_userid")),
    )


def claims_of(access_token: str) -> Mapping[str, Any]:
    """The token's claims, unverified: it came straight from the token endpoint. None of ours hang on more
    than that.

    A token that is no JWT has no claims.
    """
    try:
        claims: Mapping[str, Any] = jwt.decode(access_token, options={"verify_signature": False})
        return claims
    except (jwt.PyJWTError, ValueError):
        return {}


def _seconds(value: Any) -> int:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value.strip()[:9])
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return 0
    return int(max(0, min(value, LONGEST_LIFE)))


def _scopes(value: Any) -> tuple[str, ...]:
    """A text with spaces (the token answer) or a list (the claims)."""
    words = value.split() if isinstance(value, str) else value
    return tuple(word for word in words if isinstance(word, str)) if isinstance(words, list) else ()


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
