"""Credit notes and their allocation to invoices."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.desk import Desk, line
from tests.xero_simulator.accounting.replies import NO_ID


def credit(contact: dict[str, Any], amount: Any = "100", **fields: Any) -> dict[str, Any]:
    return {
        "Type": "ACCRECCREDIT",
        "Contact": {"ContactID": contact["ContactID"]},
        "Status": "AUTHORISED",
        "LineItems": [line(amount)],
        **fields,
    }


def allocation(invoice: dict[str, Any], amount: Any) -> dict[str, Any]:
    whole = {"Invoice": {"InvoiceID": invoice["InvoiceID"]}, "Amount": amount, "Date": "2026-11-25"}
    return {"Allocations": [whole]}


def test_a_credit_note_is_approved_and_then_allocated() -> None:
    """AmountDue falls, AmountCredited rises; part credited, part paid is normal."""
    desk = Desk()
    ann = desk.contact("Ann")
    invoice = desk.invoice(ann)
    desk.pay(invoice, 60)
    note = desk.one("PUT", "CreditNotes", credit(ann, 50))
    assert (note["CreditNoteNumber"], note["RemainingCredit"]) == ("CN-0001", 50)
    desk.events()
    desk.later(minutes=1)
    path = f"CreditNotes/{note['CreditNoteID']}"
    desk.one("PUT", f"{path}/Allocations", allocation(invoice, 40))
    paid = desk.read(invoice)
    assert (paid["Status"], paid["AmountPaid"], paid["AmountCredited"], paid["AmountDue"]) == (
        "PAID",
        60,
        40,
        0,
    )
    assert [one["CreditNoteNumber"] for one in paid["CreditNotes"]] == ["CN-0001"]
    assert paid["UpdatedDateUTC"] != invoice["UpdatedDateUTC"]
    assert sorted(desk.events()) == [
        ("CREDITNOTE", "UPDATE", note["CreditNoteID"]),
        ("INVOICE", "UPDATE", invoice["InvoiceID"]),
    ]
    after = desk.one("GET", path)
    assert (after["RemainingCredit"], after["AppliedAmount"], after["Status"]) == (10, 40, "AUTHORISED")
    assert after["Allocations"][0]["Invoice"]["InvoiceID"] == invoice["InvoiceID"]


def test_the_event_carries_type_and_status() -> None:
    """Unlike an invoice's, a credit note's event says what it is."""
    desk = Desk()
    desk.one("PUT", "CreditNotes", credit(desk.contact("Ann")))
    event = desk.books.take_events()[-1]
    assert (event.category, event.kind, event.data) == (
        "CREDITNOTE",
        "CREATE",
        {"Type": "ACCRECCREDIT", "Status": "AUTHORISED"},
    )


def test_a_spent_credit_note_is_paid_and_opens_again() -> None:
    """All of it allocated makes it PAID; taking an allocation away opens both documents."""
    desk = Desk()
    ann = desk.contact("Ann")
    invoice, note = desk.invoice(ann), desk.one("PUT", "CreditNotes", credit(ann))
    path = f"CreditNotes/{note['CreditNoteID']}"
    made = desk.one("PUT", f"{path}/Allocations", allocation(invoice, 100))
    assert (desk.one("GET", path)["Status"], desk.read(invoice)["Status"]) == ("PAID", "PAID")
    gone = desk.ask("DELETE", f"{path}/Allocations/{made['AllocationID']}")
    assert (gone.status, gone.body["IsDeleted"]) == (200, True)
    assert (desk.one("GET", path)["Status"], desk.read(invoice)["AmountDue"]) == ("AUTHORISED", 100)
    assert desk.ask("DELETE", f"{path}/Allocations/{made['AllocationID']}").status == 404


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("draft note", "Only an AUTHORISED credit note"),
        ("draft invoice", "Credit can only be allocated to Authorised documents"),
        ("another contact", "same contact"),
        ("more than the credit", "exceeds the remaining credit"),
        ("more than the invoice", "exceeds the amount outstanding on this document"),
        ("nothing", "greater than zero"),
        ("no invoice", "specified InvoiceID could not be found"),
        ("locked", "cannot be before the period lock date"),
    ],
)
def test_what_cannot_be_allocated(case: str, message: str) -> None:
    """Each condition on its own."""
    desk = Desk()
    ann, bob = desk.contact("Ann"), desk.contact("Bob")
    invoice = desk.invoice(
        bob if case == "another contact" else ann, Status="DRAFT" if case == "draft invoice" else "AUTHORISED"
    )
    note = desk.one(
        "PUT",
        "CreditNotes",
        credit(
            ann,
            {"more than the credit": 50, "more than the invoice": 500}.get(case, 100),
            Status="DRAFT" if case == "draft note" else "AUTHORISED",
        ),
    )
    amount = {"more than the credit": 60, "more than the invoice": 101, "nothing": 0}.get(case, 50)
    body = allocation({"InvoiceID": NO_ID} if case == "no invoice" else invoice, amount)
    if case == "locked":
        desk.organisation(period_lock_date="2026-11-25")
    messages = desk.refusal("PUT", f"CreditNotes/{note['CreditNoteID']}/Allocations", body)
    assert any(message in one for one in messages), messages
    assert desk.read(invoice)["AmountCredited"] == 0


def test_a_credited_invoice_cannot_be_edited_or_voided() -> None:
    """The credit note stands in the way as a payment would."""
    desk = Desk()
    ann = desk.contact("Ann")
    invoice, note = desk.invoice(ann), desk.one("PUT", "CreditNotes", credit(ann))
    desk.one("PUT", f"CreditNotes/{note['CreditNoteID']}/Allocations", allocation(invoice, 1))
    path = f"Invoices/{invoice['InvoiceID']}"
    assert desk.refusal("POST", path, {"Reference": "x"}) == [
        "This document cannot be edited as it has a payment or credit note allocated to it."
    ]
    desk.refusal("POST", path, {"Status": "VOIDED"})
    desk.refusal("POST", f"CreditNotes/{note['CreditNoteID']}", {"Status": "VOIDED"})


def test_numbers_and_verbs_work_as_for_invoices() -> None:
    """PUT refuses a number in use, POST updates it; a voided number stays used."""
    desk = Desk()
    ann = desk.contact("Ann")
    first = desk.one("PUT", "CreditNotes", credit(ann, CreditNoteNumber="R-1"))
    assert desk.refusal("PUT", "CreditNotes", credit(ann, CreditNoteNumber="R-1")) == [
        "Credit Note # must be unique."
    ]
    assert desk.one("POST", "CreditNotes", credit(ann, 70, CreditNoteNumber="R-1"))["Total"] == 70
    path = f"CreditNotes/{first['CreditNoteID']}"
    assert desk.one("POST", path, {"Status": "VOIDED"})["RemainingCredit"] == 0
    assert desk.refusal("POST", path, {"Reference": "x"}) == [
        "Credit note not of valid status for modification"
    ]
    assert desk.one("GET", "CreditNotes/R-1")["Status"] == "VOIDED"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"LineItems": [line("10", DiscountRate=5)]}, "Discounts are not supported"),
        ({"Type": "ACCREC"}, "Credit note Type must be"),
        ({"Status": "PAID"}, "not of valid status for creation"),
        ({"Contact": None}, "Contact cannot be empty."),
        ({"LineItems": [line(AccountCode="999")]}, "is not a valid code for this document."),
    ],
)
def test_what_is_refused(fields: dict[str, Any], message: str) -> None:
    """Discounts do not exist on credit notes; the rest is as on invoices."""
    desk = Desk()
    messages = desk.refusal("PUT", "CreditNotes", credit(desk.contact("Ann")) | fields)
    assert any(message in one for one in messages), messages


def test_credit_notes_are_listed_paged_and_noted() -> None:
    """Lines with pages only; history as everywhere."""
    desk = Desk()
    note = desk.one("PUT", "CreditNotes", credit(desk.contact("Ann")))
    assert desk.many("GET", "CreditNotes")[0]["LineItems"] == []
    assert len(desk.many("GET", "CreditNotes", page="1")[0]["LineItems"]) == 1
    assert len(desk.many("GET", "CreditNotes", where='Status=="AUTHORISED"&&RemainingCredit>99')) == 1
    path = f"CreditNotes/{note['CreditNoteID']}/History"
    desk.many("PUT", path, {"HistoryRecords": [{"Details": "refund"}]})
    assert len(desk.many("GET", path)) == 2
    assert desk.ask("GET", f"CreditNotes/{NO_ID}").status == 404


def test_allocated_by_hand() -> None:
    """A person can set a credit note against an invoice, by default as far as it goes."""
    desk = Desk()
    ann = desk.contact("Ann")
    invoice, note = desk.invoice(ann), desk.one("PUT", "CreditNotes", credit(ann, 30))
    reply = desk.hand("credit_notes", note["CreditNoteID"], "allocate", invoice_id=invoice["InvoiceID"])
    assert (reply.body["Status"], desk.read(invoice)["AmountDue"]) == ("PAID", 70)
    assert desk.hand("credit_notes", note["CreditNoteID"], "allocate", invoice_id="x").status == 400
