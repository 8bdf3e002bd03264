"""What differs is mended by one press, once: for every kind of difference, broken by hand in Xero or here."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.completeness import REPAIRS, SAFE_REPAIRS
from tests.functions.edges import check_problem, wrong
from tests.functions.test_completeness import completeness
from tests.product import TENANTS, Product

PERIOD = {"first": "2026-11-24", "last": "2026-11-24"}


def repair(product: Product, **choice: Any) -> list[tuple[str, str]]:
    """(kind, outcome) of each difference taken up."""
    answer = product.ok("POST", "/xero/completeness/repair/", "bookkeeper", json=PERIOD | choice)
    assert answer["left"] == 0
    assert all(item["sentence"] for item in answer["items"])
    return [(item["kind"], item["outcome"]) for item in answer["items"]]


def invoice_id(product: Product, appointment_id: str = "a-1") -> str:
    return str(product.ok("GET", f"/xero/invoices/{appointment_id}/")["invoice_id"])


def ledger(product: Product) -> Any:
    return product.simulator.world.organisations[TENANTS["demo"]].books.ledger  # type: ignore[attr-defined]


def line(amount: str = "100.00", account: str = "200") -> dict[str, str]:
    return {"Description": "By hand", "Quantity": "1", "UnitAmount": amount, "AccountCode": account}


def edited(product: Product, **fields: Any) -> None:
    product.by_hand(f"invoices/{invoice_id(product)}/edit", **fields)


def lose_link(product: Product) -> None:
    product.ports.store.delete("practices/demo/invoice_links/a-1")


def vanish(product: Product) -> None:
    """As after the reset of a demo company: Xero does not know the invoice any more."""
    table = ledger(product).invoices
    table.replace_all([(table.places[one.id], one) for one in table if one.reference != "a-1"])


def another_contact(product: Product) -> None:
    (other,) = [c for c in product.books()["contacts"] if c["Name"] == "Mary Jones"]
    edited(product, Contact={"ContactID": other["ContactID"]})


#: How it breaks -> the one kind of difference that this makes.
BREAKS: dict[str, tuple[str, Callable[[Product], Any]]] = {
    "never sent": ("not_sent", lambda p: p.appointment("a-2")),
    "gone": ("missing_in_xero", vanish),
    "voided": ("deleted_there", lambda p: p.by_hand(f"invoices/{invoice_id(p)}/void")),
    "another account": ("changed_there", lambda p: edited(p, LineItems=[line(account="260")])),
    "another date": ("changed_there", lambda p: edited(p, Date="2026-12-03", DueDate="2026-12-17")),
    "another contact": ("changed_there", another_contact),
    "another total": ("amount", lambda p: edited(p, LineItems=[line("120.00")])),
    "one line more": ("amount", lambda p: edited(p, LineItems=[line(), line("5.00")])),
    "a payment that nobody announced": (
        "status",
        lambda p: p.by_hand(f"invoices/{invoice_id(p)}/pay", amount="40.00"),
    ),
    "link lost": ("orphan", lose_link),
    "another price here": (
        "amount",
        lambda p: p.appointment(
            line_items=[{"description": "x", "unit_amount": "130.00", "account_code": "200"}]
        ),
    ),
    "another account here": (
        "changed_here",
        lambda p: p.appointment(
            line_items=[{"description": "x", "unit_amount": "100.00", "account_code": "260"}]
        ),
    ),
    "cancelled here": ("cancelled_here", lambda p: p.appointment(status="cancelled")),
}


def test_every_kind_is_broken_below() -> None:
    """No kind of difference without a way to make it and to mend it."""
    assert {kind for kind, _ in BREAKS.values()} == set(REPAIRS)


@pytest.mark.parametrize("how", BREAKS)
def test_one_break_is_one_difference_and_is_mended_once(product: Product, how: str) -> None:
    """Exactly one difference of its kind; one press mends it; a second press sends nothing and finds nothing."""
    kind, break_it = BREAKS[how]
    product.ready()
    assert product.invoice().status_code == 201
    break_it(product)
    assert [item["kind"] for item in completeness(product)["items"]] == [kind]
    assert repair(product, kinds=[kind]) == [(kind, "done")]
    assert (completeness(product)["items"], completeness(product)["difference"]) == ([], "0.00")
    product.settle(120)
    before = len([call for call in product.xero_calls() if call["method"] != "GET"])
    assert repair(product, kinds=[kind]) == []
    assert len([call for call in product.xero_calls() if call["method"] != "GET"]) == before
    living = [i for i in product.invoices() if i["Status"] not in ("VOIDED", "DELETED")]
    references = [i["Reference"] for i in living]
    assert len(references) == len(set(references))


@pytest.mark.parametrize("how", [how for how, (kind, _) in BREAKS.items() if kind not in SAFE_REPAIRS])
def test_what_ends_or_overwrites_is_done_only_when_named(product: Product, how: str) -> None:
    """Pressed without naming anything it is left alone; named by its appointment it is mended."""
    kind, break_it = BREAKS[how]
    product.ready()
    product.invoice()
    break_it(product)
    before = product.invoices()
    assert repair(product) == []
    assert product.invoices() == before
    assert repair(product, items=["a-1"]) == [(kind, "done")]
    assert completeness(product)["items"] == []


def test_pressing_without_naming_mends_the_rest(product: Product) -> None:
    """Sends, takes over and links again in one press."""
    product.ready()
    for number in (2, 3):
        product.appointment(f"a-{number}")
        product.invoice(f"a-{number}")
    product.by_hand(f"invoices/{invoice_id(product, 'a-2')}/pay")
    product.ports.store.delete("practices/demo/invoice_links/a-3")
    assert dict(repair(product)) == {"not_sent": "done", "status": "done", "orphan": "done"}
    assert completeness(product)["whole"] is True
    assert product.ok("GET", "/xero/invoices/a-2/")["status"] == "PAID"


def test_a_paid_invoice_is_not_overwritten(product: Product) -> None:
    """The price changed here after it was paid there: the repair refuses with what to do instead."""
    product.ready()
    product.invoice()
    product.by_hand(f"invoices/{invoice_id(product)}/pay")
    BREAKS["another price here"][1](product)
    before = product.invoices()
    answer = product.ok("POST", "/xero/completeness/repair/", "bookkeeper", json=PERIOD | {"items": ["a-1"]})
    (item,) = answer["items"]
    assert (item["outcome"], product.invoices()) == ("needs_person", before)
    assert "credit note" in item["sentence"]


def test_a_paid_invoice_of_a_cancelled_appointment_is_not_voided(product: Product) -> None:
    """A person decides: the money has to be given back first."""
    product.ready()
    product.invoice()
    product.by_hand(f"invoices/{invoice_id(product)}/pay")
    product.appointment(status="cancelled")
    assert repair(product, kinds=["cancelled_here"]) == [("cancelled_here", "needs_person")]
    assert [i["Status"] for i in product.invoices()] == ["PAID"]


def test_an_orphan_without_an_appointment_needs_a_person(product: Product) -> None:
    """Its reference leads nowhere: it is never linked to something else."""
    product.ready()
    product.invoice()
    edited(product, Reference="nobody")
    lose_link(product)
    product.appointment(status="cancelled")
    assert repair(product) == [("orphan", "needs_person")]


def test_a_second_invoice_for_one_appointment_needs_a_person(product: Product) -> None:
    """Somebody changed the reference of one so that it is another's: it is not linked over the one that is there."""
    product.ready()
    product.appointment("a-2")
    product.invoice()
    product.invoice("a-2")
    edited(product, Reference="a-2")
    lose_link(product)
    product.appointment(status="cancelled")
    assert repair(product) == [("orphan", "needs_person")]
    assert len(product.invoices()) == 2


