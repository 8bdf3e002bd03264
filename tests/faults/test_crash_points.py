"""A process may die between any two of its steps: nothing is done twice, nothing is forgotten."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from shared.ports import Ports
from shared.services import invoice_actions
from shared.services.create_invoice import create_invoice
from shared.services.drain import drain
from shared.services.drain_tasks import wake_drain
from shared.services.pull_changes import pull_changes
from shared.services.sync_contact import sync_patient
from shared.services.tokens import access_token
from shared.services.writes.contacts import ContactUpdate
from tests.faults.clinic import ACTOR, PRACTICE, TENANT, Clinic
from tests.faults.dying import Killed, mortal

Action = Callable[[Clinic, Ports], Any]


def moments(clinic: Clinic, scene: Callable[[Clinic], Any], action: Action) -> Any:
    """The action, dying at its first moment, its second ... until it lives to the end; gives each moment's number."""
    for number in itertools.count(1):
        clinic.case()
        scene(clinic)
        try:
            action(clinic, mortal(clinic.ports, number))
        except Killed:
            yield number
        else:
            assert number > 10  # it did touch the world on its way
            return


def create(clinic: Clinic, ports: Ports) -> Any:
    return create_invoice(ports, PRACTICE, clinic.appointment_id, {}, ACTOR)


def sync(clinic: Clinic, ports: Ports) -> Any:
    return sync_patient(ports, PRACTICE, clinic.patient_id, force_update=False, actor=ACTOR)


def act(what: Callable[..., Any], **arguments: Any) -> Action:
    return lambda clinic, ports: what(ports, PRACTICE, clinic.appointment_id, actor=ACTOR, **arguments)


def changed(clinic: Clinic) -> None:
    clinic.sync()
    clinic.put_patient(phone="0400 111 222")


def phone_numbers(clinic: Clinic) -> list[str]:
    return [phone["PhoneNumber"] for contact in clinic.contacts() for phone in contact.phones]


