"""The names of tasks that this process put into the queue a moment ago: asked for again, they cost nothing.

A storm of webhooks asks for the same few tasks again and again; the queue would say each time that it knows them.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

from shared.ports.clock import Clock
from shared.ports.tasks import Tasks

#: Much shorter than a queue remembers a name, which is a day.
REMEMBERED = timedelta(minutes=1)
MOST = 1000


class KnownNames:
    """Implements ``shared.ports.tasks.Tasks`` in front of another."""

    def __init__(self, tasks: Tasks, clock: Clock) -> None:
        self._tasks, self._clock = tasks, clock
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], datetime] = {}  # oldest first

    def enqueue(
        self, kind: str, body: dict[str, Any], *, name: str | None = None, at: datetime | None = None
    ) -> None:
        if name is None:
            self._tasks.enqueue(kind, body, at=at)
            return
        now = self._clock.now()
        put_in = self._known.get((kind, name))
        if put_in is not None and put_in <= now < put_in + REMEMBERED:
            return
        self._tasks.enqueue(kind, body, name=name, at=at)
        with self._lock:  # only now: before, the queue did not say that it has it
            self._known[kind, name] = now
            while len(self._known) > MOST:
                del self._known[next(iter(self._known))]
