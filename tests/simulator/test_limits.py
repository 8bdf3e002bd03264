"""Rate limits and the headers that announce them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.simulator.tiny_books import FIRST, SECOND, TinyBooks
from tests.xero_simulator import limits
from tests.xero_simulator.server import Simulator
from tests.xero_simulator.visitor import Visitor


def remaining(answer: requests.Response) -> tuple[int, int, int]:
    names = ("X-DayLimit-Remaining", "X-MinLimit-Remaining", "X-AppMinLimit-Remaining")
    day, minute, app = (int(answer.headers[name]) for name in names)
    return day, minute, app


def test_every_answer_tells_what_remains(visitor: Visitor) -> None:
    """Day, minute and app-minute go down by one with each call; errors count too."""
    assert remaining(visitor.call("GET", "Invoices")) == (4999, 59, 9999)
    assert remaining(visitor.call("PUT", "Invoices", json={"invalid": True})) == (4998, 58, 9998)
    assert visitor.call("GET", "Invoices").headers["Xero-Correlation-Id"]


def test_calls_that_are_not_let_in_are_not_counted(visitor: Visitor) -> None:
    """Neither an organisation that is not covered nor a missing scope uses the limits up."""
    visitor.call("GET", "Invoices", tenant=SECOND)
    visitor.call("GET", "BankTransactions")
    assert remaining(visitor.call("GET", "Invoices"))[1] == 59


def test_the_sixty_first_call_of_a_minute_is_429(simulator: Simulator, visitor: Visitor) -> None:
    """429 says minute and how long; after that long there are 60 again."""
    assert all(visitor.call("GET", "Invoices").ok for _ in range(60))
    answer = visitor.call("GET", "Invoices")
    assert answer.status_code == 429
    assert answer.headers["X-Rate-Limit-Problem"] == "minute"
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert remaining(answer)[:2] == (4940, 0)
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)
    simulator.advance(int(answer.headers["Retry-After"]))
    assert remaining(visitor.call("GET", "Invoices"))[1] == 59


def test_organisations_have_windows_of_their_own(simulator: Simulator) -> None:
    """One organisation's minute is not another's; the app-wide one is shared."""
    someone = Visitor(simulator.url)
    someone.connect(tenants=[FIRST, SECOND])
    someone.control("POST", f"tenants/{FIRST}/limits", {"minute": 1})
    assert someone.call("GET", "Invoices").ok
    assert someone.call("GET", "Invoices").status_code == 429
    assert remaining(someone.call("GET", "Invoices", tenant=SECOND)) == (4999, 59, 9998)


def test_the_day_limit_says_day_and_waits_for_the_window(simulator: Simulator, visitor: Visitor) -> None:
    """Set to two by control, the third call waits up to 24 hours."""
    visitor.control("POST", f"tenants/{FIRST}/limits", {"day": 2})
    assert remaining(visitor.call("GET", "Invoices"))[0] == 1
    simulator.advance(1000)
    assert remaining(visitor.call("GET", "Invoices"))[0] == 0
    answer = visitor.call("GET", "Invoices")
    assert answer.headers["X-Rate-Limit-Problem"] == "day"
    assert 85_390 <= int(answer.headers["Retry-After"]) <= 85_400
    assert remaining(answer)[:2] == (0, 59)
    simulator.advance(int(answer.headers["Retry-After"]))
    visitor.tokens = visitor.refresh().json()
    assert remaining(visitor.call("GET", "Invoices"))[0] == 1


def test_five_at_a_time(
    simulator: Simulator, visitor: Visitor, eventually: Callable[[Callable[[], bool]], bool]
) -> None:
    """The sixth call at once is 429 concurrent without Retry-After, and places come free again."""
    books = simulator.world.organisations[FIRST].books
    assert isinstance(books, TinyBooks)
    threads = [threading.Thread(target=visitor.call, args=("GET", "Slow")) for _ in range(5)]
    for thread in threads:
        thread.start()
    eventually(lambda: simulator.world.limits.running(FIRST) == 5)
    answer = visitor.call("GET", "Invoices")
    assert answer.status_code == 429
    assert answer.headers["X-Rate-Limit-Problem"] == "concurrent"
    assert "Retry-After" not in answer.headers
    books.gate.set()
    for thread in threads:
        thread.join(10)
    assert remaining(answer)[1] == 55
    assert visitor.call("GET", "Invoices").ok


def test_one_busy_organisation_does_not_block_another(simulator: Simulator) -> None:
    """While the first works, the second answers."""
    someone = Visitor(simulator.url)
    someone.connect(tenants=[FIRST, SECOND])
    books = simulator.world.organisations[FIRST].books
    assert isinstance(books, TinyBooks)
    busy = threading.Thread(target=someone.call, args=("GET", "Slow"))
    busy.start()
    assert books.inside.acquire(timeout=10)
    assert someone.call("GET", "Invoices", tenant=SECOND).ok
    assert busy.is_alive()
    books.gate.set()
    busy.join(10)


def test_the_app_wide_limit(simulator: Simulator, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over all organisations of an app: appminute."""
    monkeypatch.setattr(limits, "APP_MINUTE", 2)
    visitor.connect(tenants=[FIRST, SECOND])
    assert visitor.call("GET", "Invoices", tenant=FIRST).ok
    assert visitor.call("GET", "Invoices", tenant=SECOND).ok
    answer = visitor.call("GET", "Invoices", tenant=SECOND)
    assert answer.headers["X-Rate-Limit-Problem"] == "appminute"
    assert "Retry-After" in answer.headers


def test_fifty_clients_at_once(simulator: Simulator, visitor: Visitor) -> None:
    """Fifty kept-alive connections with ten calls each are all answered."""
    visitor.control("POST", f"tenants/{FIRST}/limits", {"minute": 1000, "concurrent": 100})

    def client(_: int) -> int:
        with requests.Session() as session:
            headers = {**visitor.bearer(), "xero-tenant-id": FIRST}
            url = f"{visitor.url}/api.xro/2.0/Invoices"
            return sum(session.get(url, headers=headers, timeout=30).ok for _ in range(10))

    with ThreadPoolExecutor(50) as pool:
        assert list(pool.map(client, range(50))) == [10] * 50
