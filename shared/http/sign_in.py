"""Who sent a request: bearer tokens of the people's issuer, and of the service account that runs tasks."""

from __future__ import annotations

import re
from typing import Any

import jwt
from jwt.types import Options

from shared.domain.errors import NotAllowed, NotSignedIn
from shared.domain.people import ROLES, Person
from shared.http.keys import ALGORITHMS, Fetch, IssuerKeys, fetch_json

LEEWAY_SECONDS = 30
LONGEST_TOKEN = 16_384  # characters; the HTTP servers in front allow less for all headers together
#: What Cloud Run puts in the signature's place.
REMOVED = "SIGNATURE_REMOVED_BY_GOOGLE"
#: PyJWT checks nothing at all without a signature, unless told of each claim.
SIGNATURE_GONE: Options = {
    "verify_signature": False,
    "verify_exp": True,
    "verify_nbf": True,
    "verify_iat": True,
    "verify_aud": True,
    "verify_iss": True,
}
PRACTICE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")

Claims = dict[str, Any]


class SignIn:
    """Checks bearers of two kinds, which never stand in for each other.

    People come from ``issuer`` (any OpenID Connect provider) with ``audience``; their token says the practice and
    the role in ``practice_claim`` and ``role_claim``. Tasks come from ``tasks_issuer`` with ``tasks_audience`` as
    the verified e-mail ``tasks_service_account``. Thread-safe; keys are fetched on first use.

    ``tasks_signature_removed``: Cloud Run's IAM check stands in front. It checks the token and then takes the signature
    out (https://docs.cloud.google.com/run/docs/authenticating/service-to-service), so that here only the rest can be
    checked. Only for a service whose callers all pass that check: on a public one anybody could write such a token.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        tasks_issuer: str,
        tasks_audience: str,
        tasks_service_account: str,
        practice_claim: str = "practice_id",
        role_claim: str = "role",
        fetch: Fetch = fetch_json,
        tasks_signature_removed: bool = False,
    ) -> None:
        if not all((issuer, audience, tasks_issuer, tasks_audience, tasks_service_account)):
            # An empty one would switch its check off, so there is no such thing as leaving one out.
            raise ValueError("sign-in needs both issuers, both audiences and the tasks' service account")
        self._issuer, self._audience = issuer, audience
        self._tasks_issuer, self._tasks_audience = tasks_issuer, tasks_audience
        self._tasks_service_account = tasks_service_account
        self._practice_claim, self._role_claim = practice_claim, role_claim
        self._tasks_signature_removed = tasks_signature_removed
        self._keys = IssuerKeys(issuer, fetch)
        self._tasks_keys = self._keys if tasks_issuer == issuer else IssuerKeys(tasks_issuer, fetch)

    def person(self, authorization_header: str | None) -> Person:
        """The person behind ``Authorization: Bearer …``.

        Raises NotSignedIn (no or no valid token), NotAllowed (valid, but without a practice or a role known here)
        and StoreUnavailable (the issuer's keys cannot be fetched).
        """
        claims = _claims(authorization_header, self._keys, self._issuer, self._audience)
        practice_id = claims.get(self._practice_claim)
        if not isinstance(practice_id, str) or not PRACTICE_ID.fullmatch(practice_id):
            raise NotAllowed(
                "Your account is not assigned to a practice here; ask whoever manages the accounts"
            )
        role = claims.get(self._role_claim)
        if role not in ROLES:
            raise NotAllowed("Your account has no role here; it needs one of: " + ", ".join(ROLES))
        subject = str(claims["sub"])
        return Person(
            subject, str(claims.get("name") or claims.get("email") or subject), practice_id, str(role)
        )

    def task(self, authorization_header: str | None) -> None:
        """Nothing when the bearer is the tasks' service account; otherwise raises as ``person`` does."""
        keys = None if self._is_without_signature(authorization_header) else self._tasks_keys
        claims = _claims(authorization_header, keys, self._tasks_issuer, self._tasks_audience)
        if claims.get("email") != self._tasks_service_account or claims.get("email_verified") is not True:
            raise NotAllowed("Only the service account that runs tasks may call this")

    def _is_without_signature(self, authorization_header: str | None) -> bool:
        return self._tasks_signature_removed and (authorization_header or "").endswith(f".{REMOVED}")


def _claims(authorization_header: str | None, keys: IssuerKeys | None, issuer: str, audience: str) -> Claims:
    token = _bearer(authorization_header)
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") not in ALGORITHMS:
            # Before any key is looked up: neither "none" nor a public key used as an HMAC secret gets further.
            raise NotSignedIn("The sign-in token is signed in a way that is not accepted here")
        key = keys.find(str(header.get("kid", ""))) if keys else None
        if keys and key is None:
            raise NotSignedIn("The sign-in token was signed with a key that its issuer does not have")
        options: Options = {"require": ["exp", "iss", "aud", "sub"]}
        return jwt.decode(
            token,
            key or "",
            algorithms=list(ALGORITHMS),
            issuer=issuer,
            audience=audience,
            leeway=LEEWAY_SECONDS,
            options=options if keys else {**options, **SIGNATURE_GONE},
        )
    except jwt.ExpiredSignatureError:
        raise NotSignedIn("The sign-in has expired; sign in again") from None
    except jwt.ImmatureSignatureError:
        raise NotSignedIn("The sign-in token is not valid yet; is the clock right?") from None
    except (jwt.InvalidIssuerError, jwt.InvalidAudienceError):
        raise NotSignedIn("The sign-in token was issued for something else") from None
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        # ``from None`` throughout: the library's own errors may quote parts of the token.
        raise NotSignedIn("The sign-in token is not valid") from None


def _bearer(authorization_header: str | None) -> str:
    scheme, _, token = (authorization_header or "").strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise NotSignedIn("Sign in first: the request needs an Authorization header with a bearer token")
    if len(token) > LONGEST_TOKEN:
        raise NotSignedIn("The sign-in token is not valid")
    return token
