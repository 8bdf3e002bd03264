"""Xero's rate limits, each in a fixed window that starts with the first call in it.

Per organisation and app: 5 at a time, 60 a minute, a day limit by plan. Per app: 10,000 a minute over all
organisations. Xero counts in fixed windows that "reset at different times for each tenant". A call beyond a
limit is answered 429 with ``X-Rate-Limit-Problem`` and, except for ``concurrent``, ``Retry-After``.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field

from .access import Refused
from .clock import Clock
from .messages import Response, text_response

CONCURRENT, MINUTE, DAY, APP_MINUTE = 5, 60, 5_000, 10_000


@dataclass
class Window:
    """Counts calls from the first one until ``seconds`` later, then begins again."""

    seconds: int
    started: float = -math.inf
    used: int = 0

    def used_at(self, now: float) -> int:
        if now - self.started >= self.seconds:
            self.used = 0
        return self.used

    def count(self, now: float) -> None:
        if self.used_at(now) == 0:
            self.started = now
        self.used += 1

    def seconds_left(self, now: float) -> int:
        left = self.started + self.seconds - now if self.used_at(now) else self.seconds
        return max(1, math.ceil(left))


@dataclass
class Allowance:
    """What one organisation allows one app, and how much of it is used."""

    minute_limit: int
    day_limit: int
    concurrent_limit: int = CONCURRENT
    minute: Window = field(default_factory=lambda: Window(60))
    day: Window = field(default_factory=lambda: Window(24 * 3600))
    running: int = 0


class Limits:
    def __init__(self, clock: Clock, day_limit: int = DAY) -> None:
        self._clock = clock
        self._day_limit = day_limit
        self._lock = threading.Lock()
        self._allowances: dict[tuple[str, str], Allowance] = {}
        self._app_minute: dict[str, Window] = {}
        self._set: dict[str, dict[str, int]] = {}

    def enter(self, client_id: str, tenant_id: str) -> dict[str, str]:
        """Count a call and take one of the places; the headers to answer with. Refused beyond a limit."""
        with self._lock:
            now = self._clock.time()
            own = self._allowance(client_id, tenant_id)
            app = self._app_minute.setdefault(client_id, Window(60))
            refusal: tuple[str, Window | None] | None = None
            if own.day.used_at(now) >= own.day_limit:
                refusal = ("day", own.day)
            elif own.minute.used_at(now) >= own.minute_limit:
                refusal = ("minute", own.minute)
            elif app.used_at(now) >= APP_MINUTE:
                refusal = ("appminute", app)
            elif own.running >= own.concurrent_limit:
                refusal = ("concurrent", None)
            if refusal is None:
                own.day.count(now)
                own.minute.count(now)
                app.count(now)
                own.running += 1
            headers = self._headers(own, app, now)
            if refusal is not None:
                problem, window = refusal
                raise Refused(too_many(problem, window.seconds_left(now) if window else None, headers))
            return headers

    def leave(self, client_id: str, tenant_id: str) -> None:
        with self._lock:
            self._allowance(client_id, tenant_id).running -= 1

    def running(self, tenant_id: str) -> int:
        """How many calls of all apps are being worked on for an organisation."""
        with self._lock:
            return sum(each.running for (_, tenant), each in self._allowances.items() if tenant == tenant_id)

    def change(self, tenant_id: str, **limits: int) -> dict[str, int]:
        """Other limits for one organisation: ``minute``, ``day``, ``concurrent``."""
        with self._lock:
            now_set = self._set.setdefault(tenant_id, {})
            now_set.update(limits)
            for (_, tenant), allowance in self._allowances.items():
                if tenant == tenant_id:
                    self._apply(allowance, now_set)
            return self._shown(now_set)

    def _allowance(self, client_id: str, tenant_id: str) -> Allowance:
        key = (client_id, tenant_id)
        if key not in self._allowances:
            self._allowances[key] = Allowance(MINUTE, self._day_limit)
            self._apply(self._allowances[key], self._set.get(tenant_id, {}))
        return self._allowances[key]

    def _apply(self, allowance: Allowance, limits: dict[str, int]) -> None:
        shown = self._shown(limits)
        allowance.minute_limit, allowance.day_limit = shown["minute"], shown["day"]
        allowance.concurrent_limit = shown["concurrent"]

    def _shown(self, limits: dict[str, int]) -> dict[str, int]:
        return {"minute": MINUTE, "day": self._day_limit, "concurrent": CONCURRENT, **limits}

    @staticmethod
    def _headers(own: Allowance, app: Window, now: float) -> dict[str, str]:
        return {
            "X-DayLimit-Remaining": str(max(0, own.day_limit - own.day.used_at(now))),
            "X-MinLimit-Remaining": str(max(0, own.minute_limit - own.minute.used_at(now))),
            "X-AppMinLimit-Remaining": str(max(0, APP_MINUTE - app.used_at(now))),
        }


def too_many(problem: str, retry_after: int | None, headers: dict[str, str]) -> Response:
    """The 429. Its body is not documented by Xero; this one is not JSON, so that nobody parses it."""
    response = text_response(429, f"Rate limit exceeded: {problem}")
    response.headers |= headers | {"X-Rate-Limit-Problem": problem}
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response
