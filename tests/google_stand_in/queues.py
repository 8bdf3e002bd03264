"""Cloud Tasks: queues of HTTP tasks with names that stay used, growing waits, and an end to attempts.

``deliver`` takes a Delivery and gives (status, Retry-After seconds); status None is no answer. Nothing here is a
thread: ``run_due`` delivers what is due by ``now``, whoever calls it.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import grpc
from google.cloud.tasks_v2 import types
from google.protobuf.empty_pb2 import Empty

from tests.google_stand_in.refusals import Refused, invalid, not_found
from tests.google_stand_in.retrying import ends, wait

TOMBSTONE = timedelta(hours=24)
FURTHEST = timedelta(days=30)
DEADLINES = (timedelta(seconds=15), timedelta(minutes=30))
DEFAULT_DEADLINE = timedelta(minutes=10)
MAX_TASK_BYTES = 100 * 1024
_QUEUE = re.compile(r"projects/[^/]+/locations/[^/]+/queues/[A-Za-z0-9-]{1,100}")
_TASK_ID = re.compile(r"[A-Za-z0-9_-]{1,500}")


@dataclass
class Kept:
    task: types.Task
    queue: types.Queue
    first_at: datetime
    due: datetime
    attempts: int = 0
    answers: int = 0
    last_status: int | None = None
    running: bool = False


@dataclass(frozen=True)
class Delivery:
    task: types.Task
    headers: dict[str, str]
    deadline: timedelta


Answer = tuple[int | None, float | None]


@dataclass
class Queues:
    """``duplicate``: so many of the next deliveries are made twice. ``given_up``: names of tasks that ended so."""

    now: Callable[[], datetime]
    deliver: Callable[[Delivery], Answer]
    duplicate: int = 0
    given_up: list[str] = field(default_factory=list)
    _queues: dict[str, types.Queue] = field(default_factory=dict)
    _tasks: dict[str, Kept] = field(default_factory=dict)
    _gone: dict[str, datetime] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def methods(self) -> dict[str, Any]:
        t = types
        table = {
            "CreateQueue": (self.create_queue, t.CreateQueueRequest, t.Queue.serialize),
            "GetQueue": (lambda r: self._queue(r.name), t.GetQueueRequest, t.Queue.serialize),
            "CreateTask": (self.create, t.CreateTaskRequest, t.Task.serialize),
            "GetTask": (lambda r: self._find(r.name).task, t.GetTaskRequest, t.Task.serialize),
            "ListTasks": (self.list, t.ListTasksRequest, t.ListTasksResponse.serialize),
            "DeleteTask": (self.delete, t.DeleteTaskRequest, Empty.SerializeToString),
        }
        return {
            name: (self._locked(method), asked.deserialize, write)
            for name, (method, asked, write) in table.items()
        }

    def create_queue(self, request: types.CreateQueueRequest) -> types.Queue:
        queue = request.queue
        if not _QUEUE.fullmatch(queue.name):
            raise invalid("The queue's name does not match the expected format.")
        if queue.name in self._queues:
            raise Refused(grpc.StatusCode.ALREADY_EXISTS, "Queue already exists.")
        self._queues[queue.name] = queue
        return queue

    def create(self, request: types.CreateTaskRequest) -> types.Task:
        queue, task, now = self._queue(request.parent), request.task, self.now()
        if not task.name:
            task.name = f"{queue.name}/tasks/{secrets.randbelow(10**19):019}"
        _check(task, queue.name, now)
        if task.name in self._tasks or self._gone.get(task.name, now) > now:
            raise Refused(grpc.StatusCode.ALREADY_EXISTS, "The task cannot be created because it exists.")
        due = max(now, _at(task) or now)
        task.schedule_time = due
        self._tasks[task.name] = Kept(task, queue, now, due)
        return task

    def list(self, request: types.ListTasksRequest) -> types.ListTasksResponse:
        self._queue(request.parent)
        return types.ListTasksResponse(
            tasks=[kept.task for name, kept in self._tasks.items() if name.startswith(f"{request.parent}/")]
        )

    def delete(self, request: types.DeleteTaskRequest) -> Empty:
        self._end(self._find(request.name))
        return Empty()

    def waiting(self) -> int:
        return len(self._tasks)

    def take_due(self) -> list[Kept]:
        """What is due and within its queue's limit of concurrent deliveries; it runs until ``attempt`` ended."""
        with self._lock:
            running: dict[str, int] = {}
            for kept in self._tasks.values():
                running[kept.queue.name] = running.get(kept.queue.name, 0) + kept.running
            taken = []
            for kept in sorted(self._tasks.values(), key=lambda kept: kept.due):
                limit = kept.queue.rate_limits.max_concurrent_dispatches or 1000
                if not kept.running and kept.due <= self.now() and running[kept.queue.name] < limit:
                    kept.running = True
                    running[kept.queue.name] += 1
                    taken.append(kept)
            return taken

    def run_due(self) -> int:
        """Until nothing is due, one after another; gives the number of attempts."""
        count = 0
        while taken := self.take_due():
            for kept in taken:
                self.attempt(kept)
                count += 1
        return count

    def attempt(self, kept: Kept) -> None:
        """One delivery, or two of the same, and what follows from the answer."""
        with self._lock:
            kept.attempts += 1
            twice, self.duplicate = self.duplicate > 0, max(self.duplicate - 1, 0)
            delivery = Delivery(kept.task, _headers(kept), _seconds(kept.task) or DEFAULT_DEADLINE)
        if twice:
            self.deliver(delivery)
        status, retry_after = self.deliver(delivery)
        with self._lock:
            kept.running, kept.last_status = False, status
            kept.answers += status is not None and status < 500
            now, retry = self.now(), kept.queue.retry_config
            if status is not None and 200 <= status < 300:
                self._end(kept)
            elif ends(retry, kept.attempts, now - kept.first_at):
                self.given_up.append(kept.task.name)
                self._end(kept)
            else:
                seconds = wait(retry, kept.attempts) if retry_after is None else retry_after
                kept.due = now + timedelta(seconds=seconds)
                kept.task.schedule_time = kept.due

    def _end(self, kept: Kept) -> None:
        if self._tasks.pop(kept.task.name, None):
            self._gone[kept.task.name] = self.now() + TOMBSTONE

    def _queue(self, name: str) -> types.Queue:
        if name not in self._queues:
            raise not_found("Queue")
        return self._queues[name]

    def _find(self, name: str) -> Kept:
        if name not in self._tasks:
            raise not_found("Task")
        return self._tasks[name]

    def _locked(self, method: Any) -> Any:
        def call(request: Any) -> Any:
            with self._lock:
                return method(request)

        return call


