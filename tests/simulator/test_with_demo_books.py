"""The edge together with the real books: the whole simulator, as its users meet it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from xero_python.accounting import AccountingApi
from xero_python.api_client import ApiClient
from xero_python.api_client.configuration import Configuration
from xero_python.api_client.oauth2 import OAuth2Token, TokenApi
from xero_python.identity import IdentityApi

from tests.simulator.conftest import Inbox
from tests.xero_simulator.server import Simulator
from tests.xero_simulator.visitor import Visitor

ROOT = Path(__file__).parents[2]


@pytest.fixture
def visitor(inbox: Inbox) -> Iterator[Visitor]:
    """Connected to the first demo organisation of a simulator with the demo books."""
    with Simulator(webhook_url=inbox.url).running() as simulator:
        someone = Visitor(simulator.url)
        someone.connect()
        yield someone


@contextmanager
def program(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.xero_simulator", "--port", "0", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().split()[-1]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def put_invoice(visitor: Visitor, key: str, **fields: Any) -> dict[str, Any]:
    contact = visitor.call("PUT", "Contacts", json={"Contacts": [{"Name": f"Sam {key}"}]}).json()
    line = {"Description": "Consultation", "Quantity": 1, "UnitAmount": 150, "AccountCode": "201"}
    invoice = {
        "Type": "ACCREC",
        "Contact": {"ContactID": contact["Contacts"][0]["ContactID"]},
        "Status": "AUTHORISED",
        "DueDate": "2030-01-31",
        "LineAmountTypes": "NoTax",
        "LineItems": [line],
        **fields,
    }
    answer = visitor.call("PUT", "Invoices", json={"Invoices": [invoice]}, key=key)
    assert answer.ok, answer.text
    return dict(answer.json()["Invoices"][0])


def test_a_payment_by_hand_is_announced_and_seen(
    visitor: Visitor, inbox: Inbox, eventually: Callable[[Callable[[], Any]], Any]
) -> None:
    """From consent over the invoice to its payment in Xero: INVOICE CREATE, INVOICE UPDATE, status PAID."""
    invoice = put_invoice(visitor, "one")
    path = f"tenants/{visitor.tenant_id}/invoices/{invoice['InvoiceID']}"
    assert visitor.control("POST", f"{path}/pay").ok

    def kinds() -> list[tuple[str, str]]:
        events = [event for body, _ in list(inbox.received) for event in json.loads(body)["events"]]
        return [
            (event["eventCategory"], event["eventType"])
            for event in events
            if event["resourceId"] == invoice["InvoiceID"]
        ]

    eventually(lambda: kinds() == [("INVOICE", "CREATE"), ("INVOICE", "UPDATE")])
    paid = visitor.call("GET", f"Invoices/{invoice['InvoiceID']}").json()["Invoices"][0]
    assert (paid["Status"], paid["AmountDue"]) == ("PAID", 0)


def test_a_reset_brings_the_demo_organisations_back(visitor: Visitor) -> None:
    """What was created is gone, the same organisations are there."""
    before = visitor.control("GET", "tenants").json()["tenants"]
    put_invoice(visitor, "one")
    visitor.control("POST", "reset")
    after = visitor.control("GET", "tenants").json()["tenants"]
    assert [each["tenantId"] for each in after] == [each["tenantId"] for each in before]
    assert visitor.control("GET", f"tenants/{visitor.tenant_id}/books").json()["invoices"] == []


@pytest.mark.parametrize("kind", ["drop_after_commit", "garbage"])
def test_a_lost_answer_leaves_one_invoice(visitor: Visitor, kind: str) -> None:
    """The answer is lost after the work; the same request under the same key gets it and creates no second."""
    plan = {"kind": kind, "method": "PUT", "path": "/api.xro/2.0/Invoices"}
    put_invoice(visitor, "earlier")
    sent = json.loads(visitor.control("GET", "requests").json()["requests"][-1]["body"])
    visitor.control("POST", "faults", plan)
    with pytest.raises(requests.RequestException):
        visitor.call("PUT", "Invoices", json=sent, key="k").json()
    again = visitor.call("PUT", "Invoices", json=sent, key="k").json()["Invoices"][0]
    books = visitor.control("GET", f"tenants/{visitor.tenant_id}/books").json()
    assert len(books["invoices"]) == 2
    assert again["InvoiceID"] in {each["InvoiceID"] for each in books["invoices"]}


def test_books_survive_a_sigkill(tmp_path: Path) -> None:
    """An answered invoice is there after a kill, to the cent, and the numbering goes on."""
    state = ("--state", str(tmp_path / "state.sqlite"))
    with program(*state) as (process, url):
        visitor = Visitor(url)
        visitor.connect()
        first = put_invoice(visitor, "one")
        visitor.control(
            "POST", f"tenants/{visitor.tenant_id}/invoices/{first['InvoiceID']}/pay", {"amount": "0.10"}
        )
        before = visitor.control("GET", f"tenants/{visitor.tenant_id}/books").json()
        process.send_signal(signal.SIGKILL)
        process.wait()
    with program(*state) as (_, url):
        visitor.url = url
        assert visitor.control("GET", f"tenants/{visitor.tenant_id}/books").json() == before
        second = put_invoice(visitor, "two")
        assert second["InvoiceNumber"] != first["InvoiceNumber"]


def test_the_official_sdk_reads_connections_and_organisation(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """xero-python refreshes its token, lists the connections, reads the organisation, and revokes."""
    monkeypatch.setattr(TokenApi, "refresh_token_url", f"{visitor.url}/connect/token")
    monkeypatch.setattr(TokenApi, "revoke_token_url", f"{visitor.url}/connect/revocation")
    kept = {**visitor.tokens, "scope": visitor.tokens["scope"].split(), "expires_at": 1.0}
    token = OAuth2Token(visitor.client_id, visitor.client_secret)
    client = ApiClient(Configuration(), pool_threads=1)
    client.configuration.oauth2_token = token
    client.oauth2_token_getter(lambda: kept)
    client.oauth2_token_saver(kept.update)
    (connection,) = IdentityApi(client, visitor.url).get_connections()
    assert connection.tenant_id == visitor.tenant_id
    assert kept["refresh_token"] != visitor.tokens["refresh_token"]
    accounting = AccountingApi(client, f"{visitor.url}/api.xro/2.0")
    answer = accounting.get_organisations(connection.tenant_id)
    assert answer.organisations[0].name == connection.tenant_name
    client.revoke_oauth2_token()
    assert visitor.connections().status_code == 401
