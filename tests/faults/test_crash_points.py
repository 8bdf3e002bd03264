"""A process may die between any two of its steps: nothing is done twice, nothing is forgotten."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from shared.ports import Ports
from shared.services import invoice_actions, invoice_corrections
from shared.services.create_invoice import create_invoice
from shared.services.refund import refund
from shared.services.sync_contact import sync_patient
from tests.faults import deaths
from tests.faults.actions import ACTIONS, Action, seeing
from tests.faults.clinic import ACTOR, PRACTICE, Clinic
from tests.faults.deaths import Case, changed, phone_numbers
from tests.faults.dying import Killed, mortal
from tests.faults.share import SHARE


def moments(clinic: Clinic, case: Case) -> Iterator[int]:
    """The case's action, dying at its first moment, its third ... until it lives to the end; gives each moment's
    number. The even ones are the same: after a call nothing happens until the next one."""
    for number in itertools.count(1, 2 * SHARE):
        deaths.begin(clinic, case)
        try:
            with seeing(clinic.product, mortal(clinic.ports, number)) as ports:
                ALL_ACTIONS[case.action](clinic, ports)
        except Killed:
            yield number
        else:
            assert number > 1  # it did touch the world on its way
            return


def create(clinic: Clinic, ports: Ports) -> Any:
    return create_invoice(ports, PRACTICE, clinic.appointment_id, {}, ACTOR)


def sync(clinic: Clinic, ports: Ports) -> Any:
    return sync_patient(ports, PRACTICE, clinic.patient_id, force_update=False, actor=ACTOR)


def act(what: Callable[..., Any], **arguments: Any) -> Action:
    return lambda clinic, ports: what(ports, PRACTICE, clinic.appointment_id, actor=ACTOR, **arguments)


def corrections(clinic: Clinic) -> int:
    """1 when there is one credit note, applied once, one new invoice, and the reason once."""
    credits = sum(len(note.allocations) for note in clinic.credit_notes()) + len(clinic.credit_notes())
    made = sorted((str(i.total), str(i.amount_due)) for i in clinic.invoices())
    whole = (credits, made, len(clinic.history()))
    if whole == (2, [("110.00", "0.00"), ("165.00", "165.00")], 1):
        return 1
    return 0 if credits <= 2 and len(made) <= 2 and len(clinic.history()) <= 1 else 2


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
    "refund": (
        lambda c: c.paid(),
        act(refund, amount=Decimal("30.00"), method="card", reference="back-7"),
        lambda c: len(c.refunds()) if len(c.refund_notes()) == 1 else -1,
    ),
    "void_with_a_reason": (
        lambda c: c.invoiced(),
        act(invoice_actions.void, reason="Booked twice"),
        lambda c: len(c.history()),
    ),
    "note": (
        lambda c: c.invoiced(),
        act(invoice_actions.note, text="Asked to pay in March"),
        lambda c: len(c.history()),
    ),
    "update": (
        lambda c: c.invoiced_then_changed(),
        act(invoice_corrections.update, request={}),
        lambda c: sum(i.total == 165 for i in c.invoices()),
    ),
    "correct": (
        lambda c: c.invoiced_then_changed(),
        act(invoice_corrections.correct, request={}, reason="Wrong fee"),
        corrections,
    ),
    "credit": (
        lambda c: c.invoiced(),
        act(invoice_actions.credit),
        lambda c: sum(len(note.allocations) for note in c.credit_notes()),
    ),
}


ALL = deaths.CASES | {name: deaths.written(name, *case) for name, case in CASES.items()}
ALL_ACTIONS = ACTIONS | {name: action for name, (_, action, _) in CASES.items()}


@pytest.mark.parametrize("name", ALL)
def test_dying_at_any_moment(shared_clinic: Clinic, name: str) -> None:
    """Started again, time passes: nothing is done twice, nothing is lost, the log tells it, nothing waits for ever."""
    case, clinic = ALL[name], shared_clinic
    ends, died = set(), 0
    for moment in moments(clinic, case):
        died += 1
        with deaths.told(f"died at moment {moment}"):
            ends.add(case.outcome(clinic))
    print(f"{name}: died {died} times")  # pytest -rP shows it
    ends.add(case.outcome(clinic))  # the one that lived, as if it had died after its last step
    assert ends == case.ends if SHARE == 1 else ends <= case.ends
