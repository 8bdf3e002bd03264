"""The queue as its dispatchers see it: lease, then end, put back or bury.

``next_at`` is the only clock of a task: leasing moves it to the end of the lease, so a task whose dispatcher was
killed is due again by itself.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from shared.adapters.embedded.database import Database
from shared.domain.times import instant, parse_instant
from shared.ports.clock import Clock


@dataclass(frozen=True)
class LeasedTask:
    """One task and the right to deliver it now. ``attempts`` counts this one; ``answers`` only earlier answers."""

    id: int
    name: str
    kind: str
    body: dict[str, Any]
    eta: datetime
    attempts: int
    answers: int
    last_status: int | None
    lease: str


@dataclass(frozen=True)
class DeadTask:
    """Given up after too many attempts; kept until ``revive``."""

    id: int
    name: str
    kind: str
    attempts: int
    last_status: int | None


class TaskQueue:
    """Raises StoreUnavailable."""

    def __init__(self, where: Path | str | Database, clock: Clock) -> None:
        self._database = Database.of(where)
        self._clock = clock

    def lease(self, limit: int, duration: timedelta) -> list[LeasedTask]:
        """At most ``limit`` due tasks, longest due first; nobody else gets them for ``duration``."""
        now = self._clock.now()
        due = "SELECT id FROM tasks WHERE state = 'waiting' AND next_at <= ? ORDER BY next_at, id LIMIT ?"
        with self._database.reading() as connection:  # looking costs no lock, and mostly nothing is due
            if not connection.execute(due, (instant(now), 1)).fetchone():
                return []
        lease = secrets.token_hex(8)
        with self._database.writing() as connection:
            rows = connection.execute(
                f"UPDATE tasks SET lease = ?, next_at = ?, attempts = attempts + 1 WHERE id IN ({due})"
                " RETURNING id, name, kind, body, eta, attempts, answers, last_status",
                (lease, instant(now + duration), instant(now), limit),
            ).fetchall()
        return [
            LeasedTask(
                id=row[0],
                name=_shown_name(row[0], row[1]),
                kind=row[2],
                body=json.loads(row[3]),
                eta=parse_instant(row[4]),
                attempts=row[5],
                answers=row[6],
                last_status=row[7],
                lease=lease,
            )
            for row in sorted(rows, key=lambda row: (row[4], row[0]))
        ]

    def extend(self, tasks: Collection[LeasedTask], duration: timedelta) -> None:
        """Keep tasks that are still being delivered; a lease already lost stays lost."""
        until = instant(self._clock.now() + duration)
        with self._database.writing() as connection:
            connection.executemany(
                "UPDATE tasks SET next_at = ? WHERE id = ? AND lease = ?",
                [(until, t.id, t.lease) for t in tasks],
            )

    def end(self, task: LeasedTask) -> None:
        """Done. Holds even when the lease was lost meanwhile: what succeeded need not run again."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM tasks WHERE id = ? AND name IS NULL", (task.id,))
            connection.execute(
                "UPDATE tasks SET state = 'done', body = '{}', lease = NULL, ended_at = ? WHERE id = ?",
                (instant(self._clock.now()), task.id),
            )

    def put_back(self, task: LeasedTask, at: datetime, status: int | None) -> None:
        """Due again ``at``; ``status`` is what was answered, None when nothing was."""
        self._settle(task, "waiting", at, status)

    def bury(self, task: LeasedTask, status: int | None) -> None:
        """Out of the queue, but not forgotten."""
        self._settle(task, "dead", self._clock.now(), status)

    def waiting(self) -> int:
        """How many tasks are still to be done, due or not, leased or not."""
        with self._database.reading() as connection:
            return int(connection.execute("SELECT count(*) FROM tasks WHERE state = 'waiting'").fetchone()[0])

    def next_at(self) -> datetime | None:
        """When the next task is due; in the past when one is due already."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT min(next_at) FROM tasks WHERE state = 'waiting'").fetchone()
        return parse_instant(row[0]) if row[0] else None

    def dead(self) -> list[DeadTask]:
        select = "SELECT id, name, kind, attempts, last_status FROM tasks WHERE state = 'dead' ORDER BY id"
        with self._database.reading() as connection:
            rows = connection.execute(select).fetchall()
        return [DeadTask(row[0], _shown_name(row[0], row[1]), row[2], row[3], row[4]) for row in rows]

    def revive(self, task_id: int) -> None:
        """Try a dead task again, from the first attempt."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE tasks SET state = 'waiting', attempts = 0, next_at = ? WHERE id = ? AND state = 'dead'",
                (instant(self._clock.now()), task_id),
            )

    def _settle(self, task: LeasedTask, state: str, at: datetime, status: int | None) -> None:
        # As Cloud Tasks counts: an "answer" is one that did not say that the server itself failed.
        answered = int(status is not None and status < 500)
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE tasks SET state = ?, next_at = ?, eta = ?, lease = NULL, last_status = ?,"
                " answers = answers + ? WHERE id = ? AND lease = ?",
                (state, instant(at), instant(at), status, answered, task.id, task.lease),
            )


def _shown_name(task_id: int, name: str | None) -> str:
    return name if name is not None else f"task-{task_id}"
