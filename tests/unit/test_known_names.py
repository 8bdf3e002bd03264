"""The names of tasks that a process remembers for a minute."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.adapters.known_names import MOST, REMEMBERED, KnownNames
from shared.domain.errors import StoreUnavailable
from tests.google_stand_in.in_process import FakeClock


class Queue:
    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.broken = False

    def enqueue(self, kind: str, body: dict[str, Any], *, name: str | None = None, at: Any = None) -> None:
        if self.broken:
            raise StoreUnavailable
        self.asked.append((kind, name))


@pytest.fixture
def queue() -> Queue:
    return Queue()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def known(queue: Queue, clock: FakeClock) -> KnownNames:
    return KnownNames(queue, clock)


def test_a_name_asks_the_queue_once(queue: Queue, known: KnownNames) -> None:
    """The same name again costs nothing; another name, another kind and no name at all are asked for."""
    for _ in range(3):
        known.enqueue("pull", {}, name="n-1")
        known.enqueue("pull", {})
    known.enqueue("pull", {}, name="n-2")
    known.enqueue("drain", {}, name="n-1")
    assert sorted(queue.asked, key=str) == sorted(
        [("pull", "n-1"), ("pull", "n-2"), ("drain", "n-1"), *[("pull", None)] * 3], key=str
    )


def test_a_name_the_queue_did_not_take_is_not_known(queue: Queue, known: KnownNames) -> None:
    """A hint whose task could not be kept is asked for again when Xero repeats it."""
    queue.broken = True
    with pytest.raises(StoreUnavailable):
        known.enqueue("pull", {}, name="n-1")
    queue.broken = False
    known.enqueue("pull", {}, name="n-1")
    assert queue.asked == [("pull", "n-1")]


def test_names_are_forgotten(queue: Queue, known: KnownNames, clock: FakeClock) -> None:
    """After a minute, and the oldest when there are very many: then the queue decides."""
    known.enqueue("pull", {}, name="n-1")
    clock.advance(REMEMBERED / timedelta(seconds=1))
    known.enqueue("pull", {}, name="n-1")
    for number in range(MOST):
        known.enqueue("pull", {}, name=f"m-{number}")
    known.enqueue("pull", {}, name="n-1")
    assert queue.asked.count(("pull", "n-1")) == 3
