"""The scheduled sweep over many organisations: page by page, each a request of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.domain.errors import StoreUnavailable
from shared.services import reconcile
from tests.benchmarks.counting_store import CountingStore, counting_store
from tests.hints import waiting
from tests.product import Product, running_product


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    with running_product(tmp_path, make_store=counting_store) as running:
        yield running


def fleet(product: Product, organisations: int) -> set[str]:
    tenants = {f"tenant-{number:04d}" for number in range(organisations)}
    for number, tenant in enumerate(sorted(tenants)):
        data = {"grant_id": f"grant-{number % 7}", "practice_id": f"practice-{number}"}
        product.ports.store.put(f"tenants/{tenant}", data)
    return tenants


def pulled(product: Product) -> set[str]:
    return {task["tenant_id"] for task in waiting(product)}


def test_every_organisation_is_looked_after(product: Product) -> None:
    """Of 250, a request sees to no more than a page; together they see to all, each once."""
    tenants, store = fleet(product, 250), product.ports.store
    assert isinstance(store, CountingStore)
    before = store.cost
    with product.clock.standing_still():
        assert reconcile.reconcile(product.ports) == reconcile.PAGE
        assert (store.cost - before).reads < 3 * reconcile.PAGE
        assert len(pulled(product)) == reconcile.PAGE
        product.run_tasks()
        assert pulled(product) == tenants
        assert len(waiting(product)) == 250


def test_the_next_page_does_not_wait_for_a_page_in_trouble(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that fails is tried again by its sender; the pages behind it go on."""
    tenants = fleet(product, 150)

    def fail(*_: object) -> None:
        raise StoreUnavailable

    with product.clock.standing_still():
        with monkeypatch.context() as patch:
            patch.setattr(reconcile, "_look_after", fail)
            with pytest.raises(StoreUnavailable):
                reconcile.reconcile(product.ports)
        product.run_tasks()
        assert len(pulled(product)) == 50
        assert reconcile.reconcile(product.ports) == reconcile.PAGE  # the scheduler tries again
        assert pulled(product) == tenants


def test_a_page_that_comes_twice(product: Product) -> None:
    """Cloud Tasks delivers at least once: the second time adds nothing."""
    fleet(product, 150)
    with product.clock.standing_still():
        reconcile.reconcile(product.ports)
        (page,) = waiting(product, "sweep")
        for _ in range(2):
            assert reconcile.sweep_page(product.ports, page["cursor"], page["began"]) == 50
        assert len(waiting(product)) == 150
