"""What the contract tests run against: stores, secrets and task queues, each with its own table. A new one adds an
entry there.

A backend may keep its state between tests: tests use fresh names (``place``, ``secret_name``) and nothing else.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
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
from shared.adapters.sealed.key_ring import KeyRing
from shared.adapters.sealed.secrets import SealedSecrets
from shared.ports.secrets import Secrets
from shared.ports.store import Store
from shared.ports.tasks import Tasks
from tests.emulators import emulated_store
from tests.google_stand_in.in_process import WORKER, FakeClock, InProcess, in_process
from tests.google_stand_in.queues import Delivery as Sent


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


def _file(folder: Path) -> Database:
    return Database(folder / "state" / "ledger.sqlite")


@cache
def _firestore() -> Store:
    return emulated_store()


STORES: dict[str, Callable[[Path], Store]] = {
    "embedded": lambda folder: SqliteStore(_file(folder)),
    "embedded-memory": lambda _: SqliteStore(":memory:"),
    "firestore": lambda _: _firestore(),
}


def _sealed(store: Store) -> Secrets:
    ring = KeyRing(SqliteSecrets(":memory:"), "ring")
    ring.add_key(datetime.now(UTC))
    return SealedSecrets(store, ring)


@contextmanager
def _secret_manager(_: Path) -> Iterator[Secrets]:
    with in_process() as stand_in:
        yield stand_in.secret_manager()


#: Each as a context, since some have a server.
SECRETS: dict[str, Callable[[Path], AbstractContextManager[Secrets]]] = {
    "embedded": lambda folder: nullcontext(SqliteSecrets(_file(folder))),
    "embedded-memory": lambda _: nullcontext(SqliteSecrets(":memory:")),
    "secret-manager": _secret_manager,
    "sealed": lambda folder: nullcontext(_sealed(SqliteStore(_file(folder)))),
    "sealed-firestore": lambda _: nullcontext(_sealed(_firestore())),
}


@dataclass
class StandInTaskWorld:
    """Cloud Tasks' own client, at the stand-in."""

    stand_in: InProcess
    deliveries: list[Delivery] = field(default_factory=list)
    answers: list[tuple[int | None, float | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tasks: Tasks = self.stand_in.cloud_tasks()
        self.stand_in.queues.deliver = self._deliver

    def now(self) -> datetime:
        return self.stand_in.clock.now()

    def advance(self, seconds: float) -> None:
        self.stand_in.clock.advance(seconds)

    def deliver_due(self) -> list[Delivery]:
        before = len(self.deliveries)
        self.stand_in.queues.run_due()
        return self.deliveries[before:]

    def _deliver(self, sent: Sent) -> tuple[int | None, float | None]:
        request = sent.task.http_request
        kind = request.url.removeprefix(f"{WORKER}/tasks/")
        self.deliveries.append(Delivery(kind, json.loads(request.body), sent.headers))
        return self.answers.pop(0) if self.answers else (200, None)


@contextmanager
def _cloud_tasks(_: Path) -> Iterator[TaskWorld]:
    with in_process() as stand_in:
        yield StandInTaskWorld(stand_in)


TASK_WORLDS: dict[str, Callable[[Path], AbstractContextManager[TaskWorld]]] = {
    "embedded": lambda folder: nullcontext(EmbeddedTaskWorld(_file(folder))),
    "embedded-memory": lambda _: nullcontext(EmbeddedTaskWorld(Database(":memory:"))),
    "cloud-tasks": _cloud_tasks,
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
