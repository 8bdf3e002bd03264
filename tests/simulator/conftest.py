"""A running simulator and somebody who talks to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.simulator.tiny_books import TinyBooks, tiny_books
from tests.xero_simulator.server import Simulator
from tests.xero_simulator.visitor import Visitor


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """The edge with tiny books behind it, on a free port."""
    with Simulator(make_books=tiny_books).running() as running:
        yield running
        for organisation in running.world.organisations.values():
            if isinstance(organisation.books, TinyBooks):
                organisation.books.gate.set()


@pytest.fixture
def visitor(simulator: Simulator) -> Visitor:
    """Connected to the first organisation."""
    someone = Visitor(simulator.url)
    someone.connect()
    return someone


@dataclass
class Inbox:
    """What a webhook receiver got, and what it answers next (200 when nothing is planned)."""

    url: str = ""
    received: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    always: int = 200
    body: bytes = b""
    cookie: bool = False
    judge: Callable[[bytes, str], int] | None = None


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """An HTTP server that collects webhooks."""
    inbox = Inbox()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            inbox.received.append((body, headers))
            status = inbox.answers.pop(0) if inbox.answers else inbox.always
            if inbox.judge is not None:
                status = inbox.judge(body, headers["x-xero-signature"])
            self.send_response(status)
            if inbox.cookie:
                self.send_header("Set-Cookie", "a=b")
            self.send_header("Content-Length", str(len(inbox.body)))
            self.end_headers()
            self.wfile.write(inbox.body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    inbox.url = f"http://127.0.0.1:{server.server_address[1]}/xero/webhook/"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield inbox
    server.shutdown()
    server.server_close()


@pytest.fixture
def eventually() -> Callable[[Callable[[], Any]], Any]:
    """Wait, at most 10 seconds, until something becomes true."""

    def wait(condition: Callable[[], Any]) -> Any:
        until = time.monotonic() + 10
        while not (value := condition()):
            if time.monotonic() > until:
                raise AssertionError("it did not come about in 10 seconds")
            time.sleep(0.01)
        return value

    return wait