def test_relinking_makes_no_second_invoice_under_another_prefix(product: Product) -> None:
    """The link was lost and the prefix changed since: sent anew, Xero would not refuse the number."""
    product.ready()
    product.invoice()
    lose_link(product)
    product.settings(invoice_prefix="NEW-")
    assert repair(product) == [("orphan", "done")]
    assert product.invoice().json["invoice_number"] == "CL-a-1"
    product.settle(300)
    assert len(product.invoices()) == 1


def test_relinking_ends_the_operation_that_waited(product: Product) -> None:
    """What would have made the invoice is done with the link, in one write: nothing is sent afterwards."""
    product.ready()
    product.invoice()
    lose_link(product)
    kept = product.ports.store.query("practices/demo/operations").items
    (operation,) = [document for document in kept if document.data["kind"] == "invoice_create"]
    waiting = {"state": "failed", "reason": "lost", "reason_code": "invalid_input", "maybe_done": False}
    product.ports.store.put(operation.path, operation.data | waiting)
    product.settings(invoice_prefix="NEW-")
    assert repair(product) == [("orphan", "done")]
    assert product.ports.store.get(operation.path).data["state"] == "done"  # type: ignore[union-attr]
    assert product.ok("GET", "/xero/attention/")["items"] == []


def test_what_failed_is_tried_again_as_it_was_asked(product: Product) -> None:
    """With the lines that the desk gave, once the cause is mended; twice pressed it is sent once."""
    product.ready()
    given = {"description": "Fee", "unit_amount": "30.00", "account_code": "nope"}
    assert product.invoice(line_items=[given]).status_code == 422
    assert repair(product) == [("not_sent", "needs_person")]
    product.by_hand(
        "organisation", account={"Code": "nope", "Name": "New", "Type": "REVENUE", "TaxType": "OUTPUT"}
    )
    product.ok("GET", "/xero/accounts/?refresh=1", "bookkeeper")
    assert repair(product) == [("not_sent", "done")]
    assert repair(product) == []
    assert [Decimal(str(invoice["Total"])) for invoice in product.invoices()] == [Decimal("33.00")]


