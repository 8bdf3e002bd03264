"""The simulator with our adapter connected to it, as contract tests use it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import requests

from shared.adapters.xero.client import SCOPES, XeroClient
from shared.domain import wire
from shared.ports.accounting import Accounting, TokenSet, WriteRequest
from tests.xero_simulator.accounting.demo import HARBOUR_STREET
from tests.xero_simulator.applications import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI
from tests.xero_simulator.server import Simulator
from tests.xero_simulator.visitor import Visitor


@dataclass
class XeroWorld:
    """A running simulator, the adapter, and the tokens of one consent to the Australian demo clinic."""

    simulator: Simulator
    xero: XeroClient
    tokens: TokenSet
    tenant_id: str = HARBOUR_STREET

    @property
    def books(self) -> Accounting:
        return self.xero.accounting(self.tenant_id, self.tokens.access_token)

    def consent(self, *tenants: str, scopes: tuple[str, ...] = SCOPES, user: str = "owner") -> TokenSet:
        """Another consent, exchanged."""
        visitor = Visitor(self.simulator.url)
        code = visitor.consent(
            " ".join(scopes), simulator_tenants=",".join(tenants or (HARBOUR_STREET,)), simulator_user=user
        )["code"]
        return self.xero.identity.exchange(code, code_verifier=None)

    def by_hand(self, path: str, **fields: Any) -> None:
        """What a person does in Xero: ``invoices/<id>/pay`` and the like."""
        url = f"{self.simulator.url}/_simulator/tenants/{self.tenant_id}/{path}"
        requests.post(url, json=fields, timeout=10).raise_for_status()

    def create_contact(self, name: str, number: str) -> Any:
        return self.books.send(
            write("contact_create", {"Contacts": [{"Name": name, "ContactNumber": number}]})
        )

    def create_invoice(self, contact_id: str, **fields: Any) -> Any:
        return self.books.send(write("invoice_create", {"Invoices": [invoice(contact_id, **fields)]}))


def write(kind: str, body: Any, target: str | None = None) -> WriteRequest:
    """A write with a key of its own; ``body`` "" stays empty."""
    text = body if isinstance(body, str) else wire.dumps(body)
    return WriteRequest(kind, text, f"test:{uuid.uuid4()}", target)


def invoice(contact_id: str, **fields: Any) -> dict[str, Any]:
    """A sales invoice of one consultation at 100 plus GST of 10."""
    line = {
        "Description": "Consultation",
        "Quantity": Decimal("1"),
        "UnitAmount": Decimal("100.00"),
        "AccountCode": "200",
        "TaxType": "OUTPUT",
    }
    return {
        "Type": "ACCREC",
        "Contact": {"ContactID": contact_id},
        "Date": "2026-11-24",
        "DueDate": "2026-12-08",
        "LineAmountTypes": "Exclusive",
        "LineItems": [line],
        "Status": "AUTHORISED",
        **fields,
    }


@contextmanager
def xero_world() -> Iterator[XeroWorld]:
    with Simulator().running() as simulator:
        xero = XeroClient(
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            redirect_uri=REDIRECT_URI,
            login_url=simulator.url,
            identity_url=simulator.url,
            api_url=simulator.url,
            read_timeout=5,
        )
        code = Visitor(simulator.url).consent(simulator_tenants=HARBOUR_STREET)["code"]
        tokens = xero.identity.exchange(code, code_verifier=None)
        yield XeroWorld(simulator, xero, tokens)
        xero.close()
