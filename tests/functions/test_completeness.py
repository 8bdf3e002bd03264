"""A period held against Xero."""

from __future__ import annotations

from tests.product import Product

DAY = "/xero/completeness/?first=2026-11-24&last=2026-11-24"


def test_a_whole_day_has_no_difference(product: Product) -> None:
    """With every appointment invoiced, both sides count and total the same and the list is empty."""
    product.ready()
    product.appointment("a-2", starts_at="2026-11-24T23:30:00+11:00")
    product.appointment("a-3", starts_at="2026-11-25T00:30:00+11:00")
    for appointment_id in ("a-1", "a-2", "a-3"):
        assert product.invoice(appointment_id).status_code == 201
    seen = product.ok("GET", DAY, "bookkeeper")
    assert (seen["clinic"], seen["xero"]) == (
        {"count": 2, "total": "220.00"},
        {"count": 2, "total": "220.00"},
    )
    assert (seen["difference"], seen["items"]) == ("0.00", [])


def test_each_way_of_not_being_whole_is_named(product: Product) -> None:
    """Not sent, deleted there, changed there, cancelled here: each is one difference of its own kind."""
    product.ready()
    for number in (2, 3, 4):
        product.appointment(f"a-{number}")
    sent = {name: product.invoice(name).json["invoice_id"] for name in ("a-2", "a-3", "a-4")}
    product.by_hand(f"invoices/{sent['a-2']}/void")
    line = {"Description": "More", "Quantity": "1", "UnitAmount": "120.00", "AccountCode": "200"}
    product.by_hand(f"invoices/{sent['a-3']}/edit", LineItems=[line])
    product.appointment("a-4", status="cancelled")
    seen = product.ok("GET", DAY, "bookkeeper")
    kinds = {item["appointment_id"]: item["kind"] for item in seen["items"]}
    assert kinds == {"a-1": "not_sent", "a-2": "deleted_there", "a-3": "amount", "a-4": "cancelled_here"}
    product.reconcile()  # what came back does not hide that the amount is not the one that was sent
    again = product.ok("GET", DAY, "bookkeeper")
    assert "amount" in {item["kind"] for item in again["items"]}


def test_a_period_back_to_front_is_refused(product: Product) -> None:
    """422 names the query."""
    product.connect()
    answer = product.call("GET", "/xero/completeness/?first=2026-11-24&last=2026-11-01")
    assert answer.status_code == 422
    assert "last" in answer.json["detail"]
