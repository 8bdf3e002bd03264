"""The webhook subscription: which events wait, what comes next, and what a failure means.

From Xero's documentation as collected: a payload may hold several events of several organisations; sequence
numbers count per app. An answer other than 2xx within 5 seconds is retried at once, then every 15 minutes
for 24 hours; then the subscription is disabled. Events of that time are stored (31 days) and replayed in
order once it is enabled again.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from .clock import Clock
from .interface import Event
from .persistence import Store, Work

MODES = ("on", "off", "hold", "duplicate", "reverse")
RETRY_SECONDS = 15 * 60
GIVE_UP_SECONDS = 24 * 3600
STORED_SECONDS = 31 * 24 * 3600
MOST_IN_ONE = 50


@dataclass(frozen=True)
class Queued:
    """One event that waits for delivery."""

    sequence: int
    tenant_id: str
    category: str
    kind: str
    resource_id: str
    at: float
    data: dict[str, str] | None


@dataclass
class Subscription:
    mode: str = "on"
    url: str = ""
    key: str = ""
    enabled: bool = True
    next_sequence: int = 1
    delivered: int = 0
    lost: int = 0
    failing_since: float | None = None
    next_attempt: float = 0.0


class Webhooks:
    """The queue and the subscription; the ``Courier`` takes from here."""

    def __init__(self, clock: Clock, store: Store, url: str, key: str) -> None:
        self._clock = clock
        self.changed = threading.Condition()
        saved = store.load("webhook").get("subscription", {})
        self._now = Subscription(**saved) if saved else Subscription(url=url, key=key)
        if saved and url:
            self._now.url, self._now.key = url, key
        # A restart of the simulator is no waiting time of Xero's: what waits is tried at once.
        self._now.next_attempt = 0.0
        waiting = [Queued(**each) for each in store.load("webhook_event").values()]
        self._queue = deque(sorted(waiting, key=lambda each: each.sequence))
        clock.on_advance(self.wake)

    @property
    def target(self) -> tuple[str, str]:
        """Where to deliver, and the key to sign with."""
        return self._now.url, self._now.key

    def wake(self) -> None:
        with self.changed:
            self.changed.notify_all()

    def add(self, tenant_id: str, events: list[Event], work: Work) -> None:
        """Events of a connected organisation; without a URL, or switched off, they are lost."""
        with self.changed:
            for event in events:
                sequence = self._now.next_sequence
                self._now.next_sequence += 1
                if self._now.mode == "off" or not self._now.url:
                    self._now.lost += 1
                    continue
                at = event.at.astimezone(UTC).timestamp()
                queued = Queued(
                    sequence, tenant_id, event.category, event.kind, event.resource_id, at, event.data
                )
                self._queue.append(queued)
                work.put("webhook_event", f"{sequence:012d}", asdict(queued))
            if events:
                self._save(work)

    def configure(self, mode: str | None, url: str | None, key: str | None, work: Work) -> None:
        """Switch the mode; any mode that delivers also enables a disabled subscription again."""
        if mode is not None and mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}")
        with self.changed:
            self._now.url = self._now.url if url is None else url
            self._now.key = self._now.key if key is None else key
            if mode is not None:
                self._now.mode = mode
                if mode == "off":
                    self._now.lost += len(self._queue)
                    self._take(list(self._queue), work)
                elif mode != "hold":
                    self._enable()
            self._save(work)
            self.changed.notify_all()

    def enable(self, work: Work) -> None:
        """What a passed intent-to-receive does."""
        with self.changed:
            self._enable()
            self._save(work)
            self.changed.notify_all()

    def due(self) -> tuple[list[list[Queued]], int, float | None]:
        """The payloads to send now, how often each, and otherwise the seconds to the next attempt."""
        with self.changed:
            now, state = self._clock.time(), self._now
            if not self._queue or not state.enabled or not state.url or state.mode in ("off", "hold"):
                return [], 1, None
            if state.failing_since is not None and now < state.next_attempt:
                return [], 1, state.next_attempt - now
            if state.mode == "reverse":
                return [[each] for each in reversed(self._queue)], 1, None
            return [list(self._queue)[:MOST_IN_ONE]], 2 if state.mode == "duplicate" else 1, None

    def delivered(self, events: list[Queued], work: Work) -> None:
        with self.changed:
            self._take(events, work)
            self._now.delivered += len(events)
            self._now.failing_since = None
            self._save(work)

    def failed(self, work: Work) -> None:
        with self.changed:
            now, state = self._clock.time(), self._now
            if state.failing_since is None:
                state.failing_since, state.next_attempt = now, now
            elif now - state.failing_since >= GIVE_UP_SECONDS:
                state.enabled = False
            else:
                state.next_attempt = now + RETRY_SECONDS
            self._save(work)

    def state(self) -> dict[str, Any]:
        with self.changed:
            state = self._now
            failing = state.failing_since is not None
            when = datetime.fromtimestamp(state.next_attempt, UTC).isoformat() if failing else None
            return {
                "mode": state.mode,
                "url": state.url,
                "status": "disabled" if not state.enabled else "retrying" if failing else "ok",
                "delivered": state.delivered,
                "pending": len(self._queue),
                "lost": state.lost,
                "next_attempt_at": when if state.enabled else None,
            }

    def _enable(self) -> None:
        self._now.enabled, self._now.failing_since = True, None

    def _take(self, events: list[Queued], work: Work) -> None:
        """Out of the queue; what is older than 31 days is no longer stored either."""
        oldest = self._clock.time() - STORED_SECONDS
        gone = {each.sequence for each in events} | {
            each.sequence for each in self._queue if each.at < oldest
        }
        self._queue = deque(each for each in self._queue if each.sequence not in gone)
        for sequence in gone:
            work.drop("webhook_event", f"{sequence:012d}")

    def _save(self, work: Work) -> None:
        work.put_newest("webhook", "subscription", lambda: asdict(self._now))
