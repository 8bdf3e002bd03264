"""The heart of the fault suites with the documents in Firestore, on Google's emulator.

``make firestore`` plays a sixth of all of them there, ``FAULT_SHARE=1 make firestore`` every one.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.services.create_invoice import create_invoice
from shared.services.tokens import access_token
from tests.consents import token_calls
from tests.faults.clinic import ACTOR, PRACTICE, Clinic, ready
from tests.faults.dying import Killed, Life, Mortal
from tests.faults.refreshing import grant_of, threads_ask
from tests.faults.test_at_once import ACCEPTED, at_once
from tests.hints import event, hint
from tests.product import Product


@pytest.fixture
def clinic(product_on_firestore: Product) -> Clinic:
    made = ready(product_on_firestore)
    made.case()
    return made


def test_the_day(clinic: Clinic) -> None:
    """Connect, create, pay in Xero, webhook: the appointment's invoice says PAID, and every list can be read."""
    product = clinic.product
    created = product.invoice(clinic.appointment_id)
    assert created.status_code == 201, created.get_data(as_text=True)
    product.by_hand(f"invoices/{created.json['invoice_id']}/pay")
    hint(product, event(created.json["invoice_id"]))
    product.advance(3)
    product.run_tasks()
    seen = product.ok("GET", f"/xero/invoices/{clinic.appointment_id}/", "reception")
    assert (seen["status"], seen["amount_paid"], seen["amount_due"]) == ("PAID", "110.00", "0.00")
    product.reconcile()
    assert [i["status"] for i in product.ok("GET", "/xero/invoices/?status=PAID")["items"]] == ["PAID"]
    assert product.ok("GET", "/xero/invoices/?status=DRAFT")["items"] == []
    log = product.ok("GET", f"/xero/logs/?appointment_id={clinic.appointment_id}&outcome=ok&limit=1")
    assert len(log["items"]) == 1
    assert product.ok("GET", "/xero/attention/")["items"] == []


def test_eight_ask_for_one_invoice(clinic: Clinic) -> None:
    """Eight requests at once: no error, one PUT, one invoice."""
    ask = lambda: clinic.product.invoice(clinic.appointment_id).status_code  # noqa: E731
    assert set(at_once(*[ask] * 8)) <= ACCEPTED
    clinic.let_time_pass()
    clinic.assert_nothing_waits()
    clinic.assert_linked()
    assert (len(clinic.invoices()), len(clinic.writes("PUT", "Invoices"))) == (1, 1)


def test_eight_refresh_one_token(clinic: Clinic) -> None:
    """Eight threads want an expired token at once: one call to Xero, and nobody gets an old one."""
    clinic.product.advance(1900)
    before = len(token_calls(clinic.product))
    clinic.product.simulator.fault("delay", path="/connect/token", seconds=0.3)
    answers = threads_ask(clinic.product, 8)
    fresh = access_token(clinic.ports, grant_of(clinic.product))
    assert fresh in answers
    assert set(answers) <= {fresh, "busy"}
    assert len(token_calls(clinic.product)) == before + 1


def test_answer_lost_after_the_invoice_was_made(clinic: Clinic) -> None:
    """What Xero made without our hearing of it is found, not made again."""
    clinic.product.simulator.fault("drop_after_commit", method="PUT", path="/api.xro/2.0/Invoices", count=1)
    assert clinic.create().link is None
    clinic.let_time_pass()
    clinic.assert_nothing_waits()
    clinic.assert_linked()
    assert len(clinic.invoices()) == 1


def test_killed_between_the_intent_and_the_request(clinic: Clinic) -> None:
    """The intent is in the store before Xero hears anything, and the queue does the rest."""
    mortal = replace(clinic.ports, xero=Mortal(clinic.ports.xero, Life(1)))
    with pytest.raises(Killed):
        create_invoice(mortal, PRACTICE, clinic.appointment_id, {}, ACTOR)
    assert clinic.operations()
    assert not clinic.writes("PUT", "")
    clinic.let_time_pass()
    clinic.assert_nothing_waits()
    clinic.assert_linked()
    assert (len(clinic.contacts()), len(clinic.invoices())) == (1, 1)