CASES: dict[str, tuple[Callable[[Clinic], Any], Action, Callable[[Clinic], int]]] = {
    "create_invoice": (lambda c: None, create, lambda c: len(c.invoices())),
    "sync_patient": (lambda c: None, sync, lambda c: len(c.contacts())),
    "sync_changed_patient": (changed, sync, lambda c: phone_numbers(c).count("0400 111 222")),
    "approve": (
        lambda c: c.invoiced("DRAFT"),
        act(invoice_actions.approve),
        lambda c: sum(i.status == "AUTHORISED" for i in c.invoices()),
    ),
    "void": (
        lambda c: c.invoiced(),
        act(invoice_actions.void),
        lambda c: sum(i.status == "VOIDED" for i in c.invoices()),
    ),
    "payment": (
        lambda c: c.invoiced(),
        act(invoice_actions.record_payment, amount=Decimal("30.00"), method="card", reference="till-7"),
        lambda c: len(c.payments()),
    ),
    "credit": (
        lambda c: c.invoiced(),
        act(invoice_actions.credit),
        lambda c: sum(len(note.allocations) for note in c.credit_notes()),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_dying_while_writing(shared_clinic: Clinic, name: str) -> None:
    """Wherever it dies, time alone ends what was kept; the caller, who may ask again, finds it done exactly once."""
    clinic = shared_clinic
    scene, action, count = CASES[name]
    kept = 0
    for moment in moments(clinic, scene, action):
        before = len(clinic.operations())
        clinic.let_time_pass()
        clinic.assert_nothing_waits()
        if len(clinic.operations()) > before or count(clinic):
            kept += 1
        action(clinic, clinic.ports)  # whoever had no answer asks again
        clinic.let_time_pass()
        clinic.assert_nothing_waits()
        clinic.assert_linked()
        assert count(clinic) == 1, f"died at moment {moment}"
    assert count(clinic) == 1  # and so for the one that lived
    assert kept > 5  # most deaths came after the intent was kept, and needed nobody


def test_dying_while_the_patient_changes_again(
    shared_clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second change was told "waiting" because the first was under way: it is sent although its sender died."""
    clinic = shared_clinic
    prepare = ContactUpdate.prepare

    def meanwhile(self: ContactUpdate, *arguments: Any) -> Any:
        prepared = prepare(self, *arguments)
        clinic.put_patient(phone="0400 333 444")
        return prepared

    monkeypatch.setattr(ContactUpdate, "prepare", meanwhile)
    for moment in moments(clinic, changed, sync):
        clinic.let_time_pass()
        clinic.assert_nothing_waits()
        if clinic.operations("contact_update"):
            asked_for = clinic.ports.records.patient(PRACTICE, clinic.patient_id)
            assert asked_for is not None
            assert phone_numbers(clinic) == [asked_for.phone], f"died at moment {moment}"


def test_dying_while_emailing(shared_clinic: Clinic) -> None:
    """Wherever it dies there is one e-mail at most, and a person is told when it is not known whether there was one."""
    clinic = shared_clinic
    ends = set()
    for moment in moments(clinic, lambda c: c.invoiced(), act(invoice_actions.email)):
        clinic.let_time_pass()
        clinic.assert_nothing_waits()
        found = clinic.operations("invoice_email")
        end = (found[0].state, found[0].reason_code, clinic.emails()) if found else (None, None, 0)
        ends.add(end)
        allowed = [("done", None, 1), ("failed", "maybe_done", 0), (None, None, 0)]
        assert end in allowed, f"died at moment {moment}"
    assert ("done", None, 1) in ends
    assert ("failed", "maybe_done", 0) in ends


def test_dying_while_draining(shared_clinic: Clinic) -> None:
    """A drain that dies is delivered again by the queue, and what it was about to send is sent once."""
    clinic = shared_clinic

    def waiting(clinic: Clinic) -> None:
        clinic.product.simulator.fault(
            "rate_limit", problem="concurrent", method="PUT", path="/api.xro/2.0/Contacts", retry_after=9
        )
        assert clinic.create().link is None
        clinic.product.advance(10)

    for moment in moments(clinic, waiting, lambda _, ports: drain(ports, PRACTICE)):
        wake_drain(clinic.ports.tasks, PRACTICE, clinic.ports.clock.now())  # the queue's own second delivery
        clinic.let_time_pass()
        clinic.assert_nothing_waits()
        clinic.assert_linked()
        assert (len(clinic.contacts()), len(clinic.invoices())) == (1, 1), f"died at moment {moment}"


def test_dying_while_pulling(shared_clinic: Clinic) -> None:
    """A pull that dies moves no cursor past what it did not bring back: the next one brings it."""
    clinic = shared_clinic

    def paid_in_xero(clinic: Clinic) -> None:
        clinic.invoiced()
        clinic.product.by_hand(f"invoices/{clinic.invoice_link.invoice_id}/pay")

    for moment in moments(clinic, paid_in_xero, lambda _, ports: pull_changes(ports, TENANT)):
        clinic.product.reconcile()
        clinic.product.advance(3)
        clinic.product.run_tasks()
        link = clinic.invoice_link
        assert (link.status, link.amount_due) == ("PAID", "0.00"), f"died at moment {moment}"


def test_dying_while_refreshing(shared_clinic: Clinic) -> None:
    """A refresh of the token that dies anywhere leaves a connection that works."""
    clinic = shared_clinic
    grant_id = clinic.grant_id

    def refresh(_: Clinic, ports: Ports) -> str:
        return access_token(ports, grant_id, force=True)

    for moment in moments(clinic, lambda c: None, refresh):
        clinic.product.advance(60)
        assert clinic.create().link is not None, f"died at moment {moment}"
        assert clinic.product.ok("GET", "/xero/connections/status/")["status"] == "connected"
