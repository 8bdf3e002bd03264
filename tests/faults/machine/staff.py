"""What people and the clinic's app do, through the public interface, in a process that may die over it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from shared import bootstrap
from tests.faults.dying import Killed, mortal
from tests.faults.machine.stage import Set
from tests.faults.machine.trouble import API, IMPATIENT, PLACES, Trouble, plan
from tests.product import Product

INVOICES: dict[str, str] = {"path": f"{API}Invoices/", "method": "POST"}
EMAIL: dict[str, str] = {"path": f"{API}Invoices/*/Email", "method": "POST"}
#: Answers that somebody may get on a bad day; a plain 500 is a mistake of ours.
FINE = {200, 201, 202, 404, 409, 422, 502, 503, 504}
#: deed -> (role, where its own write goes)
ACTS: dict[str, tuple[str, dict[str, str]]] = {
    "approve": ("bookkeeper", INVOICES),
    "update": ("bookkeeper", INVOICES),
    "void": ("bookkeeper", INVOICES),
    "email": ("reception", EMAIL),
    "credit": ("bookkeeper", PLACES["credits"]),
    "correct": ("bookkeeper", PLACES["credits"]),
    "note": ("reception", PLACES["any_create"]),
    "sync_status": ("reception", PLACES["any_question"]),
}
BODIES = {"note": {"text": "Asked about the date"}}


class Staff:
    """Every method gives the answer, or None when the process died before there was one."""

    def __init__(self, played: Set) -> None:
        self._product: Product = played.product
        self.deaths = 0

    # -- at the desk -----------------------------------------------------------------------------------------

    def sync(self, patient_id: str, trouble: Trouble, *, force: bool = False) -> Any:
        body = {"patient_id": patient_id, "force_update": force}
        own = PLACES["any_change"] if force else PLACES["contacts"]
        return self._ask("POST", "/xero/contacts/sync_patient/", "reception", trouble, own, body)

    def create(self, appointment_id: str, trouble: Trouble) -> Any:
        body = {"appointment_id": appointment_id}
        own = PLACES["invoices"]
        return self._ask("POST", "/xero/invoices/create_invoice/", "reception", trouble, own, body)

    def create_all(self, trouble: Trouble) -> Any:
        body = {"starts_from": "2020-01-01T00:00:00Z", "starts_before": "2040-01-01T00:00:00Z"}
        return self._ask(
            "POST", "/xero/invoices/create_all/", "reception", trouble, PLACES["any_create"], body
        )

    def act(self, deed: str, appointment_id: str, trouble: Trouble) -> Any:
        role, own = ACTS[deed]
        path, body = f"/xero/invoices/{appointment_id}/{deed}/", BODIES.get(deed, {})
        return self._ask("POST", path, role, trouble, own, body)

    def money(
        self, deed: str, appointment_id: str, reference: str, amount: str | None, trouble: Trouble
    ) -> Any:
        """``deed`` payments or refund; ``amount`` None is all of it."""
        body = {"method": "card", "reference": reference} | ({"amount": amount} if amount else {})
        path = f"/xero/invoices/{appointment_id}/{deed}/"
        return self._ask("POST", path, "bookkeeper", trouble, PLACES["payments"], body)

    def press(self, what: str, operation_id: str, trouble: Trouble) -> Any:
        """``what`` retry or cancel."""
        path = f"/xero/operations/{operation_id}/{what}/"
        return self._ask("POST", path, "reception", trouble, PLACES["any_call"], {})

    def retry_cause(self, cause: str, trouble: Trouble) -> Any:
        path = f"/xero/attention/{cause}/retry/"
        return self._ask("POST", path, "reception", trouble, PLACES["any_call"], {})

    # -- the owner -------------------------------------------------------------------------------------------

    def connect(self, trouble: Trouble) -> bool:
        """The consent page and back; True when that ended well."""
        with self._life(trouble, PLACES["token"]) as lived:
            answer = self._product.consent()
        return bool(lived and answer.status_code == 200)

    def disconnect(self, trouble: Trouble) -> Any:
        return self._ask("POST", "/xero/oauth/disconnect/", "owner", trouble, {"path": "/connect"}, {})

    def refresh(self, trouble: Trouble) -> Any:
        return self._ask("POST", "/xero/oauth/refresh/", "owner", trouble, PLACES["token"], {})

    def status(self) -> str:
        return str(self._product.ok("GET", "/xero/connections/status/")["status"])

    def attention(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self._product.ok("GET", "/xero/attention/", "reception")["items"]
        return items

    # -- machines --------------------------------------------------------------------------------------------

    def machine(self, path: str, trouble: Trouble) -> Any:
        """Cloud Scheduler calls."""
        headers = {"Authorization": f"Bearer {self._product.task_token()}"}
        with self._life(trouble, PLACES["any_question"]) as lived:
            answer = self._product.raw("POST", path, headers=headers)
        return self._checked(path, answer) if lived else None

    @contextmanager
    def life(self, trouble: Trouble) -> Iterator[list[bool]]:
        """For work that is no request of its own: what is in the block may meet the trouble."""
        with self._life(trouble, PLACES["any_call"]) as lived:
            yield lived

    # -- how -------------------------------------------------------------------------------------------------

    def _ask(
        self, method: str, path: str, role: str, trouble: Trouble, own: dict[str, str], body: Any
    ) -> Any:
        with self._life(trouble, own) as lived:
            answer = self._product.call(method, path, role, json=body)
        return self._checked(path, answer) if lived else None

    def _checked(self, path: str, answer: Any) -> Any:
        assert answer.status_code in FINE, (path, answer.status_code, answer.get_data(as_text=True))
        return answer

    @contextmanager
    def _life(self, trouble: Trouble, own: dict[str, str]) -> Iterator[list[bool]]:
        """One process and its end: what it has asked of Xero is over before the next does anything. What is given
        is true as long as the process lived."""
        product, lived = self._product, [True]
        if trouble.fault:
            product.simulator.fault(**plan(trouble, own))
        transport = product.ports.xero._transport  # type: ignore[attr-defined]
        patience = transport.read_timeout
        if trouble.fault and "slow" in trouble.fault:
            transport.read_timeout = IMPATIENT
        if trouble.dies_at:
            bootstrap.install(mortal(product.ports, trouble.dies_at), product.sign_in)
        try:
            yield lived
        except Killed:
            self.deaths += 1
            lived.clear()
        finally:
            transport.read_timeout = patience
            bootstrap.install(product.ports, product.sign_in)
