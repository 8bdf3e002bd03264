"""The people: threads that press buttons through the public interface, and one person at work in Xero itself.

A broken connection is nothing special to them: they press again a little later.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter, deque
from decimal import Decimal
from typing import Any

import requests

from infra.local.settings import Settings
from infra.local.tokens import person_token
from tests.soak.plan import Click, Script
from tests.soak.xero import Xero

ROLES = {"approve": "bookkeeper", "void": "bookkeeper", "edit_patient": "app"}
PRESS_AGAIN_SECONDS = 0.4


class NotAnswered(Exception):
    """The connection broke, or we were told to come back: the click is kept for later."""


class Desk:
    """What the people share: the clicks still to be made, and what came of those made."""

    def __init__(self, settings: Settings, xero: Xero, script: Script, tries: int) -> None:
        self.settings, self.xero, self.script, self.tries = settings, xero, script, tries
        self.clicks: deque[Click] = deque(script.clicks)
        self.stopping = threading.Event()
        self.answers: Counter[str] = Counter()
        self.strange: list[str] = []  # answers that nobody should ever get
        self.asked: set[str] = set()  # appointments whose invoice was asked for, and we answered
        self.details: dict[tuple[str, str], str] = {}  # (practice, patient) -> phone that was sent and synced
        self.given_up = 0
        self._patients: dict[tuple[str, str], threading.Lock] = {}
        self._lock = threading.Lock()

    def answered(self) -> int:
        """How many clicks got an answer that says something."""
        return sum(n for name, n in self.answers.copy().items() if not name.endswith((" 503", " no answer")))

    def patient_lock(self, practice: str, patient_id: str) -> threading.Lock:
        with self._lock:
            return self._patients.setdefault((practice, patient_id), threading.Lock())


class Worker(threading.Thread):
    """Takes the next click, whoever's it is, until there is none or it is time to go home."""

    def __init__(self, desk: Desk, number: int, seed: int) -> None:
        super().__init__(name=f"staff-{number}", daemon=True)
        self._desk, self._dice = desk, random.Random(seed * 100 + number)
        self._session = requests.Session()
        self._session.trust_env = False
        self._tokens: dict[tuple[str, str], str] = {}

    def run(self) -> None:
        while not self._desk.stopping.is_set():
            try:
                click = self._desk.clicks.popleft()
            except IndexError:
                return
            try:
                getattr(self, f"_{click.deed}")(click)
            except (NotAnswered, requests.RequestException):
                self._later(click)
            except Exception as error:  # noqa: BLE001 - a mistake of the soak's own must not pass for a quiet day
                self._desk.strange.append(f"the soak itself: {click.deed} {type(error).__name__}: {error}")

    def _later(self, click: Click) -> None:
        click.tries += 1
        if click.tries < self._desk.tries:
            self._desk.clicks.append(click)
            self._desk.stopping.wait(PRESS_AGAIN_SECONDS * self._dice.random() * 2)
        else:
            self._desk.given_up += 1

    def _ask(
        self,
        click: Click,
        method: str,
        path: str,
        *,
        role: str = "reception",
        body: Any = None,
        known: bool = False,
    ) -> requests.Response:
        """The answer; NotAnswered for a broken connection, 503, and (unless ``known``) what is not there yet."""
        key = (click.practice, role)
        if key not in self._tokens:
            self._tokens[key] = person_token(self._desk.settings, *key)
        url = self._desk.settings.base_url.replace("localhost", "127.0.0.1") + path
        headers = {"Authorization": f"Bearer {self._tokens[key]}"}
        try:
            answer = self._session.request(method, url, json=body, headers=headers, timeout=(5, 60))
        except requests.RequestException as broken:
            self._desk.answers[f"{click.deed} no answer"] += 1
            raise NotAnswered from broken
        self._desk.answers[f"{click.deed} {answer.status_code}"] += 1
        if answer.status_code == 503 or (answer.status_code == 404 and not known):
            raise NotAnswered
        if answer.status_code >= 500 or answer.status_code in (400, 401, 403):
            self._desk.strange.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer

    # -- at the desk -----------------------------------------------------------------------------------------

    def _create(self, click: Click) -> None:
        answer = self._ask(
            click, "POST", "/xero/invoices/create_invoice/", body={"appointment_id": click.subject}
        )
        if answer.status_code < 500:
            self._desk.asked.add(click.subject)

    def _edit(self, click: Click) -> None:
        """The clinic's app has a new telephone number; reception brings it to Xero."""
        key = (click.practice, click.subject)
        record = next(p for p in self._desk.script.patients[click.practice] if p["id"] == click.subject)
        with self._desk.patient_lock(*key):
            self._desk.details.pop(key, None)  # not certain until both were answered
            body = {name: value for name, value in record.items() if name != "id"} | click.details
            self._ask(click, "PUT", f"/clinic/patients/{click.subject}", role="app", body=body)
            self._ask(click, "POST", "/xero/contacts/sync_patient/", body={"patient_id": click.subject})
            self._desk.details[key] = click.details["phone"]

    def _approve(self, click: Click) -> None:
        self._ask(click, "POST", f"/xero/invoices/{click.subject}/approve/", role="bookkeeper")

    def _void(self, click: Click) -> None:
        self._ask(click, "POST", f"/xero/invoices/{click.subject}/void/", role="bookkeeper")

    def _email(self, click: Click) -> None:
        self._ask(click, "POST", f"/xero/invoices/{click.subject}/email/")

    def _pay(self, click: Click) -> None:
        body = {"method": "card", "reference": click.details["reference"]}
        if click.details["part"]:
            body["amount"] = "7.50"
        self._ask(click, "POST", f"/xero/invoices/{click.subject}/payments/", body=body)

    def _retry(self, click: Click) -> None:
        """Everything that needs a person: pressed once more."""
        causes = self._ask(click, "GET", "/xero/attention/").json()["items"]
        for cause in causes:
            for operation in cause["operations"][:5]:
                self._ask(click, "POST", f"/xero/operations/{operation['operation_id']}/retry/")

    # -- in Xero ---------------------------------------------------------------------------------------------

    def _xero_pay(self, click: Click) -> None:
        """All that is due, or a part of it; what Xero refuses is not paid."""
        invoice = self._ask(click, "GET", f"/xero/invoices/{click.subject}/").json()
        amount = (
            {"amount": str(min(Decimal("12.50"), Decimal(invoice["total"])))} if click.details["part"] else {}
        )
        self._in_xero(click, f"invoices/{invoice['invoice_id']}/pay", **amount)

    def _xero_edit_contact(self, click: Click) -> None:
        self._in_xero(click, f"contacts/{self._contact(click)}/edit", TaxNumber=click.details["tax"])

    def _xero_archive(self, click: Click) -> None:
        self._in_xero(click, f"contacts/{self._contact(click)}/archive")

    def _xero_restore(self, click: Click) -> None:
        self._in_xero(click, f"contacts/{self._contact(click)}/restore")

    def _contact(self, click: Click) -> str:
        contact_id = self._ask(click, "GET", f"/xero/contacts/{click.subject}/").json()["contact_id"]
        if contact_id is None:
            raise NotAnswered  # not there yet
        return str(contact_id)

    def _in_xero(self, click: Click, path: str, **fields: Any) -> None:
        """Once: whether a payment was entered before the simulator died is not asked, and not entered twice."""
        try:
            self._desk.xero.by_hand(click.practice, path, **fields)
            self._desk.answers[f"{click.deed} done"] += 1
        except requests.HTTPError:
            self._desk.answers[f"{click.deed} refused"] += 1
        except requests.RequestException:
            self._desk.answers[f"{click.deed} no answer"] += 1


def work(desk: Desk, clients: int, seed: int) -> list[Worker]:
    """They start now."""
    workers = [Worker(desk, number, seed) for number in range(clients)]
    for worker in workers:
        worker.start()
    return workers


def go_home(desk: Desk, workers: list[Worker]) -> None:
    """What is under way is finished first."""
    desk.stopping.set()
    until = time.monotonic() + 70
    for worker in workers:
        worker.join(max(0.1, until - time.monotonic()))
