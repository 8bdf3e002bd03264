"""What work costs in calls of Xero's, on a small scale; ``make bench`` measures the large one."""

from __future__ import annotations

import pytest

from tests.benchmarks.bulk import Bulk
from tests.benchmarks.calls import storm
from tests.product import Product


@pytest.fixture
def bulk(product: Product) -> Bulk:
    return Bulk(product)


def test_new_patients_and_their_invoices(bulk: Bulk) -> None:
    """A hundred of each in batches of fifty: two calls for the contacts, two for the invoices."""
    bulk.patients(100)
    bulk.appointments(100, patients=100)
    calls = bulk.create_all()
    assert calls.by_endpoint() == {"PUT Contacts": 2, "PUT Invoices": 2}
    assert len(bulk.product.invoices()) == 101


def test_known_patients(bulk: Bulk) -> None:
    """Two calls for a hundred contacts, two for a hundred invoices; asked for again, none."""
    bulk.patients(100)
    assert bulk.sync_all().by_endpoint() == {"PUT Contacts": 2}
    bulk.appointments(100, patients=100)
    assert bulk.create_all().by_endpoint() == {"PUT Invoices": 2}
    assert bulk.create_all().count == 0
    assert bulk.sync_all().count == 0


def test_changed_patients(bulk: Bulk) -> None:
    """Fifty changed contacts: two calls to see whether they are still there, one to change them all."""
    bulk.patients(50)
    bulk.sync_all()
    bulk.patients(50, last_name="Lee-{}")
    assert bulk.sync_all().by_endpoint() == {"GET Contacts": 2, "POST Contacts": 1}


@pytest.mark.parametrize("categories", [["INVOICE"], ["INVOICE", "CONTACT", "CREDITNOTE", "PAYMENT"]])
def test_a_storm_of_webhooks(bulk: Bulk, categories: list[str]) -> None:
    """Ten seconds of it, all kinds mixed too, cost at most ten calls."""
    assert storm(bulk, 1000, categories, "small").ok
    assert storm(bulk, 1000, categories, "small, at another moment").ok


def test_a_sweep_asks_for_what_changed(bulk: Bulk) -> None:
    """Of 60 invoices three were paid: one call for invoices, one for contacts."""
    bulk.patients(1)
    bulk.appointments(60, patients=1)
    bulk.create_all()
    bulk.product.advance(3600)
    bulk.product.reconcile()
    bulk.product.advance(3600)
    for invoice in bulk.product.invoices()[:3]:
        bulk.product.by_hand(f"invoices/{invoice['InvoiceID']}/pay")
    assert bulk.calls_of(bulk.product.reconcile).by_endpoint() == {"GET Contacts": 1, "GET Invoices": 1}
    paid = [each for each in bulk.product.ok("GET", "/xero/invoices/")["items"] if each["status"] == "PAID"]
    assert len(paid) == 3
