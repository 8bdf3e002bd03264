"""One practice of the browser stack, seen from behind the page: its scene set and its books read by calls."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import requests

from infra.local import sample_day
from infra.local.settings import AUDIENCE, Settings
from infra.local.signing_key import load_or_create
from infra.local.staff import BY_ROLE
from infra.local.tokens import mint, task_token

PATIENCE_SECONDS = 30.0
ZONE = ZoneInfo("Australia/Sydney")


class Clinic:
    """``practice_id`` with the organisation ``name`` (``tenant_id``). All calls are real HTTP."""

    def __init__(self, settings: Settings, practice_id: str, name: str, tenant_id: str) -> None:
        self.settings, self.practice_id, self.name, self.tenant_id = settings, practice_id, name, tenant_id
        self.url = settings.base_url
        self._http = requests.Session()
        self._http.trust_env = False

    # -- the interface ---------------------------------------------------------------------------------------

    def token(self, role: str) -> str:
        account = BY_ROLE[role]
        who = {"practice_id": self.practice_id, "role": role, "name": account.name}
        key = load_or_create(self.settings.state_dir)
        return mint(key, self.settings.issuer_url, AUDIENCE, f"{self.practice_id}-{account.id}", **who)

    def call(self, method: str, path: str, role: str = "owner", **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token(role)}"}
        return self._http.request(method, self.url + path, headers=headers, timeout=60, **options)

    def ok(self, method: str, path: str, role: str = "owner", **options: Any) -> Any:
        """The JSON of an answer that must be a success."""
        answer = self.call(method, path, role, **options)
        assert answer.ok, (method, path, answer.status_code, answer.text)
        return answer.json()

    # -- setting the scene -----------------------------------------------------------------------------------

    def connect(self) -> None:
        """As the owner through Xero's consent, but without a browser."""
        started = self.call("GET", "/xero/oauth/connect/")
        decision = {
            "simulator_decision": "allow",
            "simulator_tenants": self.tenant_id,
            "simulator_user": f"{self.practice_id}-owner",
        }
        with requests.Session() as browser:
            browser.trust_env = False
            browser.cookies.update(started.cookies)
            answer = browser.get(started.json()["authorize_url"], params=decision, timeout=60)
        assert answer.ok, answer.text

    def settings_are(self, **changes: Any) -> None:
        self.ok("PUT", "/xero/settings/", "bookkeeper", json=changes)

    def map_services(self) -> None:
        """The sample services, on accounts and tax rates that the organisation has."""
        items = [
            {"service_code": code, "account_code": account, "tax_type": tax}
            for code, (account, tax) in sample_day.SERVICES["demo"].items()
        ]
        self.ok("PUT", "/xero/items/", "bookkeeper", json={"items": items})

    def ready(self) -> None:
        """Connected, services mapped, invoices approved at once."""
        self.connect()
        self.map_services()
        self.settings_are(invoice_status="AUTHORISED")

    def patient(self, patient_id: str = "p-1", **fields: Any) -> str:
        body = {"first_name": "Anna", "last_name": "Lee", "reference": patient_id.upper(), **fields}
        self.ok("PUT", f"/clinic/patients/{patient_id}", "app", json=body)
        return patient_id

    def appointment(self, appointment_id: str = "a-1", patient_id: str = "p-1", **fields: Any) -> str:
        """Today at ten in Sydney, completed, one consultation of 95.00, unless ``fields`` say otherwise."""
        body = {
            "patient_id": patient_id,
            "starts_at": at(10).isoformat(),
            "status": "completed",
            "clinic_id": "harbour",
            "practitioner_id": "dr-ruiz",
            "line_items": [sample_day.CONSULT],
            **fields,
        }
        self.ok("PUT", f"/clinic/appointments/{appointment_id}", "app", json=body)
        return appointment_id

    def sample_day(self) -> None:
        """The six patients and twelve appointments of ``make run``, today."""
        lines = sample_day.import_lines("demo", at(0).date().isoformat())
        self.ok("POST", "/clinic/import", "app", data=lines.encode())

    def invoice(self, appointment_id: str = "a-1", **fields: Any) -> dict[str, Any]:
        """Created by reception and in Xero when this returns."""
        body = {"appointment_id": appointment_id, **fields}
        self.ok("POST", "/xero/invoices/create_invoice/", "reception", json=body)
        return self.until(lambda: self.invoice_of(appointment_id))

    def invoice_of(self, appointment_id: str) -> dict[str, Any] | None:
        answer = self.call("GET", f"/xero/invoices/{appointment_id}/")
        return answer.json() if answer.status_code == 200 else None

    # -- Xero's side -----------------------------------------------------------------------------------------

    def books(self) -> dict[str, list[dict[str, Any]]]:
        return self.simulator("GET", f"tenants/{self.tenant_id}/books")

    def by_hand(self, path: str, **fields: Any) -> Any:
        """What a person does in Xero: ``invoices/<id>/pay``, ``contacts/<id>/archive``, ``organisation`` ..."""
        return self.simulator("POST", f"tenants/{self.tenant_id}/{path}", fields)

    def pay(self, appointment_id: str, amount: str | None = None) -> None:
        """The bookkeeper enters the payment in Xero: all that is due, or this amount."""
        invoice_id = self.until(lambda: self.invoice_of(appointment_id))["invoice_id"]
        self.by_hand(f"invoices/{invoice_id}/pay", **({"amount": amount} if amount else {}))

    def simulator(self, method: str, path: str, body: Any = None) -> Any:
        url = f"{self.settings.simulator_url}/_simulator/{path}"
        answer = self._http.request(method, url, json=body, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def sweep(self) -> None:
        """What the scheduler asks for every hour: a look into every organisation."""
        bearer = {"Authorization": f"Bearer {task_token(self.settings)}"}
        answer = self._http.post(f"{self.url}/tasks/reconcile", json={}, headers=bearer, timeout=60)
        assert answer.ok, answer.text

    @staticmethod
    def until(happened: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
        """What it gives as soon as that is something."""
        deadline = time.monotonic() + seconds
        while not (found := happened()):
            assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain"
            time.sleep(0.1)
        return found


def at(hour: int, minute: int = 0) -> datetime:
    """That time of today in the clinic's zone."""
    return _today().replace(hour=hour, minute=minute)


@cache
def _today() -> datetime:
    """One day for the whole run, whatever midnight does meanwhile."""
    return datetime.now(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
