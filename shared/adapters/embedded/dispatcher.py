"""Delivers the embedded queue with Cloud Tasks' contract: at least once, retried with growing waits.

Leases are short and renewed while a delivery runs: a killed dispatcher delays its tasks by seconds, and a slow
handler is not called twice. Any number of dispatchers may work on one queue.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.adapters.embedded.database import Database
from shared.adapters.embedded.delivery import Answer, Deliver, HttpDelivery
from shared.adapters.embedded.task_queue import LeasedTask, TaskQueue
from shared.domain.errors import StoreUnavailable
from shared.ports.clock import Clock

_log = logging.getLogger(__name__)
FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0


def wait_before_retry(attempts: int) -> float:
    """Seconds after the given number of attempts: 1, 2, 4 ... 300."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempts - 1, 16))


class Dispatcher:
    """``start`` and ``stop`` for the local stack, ``run_until_idle`` for tests.

    ``deliver`` replaces the HTTP call: it takes a LeasedTask and gives an Answer.
    """

    def __init__(
        self,
        where: Path | str | Database,
        base_url: str,
        mint_token: Callable[[str], str],
        clock: Clock,
        *,
        deliver: Deliver | None = None,
        queue: str = "ledger",
        workers: int = 4,
        timeout: float = 600.0,
        lease_seconds: float = 15.0,
        poll_seconds: float = 0.05,
        max_attempts: int = 100,
    ) -> None:
        self.queue = TaskQueue(where, clock)
        self._clock = clock
        self._deliver = deliver or HttpDelivery(base_url, mint_token, clock, queue=queue, timeout=timeout)
        self._workers = workers
        self._lease = timedelta(seconds=lease_seconds)
        self._poll = poll_seconds
        self._max_attempts = max_attempts
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._running: dict[int, LeasedTask] = {}
        self._thread: threading.Thread | None = None

    def run_until_idle(self, *, max_deliveries: int = 1000) -> int:
        """Deliver, one after another, all that is due by the clock; gives the number of deliveries.

        An exception of ``deliver`` puts the task back, then passes on, so that a test sees it. RuntimeError when
        tasks keep making tasks.
        """
        for delivered in range(max_deliveries):
            tasks = self.queue.lease(1, self._lease)
            if not tasks:
                return delivered
            self._attempt(tasks[0], pass_on=True)
        raise RuntimeError(f"still not idle after {max_deliveries} deliveries")

    def start(self) -> None:
        """Deliver in the background until ``stop``."""
        if self._thread is not None:
            raise RuntimeError("already started")
        self._stopping.clear()
        self._thread = threading.Thread(target=self.run, name="task-dispatcher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Lease nothing more, wait for the deliveries under way, and return.

        In a signal handler of the thread that is in ``run``, it only asks; ``run`` then returns.
        """
        self._stopping.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
            self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def run(self) -> None:
        """Deliver in this thread's loop until another thread, or a signal, calls ``stop``."""
        renewed, answering = time.monotonic(), True
        with ThreadPoolExecutor(self._workers, thread_name_prefix="task") as pool:
            while not self._stopping.is_set() or self._running:
                self._wake.clear()
                try:
                    if not self._stopping.is_set():
                        self._fill(pool)
                    if time.monotonic() - renewed > self._lease.total_seconds() / 3:
                        self.queue.extend(list(self._running.values()), self._lease)
                        renewed = time.monotonic()
                    answering = True
                except StoreUnavailable:
                    if answering:
                        _log.warning("the task queue does not answer; trying until it does")
                    answering = False
                # A finished delivery wakes at once; a task put in by another process is found by looking.
                self._wake.wait(self._poll if answering else 0.5)

    def _fill(self, pool: ThreadPoolExecutor) -> None:
        free = self._workers - len(self._running)
        for task in self.queue.lease(free, self._lease) if free > 0 else []:
            self._running[task.id] = task
            pool.submit(self._work, task)

    def _work(self, task: LeasedTask) -> None:
        try:
            self._attempt(task, pass_on=False)
        except StoreUnavailable:  # the lease ends by itself, and the task is delivered again
            _log.warning("task %s (%s): the queue did not take its outcome", task.name, task.kind)
        finally:
            self._running.pop(task.id, None)
            self._wake.set()

    def _attempt(self, task: LeasedTask, *, pass_on: bool) -> None:
        try:
            answer = self._deliver(task)
        except Exception:
            self._settle(task, Answer(None))
            if pass_on:
                raise
            _log.exception("task %s (%s) could not be delivered", task.name, task.kind)
        else:
            self._settle(task, answer)

    def _settle(self, task: LeasedTask, answer: Answer) -> None:
        if answer.ends_task:
            self.queue.end(task)
        elif task.attempts >= self._max_attempts:
            _log.error("task %s (%s) given up after %d attempts", task.name, task.kind, task.attempts)
            self.queue.bury(task, answer.status)
        else:
            wait = answer.retry_after
            seconds = wait_before_retry(task.attempts) if wait is None else wait
            self.queue.put_back(task, self._clock.now() + timedelta(seconds=seconds), answer.status)
