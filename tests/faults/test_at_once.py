"""The same thing asked for by many at the same moment: done once, and nobody gets an error for it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from shared.services.drain import drain
from tests.faults.clinic import PRACTICE, Clinic

ACCEPTED = {200, 201, 202}


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Each work in a thread of its own, all let go at the same moment; an exception of one is the test's."""
    barrier = Barrier(len(works))

    def one(work: Callable[[], Any]) -> Any:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def test_eight_ask_for_one_invoice(clinic: Clinic) -> None:
    """Eight requests for one appointment's invoice: no error, one contact, one invoice, one PUT."""
    product = clinic.product
    ask = lambda: product.invoice(clinic.appointment_id).status_code  # noqa: E731
    statuses = at_once(*[ask] * 8)
    assert set(statuses) <= ACCEPTED
    clinic.let_time_pass()
    clinic.assert_nothing_waits()
    clinic.assert_linked()
    assert (len(clinic.contacts()), len(clinic.invoices()), len(clinic.writes("PUT", "Invoices"))) == (
        1,
        1,
        1,
    )
    assert product.invoice(clinic.appointment_id).status_code == 200


def test_eight_sync_one_patient(clinic: Clinic) -> None:
    """Eight requests for one patient's contact: no error, and one contact."""
    body = {"patient_id": clinic.patient_id}
    sync = "/xero/contacts/sync_patient/"
    ask = lambda: clinic.product.call("POST", sync, "reception", json=body).status_code  # noqa: E731
    statuses = at_once(*[ask] * 8)
    assert set(statuses) <= ACCEPTED
    clinic.let_time_pass()
    clinic.assert_nothing_waits()
    assert len(clinic.contacts()) == 1
    assert clinic.contact_link.contact_id == clinic.contacts()[0].id


def test_eight_record_one_payment(clinic: Clinic) -> None:
    """Eight requests with the same reference are one payment."""
    clinic.invoiced()
    path = f"/xero/invoices/{clinic.appointment_id}/payments/"
    body = {"amount": "30.00", "method": "card", "reference": "till-9"}
    ask = lambda: clinic.product.call("POST", path, "reception", json=body).status_code  # noqa: E731
    statuses = at_once(*[ask] * 8)
    assert set(statuses) <= ACCEPTED
    clinic.let_time_pass()
    clinic.assert_nothing_waits()
    clinic.assert_linked()
    assert [str(payment.amount) for payment in clinic.payments()] == ["30.00"]


def held_up(clinic: Clinic) -> None:
    """An invoice and its contact wait for a limit that is over now."""
    clinic.product.simulator.fault(
        "rate_limit", problem="concurrent", method="PUT", path="/api.xro/2.0/Contacts", retry_after=5
    )
    assert clinic.create().link is None
    clinic.product.advance(6)


@pytest.mark.parametrize("times", [2, 4])
def test_one_task_delivered_several_times(clinic: Clinic, times: int) -> None:
    """Cloud Tasks may deliver a task more than once, also at the same moment: one PUT of each."""
    held_up(clinic)
    headers = {"Authorization": f"Bearer {clinic.product.task_token()}"}
    deliver = lambda: clinic.product.raw(  # noqa: E731
        "POST", "/tasks/drain", json={"practice_id": PRACTICE}, headers=headers
    )
    assert {response.status_code for response in at_once(*[deliver] * times)} == {200}
    clinic.let_time_pass()
    clinic.assert_linked()
    # the refused PUT of the contact and the one that counted
    assert (len(clinic.writes("PUT", "Contacts")), len(clinic.writes("PUT", "Invoices"))) == (2, 1)


def test_drains_and_people_at_once(clinic: Clinic) -> None:
    """Two drains, and two people who press the button again meanwhile: one contact, one invoice."""
    held_up(clinic)
    at_once(*[lambda: drain(clinic.ports, PRACTICE), clinic.create] * 2)
    clinic.let_time_pass()
    clinic.assert_nothing_waits()
    clinic.assert_linked()
    assert (len(clinic.contacts()), len(clinic.invoices()), len(clinic.writes("PUT", "Invoices"))) == (
        1,
        1,
        1,
    )
