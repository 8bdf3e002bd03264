"""What the issuer remembers: authorization codes, refresh tokens, and who is signed in at this browser.

Kept in memory: a restart only means pressing the sign-in button again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from infra.local.staff import Account

CODE_SECONDS = 300.0

T = TypeVar("T")


class Kept(Generic[T]):
    """Values under random names, each for the same number of seconds. Thread-safe."""

    def __init__(self, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._monotonic = seconds, monotonic
        self._lock = threading.Lock()
        self._values: dict[str, tuple[T, float]] = {}

    def give(self, value: T) -> str:
        """A new name for this value."""
        name = secrets.token_urlsafe(32)
        now = self._monotonic()
        with self._lock:
            self._values = {known: kept for known, kept in self._values.items() if kept[1] > now}
            self._values[name] = (value, now + self._seconds)
        return name

    def look(self, name: str) -> T | None:
        """The value, unless it is over."""
        with self._lock:
            kept = self._values.get(name)
        return kept[0] if kept and self._monotonic() < kept[1] else None

    def take(self, name: str) -> T | None:
        """The value, once."""
        with self._lock:
            kept = self._values.pop(name, None)
        return kept[0] if kept and self._monotonic() < kept[1] else None


@dataclass(frozen=True)
class Granted:
    """What a code stands for."""

    practice: str
    account: Account
    redirect_uri: str
    challenge: str
    nonce: str


class AuthorizationCodes:
    """Single use, five minutes, bound to one redirect and one PKCE challenge."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._codes: Kept[Granted] = Kept(CODE_SECONDS, monotonic)

    def give(self, granted: Granted) -> str:
        """A new code for this grant."""
        return self._codes.give(granted)

    def redeem(self, code: str, redirect_uri: str, verifier: str) -> Granted | None:
        """The grant, once. The code is spent by the first attempt, even one that gets the rest wrong."""
        granted = self._codes.take(code)
        if granted is None or granted.redirect_uri != redirect_uri:
            return None
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        return granted if hmac.compare_digest(digest, granted.challenge) else None
