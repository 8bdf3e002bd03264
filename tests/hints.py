"""Webhooks as Xero sends them, for tests: signed over the exact bytes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from werkzeug.test import TestResponse

from tests.product import TENANTS, Product
from tests.xero_simulator.applications import WEBHOOK_KEY


def event(resource_id: str = "r-1", tenant_id: str = TENANTS["demo"], **fields: Any) -> dict[str, Any]:
    return {
        "resourceUrl": f"https://api.xero.com/api.xro/2.0/Invoices/{resource_id}",
        "resourceId": resource_id,
        "eventDateUtc": "2026-11-24T01:15:39.902",
        "eventType": "UPDATE",
        "eventCategory": "INVOICE",
        "tenantId": tenant_id,
        "tenantType": "ORGANISATION",
        **fields,
    }


def payload(*events: Any) -> bytes:
    """With the irregular spaces of the real one."""
    listed = ",".join(json.dumps(each, separators=(",", ":")) for each in events)
    text = f'{{"events":[{listed}],"firstEventSequence": 1,"lastEventSequence": 9, "entropy": "ABCDEFGHIJ"}}'
    return text.encode()


def sign(raw: bytes, key: str = WEBHOOK_KEY) -> str:
    return base64.b64encode(hmac.new(key.encode(), raw, hashlib.sha256).digest()).decode()


def deliver(product: Product, raw: bytes, signature: str | None = None, method: str = "POST") -> TestResponse:
    """``signature`` None signs as Xero does; "" sends no header."""
    signature = sign(raw) if signature is None else signature
    headers = {"x-xero-signature": signature} if signature else {}
    headers["Content-Type"] = "application/json; charset=utf-8"
    return product.raw(method, "/xero/webhook/", data=raw, headers=headers)


def hint(product: Product, *events: dict[str, Any]) -> None:
    response = deliver(product, payload(*events))
    assert response.status_code == 200, response.status_code


def waiting(product: Product, kind: str = "pull") -> list[dict[str, Any]]:
    """The bodies of the tasks of a kind that are still to run."""
    select = "SELECT body FROM tasks WHERE kind = ? AND state = 'waiting' ORDER BY id"
    with product.database.reading() as connection:
        return [json.loads(row[0]) for row in connection.execute(select, (kind,))]
