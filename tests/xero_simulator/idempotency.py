"""``Idempotency-Key`` on PUT and POST, as Xero's guidance describes it.

A key has at most 128 characters, belongs to the app (not to an organisation), and is kept 6 minutes from
its first call. The same request again gets the first answer again, errors too; another method, URL or body
under the same key is refused with 400. An empty key counts as none. Two calls with one key at the same
time wait for each other.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from .clock import Clock
from .messages import Request, Response, json_response
from .persistence import Store, Work

KEPT_SECONDS = 6 * 60
LONGEST_KEY = 128


@dataclass(frozen=True)
class Answered:
    """The first call under a key and what it was answered."""

    fingerprint: str
    at: float
    status: int
    body: str
    headers: dict[str, str]

    def response(self) -> Response:
        return Response(self.status, self.body.encode("utf-8", "surrogateescape"), dict(self.headers))


class Idempotency:
    def __init__(self, clock: Clock, store: Store) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        saved = sorted(store.load("idempotency").items(), key=lambda pair: pair[1]["at"])
        self._answered = {name: Answered(**each) for name, each in saved}
        self._waiting: dict[str, tuple[threading.Lock, int]] = {}

    @contextmanager
    def alone(self, client_id: str, key: str) -> Iterator[None]:
        """Nobody else works under this key meanwhile."""
        name = f"{client_id}|{key}"
        with self._lock:
            lock, users = self._waiting.get(name, (threading.Lock(), 0))
            self._waiting[name] = (lock, users + 1)
        try:
            with lock:
                yield
        finally:
            with self._lock:
                lock, users = self._waiting.pop(name)
                if users > 1:
                    self._waiting[name] = (lock, users - 1)

    def answer(self, client_id: str, key: str, request: Request) -> Response | None:
        """What this call is answered without doing anything, or None when it is the first."""
        with self._lock:
            known = self._answered.get(f"{client_id}|{key}")
            if known is None or self._clock.time() - known.at > KEPT_SECONDS:
                return None
        if known.fingerprint != fingerprint(request):
            return refusal(f"The idempotency key '{key}' is used with a different request")
        return known.response()

    def remember(
        self, client_id: str, key: str, request: Request, response: Response, at: float, work: Work
    ) -> None:
        name = f"{client_id}|{key}"
        text = response.body.decode("utf-8", "surrogateescape")
        answered = Answered(fingerprint(request), at, response.status, text, dict(response.headers))
        with self._lock:
            self._forget_old(work)
            self._answered.pop(name, None)
            self._answered[name] = answered
        work.put("idempotency", name, asdict(answered))

    def _forget_old(self, work: Work) -> None:
        now = self._clock.time()
        for name in list(self._answered):
            if now - self._answered[name].at <= KEPT_SECONDS:
                break
            del self._answered[name]
            work.drop("idempotency", name)


def key_of(request: Request) -> str:
    """The key, or "" where none counts."""
    return request.headers.get("idempotency-key", "").strip() if request.method in ("PUT", "POST") else ""


def fingerprint(request: Request) -> str:
    """Method, URL and body; the organisation is not part of it, keys being per app."""
    digest = hashlib.sha256(request.body).hexdigest()
    return f"{request.method} {request.path}?{request.query_string} {digest}"


def refusal(message: str) -> Response:
    return json_response(
        400, {"ErrorNumber": 10, "Type": "ValidationException", "Message": message, "Elements": []}
    )
