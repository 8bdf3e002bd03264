"""Every request to a Xero-like endpoint, with its answer, for tests to look at.

Memory is bounded by number and by size; the oldest go first. A request gets its number when its answer is
decided, so a reader that asks ``after`` the last number it saw misses none.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any

from .messages import Request, Response

MOST_REQUESTS = 50_000
MOST_BYTES = 256 * 1024 * 1024


class Recorder:
    def __init__(self, most_requests: int = MOST_REQUESTS, most_bytes: int = MOST_BYTES) -> None:
        self._lock = threading.Lock()
        self._kept: deque[dict[str, Any]] = deque()
        self._bytes = 0
        self._last = self._under_way = 0
        self._most_requests, self._most_bytes = most_requests, most_bytes

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """A request from its arrival until it is recorded."""
        with self._lock:
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1

    def is_idle(self) -> bool:
        """Whether every request that arrived is recorded: a slow one is, only after its client gave up."""
        with self._lock:
            return self._under_way == 0

    def add(self, at: datetime, request: Request, response: Response | None, fault: str | None) -> None:
        """``response`` None: the connection was dropped, status and response are then null."""
        entry: dict[str, Any] = {
            "n": 0,
            "at": at.isoformat(),
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "headers": dict(request.sent_headers),
            "body": request.body.decode("utf-8", "replace"),
            "status": response.status if response else None,
            "response": response.body.decode("utf-8", "replace") if response else None,
            "response_headers": dict(response.headers) if response else None,
            "fault": fault,
        }
        with self._lock:
            self._last += 1
            entry["n"] = self._last
            self._kept.append(entry)
            self._bytes += _size(entry)
            while len(self._kept) > self._most_requests or self._bytes > self._most_bytes:
                self._bytes -= _size(self._kept.popleft())

    def after(self, number: int) -> list[dict[str, Any]]:
        """The kept requests with a higher number, oldest first."""
        with self._lock:
            if not self._kept:
                return []
            skip = max(0, number - self._kept[0]["n"] + 1)
            return list(islice(self._kept, skip, None))


def _size(entry: dict[str, Any]) -> int:
    return 1000 + len(entry["body"]) + len(entry["response"] or "")
