"""Putting tasks into the embedded queue; ``dispatcher`` delivers them."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from shared.adapters.embedded.database import Database
from shared.adapters.task_rules import checked_body, schedule
from shared.domain.times import instant
from shared.ports.clock import Clock

NAMES_REMEMBERED = timedelta(hours=24)


class SqliteTasks:
    """Implements ``shared.ports.tasks.Tasks``. ValueError or TypeError as in ``shared.adapters.task_rules``."""

    def __init__(self, where: Path | str | Database, clock: Clock) -> None:
        self._database = Database.of(where)
        self._clock = clock

    def enqueue(
        self, kind: str, body: dict[str, Any], *, name: str | None = None, at: datetime | None = None
    ) -> None:
        text = checked_body(kind, body, name)
        now = self._clock.now()
        eta = instant(schedule(at, now))
        with self._database.writing() as connection:
            # Ended tasks with a name stay as tombstones for a day, so that the name adds nothing meanwhile.
            connection.execute("DELETE FROM tasks WHERE ended_at <= ?", (instant(now - NAMES_REMEMBERED),))
            connection.execute(
                "INSERT INTO tasks (name, kind, body, eta, next_at) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (name) DO NOTHING",
                (name, kind, text, eta, eta),
            )