def _check(task: types.Task, queue: str, now: datetime) -> None:
    parent, _, task_id = task.name.partition("/tasks/")
    if parent != queue or not _TASK_ID.fullmatch(task_id):
        raise invalid("Task name does not match the expected format.")
    if not task.http_request.url.startswith(("http://", "https://")):
        raise invalid("HttpRequest.url is required and must begin with http:// or https://.")
    if len(types.Task.serialize(task)) > MAX_TASK_BYTES:
        raise invalid("Task size too large.")
    at, deadline = _at(task), _seconds(task)
    if at is not None and at - now > FURTHEST:
        raise invalid("The schedule time is more than 30 days ahead.")
    if deadline is not None and not DEADLINES[0] <= deadline <= DEADLINES[1]:
        raise invalid("The dispatch deadline is not in [15s, 30m].")


def _at(task: types.Task) -> datetime | None:
    return task.schedule_time or None


def _seconds(task: types.Task) -> timedelta | None:
    return task.dispatch_deadline or None


def _headers(kept: Kept) -> dict[str, str]:
    """As Cloud Tasks counts: an attempt answered with 5xx is not an execution."""
    queue, _, task_id = kept.task.name.partition("/tasks/")
    headers = {
        **dict(kept.task.http_request.headers),
        "X-CloudTasks-QueueName": queue.rpartition("/")[2],
        "X-CloudTasks-TaskName": task_id,
        "X-CloudTasks-TaskRetryCount": str(kept.attempts - 1),
        "X-CloudTasks-TaskExecutionCount": str(kept.answers),
        "X-CloudTasks-TaskETA": f"{kept.due.timestamp():.6f}",
    }
    if kept.last_status is not None:
        headers["X-CloudTasks-TaskPreviousResponse"] = str(kept.last_status)
    return headers
