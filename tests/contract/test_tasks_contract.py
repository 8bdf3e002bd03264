"""Tasks, on every backend: what is enqueued is delivered as Cloud Tasks would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from tests.contract.backends import TaskWorld, in_threads

DAY = 86_400


def test_a_task_is_delivered_with_its_body(world: TaskWorld) -> None:
    """``POST /tasks/{kind}`` with the body as it was given."""
    body = {"practice_id": "demo", "ids": ["a", "ü", 1], "none": None}
    world.tasks.enqueue("pull", body)
    (delivery,) = world.deliver_due()
    assert (delivery.kind, delivery.body) == ("pull", body)
    assert world.deliver_due() == []


def test_a_task_is_not_delivered_before_its_time(world: TaskWorld) -> None:
    """``at`` is the earliest moment, in whatever zone it is written; a time already past means now."""
    at = (world.now() + timedelta(seconds=90)).astimezone(timezone(timedelta(hours=11)))
    world.tasks.enqueue("drain", {"n": 1}, at=at)
    world.tasks.enqueue("drain", {"n": 2}, at=world.now() - timedelta(hours=1))
    assert [d.body["n"] for d in world.deliver_due()] == [2]
    world.advance(89)
    assert world.deliver_due() == []
    world.advance(1)
    assert [d.body["n"] for d in world.deliver_due()] == [1]


def test_the_headers_are_those_of_cloud_tasks(world: TaskWorld) -> None:
    """Queue, name, retries, answers so far and the time it was due."""
    world.answers += [(409, None), (500, None)]
    at = world.now() + timedelta(seconds=10)
    world.tasks.enqueue("pull", {}, name="pull-1", at=at)
    world.advance(10)
    for retry, answers in ((0, 0), (1, 1), (2, 1)):
        (delivery,) = world.deliver_due()
        headers = delivery.headers
        assert headers["X-CloudTasks-QueueName"] != ""
        assert headers["X-CloudTasks-TaskName"] == "pull-1"
        assert headers["X-CloudTasks-TaskRetryCount"] == str(retry)
        assert headers["X-CloudTasks-TaskExecutionCount"] == str(answers)
        assert float(headers["X-CloudTasks-TaskETA"]) == pytest.approx(world.now().timestamp(), abs=1)
        world.advance(2**retry)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_ends_a_task(world: TaskWorld, status: int) -> None:
    """It is not delivered again."""
    world.answers.append((status, None))
    world.tasks.enqueue("pull", {})
    assert len(world.deliver_due()) == 1
    world.advance(DAY)
    assert world.deliver_due() == []


@pytest.mark.parametrize("status", [None, 101, 302, 400, 401, 404, 409, 429, 500, 503])
def test_any_other_answer_is_tried_again(world: TaskWorld, status: int | None) -> None:
    """Also no answer at all, and 4xx: only 2xx is done."""
    world.answers.append((status, None))
    world.tasks.enqueue("pull", {"n": 1})
    assert len(world.deliver_due()) == 1
    assert world.deliver_due() == []
    world.advance(1)
    assert [d.body for d in world.deliver_due()] == [{"n": 1}]
    world.advance(DAY)
    assert world.deliver_due() == []


def test_waits_grow(world: TaskWorld) -> None:
    """1 s, doubling, at most 300 s."""
    waits = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    world.answers += [(500, None)] * len(waits)
    world.tasks.enqueue("pull", {})
    assert len(world.deliver_due()) == 1
    for wait in waits:
        world.advance(wait - 0.001)
        assert world.deliver_due() == []
        world.advance(0.001)
        assert len(world.deliver_due()) == 1
    world.advance(DAY)
    assert world.deliver_due() == []


def test_retry_after_is_honoured(world: TaskWorld) -> None:
    """The worker says when it wants to be called again, later or sooner than the growing wait."""
    world.answers += [(429, 600.0), (503, 2.0)]
    world.tasks.enqueue("pull", {})
    assert len(world.deliver_due()) == 1
    for wait in (600, 2):
        world.advance(wait - 0.001)
        assert world.deliver_due() == []
        world.advance(0.001)
        assert len(world.deliver_due()) == 1


def test_one_failing_task_does_not_hold_up_others(world: TaskWorld) -> None:
    """Tasks have no order."""
    world.answers.append((500, None))
    for n in range(3):
        world.tasks.enqueue("pull", {"n": n})
    assert {d.body["n"] for d in world.deliver_due()} == {0, 1, 2}
    world.advance(1)
    assert len(world.deliver_due()) == 1


def test_a_used_name_adds_nothing(world: TaskWorld) -> None:
    """Success, while the first waits and for a day after it was used, whatever the body."""
    world.tasks.enqueue("pull", {"n": 1}, name="once")
    world.tasks.enqueue("pull", {"n": 2}, name="once")
    assert [d.body["n"] for d in world.deliver_due()] == [1]
    world.advance(DAY - 1)
    world.tasks.enqueue("pull", {"n": 4}, name="once")
    assert world.deliver_due() == []


def test_a_name_is_free_again_after_a_day(world: TaskWorld) -> None:
    """24 hours after its task ended, at the latest."""
    world.tasks.enqueue("pull", {"n": 1}, name="once")
    world.deliver_due()
    world.advance(DAY)
    world.tasks.enqueue("pull", {"n": 2}, name="once")
    assert [d.body["n"] for d in world.deliver_due()] == [2]


def test_the_name_of_a_task_still_waiting_stays_used(world: TaskWorld) -> None:
    """However long it waits."""
    world.tasks.enqueue("pull", {"n": 1}, name="once", at=world.now() + timedelta(days=3))
    world.advance(2 * DAY)
    world.tasks.enqueue("pull", {"n": 2}, name="once")
    assert world.deliver_due() == []
    world.advance(DAY)
    assert [d.body["n"] for d in world.deliver_due()] == [1]


def test_names_differ_by_case_and_unnamed_tasks_are_all_different(world: TaskWorld) -> None:
    """Only an equal name is the same task."""
    for name in ("a", "A", "a-", "x" * 200, None, None):
        world.tasks.enqueue("pull", {}, name=name)
    delivered = world.deliver_due()
    assert len({d.headers["X-CloudTasks-TaskName"] for d in delivered}) == len(delivered) == 6


@pytest.mark.parametrize("name", ["", "a b", "a/b", "é", "a.b", "x" * 201, "a\n"])
def test_impossible_names_are_refused(world: TaskWorld, name: str) -> None:
    """ValueError."""
    with pytest.raises(ValueError):
        world.tasks.enqueue("pull", {}, name=name)


@pytest.mark.parametrize("kind", ["", "Pull", "a/b", "a-b", "../x", "é", "pull?x=1", "9"])
def test_impossible_kinds_are_refused(world: TaskWorld, kind: str) -> None:
    """A kind is one plain path segment; ValueError."""
    with pytest.raises(ValueError):
        world.tasks.enqueue(kind, {})


@pytest.mark.parametrize("value", [1.5, Decimal(1), datetime(2026, 1, 1, tzinfo=UTC), b"x"], ids=repr)
def test_a_body_is_json_ready(world: TaskWorld, value: Any) -> None:
    """TypeError, and nothing is enqueued."""
    with pytest.raises(TypeError):
        world.tasks.enqueue("pull", {"x": value})
    assert world.deliver_due() == []


def test_a_body_holds_ids_not_documents(world: TaskWorld) -> None:
    """Over 100 kB raises ValueError."""
    with pytest.raises(ValueError):
        world.tasks.enqueue("pull", {"x": "y" * 100_001})


def test_times_need_a_zone_and_a_near_date(world: TaskWorld) -> None:
    """A naive time and one more than 30 days ahead raise ValueError, as Cloud Tasks refuses them."""
    for at in (world.now().replace(tzinfo=None), world.now() + timedelta(days=30, seconds=1)):
        with pytest.raises(ValueError):
            world.tasks.enqueue("pull", {}, at=at)
    world.tasks.enqueue("pull", {}, at=world.now() + timedelta(days=30))


def test_of_many_enqueues_with_one_name_one_counts(world: TaskWorld) -> None:
    """8 threads at once; unnamed ones all count."""

    def enqueue(number: int) -> None:
        world.tasks.enqueue("pull", {"n": number}, name="once")
        world.tasks.enqueue("drain", {"n": number})

    in_threads(8, enqueue)
    assert sorted(d.kind for d in world.deliver_due()) == ["drain"] * 8 + ["pull"]
