"""Payments: what may be paid, from where, and how a payment goes away again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.desk import Desk, payment
from tests.xero_simulator.accounting.replies import NO_ID

NOT_AUTHORISED = "Payments can only be made against Authorised documents"
TOO_MUCH = "Payment amount exceeds the amount outstanding on this document"


def test_a_part_payment_and_the_rest() -> None:
    """AmountPaid and AmountDue follow; the last cent turns the invoice PAID by itself."""
    desk = Desk()
    invoice = desk.invoice()
    desk.pay(invoice, "99.99", Date="2026-11-20")
    open_ = desk.read(invoice)
    assert (open_["Status"], str(open_["AmountDue"]), str(open_["AmountPaid"])) == (
        "AUTHORISED",
        "0.01",
        "99.99",
    )
    assert "FullyPaidOnDate" not in open_
    desk.pay(invoice, "0.01", Date="2026-11-22")
    paid = desk.read(invoice)
    assert (paid["Status"], str(paid["AmountDue"])) == ("PAID", "0.00")
    assert paid["FullyPaidOnDate"] == "/Date(1795305600000+0000)/"
    assert len(paid["Payments"]) == 2


def test_a_payment_changes_the_invoice_and_announces_it() -> None:
    """There is no webhook for payments: INVOICE UPDATE is what arrives, and the time stamp moves."""
    desk = Desk()
    invoice = desk.invoice()
    desk.events()
    desk.later(minutes=5)
    made = desk.pay(invoice, 10)
    assert desk.events() == [("INVOICE", "UPDATE", invoice["InvoiceID"])]
    assert desk.read(invoice)["UpdatedDateUTC"] == made["UpdatedDateUTC"] != invoice["UpdatedDateUTC"]


def test_a_payment_shows_its_invoice_and_account() -> None:
    """Type, date today in the organisation's zone, and where the money went."""
    desk = Desk()
    made = desk.pay(desk.invoice(InvoiceNumber="C-1"), 10, Reference="card 1234")
    assert (made["PaymentType"], made["Status"], made["Reference"]) == (
        "ACCRECPAYMENT",
        "AUTHORISED",
        "card 1234",
    )
    assert (made["Account"]["Code"], made["Invoice"]["InvoiceNumber"]) == ("880", "C-1")
    assert made["Date"] == "/Date(1795564800000+0000)/"
    assert desk.one("GET", f"Payments/{made['PaymentID']}")["Amount"] == 10
    assert desk.many("GET", "Payments")[0]["PaymentID"] == made["PaymentID"]


@pytest.mark.parametrize(
    ("fields", "messages"),
    [
        ({"Amount": "100.01"}, [TOO_MUCH]),
        ({"Amount": 0}, ["Payment amount must be greater than zero, with at most two decimal places"]),
        ({"Amount": "-1"}, ["Payment amount must be greater than zero, with at most two decimal places"]),
        ({"Amount": "1.005"}, ["Payment amount must be greater than zero, with at most two decimal places"]),
        ({"Amount": None}, ["Payment amount must be greater than zero, with at most two decimal places"]),
        ({"Account": {"Code": "999"}}, ["Account could not be found"]),
        ({"Account": None}, ["Account could not be found"]),
        ({"Account": {"Code": "299"}}, ["Account could not be found"]),
        ({"Account": {"Code": "200"}}, ["Account '200' must be a bank account or have payments enabled."]),
        ({"Date": "soon"}, ["Date is not a valid date"]),
        (
            {"Invoice": {"InvoiceID": "11111111-1111-4111-8111-111111111111"}},
            ["An existing Invoice with the specified InvoiceID could not be found"],
        ),
        ({"Invoice": None}, ["An existing Invoice with the specified InvoiceID could not be found"]),
        (
            {"PaymentID": "11111111-1111-4111-8111-111111111111"},
            ["Payment not of valid status for modification"],
        ),
    ],
)
def test_what_is_refused(fields: dict[str, Any], messages: list[str]) -> None:
    """Too much, nothing, fractions of a cent, wrong accounts, unknown invoices."""
    desk = Desk()
    invoice = desk.invoice()
    assert desk.refusal("PUT", "Payments", payment(invoice, 100) | fields) == messages
    assert desk.read(invoice)["AmountDue"] == 100


@pytest.mark.parametrize("status", ["DRAFT", "SUBMITTED", "VOIDED", "PAID"])
def test_only_authorised_invoices_take_payments(status: str) -> None:
    """Where nothing is outstanding, both messages come."""
    desk = Desk()
    invoice = desk.invoice(Status=status if status in ("DRAFT", "SUBMITTED") else "AUTHORISED")
    if status == "VOIDED":
        desk.one("POST", f"Invoices/{invoice['InvoiceID']}", {"Status": "VOIDED"})
    if status == "PAID":
        desk.pay(invoice, 100)
    over = status in ("VOIDED", "PAID")
    expected = [NOT_AUTHORISED, TOO_MUCH] if over else [NOT_AUTHORISED]
    assert desk.refusal("PUT", "Payments", payment(invoice, 10)) == expected


