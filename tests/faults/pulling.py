"""Invoices to pull, and what became of them."""

from __future__ import annotations

from typing import Any

import requests

from shared.services import paths, pull_changes
from shared.services.tokens import access_token
from tests.faults.refreshing import grant_of
from tests.product import Product
from tests.xero_simulator.accounting.demo import HARBOUR_STREET


def make(product: Product, count: int) -> dict[str, str]:
    """So many invoices of as many patients: appointment -> InvoiceID."""
    made: dict[str, str] = {}
    for n in range(count):
        product.patient(f"pt-{n}")
        product.appointment(f"ap-{n}", f"pt-{n}")
        answer = product.invoice(f"ap-{n}")
        assert answer.status_code == 201, answer.get_data(as_text=True)
        made[f"ap-{n}"] = answer.json["invoice_id"]
    return made


def shown(product: Product, appointment_id: str = "a-1") -> tuple[str, ...]:
    """Status, total, due, paid, credited, as callers see them."""
    seen = product.ok("GET", f"/xero/invoices/{appointment_id}/", "reception")
    return tuple(seen[n] for n in ("status", "total", "amount_due", "amount_paid", "amount_credited"))


def in_xero(product: Product, method: str, path: str, body: Any = None) -> Any:
    """As somebody else's app would: the API itself, past our client."""
    bearer = access_token(product.ports, grant_of(product))
    headers = {"Authorization": f"Bearer {bearer}", "xero-tenant-id": HARBOUR_STREET}
    url = f"{product.simulator.url}/api.xro/2.0/{path}"
    response = requests.request(method, url, json=body, headers=headers, timeout=10)
    assert response.ok, response.text
    return response.json()


def pull(product: Product, *categories: str) -> pull_changes.Pulled:
    return pull_changes.pull_changes(product.ports, HARBOUR_STREET, categories=categories)


def list_calls(product: Product, path: str = "/api.xro/2.0/Invoices") -> list[dict[str, Any]]:
    """The pulls' own requests."""
    return [call for call in product.xero_calls("GET", path) if "order" in call["query"]]


def cursor(product: Product, name: str = "invoices_cursor") -> str | None:
    tenant = product.ports.store.get(paths.tenant(HARBOUR_STREET))
    return tenant.data.get(name) if tenant else None


def log(product: Product, action: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = product.ok("GET", f"/xero/logs/?limit=200&action={action}")["items"]
    return items
