"""Xero's total is not the one we computed: the invoice is held, a person sees why and decides."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functions.edges import check_problem
from tests.product import Product

PATH = "/xero/invoices/a-1/"
#: At 10 % the tax is 0.605, which halves up make 0.61.
LINES = [{"description": "Visit", "unit_amount": "6.05", "account_code": "202"}]


def odd(product: Product, status: str = "DRAFT") -> dict[str, Any]:
    """An organisation that rounds tax down: 0.605 is 0.60 there, and 0.61 with us."""
    product.connect()
    product.settings(invoice_status=status, payment_accounts={"card": "880"})
    product.by_hand("organisation", tax_rounding="down")
    product.patient(email="anna@example.com")
    product.appointment(line_items=LINES)
    created = product.invoice()
    assert created.status_code == 201
    return dict(created.json)


def act(product: Product, action: str) -> Any:
    return product.call("POST", f"{PATH}{action}/", "bookkeeper", json={})


def causes(product: Product) -> list[str]:
    return [item["cause"] for item in product.ok("GET", "/xero/attention/")["items"]]


def test_a_draft_stays_a_draft(product: Product) -> None:
    """The difference is shown with the invoice and among what needs a person; approval is refused, nothing is sent."""
    shown = odd(product)
    assert (shown["status"], shown["total"]) == ("DRAFT", "6.65")
    assert (shown["expected_total"], shown["total_differs"]) == ("6.66", "-0.01")
    (entry,) = product.ok("GET", "/xero/attention/")["items"]
    assert (entry["cause"], entry["count"]) == ("total_differs", 1)
    assert "6.66" in entry["operations"][0]["reason"]
    assert "accept Xero's total" in entry["remedy"]
    before = len(product.xero_calls("POST"))
    problem = check_problem(act(product, "approve"), 422, "total_held")
    assert "-0.01" in problem["detail"]
    assert len(product.xero_calls("POST")) == before
    assert product.invoices()[0]["Status"] == "DRAFT"


def test_an_approved_one_is_not_emailed(product: Product) -> None:
    """Sent as approved, it is in the books with Xero's total, but no patient is told an amount that nobody checked."""
    odd(product, "AUTHORISED")
    check_problem(act(product, "email"), 422, "total_held")
    assert not product.invoices()[0]["SentToContact"]
    assert sorted(causes(product)) == ["total_differs", "total_held"]


def test_a_bookkeeper_accepts_xeros_total(product: Product) -> None:
    """Then it goes on; the log keeps who accepted what."""
    odd(product)
    check_problem(act(product, "approve"), 422, "total_held")
    refused = product.call("POST", f"{PATH}accept_total/", "reception", json={})
    check_problem(refused, 403, "not_allowed")
    accepted = product.ok("POST", f"{PATH}accept_total/", "bookkeeper", json={})
    assert (accepted["total_differs"], accepted["expected_total"]) == (None, "6.66")
    assert act(product, "approve").json["status"] == "AUTHORISED"
    assert act(product, "email").status_code == 200
    assert causes(product) == []
    (entry,) = product.ok("GET", "/xero/logs/?action=invoice.accept_total")["items"]
    assert (entry["before"]["difference"], entry["after"]["total"]) == ("-0.01", "6.65")
    check_problem(product.call("POST", f"{PATH}accept_total/", "bookkeeper", json={}), 409, "conflict")


def test_corrected_in_xero_it_is_free_again(product: Product) -> None:
    """A person gives the line its tax by hand; the pull sees the expected total and asks no more."""
    invoice_id = odd(product)["invoice_id"]
    line = product.invoices()[0]["LineItems"][0]
    corrected = [{**line, "TaxAmount": "0.61"}]
    product.by_hand(f"invoices/{invoice_id}/edit", LineItems=corrected)
    product.reconcile()
    shown = product.ok("GET", PATH)
    assert (shown["total"], shown["total_differs"]) == ("6.66", None)
    assert "total_differs" not in causes(product)


def test_void_and_made_again(product: Product) -> None:
    """Voided, it holds nothing up; the next one is compared by itself."""
    odd(product)
    assert act(product, "void").json["total_differs"] is None
    product.by_hand("organisation", tax_rounding="half_up")
    made = product.invoice().json
    assert (made["total"], made["expected_total"], made["total_differs"]) == ("6.66", "6.66", None)


def test_what_agrees_is_not_held(product: Product) -> None:
    """The ordinary case: expected and found are the same, nothing needs a person."""
    product.ready()
    made = product.invoice().json
    assert (made["expected_total"], made["total_differs"]) == (made["total"], None)
    assert causes(product) == []


@pytest.mark.parametrize("status", ["DRAFT", "AUTHORISED"])
def test_a_total_that_nobody_can_foretell_is_not_sent(product: Product, status: str) -> None:
    """A tax type that the organisation does not have: told before Xero is asked, whatever the status."""
    product.ready()
    product.settings(invoice_status=status)
    odd_line = [{"description": "Visit", "unit_amount": "10.00", "account_code": "200", "tax_type": "TAX001"}]
    body = check_problem(product.invoice(line_items=odd_line), 422, "tax_type_invalid")
    assert "line_items[0].tax_type" in body["detail"]
    assert product.invoices() == []
    assert product.xero_calls("PUT", "/api.xro/2.0/Invoices") == []


def test_the_items_own_tax_is_foretold(product: Product) -> None:
    """A line without a tax type gets its item's in Xero, before its account's."""
    product.ready()
    mapped = {"items": [{"service_code": "orthotic", "account_code": "201", "item_code": "ORTHOTIC"}]}
    product.ok("PUT", "/xero/items/", "bookkeeper", json=mapped)
    line = {"description": "Insole", "unit_amount": "220.00", "service_code": "orthotic"}
    product.appointment("a-2", line_items=[line])
    made = product.invoice("a-2").json
    assert (made["total"], made["total_differs"]) == ("242.00", None)
