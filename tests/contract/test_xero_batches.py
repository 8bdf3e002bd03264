"""Batches on the wire: where they go, what each element's answer means, and when an answer is none."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from shared.domain import wire
from shared.domain.errors import AnswerLost, Rejected
from shared.domain.xero_records import ContactSnapshot, InvoiceSnapshot, PaymentSnapshot
from shared.ports.accounting import IDS_PER_CALL, BatchRequest
from tests.contract.loopback import Reply, json_reply, serving
from tests.contract.xero_loopback import INVOICE, accounting
from tests.contract.xero_world import XeroWorld, invoice, xero_world

SENT = {
    "Invoices": [{"InvoiceNumber": "C-1", "Reference": "a-1"}, {"InvoiceNumber": "C-2", "Reference": "a-2"}]
}
CREATE = BatchRequest("invoice_create", json.dumps(SENT), "tenant-1:batch-1")
FIRST = INVOICE | {"InvoiceNumber": "C-1", "Reference": "a-1", "StatusAttributeString": "OK"}
SECOND = INVOICE | {
    "InvoiceID": "i-2",
    "InvoiceNumber": "C-2",
    "Reference": "a-2",
    "StatusAttributeString": "OK",
}


@pytest.mark.parametrize(
    ("kind", "plural", "method", "query"),
    [
        ("contact_create", "Contacts", "PUT", {"summarizeErrors": "false"}),
        ("contact_update", "Contacts", "POST", {"summarizeErrors": "false"}),
        ("invoice_create", "Invoices", "PUT", {"summarizeErrors": "false", "unitdp": "4"}),
        ("invoice_update", "Invoices", "POST", {"summarizeErrors": "false", "unitdp": "4"}),
        ("payment_create", "Payments", "PUT", {"summarizeErrors": "false"}),
    ],
)
def test_each_kind_goes_where_the_port_says(
    kind: str, plural: str, method: str, query: dict[str, str]
) -> None:
    """Method, path, query and key; the body byte for byte."""
    body = f'{{"{plural}": [{{"{plural[:-1]}ID": "1",  "Name":"ä"}}]}}'
    with serving(Reply(500)) as server, pytest.raises(AnswerLost):
        accounting(server.url).send_batch(BatchRequest(kind, body, "key"))
    [request] = server.arrived
    assert (request.method, request.path, request.query) == (method, f"/api.xro/2.0/{plural}", query)
    assert (request.body, request.headers["idempotency-key"]) == (body.encode(), "key")


@pytest.mark.parametrize(
    "batch",
    [
        BatchRequest("invoice_email", '{"Invoices":[{}]}', "key"),
        BatchRequest("invoice_create", '{"Invoices":[{}]}', ""),
        BatchRequest("contact_update", '{"Contacts":[{"ContactID":"1"},{"Name":"x"}]}', "key"),
        BatchRequest("invoice_update", '{"Invoices":[{"InvoiceNumber":"C-1"}]}', "key"),
    ],
)
def test_a_batch_put_together_wrongly_is_not_sent(batch: BatchRequest) -> None:
    """A kind that has no batches, no key, and above all a POST without an id, which would overwrite by name."""
    with serving(Reply(500)) as server, pytest.raises(ValueError):
        accounting(server.url).send_batch(batch)
    assert server.arrived == []


def test_each_element_has_its_own_answer() -> None:
    """A snapshot, a refusal with its code and without the patient's name, and one that cannot be read."""
    sent = {"Contacts": [{"ContactNumber": n, "Name": f"Anna {n}"} for n in "123"]}
    taken = "The contact name Anna 2 is already assigned to another contact."
    answered = [
        {"ContactID": "c-1", "ContactNumber": "1", "Name": "Anna 1", "StatusAttributeString": "OK"},
        sent["Contacts"][1]
        | {
            "StatusAttributeString": "ERROR",
            "HasValidationErrors": True,
            "ValidationErrors": [{"Message": taken}],
        },
        {"ContactNumber": "3", "StatusAttributeString": "OK"},
    ]
    with serving(json_reply({"Contacts": answered})) as server:
        batch = BatchRequest("contact_create", json.dumps(sent), "key")
        made, refused, unreadable = accounting(server.url).send_batch(batch)
    assert isinstance(made, ContactSnapshot)
    assert made.contact_id == "c-1"
    assert isinstance(refused, Rejected)
    assert refused.code == "contact_name_taken"
    assert "Anna" not in refused.detail
    assert isinstance(unreadable, AnswerLost)
    assert unreadable.answered


