"""What the product sends to Xero and what comes back, against Xero's published interface description."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.product import Product
from tests.simulator.xero_description import Description, description

API = "/api.xro/2.0"


@pytest.fixture
def judge() -> Description:
    """Skips, with the reason, where the description is not present."""
    return description()


def played(product: Product) -> list[dict[str, Any]]:
    """Every kind of write and read of ours, as the simulator recorded them."""
    product.ready(payment_accounts={"card": "880"}, payment_terms_days=7, use_clinic_tracking=False)
    tracking = product.ok("GET", "/xero/tracking/", "bookkeeper")["available"][0]
    option = {
        "tracking_category_id": tracking["category_id"],
        "tracking_option_id": tracking["options"][0]["option_id"],
    }
    product.ok(
        "PUT", "/xero/tracking/", "bookkeeper", json={"items": [{"id": "c-1", "kind": "clinic", **option}]}
    )
    for path in ("accounts", "tax_rates"):
        product.ok("GET", f"/xero/{path}/?refresh=1", "bookkeeper")
    product.patient(
        "p-1", email="anna@example.com", phone="0400", address={"line1": "1 St", "city": "Sydney"}
    )
    lines = [
        {
            "description": "Gel",
            "unit_amount": "1.3335",
            "quantity": "3",
            "account_code": "202",
            "discount_rate": "10",
        },
        {"description": "Visit", "unit_amount": "95", "account_code": "201", "tax_type": "EXEMPTOUTPUT"},
    ]
    for number in range(1, 5):
        product.appointment(f"a-{number}", clinic_id="c-1", currency="AUD", line_items=lines)
        assert product.invoice(f"a-{number}", use_clinic_tracking=True).status_code == 201
    product.patient("p-1", email="anna@new.example.com")
    product.ok("POST", "/xero/contacts/sync_patient/", json={"patient_id": "p-1"})
    product.ok("POST", "/xero/invoices/a-1/email/", json={})
    product.ok(
        "POST", "/xero/invoices/a-1/payments/", json={"method": "card", "reference": "r-1", "amount": "10.00"}
    )
    product.ok("POST", "/xero/invoices/a-2/void/", json={})
    product.ok("POST", "/xero/invoices/a-3/credit/", json={})
    product.settings(invoice_status="DRAFT")
    product.appointment("a-9")
    product.invoice("a-9")
    product.ok("POST", "/xero/invoices/a-9/approve/", json={})
    product.ok("POST", "/xero/invoices/a-9/sync_status/", json={})
    product.patient("p-1", erased=True)
    product.ok("POST", "/xero/contacts/sync_patient/", json={"patient_id": "p-1"})
    product.reconcile()
    return product.xero_calls()


def test_requests_and_answers_are_as_described(product: Product, judge: Description) -> None:
    """Every body we send and every answer we get on a day with all kinds of writes fits the description."""
    seen: set[tuple[str, str]] = set()
    problems = []
    for call in played(product):
        path = call["path"].removeprefix(API)
        plain = (
            call["status"] == 404
        )  # unknown documents answer in plain text, which the description leaves out
        answer = json.loads(call["response"], parse_float=Decimal) if call["response"] and not plain else None
        found = judge.answer_problems(call["method"], path, call["status"], answer)
        if call["body"]:
            found += judge.request_problems(
                call["method"], path, json.loads(call["body"], parse_float=Decimal)
            )
        problems += [f"{call['method']} {path}: {problem}" for problem in found]
        seen.add((call["method"], path.split("/")[1]))
    assert problems == []
    wanted = {("PUT", "Contacts"), ("POST", "Contacts"), ("PUT", "Invoices"), ("POST", "Invoices"), ("PUT", "Payments"),
              ("PUT", "CreditNotes"), ("GET", "Invoices"), ("GET", "Contacts"), ("GET", "Organisation"),
              ("GET", "Accounts"), ("GET", "TaxRates"), ("GET", "TrackingCategories")}  # fmt: skip
    assert wanted <= seen


def test_a_misspelt_field_would_be_noticed(judge: Description) -> None:
    """The judge refuses a body with a field the description does not name."""
    assert judge.request_problems(
        "PUT", "/Invoices", {"Invoices": [{"Type": "ACCREC", "DueDat": "2026-11-24"}]}
    )
