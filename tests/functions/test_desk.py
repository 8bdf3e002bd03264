"""Money at the desk: where it is booked, how much, and what a person applied in Xero by hand."""

from __future__ import annotations

from typing import Any

import pytest

from shared.services import paths
from tests.functions.edges import check_problem
from tests.product import Product

PATH = "/xero/invoices/a-1/"
BANK = "090"


def pay(product: Product, reference: str = "till-1", **body: Any) -> Any:
    given = {"method": "card", "reference": reference, **body}
    return product.call("POST", f"{PATH}payments/", "reception", json=given)


def in_store(product: Product, **settings: Any) -> None:
    """Settings as an earlier version may have left them."""
    path = paths.settings("demo")
    document = product.ports.store.get(path)
    product.ports.store.put(path, (document.data if document else {}) | settings)


def test_off_by_default(product: Product) -> None:
    """Nobody chose an account: nothing is recorded, and the answer says who chooses one, and where."""
    product.ready()
    product.invoice()
    problem = check_problem(pay(product), 422, "invalid_input")
    assert "payment_accounts at /xero/settings/" in problem["errors"][0]["message"]
    assert product.books()["payments"] == []


def test_each_method_has_its_account(product: Product) -> None:
    """Cash and cards clear through different accounts."""
    product.ready(payment_accounts={"card": "880", "cash": "881"})
    product.invoice()
    pay(product, "t-1", amount="10.00")
    pay(product, "t-2", amount="20.00", method="cash")
    codes = {one["Amount"]: one["Account"]["Code"] for one in product.books()["payments"]}
    assert codes == {10.0: "880", 20.0: "881"}


def test_a_bank_account_needs_a_persons_word(product: Product) -> None:
    """Set before this rule, or while the organisation could not be asked: still no payment goes there in silence."""
    product.ready()
    product.invoice()
    in_store(product, payment_accounts={"card": BANK})
    problem = check_problem(pay(product), 422, "invalid_input")
    assert "counted twice" in problem["errors"][0]["message"]
    product.settings(confirmed_bank_accounts=[BANK])
    assert pay(product).status_code == 200
    assert product.books()["payments"][0]["Account"]["Code"] == BANK


def test_nor_when_the_list_comes_late(product: Product) -> None:
    """The list of accounts was not known when the payment was asked for: it is read before the payment is sent."""
    product.ready()
    product.invoice()
    in_store(product, payment_accounts={"card": BANK})
    product.ports.store.delete(paths.xero_list("demo", "accounts"))
    check_problem(pay(product), 422, "bank_account_unconfirmed")
    assert product.books()["payments"] == []
    assert product.ok("GET", "/xero/attention/")["items"][0]["cause"] == "bank_account_unconfirmed"


def test_xero_says_what_is_due(product: Product) -> None:
    """Part was paid in Xero a moment ago and no webhook has come: the rest is paid, and not more."""
    product.ready(payment_accounts={"card": "880"})
    invoice_id = product.invoice().json["invoice_id"]
    product.by_hand(f"invoices/{invoice_id}/pay", amount="50.00")
    problem = check_problem(pay(product, amount="60.01"), 422, "invalid_input")
    assert "60.00" in problem["errors"][0]["message"]
    shown = pay(product).json
    assert (shown["status"], shown["amount_paid"]) == ("PAID", "110.00")
    assert sorted(one["Amount"] for one in product.books()["payments"]) == [50.0, 60.0]


def test_more_is_due_than_we_knew(product: Product) -> None:
    """The invoice was raised in Xero by hand: what is due there may be paid."""
    product.ready(payment_accounts={"card": "880"})
    invoice = product.invoice().json
    line = {"Description": "Visit", "Quantity": 1, "UnitAmount": "200.00", "AccountCode": "200"}
    product.by_hand(f"invoices/{invoice['invoice_id']}/edit", LineItems=[line])
    assert pay(product, amount="220.00").json["status"] == "PAID"


@pytest.mark.parametrize(
    ("action", "plural"), [("prepay", "prepayments"), ("overpay", "overpayments")], ids=["pre", "over"]
)
def test_deposits_applied_in_xero(product: Product, action: str, plural: str) -> None:
    """Credited, not paid: shown so within a minute, and only the rest can be paid at the desk."""
    product.ready(payment_accounts={"card": "880"})
    invoice = product.invoice().json
    made = product.by_hand(f"contacts/{invoice['contact_id']}/{action}", amount="40.00")
    deposit_id = made.get("PrepaymentID") or made.get("OverpaymentID")
    product.by_hand(f"{plural}/{deposit_id}/allocate", invoice_id=invoice["invoice_id"])
    product.reconcile()
    shown = product.ok("GET", PATH)
    assert (shown["amount_credited"], shown["amount_due"], shown["amount_paid"]) == ("40.00", "70.00", "0.00")
    paid = pay(product).json
    assert (paid["status"], paid["amount_paid"], paid["amount_credited"]) == ("PAID", "70.00", "40.00")
    refused = product.call("POST", f"{PATH}void/", "bookkeeper", json={})
    check_problem(refused, 422, "has_payments")
