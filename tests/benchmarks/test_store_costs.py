"""What each use case reads and writes in the store, exactly: Firestore bills by the document, and each request is a
round trip. A change in cost shows here; who makes one says so by changing the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.bulk import Bulk
from tests.benchmarks.counting_store import Cost, CountingStore, counting_store
from tests.hints import event, hint
from tests.product import Product, running_product

#: use case -> documents read, documents written, requests to the store
TABLE = {
    "a patient's record kept": Cost(1, 1, 2),
    "an appointment's record kept": Cost(4, 1, 5),
    "an invoice previewed": Cost(17, 0, 16),
    "an invoice of a known patient": Cost(46, 6, 43),
    "an invoice of a new patient": Cost(67, 12, 68),
    "one invoice looked at": Cost(6, 0, 6),
    "the list of 3 invoices": Cost(4, 0, 2),
    "what needs a person": Cost(23, 1, 20),
    "a webhook": Cost(0, 0, 0),
    "a payment pulled": Cost(11, 7, 17),
    "a pull that finds nothing": Cost(11, 5, 16),
    "a later hour's sweep": Cost(68, 13, 67),
    "50 invoices of known patients drained": Cost(335, 205, 43),
    "50 invoices of new patients drained": Cost(844, 458, 66),
}
#: Of an hour in which nothing happened, however much is stored.
QUIET_SWEEP = Cost(61, 13, 67)


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    with running_product(tmp_path, make_store=counting_store) as running:
        yield running


def cost_of(product: Product, work: Callable[[], Any]) -> Cost:
    store = product.ports.store
    assert isinstance(store, CountingStore)
    before = store.cost
    work()
    return store.cost - before


def test_a_persons_clicks(product: Product) -> None:
    Bulk(product)
    found = {
        "a patient's record kept": cost_of(product, lambda: product.patient("p-2")),
        "an appointment's record kept": cost_of(product, lambda: product.appointment("a-2", "p-1")),
    }
    body = {"appointment_id": "a-2"}
    preview = ("POST", "/xero/invoices/preview/", "reception")
    product.ok(*preview, json=body)  # the lists that it needs are then known for a day
    found["an invoice previewed"] = cost_of(product, lambda: product.ok(*preview, json=body))
    found["an invoice of a known patient"] = cost_of(product, lambda: product.invoice("a-2"))
    product.appointment("a-3", "p-2")
    found["an invoice of a new patient"] = cost_of(product, lambda: product.invoice("a-3"))
    looks = {
        "one invoice looked at": "/xero/invoices/a-2/",
        "the list of 3 invoices": "/xero/invoices/",
        "what needs a person": "/xero/attention/",
    }
    for name, path in looks.items():
        found[name] = cost_of(product, lambda path=path: product.ok("GET", path, "reception"))  # type: ignore[misc]
    assert len(product.invoices()) == 3
    assert found == {name: TABLE[name] for name in found}


def test_what_comes_back(product: Product) -> None:
    Bulk(product)
    found = {"a pull that finds nothing": cost_of(product, lambda: pulled(product))}
    (invoice,) = product.invoices()
    product.by_hand(f"invoices/{invoice['InvoiceID']}/pay")
    found["a webhook"] = cost_of(product, lambda: hint(product, event(invoice["InvoiceID"])))
    found["a payment pulled"] = cost_of(product, lambda: pulled(product))
    assert product.ok("GET", "/xero/invoices/a-1/")["status"] == "PAID"
    product.advance(3600)
    product.reconcile()
    product.advance(3600)
    found["a later hour's sweep"] = cost_of(product, product.reconcile)
    assert found == {name: TABLE[name] for name in found}


def pulled(product: Product) -> None:
    hint(product, event())
    product.advance(5)
    product.run_tasks()


@pytest.mark.parametrize(
    ("name", "patients"),
    [("50 invoices of known patients drained", 0), ("50 invoices of new patients drained", 50)],
)
def test_bulk_work(product: Product, name: str, patients: int) -> None:
    """A sweep afterwards costs no more than before: its cost grows with what changed, not with what exists."""
    bulk = Bulk(product)
    if patients:
        bulk.patients(patients)
    bulk.appointments(50, patients)
    costs: list[Cost] = []
    deliver = product._deliver

    def counted(task: Any) -> Any:
        answers: list[Any] = []
        cost = cost_of(product, lambda: answers.append(deliver(task)))
        costs.extend([cost] if task.kind == "drain" else [])
        return answers[0]

    product.dispatcher._deliver = counted
    bulk.create_all()
    assert len(product.invoices()) == 51
    assert sum(costs, Cost()) == TABLE[name]
    for _ in range(
        3
    ):  # so long until what was logged is sealed, and looked through once more for late entries
        product.advance(3600)
        product.reconcile()
    product.advance(3600)
    assert cost_of(product, product.reconcile) == QUIET_SWEEP
