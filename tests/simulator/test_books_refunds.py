"""Money that goes back, and money that came without an invoice: refunds, prepayments, overpayments."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.simulator.desk import Desk, line
from tests.simulator.test_description import JudgedDesk
from tests.simulator.xero_description import description


def credited(desk: Desk, amount: str = "100.00", **fields: Any) -> dict[str, Any]:
    contact = desk.one("POST", "Contacts", {"Name": "Sam Patient"})
    whole = {
        "Type": "ACCRECCREDIT",
        "Contact": {"ContactID": contact["ContactID"]},
        "Status": "AUTHORISED",
        "LineItems": [line(amount)],
        **fields,
    }
    return desk.one("PUT", "CreditNotes", whole)


def refund(credit: dict[str, Any], amount: str, **fields: Any) -> dict[str, Any]:
    return {
        "CreditNote": {"CreditNoteID": credit["CreditNoteID"]},
        "Account": {"Code": "880"},
        "Amount": amount,
        "Reference": "back-1",
        **fields,
    }


def read(desk: Desk, credit: dict[str, Any]) -> dict[str, Any]:
    return desk.one("GET", f"CreditNotes/{credit['CreditNoteID']}")


def test_a_credit_note_is_paid_out() -> None:
    """In two parts: its remaining credit falls, then it is PAID; the payments are listed with it."""
    desk = Desk()
    credit = credited(desk)
    paid = desk.one("PUT", "Payments", refund(credit, "30.00"))
    assert (paid["PaymentType"], paid["CreditNote"]["CreditNoteID"]) == (
        "ARCREDITPAYMENT",
        credit["CreditNoteID"],
    )
    assert "Invoice" not in paid
    shown = read(desk, credit)
    assert (shown["RemainingCredit"], shown["Status"]) == (Decimal("70.00"), "AUTHORISED")
    assert [(one["Amount"], one["Reference"]) for one in shown["Payments"]] == [(Decimal("30.00"), "back-1")]
    desk.one("PUT", "Payments", refund(credit, "70.00"))
    assert read(desk, credit)["Status"] == "PAID"
    listed = desk.many("GET", "Payments", where='PaymentType=="ARCREDITPAYMENT"')
    assert len(listed) == 2


def test_no_more_than_its_credit() -> None:
    """What was allocated or paid out is not there a second time."""
    desk = Desk()
    credit, invoice = credited(desk), desk.invoice()
    path = f"CreditNotes/{credit['CreditNoteID']}/Allocations"
    desk.one("PUT", path, {"Amount": 60, "Invoice": {"InvoiceID": invoice["InvoiceID"]}})
    (problem,) = desk.refusal("PUT", "Payments", refund(credit, "40.01"))
    assert "exceeds" in problem
    desk.one("PUT", "Payments", refund(credit, "40.00"))
    assert read(desk, credit)["AppliedAmount"] == Decimal("60.00")


def test_a_draft_is_not_paid_out() -> None:
    """Nor a credit note that is not there."""
    desk = Desk()
    draft = credited(desk, Status="DRAFT")
    assert any("Authorised" in each for each in desk.refusal("PUT", "Payments", refund(draft, "1.00")))
    nobody = {"CreditNoteID": "00000000-0000-4000-8000-000000000000"}
    assert desk.refusal("PUT", "Payments", refund(nobody, "1.00"))


def test_a_refund_taken_back() -> None:
    """Deleted, the credit is there again; while it stands the credit note is not voided."""
    desk = Desk()
    credit = credited(desk)
    paid = desk.one("PUT", "Payments", refund(credit, "100.00"))
    void = {"CreditNoteID": credit["CreditNoteID"], "Status": "VOIDED"}
    assert desk.refusal("POST", "CreditNotes", void)
    desk.one("POST", f"Payments/{paid['PaymentID']}", {"Status": "DELETED"})
    shown = read(desk, credit)
    assert (shown["RemainingCredit"], shown["Status"], shown["Payments"]) == (
        Decimal("100.00"),
        "AUTHORISED",
        [],
    )
    assert desk.one("POST", "CreditNotes", void)["Status"] == "VOIDED"


@pytest.mark.parametrize(
    ("action", "plural"), [("prepay", "Prepayments"), ("overpay", "Overpayments")], ids=["pre", "over"]
)
def test_a_deposit_pays_an_invoice(action: str, plural: str) -> None:
    """It counts as credited, not as paid, and is listed with what was applied; the invoice is announced."""
    desk = Desk()
    contact = desk.one("POST", "Contacts", {"Name": "Sam Patient"})
    invoice = desk.invoice(contact)
    made = desk.hand("contacts", contact["ContactID"], action, amount="130.00").body
    deposit_id = made[f"{plural[:-1]}ID"]
    desk.events()
    applied = desk.hand(
        plural.lower(), deposit_id, "allocate", invoice_id=invoice["InvoiceID"], amount="40.00"
    )
    assert applied.body["RemainingCredit"] == Decimal("90.00")
    shown = desk.read(invoice)
    amounts = (shown["AmountPaid"], shown["AmountCredited"], shown["AmountDue"])
    assert amounts == (Decimal("0.00"), Decimal("40.00"), Decimal("60.00"))
    assert [one["AppliedAmount"] for one in shown[plural]] == [Decimal("40.00")]
    assert ("INVOICE", "UPDATE", invoice["InvoiceID"]) in desk.events()
    desk.hand(plural.lower(), deposit_id, "allocate", invoice_id=invoice["InvoiceID"])
    assert desk.read(invoice)["Status"] == "PAID"
    second = desk.invoice(contact)
    too_much = desk.hand(
        plural.lower(), deposit_id, "allocate", invoice_id=second["InvoiceID"], amount="30.01"
    )
    assert too_much.status == 400


def test_an_invoice_with_a_deposit_is_not_edited() -> None:
    """Nor voided: something is applied to it."""
    desk = Desk()
    contact = desk.one("POST", "Contacts", {"Name": "Sam Patient"})
    invoice = desk.invoice(contact)
    made = desk.hand("contacts", contact["ContactID"], "overpay", amount="10.00").body
    desk.hand("overpayments", made["OverpaymentID"], "allocate", invoice_id=invoice["InvoiceID"])
    for changed in ({"Status": "VOIDED"}, {"Reference": "new"}):
        assert desk.refusal("POST", f"Invoices/{invoice['InvoiceID']}", changed)


def test_a_deposit_of_nothing() -> None:
    """Refused, as is one for an invoice of somebody else."""
    desk = Desk()
    contact = desk.one("POST", "Contacts", {"Name": "Sam Patient"})
    assert desk.hand("contacts", contact["ContactID"], "prepay", amount="0").status == 400
    other = desk.invoice(desk.contact("Somebody Else"))
    made = desk.hand("contacts", contact["ContactID"], "prepay", amount="10.00").body
    assert (
        desk.hand("prepayments", made["PrepaymentID"], "allocate", invoice_id=other["InvoiceID"]).status
        == 400
    )


def test_they_are_kept() -> None:
    """Another run of the simulator finds refunds and deposits where they were."""
    desk = Desk()
    contact = desk.one("POST", "Contacts", {"Name": "Sam Patient"})
    invoice, credit = desk.invoice(contact), credited(desk)
    desk.one("PUT", "Payments", refund(credit, "30.00"))
    made = desk.hand("contacts", contact["ContactID"], "prepay", amount="10.00", tax_type="OUTPUT").body
    desk.hand("prepayments", made["PrepaymentID"], "allocate", invoice_id=invoice["InvoiceID"])
    again = Desk()
    again.books.load(desk.books.take_dirty())
    assert again.read(invoice) == desk.read(invoice)
    assert read(again, credit) == read(desk, credit)


@pytest.mark.parametrize(("rounding", "tax"), [("half_up", "0.61"), ("half_even", "0.60"), ("down", "0.60")])
def test_an_organisation_that_rounds_in_its_own_way(rounding: str, tax: str) -> None:
    """For the day when Xero's rounding is not what we think: 10 % of 6.05 is exactly 0.605."""
    desk = Desk()
    desk.organisation(tax_rounding=rounding)
    made = desk.invoice(LineItems=[line("6.05", TaxType="OUTPUT", AccountCode="202")])
    assert made["TotalTax"] == Decimal(tax)
    assert desk.hand("organisation", "", "set", tax_rounding="up").status == 400


def test_against_the_published_description() -> None:
    """Refunds and invoices with deposits have the shape that Xero publishes."""
    desk = JudgedDesk(description())
    contact = desk.one("POST", "Contacts", {"Name": "Sam Patient"})
    invoice, credit = desk.invoice(contact), credited(desk)
    paid = desk.one("PUT", "Payments", refund(credit, "30.00"))
    for action, plural in (("prepay", "prepayments"), ("overpay", "overpayments")):
        made = desk.hand("contacts", contact["ContactID"], action, amount="10.00").body
        (deposit_id,) = (made[name] for name in ("PrepaymentID", "OverpaymentID") if name in made)
        desk.hand(plural, deposit_id, "allocate", invoice_id=invoice["InvoiceID"])
    for path in (
        f"Invoices/{invoice['InvoiceID']}",
        f"CreditNotes/{credit['CreditNoteID']}",
        f"Payments/{paid['PaymentID']}",
        "Payments",
    ):
        desk.many("GET", path)
    desk.one("POST", f"Payments/{paid['PaymentID']}", {"Status": "DELETED"})
