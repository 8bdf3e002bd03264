"""Deliveries over HTTP, and a dispatcher killed in the middle of one."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.embedded.database import Database
from shared.adapters.embedded.delivery import retry_after
from shared.adapters.embedded.dispatcher import Dispatcher
from shared.adapters.embedded.task_queue import TaskQueue
from shared.adapters.embedded.tasks import SqliteTasks
from shared.adapters.system_clock import SystemClock
from tests.contract.backends import FakeClock
from tests.contract.helpers import eventually, process


class Worker:
    """A worker over HTTP that records requests and answers what it is told, then 200."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.hang = threading.Event()
        self.hang.set()
        worker = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                worker.requests.append((self.path, dict(self.headers.items()), json.loads(body)))
                worker.hang.wait(timeout=20)
                status, headers = worker.answers.pop(0) if worker.answers else (200, {})
                try:
                    self.send_response(status)
                    for name, value in {"Content-Length": "0", **headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                except OSError:
                    pass  # the caller was killed

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def worker() -> Iterator[Worker]:
    running = Worker()
    yield running
    running.hang.set()
    running.server.shutdown()
    running.server.server_close()


def test_a_delivery_is_a_post_signed_for_the_worker(database: Database, worker: Worker) -> None:
    """Path, JSON body, a bearer minted for the base URL, and the queue's headers."""
    clock = FakeClock()
    SqliteTasks(database, clock).enqueue("pull", {"tenant_id": "t1"}, name="n1")
    audiences: list[str] = []

    def mint(audience: str) -> str:
        audiences.append(audience)
        return "signed"

    assert Dispatcher(database, f"{worker.url}/", mint, clock).run_until_idle() == 1
    ((path, headers, body),) = worker.requests
    assert (path, body, audiences) == ("/tasks/pull", {"tenant_id": "t1"}, [worker.url])
    assert headers["Authorization"] == "Bearer signed"
    assert headers["Content-Type"] == "application/json"
    assert headers["X-CloudTasks-QueueName"] == "ledger"
    assert headers["X-CloudTasks-TaskName"] == "n1"


def test_answers_over_http(database: Database, worker: Worker) -> None:
    """Retry-After is read from the answer, a redirect is no success, and the last status is passed on."""
    clock = FakeClock()
    SqliteTasks(database, clock).enqueue("pull", {})
    worker.answers += [(429, {"Retry-After": "40"}), (307, {"Location": "/elsewhere"})]
    running = Dispatcher(database, worker.url, lambda _: "t", clock)
    assert running.run_until_idle() == 1
    clock.advance(39.9)
    assert running.run_until_idle() == 0
    clock.advance(0.1)
    assert running.run_until_idle() == 1
    clock.advance(2)
    assert running.run_until_idle() == 1
    assert [path for path, _, _ in worker.requests] == ["/tasks/pull"] * 3
    assert [headers.get("X-CloudTasks-TaskPreviousResponse") for _, headers, _ in worker.requests] == [
        None,
        "429",
        "307",
    ]
    assert running.queue.waiting() == 0


def test_no_answer_is_tried_again(database: Database, worker: Worker) -> None:
    """A refused connection and an answer that takes too long."""
    clock = FakeClock()
    SqliteTasks(database, clock).enqueue("pull", {})
    assert Dispatcher(database, "http://127.0.0.1:9", lambda _: "t", clock).run_until_idle() == 1
    clock.advance(1)
    worker.hang.clear()
    assert Dispatcher(database, worker.url, lambda _: "t", clock, timeout=0.1).run_until_idle() == 1
    worker.hang.set()
    clock.advance(2)
    assert Dispatcher(database, worker.url, lambda _: "t", clock).run_until_idle() == 1
    assert len(worker.requests) == 2
    assert TaskQueue(database, clock).waiting() == 0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        ("0", 1.0),
        ("-3", 1.0),
        ("1.5", 1.5),
        ("999999999", 86_400.0),
        ("Tue, 24 Nov 2026 21:02:00 GMT", 120.0),
        ("Tue, 24 Nov 2020 21:02:00 GMT", 1.0),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("", None),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(text: str | None, seconds: float | None) -> None:
    """Between a second and a day; what cannot be read does not count."""
    assert retry_after(text, datetime(2026, 11, 24, 21, 0, tzinfo=UTC)) == seconds


def test_a_killed_dispatcher_delays_its_task_but_does_not_lose_it(
    database: Database, tmp_path: Path, worker: Worker
) -> None:
    """SIGKILL in the middle of a delivery: another dispatcher delivers it again when the lease ends."""
    SqliteTasks(database, SystemClock()).enqueue("pull", {"n": 1})
    worker.hang.clear()
    killed = process("dispatch", tmp_path / "ledger.sqlite", worker.url)
    eventually(lambda: len(worker.requests) == 1)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait(timeout=10)
    worker.hang.set()
    with Dispatcher(database, worker.url, lambda _: "t", SystemClock()) as other:
        eventually(lambda: other.queue.waiting() == 0)
    assert [headers["X-CloudTasks-TaskRetryCount"] for _, headers, _ in worker.requests] == ["0", "1"]
