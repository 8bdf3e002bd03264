"""What a process may be doing when it dies, by name: so that another process can be told to do it.

An action works through the ports it is given, and through the functions, which then have those same ports.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from shared import bootstrap
from shared.domain.errors import Busy
from shared.ports import Ports
from shared.services import invoice_actions
from shared.services.connections import open_accounting
from shared.services.disconnect import disconnect
from shared.services.drain import drain
from shared.services.jobs import run_job
from shared.services.pull_changes import pull_changes
from shared.services.reconcile import reconcile
from shared.services.sync_contact import sync_patient
from shared.services.tokens import access_token
from shared.services.writes.contacts import ContactUpdate
from tests.consents import come_back
from tests.faults.clinic import ACTOR, PRACTICE, TENANT, Clinic
from tests.hints import event, hint
from tests.product import Product

Action = Callable[[Clinic, Ports], Any]
PATIENCE = 10.0


@contextmanager
def seeing(product: Product, ports: Ports) -> Iterator[Ports]:
    """The functions see the world through these ports meanwhile."""
    bootstrap.install(ports, product.sign_in)
    try:
        yield ports
    finally:
        bootstrap.install(product.ports, product.sign_in)


def email(clinic: Clinic, ports: Ports) -> None:
    invoice_actions.email(ports, PRACTICE, clinic.appointment_id, ACTOR)


def sync_while_it_changes(clinic: Clinic, ports: Ports) -> None:
    """The patient changes once more just when the first change has been prepared for sending."""
    prepare = ContactUpdate.prepare

    def meanwhile(self: ContactUpdate, *arguments: Any) -> Any:
        prepared = prepare(self, *arguments)
        clinic.put_patient(phone="0400 333 444")
        return prepared

    with mock.patch.object(ContactUpdate, "prepare", meanwhile):
        sync_patient(ports, PRACTICE, clinic.patient_id, force_update=False, actor=ACTOR)


def refresh(clinic: Clinic, ports: Ports) -> None:
    access_token(ports, clinic.grant_id, force=True)


def webhook(clinic: Clinic, _: Ports) -> None:
    hint(clinic.product, event(clinic.invoice_link.invoice_id))


def run_tasks(clinic: Clinic, _: Ports) -> None:
    """Whatever is due, leased from the queue and delivered by the very process that dies."""
    clinic.product.run_tasks()


def start_job(clinic: Clinic, _: Ports) -> str:
    started = clinic.product.ok("POST", "/xero/invoices/create_all/", "reception", json=clinic.notes["job"])
    return str(started["job_id"])


def callback(clinic: Clinic, _: Ports) -> int:
    """The owner's browser comes back from Xero's consent page."""
    return come_back(clinic.product, clinic.notes["path"], clinic.notes["cookie"]).status_code


def ask_for_token(clinic: Clinic, ports: Ports) -> str:
    """The access token; told that somebody renews it just now, the caller asks again, as the services do."""
    deadline = time.monotonic() + (PATIENCE if clinic.notes.get("patient") else 0)
    while True:
        try:
            return access_token(ports, clinic.notes["grant_id"])
        except Busy as busy:
            if time.monotonic() > deadline:
                return busy.code
            time.sleep(0.05)


def ask_xero(clinic: Clinic, ports: Ports) -> str:
    """A call to the organisation of the practice in the notes; the name it answers with."""
    ask_for_token(clinic, ports)
    return open_accounting(ports, clinic.notes["practice"]).organisation().name


ACTIONS: dict[str, Action] = {
    "email": email,
    "sync_while_it_changes": sync_while_it_changes,
    "refresh": refresh,
    "webhook": webhook,
    "run_tasks": run_tasks,
    "start_job": start_job,
    "run_job": lambda clinic, ports: run_job(ports, PRACTICE, clinic.notes["job_id"]),
    "callback": callback,
    "ask_for_token": ask_for_token,
    "ask_xero": ask_xero,
    "pull": lambda _, ports: pull_changes(ports, TENANT),
    "drain": lambda _, ports: vars(drain(ports, PRACTICE)),
    "reconcile": lambda _, ports: reconcile(ports),
    "disconnect": lambda clinic, ports: disconnect(ports, clinic.product.person()),
}
