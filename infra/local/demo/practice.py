"""One practice of the demo: its people's calls, and what a bookkeeper does by hand in the simulated Xero."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import requests

from infra.local import sample_day
from infra.local.client import CallFailed, Client
from infra.local.settings import Settings

#: How long the webhooks and the deferred work may take; far more than they do.
PATIENCE_SECONDS = 240
ORGANISATIONS = {"demo": "Harbour Street Clinic", "other": "Kauri Physio", "thames": "Thames Osteopathy"}
ENDED = ("VOIDED", "DELETED")


class Practice:
    """``day`` is the sample day in the practice's zone; a situation may look back ``LOOK_BACK`` from it."""

    LOOK_BACK = timedelta(days=60)

    def __init__(self, settings: Settings, name: str, day: date) -> None:
        self.settings, self.name, self.day = settings, name, day
        self.app, self.reception, self.bookkeeper, self.owner = (
            Client(settings, name, role) for role in ("app", "reception", "bookkeeper", "owner")
        )
        tenants = self.simulator("GET", "tenants")["tenants"]
        self.tenant_id = next(t["tenantId"] for t in tenants if t["tenantName"] == ORGANISATIONS[name])

    # -- the clinic's app and its people -------------------------------------------------------------------

    def patient(self, patient_id: str, first_name: str, last_name: str, **fields: Any) -> None:
        body = {"first_name": first_name, "last_name": last_name, **fields}
        self.app.call("PUT", f"/clinic/patients/{patient_id}", json=body)

    def appointment(
        self, appointment_id: str, patient_id: str, *lines: dict[str, Any], days_ago: int = 0, **fields: Any
    ) -> None:
        """At nine in the morning of the day, or of one before; as often as wanted."""
        at = datetime.fromisoformat(f"{self.day - timedelta(days=days_ago)}T09:00:00")
        body = {
            "patient_id": patient_id,
            "starts_at": at.replace(tzinfo=sample_day.ZONES[self.name]).isoformat(),
            "status": "completed",
            "line_items": list(lines),
            **fields,
        }
        self.app.call("PUT", f"/clinic/appointments/{appointment_id}", json=body)

    def preview(self, appointment_id: str) -> dict[str, Any]:
        return self.reception.call("POST", "/xero/invoices/preview/", json={"appointment_id": appointment_id})

    def create(self, appointment_id: str, **body: Any) -> requests.Response:
        body = {"appointment_id": appointment_id, **body}
        return self.reception.raw("POST", "/xero/invoices/create_invoice/", json=body)

    def invoiced(self, appointment_id: str, **body: Any) -> dict[str, Any]:
        """The invoice, made if it was not there, however long the deferred work takes."""
        expect(self.create(appointment_id, **body).ok, f"{appointment_id} was refused")
        self.until(f"{appointment_id} is invoiced", lambda: self.invoice(appointment_id))
        return self.invoice(appointment_id)

    def invoice(self, appointment_id: str) -> dict[str, Any]:
        """As our interface shows it; empty when there is none."""
        response = self.reception.raw("GET", f"/xero/invoices/{appointment_id}/")
        return dict(response.json()) if response.status_code == 200 else {}

    def act(self, appointment_id: str, what: str, **body: Any) -> dict[str, Any]:
        """A bookkeeper's press of a button; the invoice afterwards, where it went through at once."""
        return self.bookkeeper.call("POST", f"/xero/invoices/{appointment_id}/{what}/", json=body)

    def refusal(self, response: requests.Response, code: str) -> dict[str, Any]:
        body: dict[str, Any] = response.json()
        expect(body.get("code") == code, f"the answer was {response.status_code} {body}, not {code}")
        return body

    def attention(self) -> dict[str, Any]:
        """Cause -> its entry."""
        return {each["cause"]: each for each in self.reception.call("GET", "/xero/attention/")["items"]}

    def completeness(self) -> dict[str, Any]:
        return self.bookkeeper.call("GET", "/xero/completeness/", params=self.period)

    @property
    def period(self) -> dict[str, str]:
        return {"first": (self.day - self.LOOK_BACK).isoformat(), "last": self.day.isoformat()}

    # -- in Xero ------------------------------------------------------------------------------------------

    def books(self, kind: str = "invoices") -> list[dict[str, Any]]:
        return list(self.simulator("GET", f"tenants/{self.tenant_id}/books")[kind])

    def in_books(self, invoice_id: str) -> dict[str, Any]:
        return next(i for i in self.books() if i["InvoiceID"] == invoice_id)

    def by_hand(self, path: str, **fields: Any) -> dict[str, Any]:
        """What a person does in Xero's own pages, such as ``invoices/<id>/pay``."""
        return self.simulator("POST", f"tenants/{self.tenant_id}/{path}", fields)

    def simulator(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        url = f"{self.settings.simulator_url}/_simulator/{path}"
        with requests.Session() as session:
            session.trust_env = False
            response = session.request(method, url, json=body, timeout=30)
        if not response.ok:
            raise CallFailed(f"the simulator answered {response.status_code} to {path}: {response.text}")
        return dict(json.loads(response.text, parse_float=Decimal))

    def until(self, what: str, happened: Callable[[], Any]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not happened():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name}: waited {PATIENCE_SECONDS} s, but not {what}")
            time.sleep(0.3)


def expect(condition: Any, otherwise: str) -> None:
    """Ends the demo with a sentence where the product did something else than it should."""
    if not condition:
        raise CallFailed(otherwise)


def money(amount: Any) -> Decimal:
    return Decimal(str(amount)).quantize(Decimal("0.01"))