@pytest.mark.parametrize("account", [{"Code": "090"}, {"Code": "881"}, "id"])
def test_bank_and_enabled_accounts_by_code_or_id(account: Any) -> None:
    """Either names the account."""
    desk = Desk()
    if account == "id":
        found = next(one for one in desk.many("GET", "Accounts") if one["Code"] == "881")
        account = {"AccountID": found["AccountID"]}
    assert desk.pay(desk.invoice(), 10, Account=account)["HasAccount"] is True


def test_an_invoice_may_be_named_by_its_number() -> None:
    """Inside Invoice or beside it."""
    desk = Desk()
    desk.invoice(InvoiceNumber="C-1")
    for fields in ({"Invoice": {"InvoiceNumber": "C-1"}}, {"Invoice": None, "InvoiceNumber": "C-1"}):
        desk.one("POST", "Payments", payment({"InvoiceID": ""}, 10) | fields)
    assert desk.one("GET", "Invoices/C-1")["AmountPaid"] == 20


def test_deleting_a_payment_opens_the_invoice_again() -> None:
    """Exactly {"Status": "DELETED"}, once."""
    desk = Desk()
    invoice = desk.invoice()
    made = desk.pay(invoice, 100)
    desk.events()
    path = f"Payments/{made['PaymentID']}"
    for body in ({"Status": "DELETED", "Amount": 100}, {"Status": "VOIDED"}, {"Reference": "x"}, {}):
        assert desk.refusal("POST", path, body) == ["Payment not of valid status for modification"]
    assert desk.one("POST", path, {"Status": "DELETED"})["Status"] == "DELETED"
    open_ = desk.read(invoice)
    assert (open_["Status"], open_["AmountDue"], open_["Payments"]) == ("AUTHORISED", 100, [])
    assert "FullyPaidOnDate" not in open_
    assert desk.events() == [("INVOICE", "UPDATE", invoice["InvoiceID"])]
    assert desk.refusal("POST", path, {"Payments": [{"Status": "DELETED"}]}) == [
        "Payment not of valid status for modification"
    ]
    assert desk.one("POST", f"Invoices/{invoice['InvoiceID']}", {"Status": "VOIDED"})["Status"] == "VOIDED"


def test_an_unknown_payment_is_404() -> None:
    """For reading and for deleting."""
    assert Desk().ask("GET", f"Payments/{NO_ID}").status == 404
    assert Desk().ask("POST", f"Payments/{NO_ID}", {"Status": "DELETED"}).status == 404


def test_a_batch_cannot_pay_an_invoice_twice() -> None:
    """Elements see what the earlier ones did; together they fail, apart the second fails."""
    desk = Desk()
    invoice = desk.invoice()
    batch = {"Payments": [payment(invoice, 60), payment(invoice, 60)]}
    assert desk.refusal("PUT", "Payments", batch) == [TOO_MUCH]
    assert desk.read(invoice)["AmountDue"] == 100
    each = desk.many("PUT", "Payments", batch, summarizeErrors="false")
    assert [one["StatusAttributeString"] for one in each] == ["OK", "ERROR"]
    assert desk.read(invoice)["AmountDue"] == 40


def test_a_payment_by_hand_pays_everything_unless_told_otherwise() -> None:
    """Full amount due, today, into the cards clearing account; amount, date and account can be given."""
    desk = Desk()
    one, two = desk.invoice(), desk.invoice()
    assert desk.hand("invoices", one["InvoiceID"], "pay").body["Status"] == "PAID"
    part = desk.hand(
        "invoices", two["InvoiceID"], "pay", amount="30.00", date="2026-11-01", account_code="090"
    )
    assert (part.body["Status"], part.body["AmountDue"]) == ("AUTHORISED", 70)
    paid = {one["Amount"]: one for one in desk.many("GET", "Payments")}
    assert (paid[100]["Account"]["Code"], paid[30]["Account"]["Code"]) == ("880", "090")
    refused = desk.hand("invoices", two["InvoiceID"], "pay", amount="1000")
    assert (refused.status, refused.body) == (400, {"Message": TOO_MUCH})
    removed = desk.hand("payments", paid[30]["PaymentID"], "delete")
    assert (removed.status, desk.read(two)["AmountDue"]) == (200, 100)


def test_a_payment_has_a_history() -> None:
    """Notes can be added to it like anywhere."""
    desk = Desk()
    path = f"Payments/{desk.pay(desk.invoice(), 1)['PaymentID']}/History"
    desk.many("PUT", path, {"HistoryRecords": [{"Details": "by card"}]})
    assert [one["Changes"] for one in desk.many("GET", path)] == ["Note", "Created"]
