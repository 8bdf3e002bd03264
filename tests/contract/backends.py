"""The backends that the contract tests run against. A new one adds a class and an entry in ``BACKENDS`` or, when
it keeps documents only, in ``STORES``.

A backend may keep its state between tests: tests use fresh names (``place``, ``secret_name``) and nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from shared.adapters.embedded.database import Database
from shared.adapters.embedded.delivery import Answer, task_headers
from shared.adapters.embedded.dispatcher import Dispatcher
from shared.adapters.embedded.secrets import SqliteSecrets
from shared.adapters.embedded.store import SqliteStore
from shared.adapters.embedded.task_queue import LeasedTask
from shared.adapters.embedded.tasks import SqliteTasks
from shared.ports.secrets import Secrets
from shared.ports.store import Store
from shared.ports.tasks import Tasks
from tests.emulators import emulated_store


class FakeClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: datetime = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def advance(self, seconds: float) -> None:
        self._at += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Delivery:
    kind: str
    body: dict[str, Any]
    headers: dict[str, str]


class TaskWorld(Protocol):
    """A queue with its worker. ``answers`` are used up one by one as (status, Retry-After); then 200."""

    tasks: Tasks
    deliveries: list[Delivery]
    answers: list[tuple[int | None, float | None]]

    def now(self) -> datetime: ...

    def advance(self, seconds: float) -> None: ...

    def deliver_due(self) -> list[Delivery]:
        """Let the queue deliver all that is due now; gives what was delivered."""


class Backend(Protocol):
    def store(self) -> Store: ...

    def secrets(self) -> Secrets: ...

    def task_world(self) -> TaskWorld: ...


@dataclass
class EmbeddedTaskWorld:
    database: Database
    clock: FakeClock = field(default_factory=FakeClock)
    deliveries: list[Delivery] = field(default_factory=list)
    answers: list[tuple[int | None, float | None]] = field(default_factory=list)
    tasks: Tasks = field(init=False)

    def __post_init__(self) -> None:
        self.tasks = SqliteTasks(self.database, self.clock)
        self.dispatcher = Dispatcher(self.database, "", lambda _: "", self.clock, deliver=self._deliver)

    def now(self) -> datetime:
        return self.clock.now()

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def deliver_due(self) -> list[Delivery]:
        before = len(self.deliveries)
        self.dispatcher.run_until_idle()
        return self.deliveries[before:]

    def _deliver(self, task: LeasedTask) -> Answer:
        self.deliveries.append(Delivery(task.kind, task.body, task_headers(task, "ledger")))
        return Answer(*self.answers.pop(0)) if self.answers else Answer(200)


class Embedded:
    """SQLite in a file."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(folder / "state" / "ledger.sqlite")

    def store(self) -> Store:
        return SqliteStore(self.database)

    def secrets(self) -> Secrets:
        return SqliteSecrets(self.database)

    def task_world(self) -> TaskWorld:
        return EmbeddedTaskWorld(self.database)


class EmbeddedInMemory(Embedded):
    """SQLite in this process only, as the unit tests use it."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(":memory:")


BACKENDS: dict[str, Callable[[Path], Backend]] = {"embedded": Embedded, "embedded-memory": EmbeddedInMemory}


@cache
def _firestore() -> Store:
    return emulated_store()


#: The stores: those of the backends, and Firestore on its emulator.
STORES: dict[str, Callable[[Path], Store]] = {
    "embedded": lambda folder: Embedded(folder).store(),
    "embedded-memory": lambda folder: EmbeddedInMemory(folder).store(),
    "firestore": lambda _: _firestore(),
}


def in_threads(count: int, work: Callable[[int], None]) -> None:
    """Run ``work(0) ... work(count - 1)`` at once; the first exception of any is raised here."""
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        gate.wait(timeout=10)
        work(number)

    with ThreadPoolExecutor(count) as pool:
        for outcome in [pool.submit(run, number) for number in range(count)]:
            outcome.result(timeout=60)
