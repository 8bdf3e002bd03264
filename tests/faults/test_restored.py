"""The database restored to a moment before the last documents were sent (docs/operations.md, Backup and restore)."""

from __future__ import annotations

from typing import Any

import pytest

from shared.services import paths
from tests.product import Product


def everything(product: Product) -> dict[str, Any]:
    """What a backup of the database holds; log entries left out, they only grow."""
    store, found = product.ports.store, {}
    collections = [
        paths.operations("demo"),
        paths.invoice_links("demo"),
        paths.contact_links("demo"),
        "tenants",
    ]
    for collection in (*collections, "practices/demo/config", "grants"):
        found |= {document.path: document.data for document in store.query(collection).items}
    return found


def restore(product: Product, backup: dict[str, Any]) -> None:
    for path in set(everything(product)) - set(backup):
        product.ports.store.delete(path)
    for path, data in backup.items():
        product.ports.store.put(path, data)


@pytest.mark.parametrize("renewed", [False, True])
def test_nothing_is_created_twice(product: Product, renewed: bool) -> None:
    """Sent, paid and then forgotten by us: asked for again it is found in Xero and linked, with its payment. Also when
    the tokens were renewed in between, so that the backup names a version that is not the live one."""
    product.ready()
    backup = everything(product)
    sent = product.invoice().json
    product.by_hand(f"invoices/{sent['invoice_id']}/pay")
    if renewed:
        product.advance(40 * 60)
        product.reconcile()
    restore(product, backup)
    assert product.ports.store.get(paths.invoice_link("demo", "a-1")) is None
    again = product.invoice()
    assert again.status_code in (200, 201), again.json
    product.reconcile()
    found = product.ok("GET", "/xero/invoices/a-1/")
    assert (found["invoice_id"], found["status"], found["amount_due"]) == (sent["invoice_id"], "PAID", "0.00")
    assert len(product.invoices()) == 1
    assert len(product.books()["contacts"]) == len({c["ContactID"] for c in product.books()["contacts"]})
    names = [c["Name"] for c in product.books()["contacts"]]
    assert len(names) == len(set(names))


def test_a_period_is_brought_in_step(product: Product) -> None:
    """Completeness after a restore names what Xero has and we forgot; repairing it creates nothing."""
    product.ready()
    backup = everything(product)
    sent = product.invoice().json
    restore(product, backup)
    period = {"first": "2026-11-01", "last": "2026-11-30"}
    product.ok("POST", "/xero/completeness/repair/", "bookkeeper", json=period)
    product.settle(60)
    assert [i["InvoiceID"] for i in product.invoices()] == [sent["invoice_id"]]
    assert product.ok("GET", "/xero/invoices/a-1/")["invoice_id"] == sent["invoice_id"]
