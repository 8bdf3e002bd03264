"""Costly requests are counted for each person: a minute's worth at once, then one for each share of a minute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shared.domain.people import Person
from shared.services.rate_limit import spend
from tests.functions.edges import address, check_problem, routes
from tests.product import Product, running_product

VERIFY = "/xero/logs/verify/"
#: What a request to each kind needs to be read; whether it then succeeds does not matter here.
COSTLY = sorted(f"{route.method} {address(route)}" for route in routes() if route.costly)


@pytest.fixture
def product(tmp_path: Path) -> Any:
    with running_product(tmp_path, RATE_LIMIT="3") as running, running.clock.standing_still():
        yield running


def refused(answer: Any) -> int:
    """Seconds to wait."""
    check_problem(answer, 429, "too_many_requests")
    return int(answer.headers["Retry-After"])


def test_which_are_costly() -> None:
    """Bulk work, renewing, whole periods, the log as a whole."""
    assert sorted(
        [
            "POST /xero/invoices/create_all/", "POST /xero/invoices/preview_all/", "POST /xero/contacts/sync_all/",
            "POST /xero/oauth/refresh/", "POST /clinic/import", "GET /xero/completeness/",
            "POST /xero/completeness/repair/", "GET /xero/logs/verify/", "GET /xero/logs/export/",
        ]
    ) == COSTLY  # fmt: skip


@pytest.mark.parametrize("which", COSTLY)
def test_each_has_an_end(product: Product, which: str) -> None:
    """Three in a minute here; the fourth does nothing and says when to come again."""
    method, path = which.split()
    role = "app" if path.startswith("/clinic/") else "owner"
    for _ in range(3):
        assert product.call(method, path, role, json={}).status_code != 429
    calls = len(product.xero_calls())
    assert refused(product.call(method, path, role, json={})) == 20
    assert len(product.xero_calls()) == calls


def test_a_share_comes_back_with_time(tmp_path: Path) -> None:
    """Nothing before Retry-After is over, then one; after a minute without any all three again."""
    with running_product(tmp_path, RATE_LIMIT="3") as product:

        def asked(after: int) -> int:
            product.advance(after)
            with product.clock.standing_still():
                answers = [product.call("GET", VERIFY).status_code for _ in range(4)]
            return answers.count(200)

        assert [asked(0), asked(0), asked(21), asked(61), asked(41)] == [3, 0, 1, 3, 2]


def test_asking_xero_for_lists_anew_is_counted_and_looking_is_not(product: Product) -> None:
    """All lists together, since each costs a call."""
    product.connect()
    for _ in range(6):
        product.ok("GET", "/xero/accounts/")
    for path in ("accounts", "tax_rates", "tracking"):
        product.ok("GET", f"/xero/{path}/?refresh=1")
    refused(product.call("GET", "/xero/products/?refresh=1"))
    product.ok("GET", "/xero/accounts/")


def test_people_practices_and_kinds_are_counted_apart(product: Product) -> None:
    """Who has asked too often stops nobody else, and nothing else."""
    for _ in range(3):
        product.ok("GET", VERIFY, "owner")
    refused(product.call("GET", VERIFY, "owner"))
    product.ok("GET", VERIFY, "bookkeeper")
    product.ok("GET", VERIFY, "owner", "other")
    product.ok("GET", "/xero/logs/", "owner")
    product.ok("GET", "/xero/logs/export/?first=2026-11-01&last=2026-11-02", "owner")


def test_two_at_once_are_two(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another request is counted between this one's reading and its writing."""
    person, store = Person("s", "S", "demo", "owner"), product.ports.store
    original, raced = store.create, []

    def create(*arguments: Any) -> Any:
        if not raced:
            raced.append(True)
            spend(product.ports, person, "x")
        return original(*arguments)

    monkeypatch.setattr(store, "create", create)
    spend(product.ports, person, "x")
    spend(product.ports, person, "x")
    with pytest.raises(Exception, match="At most 3"):
        spend(product.ports, person, "x")


def test_none_unless_wanted(tmp_path: Path) -> None:
    """RATE_LIMIT=0 counts nothing and writes nothing."""
    with running_product(tmp_path, RATE_LIMIT="0") as product:
        for _ in range(5):
            product.ok("GET", VERIFY)
        assert product.ports.store.query("practices/demo/rate_limits").items == []
