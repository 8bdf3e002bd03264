"""A bad day: everything fails at random, processes die, people press again; in the end the books are right."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.errors import LedgerError
from shared.services import invoice_actions
from shared.services.create_invoice import create_invoice
from shared.services.drain import drain
from shared.services.sync_contact import sync_patient
from tests.faults.clinic import ACTOR, PRACTICE, Clinic, ready
from tests.faults.dying import Killed, mortal
from tests.hints import waiting
from tests.product import Product

FAULTS: list[dict[str, Any]] = [
    {"kind": "drop_before"},
    {"kind": "drop_after_commit"},
    {"kind": "status", "status": 500},
    {"kind": "status_after_commit", "status": 502},
    {"kind": "garbage", "variant": "truncated"},
    {"kind": "garbage", "variant": "html"},
    {"kind": "rate_limit", "problem": "minute", "retry_after": 20},
    {"kind": "rate_limit", "problem": "concurrent"},
    {"kind": "offline"},
    {"kind": "status", "status": 401, "body": {"Title": "Unauthorized", "Status": 401}},
]
DEEDS: list[Callable[[Clinic, Any], Any]] = [
    lambda c, ports: sync_patient(ports, PRACTICE, c.patient_id, force_update=False, actor=ACTOR),
    lambda c, ports: create_invoice(ports, PRACTICE, c.appointment_id, {}, ACTOR),
    lambda c, ports: invoice_actions.email(ports, PRACTICE, c.appointment_id, ACTOR),
    lambda c, ports: drain(ports, PRACTICE),
    *(
        lambda c, ports, reference=reference: invoice_actions.record_payment(
            ports,
            PRACTICE,
            c.appointment_id,
            amount=Decimal("30.00"),
            method="card",
            reference=reference,
            actor=ACTOR,
        )
        for reference in ("till-1", "till-2")
    ),
]


def people(product: Product, count: int) -> list[Clinic]:
    """So many patients with an appointment each, of one connected clinic."""
    found = [ready(product)] + [Clinic(product) for _ in range(count - 1)]
    for number, one in enumerate(found):
        one.numbers = itertools.count(number * 100)
        one.case()
    return found


@pytest.mark.parametrize("seed", range(6))
def test_a_bad_day(product: Product, seed: int) -> None:
    """Whatever the order of faults, deaths and second tries: one of each, the links right, nothing waiting."""
    dice = random.Random(seed)
    patients = people(product, 3)
    for plan in FAULTS:
        product.simulator.fault(**plan, path="/api.xro/", probability=0.04)
    for _ in range(40):
        patient, deed = dice.choice(patients), dice.choice(DEEDS)
        try:
            deed(patient, mortal(product.ports, dice.randrange(1, 250)))
        except (Killed, LedgerError):
            pass  # the process is gone, or there is no invoice yet to do that with
        if dice.random() < 0.3:
            patient.put_patient(phone=f"0400 {dice.randrange(10**6):06}", email="p@example.com")
        product.advance(dice.choice([0.1, 1, 5, 30, 200, 500]))
        product.run_tasks()

    product.simulator.world.faults.clear()
    for patient in patients:
        patient.let_time_pass()
        for deed in DEEDS:  # everybody looks once more whether everything is there
            deed(patient, product.ports)
            patient.let_time_pass()  # a limit, or what a dead process still holds, may make it wait first
        patient.assert_nothing_waits()
        for _ in range(60):  # a pull that failed comes again by itself, later than the writes may take
            if not waiting(product):
                break
            product.advance(30)
            product.run_tasks()
        patient.assert_linked()
        states = {o.kind: o.state for o in patient.operations() if o.kind != "invoice_email"}
        assert set(states.values()) == {"done"}
        assert len(patient.contacts()) == len(patient.invoices()) == 1
        assert [str(payment.amount) for payment in patient.payments()] == ["30.00", "30.00"]
        assert patient.emails() <= 1
        record = product.ports.records.patient(PRACTICE, patient.patient_id)
        assert record is not None
        assert (patient.contacts()[0].phones[0]["PhoneNumber"] or None) == record.phone