@pytest.mark.parametrize(
    "answered",
    [
        [FIRST],
        [FIRST, SECOND, SECOND],
        [SECOND, FIRST],
        [FIRST, SECOND | {"Reference": "a-1"}],
        [FIRST, "no object"],
        [],
    ],
    ids=["too few", "too many", "another order", "another's", "no object", "none"],
)
def test_an_answer_about_something_else_is_none(answered: list[Any]) -> None:
    """Xero answers in the order of the elements; an answer that shows otherwise ties nothing to anybody."""
    with serving(json_reply({"Invoices": answered})) as server, pytest.raises(AnswerLost) as lost:
        accounting(server.url).send_batch(CREATE)
    assert lost.value.answered


@pytest.mark.parametrize("element", [FIRST, FIRST | {"InvoiceNumber": None, "Reference": ""}])
def test_what_the_answer_leaves_out_does_not_count(element: dict[str, Any]) -> None:
    """Only names that both sides have are compared."""
    with serving(json_reply({"Invoices": [element, SECOND]})) as server:
        answers = accounting(server.url).send_batch(CREATE)
    assert [type(answer) for answer in answers] == [InvoiceSnapshot, InvoiceSnapshot]


def test_no_more_names_than_an_address_takes() -> None:
    """Nothing is sent for more."""
    with serving(json_reply({"Invoices": [], "Contacts": []})) as server:
        books = accounting(server.url)
        for ask in (books.invoices_numbered, books.contacts_by_id, books.invoices_by_id):
            with pytest.raises(ValueError):
                ask(["x"] * (IDS_PER_CALL + 1))
    assert server.arrived == []


# -- against the simulator ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world() -> Iterator[XeroWorld]:
    with xero_world() as running:
        yield running


def batch(kind: str, body: Any) -> BatchRequest:
    return BatchRequest(kind, wire.dumps(body), f"test:{uuid.uuid4()}")


def test_a_life_in_batches(world: XeroWorld) -> None:
    """Contacts, invoices, approvals and payments, several at a time, one of each refused by itself."""
    names = [{"Name": f"Batch {n}", "ContactNumber": f"b-{n}"} for n in (1, 2, 2)]
    one, two, twice = world.books.send_batch(batch("contact_create", {"Contacts": names}))
    assert (one.contact_number, two.contact_number, type(twice)) == ("b-1", "b-2", Rejected)

    changes = [{"ContactID": each.contact_id, "EmailAddress": "b@example.com"} for each in (one, two)]
    changed = world.books.send_batch(batch("contact_update", {"Contacts": changes}))
    assert [each.email for each in changed] == ["b@example.com"] * 2

    drafts = [
        invoice(c.contact_id, InvoiceNumber=f"B-{n}", Reference=f"b-{n}", Status="DRAFT")
        for n, c in enumerate((one, two), start=1)
    ]
    broken = invoice(
        one.contact_id, InvoiceNumber="B-3", LineItems=[{"Description": "x", "AccountCode": "nope"}]
    )
    made = world.books.send_batch(batch("invoice_create", {"Invoices": [*drafts, broken]}))
    assert [getattr(each, "invoice_number", None) for each in made] == ["B-1", "B-2", None]
    assert made[2].code == "account_invalid"

    approvals = [{"InvoiceID": each.invoice_id, "Status": "AUTHORISED"} for each in made[:2]]
    approved = world.books.send_batch(batch("invoice_update", {"Invoices": approvals}))
    assert [each.status for each in approved] == ["AUTHORISED"] * 2

    paid = [
        {
            "Invoice": {"InvoiceID": each.invoice_id},
            "Account": {"Code": "880"},
            "Amount": amount,
            "Reference": "r",
        }
        for each, amount in zip(made[:2], (10, 10_000), strict=True)
    ]
    first, second = world.books.send_batch(batch("payment_create", {"Payments": paid}))
    assert isinstance(first, PaymentSnapshot)
    assert second.code == "payment_exceeds_due"


def test_many_are_found_in_one_call(world: XeroWorld) -> None:
    """Contacts by id, archived ones too; invoices by number and by id, with their payments; the unknown left out."""
    contact = world.create_contact("Found Many", "found-many")
    made = [world.create_invoice(contact.contact_id, InvoiceNumber=f"F-{n}") for n in (1, 2)]
    world.by_hand(f"invoices/{made[0].invoice_id}/pay", amount="5.00")
    by_number = world.books.invoices_numbered(["F-1", "F-2", "F-unknown"])
    by_id = world.books.invoices_by_id([each.invoice_id for each in made])
    assert (
        {each.invoice_number for each in by_number}
        == {each.invoice_number for each in by_id}
        == {"F-1", "F-2"}
    )
    (paid,) = [each for each in by_number if each.payments]
    assert str(paid.payments[0].amount) == "5.00"
    world.by_hand(f"contacts/{contact.contact_id}/archive")
    (found,) = world.books.contacts_by_id([contact.contact_id, contact.contact_id.replace("a", "b")])
    assert (found.contact_id, found.status) == (contact.contact_id, "ARCHIVED")
