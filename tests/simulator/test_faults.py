"""Planned faults: each kind, where it strikes, and what is done nevertheless."""

from __future__ import annotations

import time

import pytest
import requests

from tests.simulator.tiny_books import FIRST
from tests.xero_simulator.server import Simulator
from tests.xero_simulator.visitor import Visitor


def count(visitor: Visitor) -> int:
    return len(visitor.control("GET", f"tenants/{FIRST}/books").json()["invoices"])


def plan(visitor: Visitor, **fault: object) -> None:
    assert visitor.control("POST", "faults", fault).ok


def put(visitor: Visitor, **options: str) -> requests.Response:
    return visitor.call("PUT", "Invoices", json={"n": 1}, **options)


def test_drop_before_closes_the_socket_and_does_nothing(visitor: Visitor) -> None:
    """The client sees a lost connection; nothing was created; the next call works."""
    plan(visitor, kind="drop_before")
    with pytest.raises(requests.ConnectionError):
        put(visitor)
    assert count(visitor) == 0
    assert put(visitor).ok


def test_drop_after_commit_did_everything(visitor: Visitor) -> None:
    """The answer is lost but kept under the key: the same request again gets it, without a second invoice."""
    plan(visitor, kind="drop_after_commit", method="put", path="/api.xro/2.0/Invoices")
    with pytest.raises(requests.ConnectionError):
        put(visitor, key="k")
    assert count(visitor) == 1
    assert put(visitor, key="k").ok
    assert count(visitor) == 1


def test_status_answers_as_told_and_does_nothing(visitor: Visitor) -> None:
    """Status, body, content type and headers are the plan's; under the key nothing is kept."""
    plan(visitor, kind="status", status=502, body="bad", content_type="text/html", headers={"X-Other": "yes"})
    answer = put(visitor, key="k")
    assert (answer.status_code, answer.text, answer.headers["X-Other"]) == (502, "bad", "yes")
    assert answer.headers["Content-Type"] == "text/html"
    assert count(visitor) == 0
    assert put(visitor, key="k").ok


def test_status_after_commit_keeps_the_error_under_the_key(simulator: Simulator, visitor: Visitor) -> None:
    """Done, yet the error is replayed for 6 minutes, as Xero's guidance warns."""
    plan(visitor, kind="status_after_commit", status=500)
    assert put(visitor, key="k").status_code == 500
    assert count(visitor) == 1
    assert put(visitor, key="k").status_code == 500
    simulator.advance(361)
    assert put(visitor, key="k").ok
    assert count(visitor) == 2


def test_delay_answers_late(visitor: Visitor) -> None:
    """A client that gives up has its request done all the same."""
    plan(visitor, kind="delay", seconds=0.4)
    before = time.monotonic()
    with pytest.raises(requests.Timeout):
        visitor.call("PUT", "Invoices", json={}, timeout=0.1)
    while count(visitor) == 0 and time.monotonic() < before + 10:
        time.sleep(0.02)
    assert time.monotonic() - before >= 0.4


def test_delay_after_the_work(visitor: Visitor) -> None:
    """The invoice is there before the answer is."""
    plan(visitor, kind="delay", seconds=5, when="after")
    with pytest.raises(requests.Timeout):
        visitor.call("PUT", "Invoices", json={}, timeout=1)
    assert count(visitor) == 1


@pytest.mark.parametrize("variant", ["truncated", "html", "wrong_content_type"])
def test_garbage_comes_after_the_work(visitor: Visitor, variant: str) -> None:
    """The answer is of no use, the invoice is there, and the key still has the real answer."""
    plan(visitor, kind="garbage", variant=variant)
    answer = put(visitor, key="k")
    assert answer.status_code == 200
    if variant == "wrong_content_type":
        assert answer.headers["Content-Type"].startswith("text/html")
    else:
        with pytest.raises(requests.JSONDecodeError):
            answer.json()
    assert count(visitor) == 1
    assert put(visitor, key="k").json()["Invoices"][0]["n"] == 1


@pytest.mark.parametrize(
    ("problem", "header"),
    [("minute", "X-MinLimit-Remaining"), ("day", "X-DayLimit-Remaining"), ("concurrent", None)],
)
def test_rate_limit(visitor: Visitor, problem: str, header: str | None) -> None:
    """429 with the problem, and with Retry-After if told."""
    plan(visitor, kind="rate_limit", problem=problem, **({} if header is None else {"retry_after": 73451}))
    answer = put(visitor)
    assert (answer.status_code, answer.headers["X-Rate-Limit-Problem"]) == (429, problem)
    assert answer.headers.get("Retry-After") == ("73451" if header else None)
    assert header is None or answer.headers[header] == "0"
    assert count(visitor) == 0


def test_offline(visitor: Visitor) -> None:
    """503 in plain text."""
    plan(visitor, kind="offline")
    answer = put(visitor)
    assert (answer.status_code, answer.text) == (503, "The Organisation is offline")


def test_method_path_and_tenant_narrow_a_fault(visitor: Visitor) -> None:
    """A prefix or a glob; in any case of letters; other requests pass."""
    plan(visitor, kind="status", status=500, method="PUT", path="/api.xro/2.0/contacts")
    plan(visitor, kind="status", status=501, path="*/History")
    plan(visitor, kind="status", status=502, tenant="another")
    assert put(visitor).ok
    assert visitor.call("GET", "Contacts").ok
    assert visitor.call("PUT", "Contacts", json={}).status_code == 500
    assert visitor.call("GET", "Invoices/1/History").status_code == 501


def test_count_and_skip(visitor: Visitor) -> None:
    """The first ones pass, then so many are hit, then all pass."""
    plan(visitor, kind="status", status=500, skip=1, count=2)
    assert [put(visitor).status_code for _ in range(5)] == [200, 500, 500, 200, 200]


def test_probability(visitor: Visitor) -> None:
    """Never at 0, always at 1, and without an end until cleared."""
    plan(visitor, kind="status", status=500, probability=0)
    assert put(visitor).ok
    plan(visitor, kind="status", status=500, probability=1)
    assert [put(visitor).status_code for _ in range(3)] == [500, 500, 500]
    assert visitor.control("DELETE", "faults").json() == {"faults": []}
    assert put(visitor).ok


def test_a_lost_token_answer_is_saved_by_the_grace(visitor: Visitor) -> None:
    """Faults reach the token endpoint: the rotation happened, the old token still works for a while."""
    plan(visitor, kind="drop_after_commit", path="/connect/token")
    with pytest.raises(requests.ConnectionError):
        visitor.refresh()
    assert visitor.refresh().ok


def test_faults_reach_the_connections(visitor: Visitor) -> None:
    """Whatever case the path is planned in."""
    plan(visitor, kind="status_after_commit", path="/Connections", status=503)
    assert visitor.connections().status_code == 503
    assert visitor.connections().ok


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "explode"},
        {},
        {"kind": "garbage", "variant": "soup"},
        {"kind": "partly_failed"},
        {"kind": "partly_failed", "index": "0", "every": "2"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(visitor: Visitor, wrong: dict[str, str]) -> None:
    """400 that says what is offered."""
    assert visitor.control("POST", "faults", wrong).status_code == 400
