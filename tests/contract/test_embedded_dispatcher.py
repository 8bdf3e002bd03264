"""The dispatcher at work: several deliveries and several dispatchers at once, slow ones, stopping."""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path

from shared.adapters.embedded.database import Database
from shared.adapters.embedded.delivery import Answer
from shared.adapters.embedded.task_queue import LeasedTask
from shared.adapters.embedded.tasks import SqliteTasks
from shared.adapters.system_clock import SystemClock
from tests.contract.helpers import dispatcher, eventually, process


def test_two_dispatchers_deliver_each_task_once(database: Database) -> None:
    """In the normal case, with tasks coming in meanwhile."""
    seen: Counter[int] = Counter()
    lock = threading.Lock()

    def deliver(task: LeasedTask) -> Answer:
        with lock:
            seen[task.body["n"]] += 1
        time.sleep(0.002)
        return Answer(200)

    tasks = SqliteTasks(database, SystemClock())
    with dispatcher(database, deliver) as one, dispatcher(Database(database.path or ""), deliver):
        for n in range(60):
            tasks.enqueue("pull", {"n": n})
        eventually(lambda: one.queue.waiting() == 0)
    assert seen == Counter(range(60))


def test_several_are_delivered_at_once(database: Database) -> None:
    """As many as there are workers, and no more."""
    together = threading.Barrier(4)
    running: list[int] = []

    def deliver(task: LeasedTask) -> Answer:
        running.append(task.id)
        assert len(running) <= 4
        together.wait(timeout=10)
        running.remove(task.id)
        together.wait(timeout=10)
        return Answer(200)

    tasks = SqliteTasks(database, SystemClock())
    for n in range(8):
        tasks.enqueue("pull", {"n": n})
    with dispatcher(database, deliver) as delivering:
        eventually(lambda: delivering.queue.waiting() == 0)


def test_a_slow_delivery_keeps_its_lease(database: Database) -> None:
    """A handler slower than the lease is not called a second time."""
    calls: list[int] = []

    def slow(task: LeasedTask) -> Answer:
        calls.append(task.attempts)
        time.sleep(1.3)
        return Answer(200)

    SqliteTasks(database, SystemClock()).enqueue("pull", {})
    with dispatcher(database, slow, lease_seconds=0.8) as one, dispatcher(database, slow, lease_seconds=0.8):
        eventually(lambda: one.queue.waiting() == 0)
    assert calls == [1]


def test_stop_waits_for_deliveries_under_way(database: Database) -> None:
    """What was begun is settled, nothing new is begun, and it can be started again."""
    begun, done = threading.Event(), []

    def deliver(task: LeasedTask) -> Answer:
        begun.set()
        time.sleep(0.2)
        done.append(task.id)
        return Answer(200)

    tasks = SqliteTasks(database, SystemClock())
    for _ in range(3):
        tasks.enqueue("pull", {})
    delivering = dispatcher(database, deliver, workers=1)
    delivering.start()
    assert begun.wait(timeout=10)
    delivering.stop()
    delivering.stop()
    assert len(done) == 1
    assert delivering.queue.waiting() == 2
    with delivering:
        eventually(lambda: delivering.queue.waiting() == 0)


def test_a_task_of_another_process_is_delivered_within_a_blink(database: Database, tmp_path: Path) -> None:
    """An idle dispatcher notices within 100 ms (the best of five, the machine may be busy)."""
    arrived: list[float] = []
    enqueuing = process("enqueue", tmp_path / "ledger.sqlite")
    assert enqueuing.stdin is not None

    def deliver(_: LeasedTask) -> Answer:
        arrived.append(time.monotonic())
        return Answer(200)

    waits = []
    with dispatcher(database, deliver):
        for n in range(1, 7):
            sent = time.monotonic()
            enqueuing.stdin.write(f"{n}\n")
            enqueuing.stdin.flush()
            eventually(lambda n=n: len(arrived) == n)  # type: ignore[misc]
            waits.append(arrived[-1] - sent)
    enqueuing.stdin.close()
    assert enqueuing.wait(timeout=10) == 0
    assert min(waits[1:]) < 0.1


def test_the_dispatcher_survives_a_store_that_does_not_answer(tmp_path: Path) -> None:
    """It says so and goes on when the store answers again."""
    folder = tmp_path / "state"
    folder.write_text("in the way")
    delivered: list[int] = []

    def deliver(task: LeasedTask) -> Answer:
        delivered.append(task.id)
        return Answer(200)

    database = Database(folder / "ledger.sqlite")
    with dispatcher(database, deliver):
        time.sleep(0.15)
        folder.unlink()
        SqliteTasks(database, SystemClock()).enqueue("pull", {})
        eventually(lambda: len(delivered) == 1)
