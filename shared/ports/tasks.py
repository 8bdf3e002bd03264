"""Deferred work, after Cloud Tasks: at least once, unordered, possibly late, possibly twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol


class Tasks(Protocol):
    def enqueue(
        self, kind: str, body: dict[str, Any], *, name: str | None = None, at: datetime | None = None
    ) -> None:
        """Ask that ``POST /tasks/{kind}`` be called with ``body`` as JSON, not before ``at`` (aware UTC).

        ``body`` carries ids only, never a token or a patient's details. A ``name`` (``[A-Za-z0-9_-]{1,200}``) that
        was used for the same kind within the last day is success and adds nothing: names only save cost, correctness
        never rests on them. One name is used with one kind only. Any answer other than 2xx is tried again with growing
        waits. Raises StoreUnavailable.
        """
