"""What was paid at the desk is given back: a credit note and a payment out of it, once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.functions.edges import check_problem
from tests.product import Product

PATH = "/xero/invoices/a-1/"
MIXED = [
    {"description": "Consultation", "unit_amount": "95.00", "account_code": "201"},
    {"description": "Tape", "unit_amount": "12.35", "quantity": "3", "account_code": "202"},
    {"description": "Loyal patient", "unit_amount": "-5.00", "account_code": "202"},
]


def paid(product: Product, lines: list[dict[str, Any]] | None = None, amount: str | None = None) -> None:
    """Appointment a-1 is invoiced and paid by card, all or ``amount``."""
    product.ready(payment_accounts={"card": "880", "cash": "881"})
    if lines:
        product.appointment(line_items=lines)
    assert product.invoice().status_code == 201
    body = {"method": "card", "reference": "till-1"} | ({"amount": amount} if amount else {})
    assert product.call("POST", f"{PATH}payments/", "reception", json=body).status_code == 200


def give_back(product: Product, reference: str = "r-1", role: str = "bookkeeper", **body: Any) -> Any:
    return product.call(
        "POST", f"{PATH}refund/", role, json={"method": "card", "reference": reference, **body}
    )


def refunds(product: Product) -> list[dict[str, Any]]:
    return [one for one in product.books()["payments"] if one["PaymentType"] == "ARCREDITPAYMENT"]


def test_all_of_it(product: Product) -> None:
    """The credit note has the invoice's own lines and tax; it is paid out whole, and the invoice stays paid."""
    paid(product, MIXED)
    shown = give_back(product).json
    assert (shown["status"], shown["amount_paid"], shown["amount_refunded"]) == ("PAID", "130.26", "130.26")
    (note,) = product.books()["credit_notes"]
    assert (note["CreditNoteNumber"], note["Reference"]) == ("CL-a-1-R1", "a-1 refund r-1")
    assert (note["Status"], note["Total"], note["RemainingCredit"]) == ("PAID", 130.26, 0)
    assert note["TotalTax"] == product.invoices()[0]["TotalTax"]
    (payment,) = refunds(product)
    assert (payment["Amount"], payment["Account"]["Code"]) == (130.26, "880")
    assert payment["CreditNote"]["CreditNoteID"] == note["CreditNoteID"]


def test_a_part_of_it(product: Product) -> None:
    """Every account gives back its share, tax included, and together exactly the amount."""
    paid(product, MIXED)
    assert give_back(product, amount="50.01", method="cash").json["amount_refunded"] == "50.01"
    (note,) = product.books()["credit_notes"]
    assert (note["Total"], note["LineAmountTypes"]) == (50.01, "Inclusive")
    assert {line["AccountCode"] for line in note["LineItems"]} == {"201", "202"}
    assert sum(Decimal(str(line["LineAmount"])) for line in note["LineItems"]) == Decimal("50.01")
    assert refunds(product)[0]["Account"]["Code"] == "881"


def test_the_same_reference_is_the_same_refund(product: Product) -> None:
    """Asked for twice, also with another amount, it is given back once."""
    paid(product)
    for amount in ("30.00", "30.00", "40.00"):
        assert give_back(product, amount=amount).json["amount_refunded"] == "30.00"
    assert len(refunds(product)) == len(product.books()["credit_notes"]) == 1


def test_never_more_than_was_paid(product: Product) -> None:
    """Several refunds share what was paid; the one too many is refused before anything is sent."""
    paid(product, amount="60.00")
    assert give_back(product, "r-1", amount="25.00").status_code == 200
    assert give_back(product, "r-2", amount="25.00").json["amount_refunded"] == "50.00"
    problem = check_problem(give_back(product, "r-3", amount="10.01"), 422, "refund_exceeds_paid")
    assert "10.00" in problem["detail"]
    assert give_back(product, "r-4").json["amount_refunded"] == "60.00"  # what is left
    check_problem(give_back(product, "r-5"), 422, "refund_exceeds_paid")
    numbers = [note["CreditNoteNumber"] for note in product.books()["credit_notes"]]
    assert numbers == ["CL-a-1-R1", "CL-a-1-R2", "CL-a-1-R3"]
    assert product.ok("GET", PATH)["amount_due"] == "50.00"


def test_credit_left_by_a_correction_is_paid_out_first(product: Product) -> None:
    """The whole invoice was credited after it was paid: the refund pays that credit note out and makes no other."""
    paid(product)
    product.ok("POST", f"{PATH}credit/", "bookkeeper", json={})
    assert give_back(product, "r-1", amount="40.00").json["amount_refunded"] == "40.00"
    assert give_back(product, "r-2").json["amount_refunded"] == "110.00"
    (note,) = product.books()["credit_notes"]
    assert (note["CreditNoteNumber"], note["RemainingCredit"], len(refunds(product))) == ("CL-a-1-CN", 0, 2)
    check_problem(give_back(product, "r-3"), 422, "refund_exceeds_paid")


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"method": "cheque"}, 422, "invalid_input"),
        ({"amount": "0.00"}, 422, "invalid_input"),
        ({"amount": "-5"}, 422, "invalid_input"),
        ({"amount": "110.01"}, 422, "refund_exceeds_paid"),
    ],
)
def test_what_is_wrong_is_told(product: Product, body: dict[str, Any], status: int, word: str) -> None:
    """Nothing is sent."""
    paid(product)
    check_problem(give_back(product, **body), status, word)
    assert product.books()["credit_notes"] == []


def test_nothing_was_paid(product: Product) -> None:
    """An invoice that is still due has nothing to give back; a draft still less."""
    product.ready(payment_accounts={"card": "880"})
    product.invoice()
    check_problem(give_back(product), 422, "refund_exceeds_paid")
    product.settings(invoice_status="DRAFT")
    product.appointment("a-2")
    product.invoice("a-2")
    body = {"method": "card", "reference": "r-1"}
    check_problem(product.call("POST", "/xero/invoices/a-2/refund/", "owner", json=body), 422, "wrong_status")


def test_who_may(product: Product) -> None:
    """A bookkeeper or the owner."""
    paid(product)
    for role in ("reception", "app"):
        check_problem(give_back(product, role=role), 403, "not_allowed")
    assert give_back(product, role="owner").status_code == 200


def test_the_account_went_away(product: Product) -> None:
    """The credit note is made, the payment waits for a usable account, and then goes on by itself: once."""
    paid(product)
    product.by_hand("organisation", account={"Code": "880", "Status": "ARCHIVED"})
    product.ok("GET", "/xero/accounts/?refresh=1")
    assert give_back(product).status_code == 202
    assert refunds(product) == []
    product.by_hand("organisation", account={"Code": "880", "Status": "ACTIVE"})
    product.ok("GET", "/xero/accounts/?refresh=1")
    product.settle(120)
    assert product.ok("GET", PATH)["amount_refunded"] == "110.00"
    assert len(refunds(product)) == len(product.books()["credit_notes"]) == 1
