"""Authorization codes: single use, five minutes, bound to one redirect and one PKCE challenge."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from infra.local.staff import Account

CODE_SECONDS = 300.0


@dataclass(frozen=True)
class Granted:
    """What a code stands for."""

    practice: str
    account: Account
    redirect_uri: str
    challenge: str
    nonce: str


class AuthorizationCodes:
    """Kept in memory: a restart only means pressing the sign-in button again. Thread-safe."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._codes: dict[str, tuple[Granted, float]] = {}

    def give(self, granted: Granted) -> str:
        """A new code for this grant."""
        code = secrets.token_urlsafe(32)
        now = self._monotonic()
        with self._lock:
            self._codes = {known: kept for known, kept in self._codes.items() if kept[1] > now}
            self._codes[code] = (granted, now + CODE_SECONDS)
        return code

    def redeem(self, code: str, redirect_uri: str, verifier: str) -> Granted | None:
        """The grant, once. The code is spent by the first attempt, even one that gets the rest wrong."""
        with self._lock:
            granted, until = self._codes.pop(code, (None, 0.0))
        if granted is None or self._monotonic() >= until or granted.redirect_uri != redirect_uri:
            return None
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        return granted if hmac.compare_digest(digest, granted.challenge) else None
