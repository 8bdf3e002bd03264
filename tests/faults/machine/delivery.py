"""What travels: tasks from our queue and webhooks from Xero, in any order, twice, or never."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from shared.adapters.embedded.task_queue import LeasedTask
from tests.hints import deliver
from tests.product import Product
from tests.xero_simulator import courier
from tests.xero_simulator.webhooks import Queued

#: As Product's own dispatcher: a task whose worker died comes again after this.
LEASE = timedelta(seconds=600)
#: More deliveries at one moment than this, and tasks make tasks without end.
MOST_DELIVERIES = 300


class Tasks:
    def __init__(self, product: Product) -> None:
        self._product = product
        self.delivered: list[LeasedTask] = []  # the latest few, to be delivered again

    def run(self, dice: random.Random | None = None) -> int:
        """All that is due: one after another, or with dice in any order and some of it twice. How many deliveries."""
        count = 0
        while due := self._product.dispatcher.queue.lease(50 if dice else 1, LEASE):
            if dice:
                dice.shuffle(due)
            for number, task in enumerate(due):
                count += 1
                assert count < MOST_DELIVERIES, "tasks make tasks without end"
                try:
                    self._deliver(task)
                    if dice and dice.random() < 0.2:
                        self.again(task)
                except BaseException:  # the worker died, and with it only this one task's delivery
                    for untouched in due[number + 1 :]:
                        self._product.dispatcher.queue.put_back(untouched, self._product.clock.now(), None)
                    raise
        return count

    def again(self, task: LeasedTask) -> None:
        """The queue delivers at least once; what the second delivery is answered changes nothing."""
        self._product._deliver(task)

    def lose(self, dice: random.Random) -> int:
        """One of the tasks that are due never arrives; how many were lost."""
        due = self._product.dispatcher.queue.lease(50, LEASE)
        lost = dice.choice(due) if due else None
        for task in due:
            if task is lost:
                self._product.dispatcher.queue.end(task)
            else:
                self._product.dispatcher.queue.put_back(task, self._product.clock.now(), None)
        return int(lost is not None)

    def next_in(self) -> float | None:
        """Seconds until the next task is due, 0 for one that is overdue."""
        due = self._product.dispatcher.queue.next_at()
        return max((due - self._product.clock.now()).total_seconds(), 0.0) if due else None

    def _deliver(self, task: LeasedTask) -> None:
        self.delivered = [*self.delivered[-9:], task]
        self._product.dispatcher._attempt(task, pass_on=True)


class Post:
    """Delivers what Xero announces, in the simulator's own modes, when told to and not from a thread."""

    def __init__(self, product: Product) -> None:
        self._product, self._webhooks = product, product.simulator.world.webhooks

    def waiting(self) -> int:
        return int(self._webhooks.state()["pending"])

    def deliver(self, mode: str) -> None:
        """``mode`` on, duplicate, reverse; or off, which loses them all. Then they are held again."""
        self._configure(mode)
        try:
            while (found := self._webhooks.due())[0]:
                payloads, times, _ = found
                for events in payloads:
                    self._one(events, times)
        finally:
            self._configure("hold")

    def _one(self, events: list[Queued], times: int) -> None:
        work = self._product.simulator.world.work()
        raw, arrived = courier.payload(events), False
        try:
            for _ in range(times):
                arrived = deliver(self._product, raw).status_code == 200 or arrived
        finally:  # the receiver may have died
            if arrived:
                self._webhooks.delivered(events, work)
            else:
                self._webhooks.failed(work)
            work.commit()

    def _configure(self, mode: str) -> Any:
        work = self._product.simulator.world.work()
        self._webhooks.configure(mode, None, None, work)
        work.commit()
