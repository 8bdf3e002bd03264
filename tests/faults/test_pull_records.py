"""Records that a pull brings: odd ones are set aside, contacts that merged or were archived are followed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.faults.pulling import cursor, in_xero, log, make, pull, shown
from tests.hints import event, hint
from tests.product import Product

# -- odd records ---------------------------------------------------------------------------------------------


def test_unreadable_record_is_set_aside_and_reported(product: Product) -> None:
    """One of four invoices comes without a total: the others are brought up to date, this one keeps its figures and
    is named in the log, and seen plus unreadable is what Xero sent."""
    product.ready()
    made = make(product, 4)
    for invoice_id in made.values():
        product.by_hand(f"invoices/{invoice_id}/pay")
    answer = in_xero(product, "GET", "Invoices?page=1&pageSize=1000&order=InvoiceID")
    odd = made["ap-2"]
    for record in answer["Invoices"]:
        if record["InvoiceID"] == odd:
            record["Total"] = None
    product.simulator.fault("status", method="GET", path="/api.xro/2.0/Invoices", status=200, body=answer)

    result = pull(product, "INVOICE")

    assert (result.links_changed, [problem.record_id for problem in result.problems]) == (3, [odd])
    assert [shown(product, f"ap-{n}")[0] for n in range(4)] == ["PAID", "PAID", "AUTHORISED", "PAID"]
    (entry,) = log(product, "pull.unreadable")
    assert (entry["xero_id"], entry["outcome"]) == (odd, "failed")
    (summary,) = log(product, "pull")
    assert summary["after"]["invoices_seen"] + summary["after"]["unreadable"] == 4
    assert pull(product, "INVOICE").problems == []
    assert shown(product, "ap-2")[0] == "PAID"


@pytest.mark.parametrize(
    "body",
    [{}, {"Invoices": None}, {"Invoices": {}}, {"Contacts": []}, []],
    ids=json.dumps,
)
def test_answer_without_its_list_is_no_empty_list(product: Product, body: Any) -> None:
    """Xero answers 200 without the records asked for: that is not "nothing changed", the cursor stays."""
    product.ready()
    pull(product)
    before = cursor(product)
    product.advance(600)
    product.simulator.fault("status", method="GET", path="/api.xro/2.0/Invoices", status=200, body=body)
    result = pull(product, "INVOICE")
    assert result.stopped == "xero_answer_lost"
    assert result.retry_at is not None
    assert cursor(product) == before


# -- contacts ------------------------------------------------------------------------------------------------


def contact(product: Product, patient_id: str) -> tuple[str, str]:
    seen = product.ok("GET", f"/xero/contacts/{patient_id}/", "reception")
    return seen["contact_id"], seen["state"]


def contacts_made(product: Product, count: int) -> list[str]:
    make(product, count)
    return [contact(product, f"pt-{n}")[0] for n in range(count)]


def contact_hint(product: Product, contact_id: str) -> None:
    hint(product, event(contact_id, eventCategory="CONTACT"))
    product.advance(3)
    product.run_tasks()


def test_archived_and_restored_contact_is_followed(product: Product) -> None:
    """Archived in Xero, then restored: the patient's link says so each time, with an entry."""
    product.ready()
    (first,) = contacts_made(product, 1)
    product.by_hand(f"contacts/{first}/archive")
    contact_hint(product, first)
    assert contact(product, "pt-0") == (first, "archived")
    product.advance(2)
    product.by_hand(f"contacts/{first}/restore")
    contact_hint(product, first)
    assert contact(product, "pt-0") == (first, "linked")
    assert len(log(product, "contact.changed_in_xero")) == 2


def test_merged_contact_is_followed_and_the_next_invoice_goes_there(product: Product) -> None:
    """Merged into another in Xero: the link follows, and the next invoice is the surviving contact's."""
    product.ready()
    first, second = contacts_made(product, 2)
    product.by_hand(f"contacts/{first}/merge", into=second)
    contact_hint(product, first)
    assert contact(product, "pt-0") == (second, "linked")
    product.appointment("again", "pt-0")
    answer = product.invoice("again")
    assert (answer.status_code, answer.json["contact_id"]) == (201, second)


def test_everybody_who_shares_a_contact_is_followed(product: Product) -> None:
    """Three patients' contacts merged one into the next and the last one archived, all in one pull: all three links
    end at the last contact, as archived; and restoring it brings all three back."""
    product.ready()
    ids = contacts_made(product, 3)
    product.by_hand(f"contacts/{ids[0]}/merge", into=ids[1])
    product.by_hand(f"contacts/{ids[1]}/merge", into=ids[2])
    product.by_hand(f"contacts/{ids[2]}/archive")
    assert pull(product).contacts_changed == 3
    assert [contact(product, f"pt-{n}") for n in range(3)] == [(ids[2], "archived")] * 3
    product.advance(2)
    product.by_hand(f"contacts/{ids[2]}/restore")
    assert pull(product).contacts_changed == 3
    assert {contact(product, f"pt-{n}") for n in range(3)} == {(ids[2], "linked")}
