"""Numbers: ours by default, Xero's own by a setting; none is ever used a second time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.functions.edges import wrong
from tests.functions.test_invoice_life import MORE, act
from tests.product import Product


def sent(product: Product) -> list[dict[str, Any]]:
    calls = product.xero_calls("PUT", "/api.xro/2.0/Invoices")
    return [json.loads(call["body"])["Invoices"][0] for call in calls]


def test_numbering_is_left_to_xero(product: Product) -> None:
    """No InvoiceNumber is sent, Xero's own is shown, the Reference ties it to the appointment."""
    product.ready(numbering="xero")
    made = product.invoice().json
    (body,) = sent(product)
    assert "InvoiceNumber" not in body
    assert body["Reference"] == "a-1"
    assert made["invoice_number"].startswith("INV-")
    assert "Xero's own" in made["rules"]["number"]
    assert product.invoice().json["invoice_id"] == made["invoice_id"]


@pytest.mark.parametrize("numbering", ["ours", "xero"])
@pytest.mark.parametrize(("status", "ends"), [("DRAFT", "DELETED"), ("AUTHORISED", "VOIDED")])
def test_a_cancelled_number_is_never_used_again(
    product: Product, numbering: str, status: str, ends: str
) -> None:
    """Deleted or voided: the next invoice of the appointment has another number."""
    product.ready(numbering=numbering)
    product.settings(invoice_status=status)
    numbers = []
    for _ in range(3):
        numbers.append(product.invoice().json["invoice_number"])
        assert act(product, "void")["status"] == ends
    assert len(set(numbers)) == 3
    assert [i["InvoiceNumber"] for i in product.invoices()] == numbers
    if numbering == "ours":
        assert numbers == ["CL-a-1", "CL-a-1-2", "CL-a-1-3"]


def test_corrected_under_xeros_numbering(product: Product) -> None:
    """The credit note is named after Xero's number; the new invoice gets the next one."""
    product.ready(numbering="xero")
    first = product.invoice().json["invoice_number"]
    product.appointment("a-1", line_items=MORE)
    second = act(product, "correct")["invoice_number"]
    assert second != first
    (note,) = product.books()["credit_notes"]
    assert note["CreditNoteNumber"] == f"{first}-CN"


def test_an_answer_that_was_lost_finds_its_own(product: Product) -> None:
    """Other invoices that contain the same letters, and those of earlier rounds, are not taken for it."""
    product.ready(numbering="xero")
    product.appointment("a-11")
    product.invoice("a-11")
    voided = product.invoice().json["invoice_id"]
    act(product, "void")
    product.simulator.fault("drop_after_commit", method="PUT", path="/api.xro/2.0/Invoices")
    assert product.invoice().status_code == 202
    product.settle(900, step=30)
    found = product.ok("GET", "/xero/invoices/a-1/")
    (living,) = [i for i in product.invoices() if i["Reference"] == "a-1" and i["Status"] == "AUTHORISED"]
    assert found["invoice_id"] == living["InvoiceID"] != voided


def test_a_stranger_with_our_reference_is_not_adopted(product: Product) -> None:
    """Somebody typed the appointment's id as a reference: only what our app made is ours."""
    product.ready(numbering="xero")
    organisation = product.simulator.world.organisations
    assert organisation
    line = {"Description": "By hand", "Quantity": 1, "UnitAmount": 5, "AccountCode": "200"}
    from tests.faults.clinic import Clinic

    clinic = Clinic(product)
    stranger = clinic.in_xero(
        "PUT", "Invoices", Type="ACCREC", Contact={"Name": "Adam"}, Reference="a-1", LineItems=[line]
    )
    product.simulator.fault("status", method="PUT", path="/api.xro/2.0/Invoices", status=500)
    product.invoice()
    product.settle(900, step=30)
    found = product.ok("GET", "/xero/invoices/a-1/")
    assert found["invoice_id"] != stranger["InvoiceID"]
    assert len([i for i in product.invoices() if i["Reference"] == "a-1"]) == 2


def test_unknown_numbering(product: Product) -> None:
    """Two words are known."""
    answer = product.call("PUT", "/xero/settings/", "bookkeeper", json={"numbering": "mine"})
    assert set(wrong(answer)) == {"numbering"}
