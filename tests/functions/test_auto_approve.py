"""Drafts approved by the practice's rule, in the hourly sweep and when a pull sees them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functions.edges import wrong
from tests.functions.test_invoice_life import MORE, act, soon
from tests.hints import event, hint
from tests.product import Product

HOUR = 3600
LINE = {"description": "Visit", "unit_amount": "100.00", "account_code": "200", "service_code": "CONSULT"}


def drafts(product: Product, status: str = "DRAFT", **rule: Any) -> None:
    """An invoice made as a draft under this rule."""
    product.ready()
    product.settings(invoice_status=status, auto_approve={"after_hours": 24, **rule})
    product.appointment("a-1", line_items=[LINE])
    product.invoice()


def status(product: Product) -> str:
    return str(product.ok("GET", "/xero/invoices/a-1/")["status"])


@pytest.mark.parametrize("made", ["DRAFT", "SUBMITTED"])
def test_approved_when_the_review_time_is_over(product: Product, made: str) -> None:
    """Not an hour before; through the same operation as a person, with the rule as the actor in the log."""
    drafts(product, made, up_to="110.00", service_codes=["CONSULT"])
    product.advance(23 * HOUR)
    product.reconcile()
    assert status(product) == made
    product.advance(HOUR)
    product.reconcile()
    soon(product)
    assert status(product) == "AUTHORISED"
    (entry,) = product.ok("GET", "/xero/logs/?action=invoice.approve")["items"]
    assert entry["actor"]["name"] == "rule: 24 h after it was sent, up to 110.00, only CONSULT"


@pytest.mark.parametrize("rule", [{"up_to": "109.99"}, {"service_codes": ["OTHER"]}])
def test_left_to_a_person(product: Product, rule: dict[str, Any]) -> None:
    """Too much, or another service: nothing is even tried."""
    drafts(product, **rule)
    product.advance(48 * HOUR)
    product.reconcile()
    soon(product)
    assert status(product) == "DRAFT"
    assert "invoice_approve" not in {o["kind"] for o in product.ok("GET", "/xero/operations/")["items"]}


def test_off_by_default(product: Product) -> None:
    """Until a bookkeeper sets a rule, and again after it was taken back."""
    drafts(product)
    product.settings(auto_approve=None)
    product.advance(48 * HOUR)
    product.reconcile()
    soon(product)
    assert status(product) == "DRAFT"


def test_a_changed_appointment_waits_for_a_person(product: Product) -> None:
    """What differs is not approved; sent anew, its review time begins anew."""
    drafts(product)
    product.appointment("a-1", line_items=MORE)
    product.advance(25 * HOUR)
    product.reconcile()
    soon(product)
    assert status(product) == "DRAFT"
    act(product, "update")
    product.advance(23 * HOUR)
    product.reconcile()
    soon(product)
    assert status(product) == "DRAFT"
    product.advance(2 * HOUR)
    product.reconcile()
    soon(product)
    assert status(product) == "AUTHORISED"


def test_a_draft_changed_in_xero_waits_for_a_person(product: Product) -> None:
    """Somebody is at it there."""
    drafts(product)
    (there,) = product.invoices()
    line = {"Description": "Visit", "Quantity": 1, "UnitAmount": 90, "AccountCode": "200"}
    product.by_hand(f"invoices/{there['InvoiceID']}/edit", LineItems=[line])
    product.advance(25 * HOUR)
    product.reconcile()
    product.reconcile()
    assert status(product) == "DRAFT"


def test_when_a_pull_sees_drafts(product: Product) -> None:
    """A webhook about another draft is enough: nobody waits for the sweep."""
    drafts(product)
    product.advance(25 * HOUR)
    product.appointment("a-2", line_items=[LINE])
    made = product.invoice("a-2").json
    hint(product, event(made["invoice_id"]))
    soon(product)
    soon(product)
    assert status(product) == "AUTHORISED"
    assert product.ok("GET", "/xero/invoices/a-2/")["status"] == "DRAFT"


def test_what_a_person_decided_stays(product: Product) -> None:
    """A refused approval is not tried every hour: it waits for a person, once."""
    drafts(product)
    product.by_hand("organisation", period_lock_date="2026-11-30")
    product.advance(25 * HOUR)
    for _ in range(3):
        product.reconcile()
        soon(product)
        product.advance(HOUR)
    (operation,) = [
        o for o in product.ok("GET", "/xero/operations/")["items"] if o["kind"] == "invoice_approve"
    ]
    assert (operation["status"], operation["attempts"]) == ("failed", 1)


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({}, "auto_approve.after_hours"),
        ({"after_hours": -1}, "auto_approve.after_hours"),
        ({"after_hours": 1.5}, "auto_approve.after_hours"),
        ({"after_hours": 1, "up_to": "0"}, "auto_approve.up_to"),
        ({"after_hours": 1, "up_to": "1e3"}, "auto_approve.up_to"),
        ({"after_hours": 1, "service_codes": []}, "auto_approve.service_codes"),
        ({"after_hours": 1, "more": 1}, "auto_approve.more"),
    ],
)
def test_wrong_rules(product: Product, rule: dict[str, Any], field: str) -> None:
    """Each wrong field is named, and nothing is changed."""
    answer = product.call("PUT", "/xero/settings/", "bookkeeper", json={"auto_approve": rule})
    assert set(wrong(answer)) == {field}
    assert product.ok("GET", "/xero/settings/")["settings"]["auto_approve"] is None