def test_what_waits_goes_on_waiting(product: Product) -> None:
    """Paused or on its way: said so, and not hurried."""
    product.ready()
    product.simulator.fault("status", method="PUT", path="/api.xro/2.0/Invoices", status=503, count=1)
    assert product.invoice().status_code == 202
    product.advance(301)
    assert repair(product) == [("not_sent", "waiting")]
    product.settle(600)
    assert completeness(product)["whole"] is True
    assert len(product.invoices()) == 1


def test_what_a_person_decided_against_is_sent_only_when_named(product: Product) -> None:
    """Cancelled by a person: a press for everything leaves it, a press for this one sends it."""
    product.ready()
    bad = {"description": "x", "unit_amount": 1, "account_code": "nope"}
    product.invoice(line_items=[bad])
    (failed,) = product.ok("GET", "/xero/operations/?status=failed")["items"]
    product.ok("POST", f"/xero/operations/{failed['operation_id']}/cancel/", "reception", json={})
    assert repair(product) == [("not_sent", "needs_person")]
    product.by_hand(
        "organisation", account={"Code": "nope", "Name": "New", "Type": "REVENUE", "TaxType": "OUTPUT"}
    )
    product.ok("GET", "/xero/accounts/?refresh=1", "bookkeeper")
    assert repair(product, items=["a-1"]) == [("not_sent", "done")]


def test_many_are_kept_and_sent_together(product: Product) -> None:
    """More than a handful are intents for the drain: kept in one press, sent by themselves, each once."""
    product.ready()
    for number in range(2, 9):
        product.appointment(f"a-{number}")
    assert repair(product) == [("not_sent", "waiting")] * 8
    assert repair(product) == [("not_sent", "waiting")] * 8
    product.settle(60)
    assert completeness(product)["whole"] is True
    assert len(product.invoices()) == 8


def test_a_repair_is_in_the_log_with_who_pressed(product: Product) -> None:
    """And the reception may look, but not press."""
    product.ready()
    repair(product)
    (entry,) = product.ok("GET", "/xero/logs/?action=completeness.repair")["items"]
    assert (entry["actor"]["role"], entry["after"]) == (
        "bookkeeper",
        {"done": 1, "waiting": 0, "needs_person": 0},
    )
    refused = product.call("POST", "/xero/completeness/repair/", "reception", json=PERIOD)
    check_problem(refused, 403, "not_allowed")


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        ({"kinds": ["wrong"]}, "kinds[0]"),
        ({"kinds": []}, "kinds"),
        ({"items": []}, "items"),
        ({"items": ["a-1"], "kinds": ["status"]}, "(body)"),
        ({"last": "2026-11-01"}, "(body)"),
    ],
)
def test_a_wrong_choice_changes_nothing(product: Product, choice: dict[str, Any], field: str) -> None:
    """422 names the field; nothing is sent."""
    product.ready()
    answer = product.call("POST", "/xero/completeness/repair/", "bookkeeper", json=PERIOD | choice)
    assert set(wrong(answer)) == {field}
    assert product.invoices() == []


def test_another_practices_difference_cannot_be_named(product: Product) -> None:
    """An id of another practice is nothing here."""
    product.ready()
    product.ready("other")
    product.appointment("o-1", practice="other")
    assert repair(product, items=["o-1"]) == []
    assert product.invoices("other") == []


def test_a_second_press_goes_on_after_the_first(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than one press takes up: the next one takes those that are neither under way nor failed yet."""
    monkeypatch.setattr("shared.services.repair.AT_ONCE", 6)
    product.ready()
    for number in range(1, 15):
        product.appointment(f"a-{number}")
    taken, left = [], []
    for _ in range(3):
        answer = product.ok("POST", "/xero/completeness/repair/", "bookkeeper", json=PERIOD)
        taken.append({item["appointment_id"] for item in answer["items"]})
        left.append(answer["left"])
    assert [len(each) for each in taken] == [6, 6, 6]
    assert set.union(*taken) == {f"a-{number}" for number in range(1, 15)}
    assert left == [8, 2, 0]
