"""The state file, and the simulator as a program of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.simulator.conftest import Inbox
from tests.simulator.tiny_books import FIRST, tiny_books
from tests.xero_simulator.persistence import SqliteStore, Work
from tests.xero_simulator.server import Simulator
from tests.xero_simulator.visitor import Visitor

ROOT = Path(__file__).parents[2]
TINY = (
    "import sys; sys.argv[0] = 'simulator'\n"
    "from tests.simulator.tiny_books import tiny_books\n"
    "from tests.xero_simulator import server, __main__\n"
    "server.demo_books = tiny_books\n"
    "sys.exit(__main__.main())\n"
)


@contextmanager
def program(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The simulator in a process of its own, with tiny books, and its URL."""
    process = subprocess.Popen(
        [sys.executable, "-c", TINY, "--port", "0", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().split()[-1]
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def restarted(path: Path, **options: Any) -> Simulator:
    return Simulator(make_books=tiny_books, state=str(path), **options)


def test_everything_survives_a_sigkill(tmp_path: Path) -> None:
    """Documents, tokens, connections, idempotency answers and the clock's offset are there again."""
    state = ("--state", str(tmp_path / "state.sqlite"))
    with program(*state) as (process, url):
        visitor = Visitor(url)
        visitor.connect()
        visitor.control("POST", "clock", {"advance_seconds": 100})
        first = visitor.call("PUT", "Invoices", json={"n": 1}, key="k").json()
        before = visitor.connections().json()
        process.send_signal(signal.SIGKILL)
        process.wait()
    with program(*state) as (_, url):
        visitor.url = url
        assert visitor.connections().json() == before
        assert visitor.call("PUT", "Invoices", json={"n": 1}, key="k").json() == first
        assert visitor.call("GET", "Invoices").json()["Invoices"] == first["Invoices"]
        assert visitor.refresh().ok
        assert visitor.control("GET", "clock").json()["offset_seconds"] == 100


def test_an_answered_write_is_never_lost(tmp_path: Path) -> None:
    """Killed amid writes: every invoice whose answer arrived is there afterwards."""
    state = ("--state", str(tmp_path / "state.sqlite"))
    answered: list[str] = []
    with program(*state) as (process, url):
        visitor = Visitor(url)
        visitor.connect()
        visitor.control("POST", f"tenants/{FIRST}/limits", {"minute": 10_000})
        until = time.monotonic() + 0.5
        try:
            while True:
                answer = visitor.call("PUT", "Invoices", json={})
                answered.append(answer.json()["Invoices"][0]["InvoiceID"])
                if time.monotonic() > until and process.poll() is None:
                    process.send_signal(signal.SIGKILL)
        except requests.RequestException:
            process.wait()
    with program(*state) as (_, url):
        books = Visitor(url).control("GET", f"tenants/{FIRST}/books").json()
        assert set(answered) <= {each["InvoiceID"] for each in books["invoices"]}
    assert answered


def test_a_code_and_a_rotated_token_survive(tmp_path: Path) -> None:
    """A consent before a restart can be exchanged after it; a rotated token stays in its grace only."""
    path = tmp_path / "state.sqlite"
    with restarted(path).running() as simulator:
        visitor = Visitor(simulator.url)
        visitor.connect()
        visitor.refresh()
        code = visitor.consent()["code"]
    with restarted(path).running() as simulator:
        visitor.url = simulator.url
        assert visitor.exchange(code).ok
        assert visitor.refresh().ok
        simulator.advance(1801)
        assert not visitor.refresh().ok


def test_waiting_webhooks_survive(
    tmp_path: Path, inbox: Inbox, eventually: Callable[[Callable[[], Any]], Any]
) -> None:
    """Held before the restart, delivered after it, with sequence numbers going on."""
    path = tmp_path / "state.sqlite"
    with restarted(path, webhook_url=inbox.url).running() as simulator:
        visitor = Visitor(simulator.url)
        visitor.connect()
        visitor.control("POST", "webhooks", {"mode": "hold"})
        visitor.call("PUT", "Invoices", json={})
    with restarted(path).running() as simulator:
        visitor.url = simulator.url
        visitor.call("PUT", "Invoices", json={})
        assert visitor.control("GET", "webhooks").json()["pending"] == 2
        visitor.control("POST", "webhooks", {"mode": "on"})
        eventually(lambda: visitor.control("GET", "webhooks").json()["delivered"] == 2)
    assert b'"firstEventSequence": 1,"lastEventSequence": 2' in inbox.received[0][0]


def test_reset_clears_the_file_too(tmp_path: Path) -> None:
    """After a reset and a restart the demo organisations are as new."""
    path = tmp_path / "state.sqlite"
    with restarted(path).running() as simulator:
        visitor = Visitor(simulator.url)
        visitor.connect()
        visitor.call("PUT", "Invoices", json={})
        visitor.control("POST", "reset")
    with restarted(path).running() as simulator:
        visitor.url = simulator.url
        assert visitor.connections().status_code == 401
        assert visitor.control("GET", f"tenants/{FIRST}/books").json()["invoices"] == []


def test_a_write_costs_what_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a thousand documents kept, one more invoice writes one document of the books; reading none."""
    written: list[tuple[str, str]] = []
    real = SqliteStore.write

    def spy(self: SqliteStore, changes: dict[tuple[str, str], Any], epoch: int) -> None:
        written.extend(changes)
        real(self, changes, epoch)

    monkeypatch.setattr(SqliteStore, "write", spy)
    with restarted(tmp_path / "state.sqlite").running() as simulator:
        visitor = Visitor(simulator.url)
        visitor.connect()
        organisation = simulator.world.organisations[FIRST]
        for number in range(1000):
            organisation.books.documents[str(number)] = {}  # type: ignore[attr-defined]
        written.clear()
        visitor.call("GET", "Invoices")
        assert written == []
        visitor.call("PUT", "Invoices", json={}, key="k")
        kinds = sorted(kind for kind, _ in written)
        assert kinds == [f"books {FIRST}", "idempotency", "webhook"]


def test_work_from_before_a_reset_is_not_written(tmp_path: Path) -> None:
    """A request under way during a reset leaves no trace in the file."""
    store = SqliteStore(str(tmp_path / "state.sqlite"))
    work = Work(store)
    work.put("kind", "key", {"a": 1})
    store.clear()
    work.commit()
    assert store.load("kind") == {}


def test_decimals_come_back_exactly(tmp_path: Path) -> None:
    """The books' amounts are read as Decimal, never through a float."""
    path = str(tmp_path / "state.sqlite")
    store = SqliteStore(path)
    work = Work(store)
    work.put("kind", "key", {"amount": Decimal("0.10")})
    work.commit()
    store.close()
    assert str(SqliteStore(path).load("kind", exact=True)["key"]["amount"]) == "0.10"


def test_sigterm_stops_it_cleanly() -> None:
    """Exit status 0, soon."""
    with program() as (process, url):
        assert requests.get(f"{url}/_simulator/health", timeout=10).ok
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_it_ends_with_the_parent_it_was_told() -> None:
    """Nobody is left behind when the process that started it is gone."""
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with program("--parent-pid", str(parent.pid)) as (process, _):
        assert process.poll() is None
        parent.communicate(b"\n")
        assert process.wait(10) == 0


def test_it_goes_on_while_the_parent_lives() -> None:
    """The parent it was told is this test."""
    with program("--parent-pid", str(os.getpid())) as (process, url):
        time.sleep(1.2)
        assert process.poll() is None
        assert requests.get(f"{url}/_simulator/health", timeout=10).ok


def test_a_taken_port_is_told_in_a_sentence(simulator: Simulator) -> None:
    """No traceback, exit status 1."""
    port = simulator.url.rpartition(":")[2]
    outcome = subprocess.run(
        [sys.executable, "-c", TINY, "--port", port],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert outcome.returncode == 1
    assert outcome.stderr.startswith(f"the Xero simulator cannot start on port {port}")
    assert "Traceback" not in outcome.stderr


def test_a_restart_tries_waiting_webhooks_at_once(
    tmp_path: Path, eventually: Callable[[Callable[[], Any]], Any]
) -> None:
    """Deliveries that failed before the simulator stopped do not wait for their quarter of an hour after it."""
    state = str(tmp_path / "state.sqlite")
    nowhere = "http://127.0.0.1:9/"
    with Simulator(state=state, webhook_url=nowhere).running() as first:
        visitor = Visitor(first.url)
        visitor.connect()
        visitor.call("PUT", "Contacts", json={"Name": "Somebody New"})
        eventually(lambda: first.world.webhooks.state()["status"] == "retrying")
        eventually(lambda: first.world.webhooks.due()[2] is not None)
    again = Simulator(state=state, webhook_url=nowhere)
    assert again.world.webhooks.due()[2] is None
