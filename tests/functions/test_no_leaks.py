"""A day on which everything goes wrong, with names that can be recognised: they stay where they belong.

Patients' details belong in the clinic's records, in what is sent to Xero, and a contact's name in the contacts answer.
Nowhere else: not in log lines, problems, the activity log, jobs, attention, tasks, nor any answer about invoices.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.functions.edges import logged
from tests.product import Product
from tests.xero_simulator.applications import CLIENT_SECRET, WEBHOOK_KEY

NAMES = ("Wilhelmina", "Quartzstone", "Zephyrine")
DETAILS = (
    *NAMES,
    "mina@quartz.example",
    "0499 123 456",
    "77 Hidden Lane",
    "claims@zephyr.example",
    "Bunion surgery",
)
INVOICES = "/api.xro/2.0/Invoices"
CONTACTS = "/api.xro/2.0/Contacts"


class Ears:
    """Hears every log line of every logger, and every answer but those of the contacts function."""

    def __init__(self, product: Product) -> None:
        self.lines: list[str] = []
        self.answers: list[str] = []
        self._product = product

    def ask(self, method: str, path: str, role: str = "owner", **options: Any) -> TestResponse:
        response = self._product.call(method, path, role, **options)
        if not (path.startswith("/xero/contacts/") and response.status_code < 300):
            self.answers.append(
                f"{method} {path} {response.status_code} {response.headers} {response.get_data(as_text=True)}"
            )
        return response

    def invoice(self, appointment_id: str, **fields: Any) -> TestResponse:
        body = {"appointment_id": appointment_id, **fields}
        return self.ask("POST", "/xero/invoices/create_invoice/", "reception", json=body)


@pytest.fixture
def ears(product: Product) -> Iterator[Ears]:
    """Listening at the most talkative level."""
    heard = Ears(product)
    with logged(by_everybody=True) as heard.lines:
        yield heard


def scene(product: Product) -> None:
    """A connected practice with one patient full of recognisable details and an insurer who pays for another."""
    product.ready(payment_accounts={"card": "880"})
    patient = {
        "first_name": "Wilhelmina",
        "last_name": "Quartzstone",
        "email": "mina@quartz.example",
        "phone": "0499 123 456",
        "address": {"line1": "77 Hidden Lane", "city": "Sydney"},
    }
    product.patient("p-1", **patient)
    product.patient("p-2", **patient)  # of the same name: Xero's refusal quotes it
    product.patient(
        "p-3", **patient | {"payer": {"name": "Zephyrine Fund", "email": "claims@zephyr.example"}}
    )


def bad_day(product: Product, ears: Ears) -> None:
    """Each class of error that Xero or the network has, on contacts and on invoices."""
    line = {"description": "Bunion surgery", "unit_amount": "100.00", "account_code": "200"}
    faults: list[dict[str, Any]] = [
        {"kind": "drop_before"},
        {"kind": "drop_after_commit"},
        {"kind": "garbage", "variant": "truncated"},
        {"kind": "garbage", "variant": "html"},
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 503, "body": "The Organisation is offline"},
        {"kind": "status", "status": 400, "body": echo()},
        {
            "kind": "status",
            "status": 403,
            "body": {"Title": "Forbidden", "Status": 403, "Detail": "Wilhelmina"},
        },
        {"kind": "status", "status": 404, "body": "Quartzstone is not here"},
        {"kind": "status", "status": 418, "body": {"Message": "Wilhelmina Quartzstone is a teapot"}},
        {"kind": "status_after_commit", "status": 500, "body": echo()},
        {"kind": "rate_limit", "problem": "minute", "retry_after": 5},
    ]
    for number, fault in enumerate(faults):
        product.appointment(f"b-{number}", f"p-{number % 3 + 1}", line_items=[line])
        product.simulator.fault(**fault, method="PUT", path=CONTACTS if number < 3 else INVOICES)
        ears.invoice(f"b-{number}")
        product.simulator.fault(**fault, method="GET", path="/api.xro/2.0/Invoices/")
        ears.ask("POST", "/xero/invoices/b-0/sync_status/", json={})
        product.settle(30)
        product.settle(600, step=60)
    product.appointment("c-1", "p-1", line_items=[line | {"account_code": "nope"}])
    ears.invoice("c-1")
    product.appointment("c-2", "p-1", line_items=[line | {"tax_type": "NONSENSE"}])
    ears.invoice("c-2")
    ears.invoice("c-2", line_items=[{"description": "Bunion surgery", "unit_amount": "Wilhelmina"}])
    ears.ask("POST", "/xero/contacts/sync_patient/", json={"patient_id": "mina@quartz.example/77"})
    ears.ask(
        "PUT", "/clinic/patients/p-9", "app", json={"first_name": "Wilhelmina", "phone": "0499 123 456" * 9}
    )
    ears.ask(
        "POST", "/clinic/import", "app", data=b'{"kind": "patient", "id": "x", "first_name": "Wilhelmina"'
    )
    for contact in product.books()["contacts"]:
        if contact.get("ContactNumber") == "p-1":
            product.by_hand(f"contacts/{contact['ContactID']}/archive")
    product.appointment("c-3", "p-1", line_items=[line])
    ears.invoice("c-3")
    ears.ask("POST", "/xero/contacts/sync_patient/", json={"patient_id": "p-1", "force_update": True})


def echo() -> dict[str, Any]:
    """Xero's refusal as it really looks: it repeats the document, names and all."""
    return {
        "ErrorNumber": 10,
        "Type": "ValidationException",
        "Message": "A validation exception occurred",
        "Elements": [
            {
                "Name": "Wilhelmina Quartzstone",
                "EmailAddress": "mina@quartz.example",
                "Phones": [{"PhoneNumber": "0499 123 456"}],
                "LineItems": [{"Description": "Bunion surgery", "ValidationErrors": [{"Message": "Odd"}]}],
                "ValidationErrors": [
                    {
                        "Message": "The contact name Wilhelmina Quartzstone is already taken by mina@quartz.example."
                    },
                    {"Message": "Line 'Bunion surgery' is odd"},
                ],
            }
        ],
    }


