"""The embedded queue and its leases, with a clock that the test moves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.adapters.embedded.database import Database
from shared.adapters.embedded.delivery import Answer
from shared.adapters.embedded.task_queue import LeasedTask, TaskQueue
from shared.adapters.embedded.tasks import SqliteTasks
from tests.contract.backends import FakeClock
from tests.contract.helpers import dispatcher

SOON = timedelta(seconds=15)


def test_a_failing_delivery_puts_the_task_back_and_shows_the_error(database: Database) -> None:
    """An exception (no token, a bug) costs an attempt, not the task."""
    clock = FakeClock()
    SqliteTasks(database, clock).enqueue("pull", {})

    def broken(_: LeasedTask) -> Answer:
        raise RuntimeError("no token")

    running = dispatcher(database, broken, clock)
    with pytest.raises(RuntimeError, match="no token"):
        running.run_until_idle()
    assert running.queue.next_at() == clock.now() + timedelta(seconds=1)


def test_a_task_is_parked_after_many_attempts(database: Database) -> None:
    """After 100 attempts it is dead: visible, not delivered any more, and can be revived."""
    clock = FakeClock()
    SqliteTasks(database, clock).enqueue("pull", {"n": 1}, name="stubborn")
    statuses = [500]
    running = dispatcher(database, lambda _: Answer(statuses[0]), clock)
    for _ in range(99):
        assert running.run_until_idle() == 1
        assert running.queue.dead() == []
        clock.advance(300)
    assert running.run_until_idle() == 1
    (dead,) = running.queue.dead()
    assert (dead.name, dead.kind, dead.attempts, dead.last_status) == ("stubborn", "pull", 100, 500)
    clock.advance(86_400)
    assert running.run_until_idle() == 0
    assert running.queue.waiting() == 0
    statuses[0] = 200
    running.queue.revive(dead.id)
    assert running.run_until_idle() == 1
    assert running.queue.dead() == []


def test_tasks_that_keep_making_tasks_are_noticed(database: Database) -> None:
    """run_until_idle gives up with RuntimeError instead of running for ever."""
    clock = FakeClock()
    tasks = SqliteTasks(database, clock)

    def more(_: LeasedTask) -> Answer:
        tasks.enqueue("pull", {})
        return Answer(200)

    tasks.enqueue("pull", {})
    with pytest.raises(RuntimeError, match="not idle"):
        dispatcher(database, more, clock).run_until_idle(max_deliveries=20)


def test_a_leased_task_is_nobody_elses_until_the_lease_ends(database: Database) -> None:
    """Then it is due again, with one attempt more; extending keeps it."""
    clock = FakeClock()
    SqliteTasks(database, clock).enqueue("pull", {})
    mine, other = TaskQueue(database, clock), TaskQueue(database, clock)
    (task,) = mine.lease(10, SOON)
    assert other.lease(10, SOON) == []
    clock.advance(10)
    mine.extend([task], SOON)
    clock.advance(14.9)
    assert other.lease(10, SOON) == []
    clock.advance(0.1)
    (again,) = other.lease(10, SOON)
    assert (again.id, again.attempts) == (task.id, 2)


def test_a_lost_lease_cannot_undo_what_its_successor_does(database: Database) -> None:
    """A late failure changes nothing; a late success ends the task all the same."""
    clock = FakeClock()
    SqliteTasks(database, clock).enqueue("pull", {})
    queue = TaskQueue(database, clock)
    (late,) = queue.lease(1, SOON)
    clock.advance(15)
    (current,) = queue.lease(1, SOON)
    queue.put_back(late, clock.now(), 500)
    queue.bury(late, 500)
    queue.extend([late], timedelta(days=1))
    assert queue.lease(1, SOON) == []
    assert queue.dead() == []
    assert queue.next_at() == clock.now() + SOON
    queue.end(late)
    queue.put_back(current, clock.now(), 500)
    assert queue.waiting() == 0


def test_ended_tasks_leave_no_body_behind(database: Database) -> None:
    """A named one keeps its name for a day, an unnamed one nothing."""
    clock = FakeClock()
    tasks = SqliteTasks(database, clock)
    tasks.enqueue("pull", {"id": "patient-7"}, name="named")
    tasks.enqueue("pull", {"id": "patient-7"})
    assert dispatcher(database, lambda _: Answer(200), clock).run_until_idle() == 2
    with database.reading() as connection:
        assert connection.execute("SELECT name, body, state FROM tasks").fetchall() == [
            ("named", "{}", "done")
        ]
    clock.advance(86_400)
    tasks.enqueue("pull", {})
    with database.reading() as connection:
        assert connection.execute("SELECT name FROM tasks").fetchall() == [(None,)]
