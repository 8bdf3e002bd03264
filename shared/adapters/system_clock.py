"""The machine's own clock."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """Implements ``shared.ports.clock.Clock``."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)
