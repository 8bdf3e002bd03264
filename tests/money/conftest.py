"""Xero's stand-in over HTTP, connected to the organisations of three countries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import simplejson

from shared.domain import wire
from shared.domain.invoices import InvoiceDocument
from tests.xero_simulator.accounting.demo import HARBOUR_STREET, KAURI_PHYSIO, THAMES_OSTEOPATHY
from tests.xero_simulator.server import Simulator
from tests.xero_simulator.visitor import Visitor

COUNTRIES = {"AU": HARBOUR_STREET, "NZ": KAURI_PHYSIO, "UK": THAMES_OSTEOPATHY}
JSON = {"Content-Type": "application/json"}
PLENTY = {"minute": 10**6, "day": 10**6}


class Xero:
    """One organisation, and a contact in it to write invoices to."""

    def __init__(self, url: str, tenant_id: str) -> None:
        requests.post(f"{url}/_simulator/tenants/{tenant_id}/limits", json=PLENTY, timeout=10)
        self.visitor = Visitor(url)
        self.visitor.connect(tenants=[tenant_id])
        self.contact_id = self._put("Contacts", '{"Contacts":[{"Name":"Sam Patient"}]}', "Contacts")[
            "ContactID"
        ]

    def put_invoice(self, document: InvoiceDocument) -> Any:
        """The product's own text goes out; what Xero answers, amounts as decimals."""
        return self._put(
            "Invoices?summarizeErrors=true&unitdp=4",
            wire.dumps({"Invoices": [document.body(self.contact_id)]}),
            "Invoices",
        )

    def _put(self, path: str, text: str, element: str) -> Any:
        answer = self.visitor.call("PUT", path, data=text.encode(), headers=JSON)
        assert answer.status_code == 200, answer.text
        return simplejson.loads(answer.text, use_decimal=True)[element][0]


@pytest.fixture(scope="module")
def xeros() -> Iterator[dict[str, Xero]]:
    """By country; one simulator for the whole module."""
    with Simulator().running() as simulator:
        yield {country: Xero(simulator.url, tenant_id) for country, tenant_id in COUNTRIES.items()}
