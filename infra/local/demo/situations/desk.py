"""Payments at the desk, what is given back, and what a bookkeeper applies in Xero."""

from __future__ import annotations

import requests

from infra.local.demo.practice import Practice, expect
from infra.local.sample_day import CONSULT, ORTHOTIC


def paid_at_the_desk(practice: Practice) -> None:
    """Card, cash and transfer each have a clearing account; one with a bank feed is refused, more than due too."""
    practice.appointment("apt-2201", "p-55", CONSULT, ORTHOTIC)
    made = practice.invoiced("apt-2201")
    refused = practice.bookkeeper.raw(
        "PUT", "/xero/settings/", json={"payment_accounts": {"transfer": "090"}}
    )
    expect(refused.status_code == 422, "an account with a bank feed was taken without asking")
    accounts = {"card": "880", "cash": "881", "transfer": "881"}
    practice.bookkeeper.call("PUT", "/xero/settings/", json={"payment_accounts": accounts})
    if made["amount_paid"] == "0.00":
        too_much = {"method": "card", "reference": "till-0", "amount": "9999.00"}
        practice.refusal(_pay(practice, too_much), "invalid_input")
    for method, part in (("card", {"amount": "100.00"}), ("cash", {"amount": "20.00"}), ("transfer", {})):
        body = {"method": method, "reference": f"till-{method}", **part}
        if practice.invoice("apt-2201")["status"] != "PAID":
            expect(_pay(practice, body).ok, f"the payment by {method} was refused")
    practice.until("it is paid", lambda: practice.invoice("apt-2201")["status"] == "PAID")


def given_back(practice: Practice) -> None:
    """A part is given back: a credit note of our own and a payment out of it; twice pressed, once done."""
    for _ in range(2):
        body = {"method": "card", "reference": "back-1", "amount": "33.33"}
        practice.act("apt-2201", "refund", **body)
    refunded = lambda: practice.invoice("apt-2201")["amount_refunded"]  # noqa: E731
    practice.until("it is given back", lambda: refunded() == "33.33")


def applied_in_xero(practice: Practice) -> None:
    """A prepayment and an overpayment applied in Xero show as credited, not as paid."""
    practice.appointment("apt-2202", "p-55", CONSULT)
    practice.appointment("apt-2203", "p-55", CONSULT)
    for appointment_id, action, plural, key in (
        ("apt-2202", "prepay", "prepayments", "PrepaymentID"),
        ("apt-2203", "overpay", "overpayments", "OverpaymentID"),
    ):
        made = practice.invoiced(appointment_id)
        if made["amount_credited"] == "0.00" and not practice.in_books(made["invoice_id"])["AmountCredited"]:
            deposit = practice.by_hand(f"contacts/{made['contact_id']}/{action}", amount="40.00")
            practice.by_hand(f"{plural}/{deposit[key]}/allocate", invoice_id=made["invoice_id"])

    def credited(appointment_id: str) -> bool:
        return bool(practice.invoice(appointment_id)["amount_credited"] == "40.00")

    practice.until("what was applied shows", lambda: credited("apt-2202") and credited("apt-2203"))


def _pay(practice: Practice, body: dict[str, str]) -> requests.Response:
    return practice.reception.raw("POST", "/xero/invoices/apt-2201/payments/", json=body)


SITUATIONS = (paid_at_the_desk, given_back, applied_in_xero)
