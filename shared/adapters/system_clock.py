"""The machine's own clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SystemClock:
    """Implements ``shared.ports.clock.Clock``. ``ahead``: by how many seconds it is to run ahead, in rehearsals."""

    def __init__(self, ahead: float = 0.0) -> None:
        self._ahead = timedelta(seconds=ahead)

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC) + self._ahead
