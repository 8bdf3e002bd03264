"""The main job from the outside: connect, send, pay in Xero, see it paid."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from tests.product import TENANTS, Product
from tests.xero_simulator.applications import WEBHOOK_KEY


def webhook(product: Product, *events: dict[str, Any], key: str = WEBHOOK_KEY) -> int:
    raw = json.dumps({"events": list(events), "firstEventSequence": 1, "lastEventSequence": 1, "entropy": "x"}).encode()
    signature = base64.b64encode(hmac.new(key.encode(), raw, hashlib.sha256).digest()).decode()
    return product.raw("POST", "/xero/webhook/", data=raw, headers={"x-xero-signature": signature}).status_code


def event(invoice_id: str, tenant_id: str = TENANTS["demo"]) -> dict[str, Any]:
    return {"resourceId": invoice_id, "eventType": "Update", "eventCategory": "INVOICE", "tenantId": tenant_id}


def test_payment_in_xero_shows_as_paid(product: Product) -> None:
    """Connect, create, pay by hand in Xero, webhook: the appointment's invoice says PAID with the amounts."""
    product.ready()
    created = product.invoice()
    assert created.status_code == 201, created.get_data(as_text=True)
    invoice = created.json
    assert (invoice["total"], invoice["amount_due"], invoice["status"]) == ("110.00", "110.00", "AUTHORISED")

    product.by_hand(f"invoices/{invoice['invoice_id']}/pay")
    assert webhook(product, event(invoice["invoice_id"])) == 200
    product.advance(3)
    product.run_tasks()

    seen = product.ok("GET", "/xero/invoices/a-1/", "reception")
    assert (seen["status"], seen["amount_paid"], seen["amount_due"]) == ("PAID", "110.00", "0.00")


def test_second_request_gives_the_same_invoice(product: Product) -> None:
    """Asking again answers 200 with the same invoice and makes no second one."""
    product.ready()
    first, second = product.invoice(), product.invoice()
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json["invoice_id"] == second.json["invoice_id"]
    assert len(product.invoices()) == 1
