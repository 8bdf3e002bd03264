"""An issuer's public keys, found by OpenID Connect discovery and kept for a while."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
from jwt import PyJWK, PyJWTError

from shared.domain.errors import StoreUnavailable

ALGORITHMS = ("RS256", "ES256")
KEEP_SECONDS = 3600.0  # a key the issuer withdrew stops working after this ...
KEEP_WHILE_DOWN_SECONDS = 86_400.0  # ... or, when the issuer does not answer, after this at the latest
UNKNOWN_KEY_SECONDS = 60.0  # made-up key ids must not turn each request into a fetch
FAILURE_SECONDS = 5.0  # while the issuer is down, most requests fail at once instead of each waiting for it
LOOPBACK = ("localhost", "127.0.0.1", "::1")

Fetch = Callable[[str], Any]


def fetch_json(url: str) -> Any:
    """The JSON document at url. Redirects are not followed: keys come from where the issuer says, or not at all."""
    answer = requests.get(url, timeout=(3.05, 5), allow_redirects=False)
    if answer.status_code != 200:
        raise requests.HTTPError(f"status {answer.status_code}")
    return answer.json()


class IssuerKeys:
    """The signing keys of one issuer by key id. Thread-safe; fetches on first use, never at import or construction.

    Raises StoreUnavailable when the keys are needed and cannot be fetched: that is our trouble, not the caller's.
    """

    def __init__(
        self, issuer: str, fetch: Fetch = fetch_json, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._issuer = issuer
        self._fetch = fetch
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at = float("-inf")
        self._failed_at = float("-inf")

    def find(self, key_id: str) -> PyJWK | None:
        """The key with this id, or None when the issuer has none such (asked at most once per minute)."""
        now = self._monotonic()
        keys = self._keys
        if key_id in keys and now - self._fetched_at < KEEP_SECONDS:
            return keys[key_id]
        with self._lock:
            now = self._monotonic()
            if self._worth_fetching(key_id, now):
                self._refresh(now)
            if self._failed_at > self._fetched_at and not self._known_recently(key_id, now):
                raise StoreUnavailable(
                    f"The sign-in keys of {self._issuer} cannot be fetched right now; try again"
                )
            return self._keys.get(key_id)

    def _known_recently(self, key_id: str, now: float) -> bool:
        return key_id in self._keys and now - self._fetched_at < KEEP_WHILE_DOWN_SECONDS

    def _worth_fetching(self, key_id: str, now: float) -> bool:
        """Asked with the lock held, so that a thread which waited for another one's fetch uses its result."""
        if now - self._failed_at < FAILURE_SECONDS:
            return False
        age = now - self._fetched_at
        return age >= (KEEP_SECONDS if key_id in self._keys else UNKNOWN_KEY_SECONDS)

    def _refresh(self, now: float) -> None:
        try:
            self._keys = self._fetch_keys()
        except (requests.RequestException, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            self._failed_at = now
            logging.getLogger(__name__).warning("sign-in keys of %s not fetched: %s", self._issuer, error)
        else:
            self._fetched_at = now

    def _fetch_keys(self) -> dict[str, PyJWK]:
        configuration = self._fetch(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if configuration["issuer"] != self._issuer:
            raise ValueError("the discovery document names another issuer")
        jwks_uri = str(configuration["jwks_uri"])
        where = urlsplit(jwks_uri)
        if where.scheme != "https" and where.hostname not in LOOPBACK:
            raise ValueError("the keys are not offered over https")
        return _usable(self._fetch(jwks_uri)["keys"])


def _usable(entries: list[dict[str, Any]]) -> dict[str, PyJWK]:
    """Keys for checking signatures with our algorithms; others are skipped, one odd entry must not lose the rest."""
    keys: dict[str, PyJWK] = {}
    for entry in entries:
        if entry.get("kty") not in ("RSA", "EC") or entry.get("use", "sig") != "sig" or not entry.get("kid"):
            continue
        try:
            key = PyJWK(entry)
        except PyJWTError:
            continue
        if key.algorithm_name in ALGORITHMS:
            keys[str(entry["kid"])] = key
    return keys