def pages(product: Product) -> Iterator[str]:
    """Everything that a person may look at but the contacts."""
    for path in (
        "logs/?limit=200",
        "operations/?limit=200",
        "invoices/?limit=200",
        "attention/",
        "connections/status/",
    ):
        yield json.dumps(product.ok("GET", f"/xero/{path}"))
    period = {"starts_from": "2026-11-24T00:00:00Z", "starts_before": "2026-11-26T00:00:00Z"}
    for path, body in (("contacts/sync_all/", {"force_update": True}), ("invoices/create_all/", period)):
        job = product.ok("POST", f"/xero/{path}", json=body)
        product.settle(120)
        yield json.dumps(product.ok("GET", f"/xero/jobs/{job['job_id']}/"))


def test_names_stay_where_they_belong(product: Product, ears: Ears) -> None:
    """No name, e-mail, phone, address or description in logs, problems, answers, jobs or the activity log."""
    scene(product)
    bad_day(product, ears)
    shown = list(pages(product))
    ours = [line for line in ears.lines if '"function"' in line]
    assert len(ours) > 50
    assert len({a.split(" ")[2] for a in ears.answers}) > 4  # many kinds of answers were heard
    everything = {"logs": ours, "answers": ears.answers, "pages": shown}
    leaks = [
        (where, detail, text[max(0, text.find(detail) - 200) : text.find(detail) + 80])
        for where, texts in everything.items()
        for text in texts
        for detail in DETAILS
        if detail in text
    ]
    assert leaks == []


def test_secrets_stay_where_they_belong(product: Product, ears: Ears) -> None:
    """No token, client secret, webhook key or bearer of ours in any log line of any library, answer or page."""
    scene(product)
    bad_day(product, ears)
    secrets = {CLIENT_SECRET, WEBHOOK_KEY, product.token("owner"), product.task_token()}
    for call in product.xero_calls(path=""):
        secrets.add(call["headers"].get("Authorization", "").partition(" ")[2])
        if call["path"].endswith("/connect/token") and call["response"]:
            tokens = json.loads(call["response"])
            secrets |= {tokens.get("access_token", ""), tokens.get("refresh_token", "")}
    secrets = {secret for secret in secrets if len(secret) > 8}
    assert len(secrets) > 5
    texts = [*ears.lines, *ears.answers, *pages(product)]
    assert [secret[:12] for secret in secrets for text in texts if secret in text] == []


def test_the_contact_name_is_where_it_is_needed(product: Product, ears: Ears) -> None:
    """The contacts answer does show the name, so that the tests above would notice it elsewhere."""
    scene(product)
    assert ears.ask("POST", "/xero/contacts/sync_patient/", json={"patient_id": "p-1"}).json["name"] == (
        "Wilhelmina Quartzstone"
    )
    assert ears.answers == []
    (sent,) = product.xero_calls("PUT", CONTACTS)
    assert all(detail in sent["body"] for detail in ("Wilhelmina", "mina@quartz.example", "0499 123 456"))
