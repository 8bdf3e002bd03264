"""What needs a person is listed by cause, and one press mends all of a cause."""

from __future__ import annotations

from typing import Any

from tests.hints import event, hint
from tests.product import Product


def causes(product: Product) -> dict[str, Any]:
    return {entry["cause"]: entry for entry in product.ok("GET", "/xero/attention/", "reception")["items"]}


def test_one_cause_one_press(product: Product) -> None:
    """Five invoices that one archived account keeps waiting are one entry; restored, one press sends all five."""
    product.ready()
    product.by_hand("organisation", account={"Code": "200", "Status": "ARCHIVED"})
    for number in range(1, 6):
        product.appointment(f"a-{number}")
        assert product.invoice(f"a-{number}").status_code == 202
    entry = causes(product)["mapping_archived"]
    assert entry["count"] == 5
    assert entry["remedy"]
    assert entry["sentence"]
    product.by_hand("organisation", account={"Code": "200", "Status": "ACTIVE"})
    product.advance(60)
    answer = product.call("POST", "/xero/attention/mapping_archived/retry/", "reception", json={})
    assert (answer.status_code, answer.json) == (202, {"count": 5})
    product.settle(20)
    assert len([i for i in product.invoices() if i["Status"] == "AUTHORISED"]) == 5
    assert causes(product) == {}


def test_a_retry_of_one_cause_leaves_others(product: Product) -> None:
    """Only the operations of that cause are taken up."""
    product.ready()
    bad = {"description": "x", "unit_amount": "1", "account_code": "200", "tax_type": "NONSENSE"}
    product.appointment("a-2", line_items=[bad])
    assert product.invoice("a-2").status_code == 422
    before = len(product.xero_calls("PUT"))
    assert product.ok("POST", "/xero/attention/account_invalid/retry/", "reception", json={}) == {"count": 0}
    product.settle(20)
    assert len(product.xero_calls("PUT")) == before


def test_silent_webhook_is_noticed(product: Product) -> None:
    """No webhook while the sweep finds a payment: an entry says how to switch it on; a webhook takes it away."""
    product.ready()
    invoice_id = product.invoice().json["invoice_id"]
    product.by_hand(f"invoices/{invoice_id}/pay")
    product.advance(3600)
    product.reconcile()
    assert product.ok("GET", "/xero/invoices/a-1/", "reception")["status"] == "PAID"
    assert "developer portal" in causes(product)["webhook.silent"]["remedy"]
    product.advance(5)
    hint(product, event(invoice_id))
    product.settle(20)
    assert "webhook.silent" not in causes(product)


def test_a_working_webhook_is_not_suspected(product: Product) -> None:
    """When the webhook came, the sweep that follows raises nothing."""
    product.ready()
    invoice_id = product.invoice().json["invoice_id"]
    product.by_hand(f"invoices/{invoice_id}/pay")
    hint(product, event(invoice_id))
    product.settle(20)
    product.advance(3600)
    product.reconcile()
    assert "webhook.silent" not in causes(product)
