"""A process that sends batches may die between any two of its steps: nothing is done twice, nothing is forgotten.

And each guard of batches taken out does harm: so the tests that play these scenes would see a guard go missing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from shared.adapters.xero.accounting import XeroAccounting
from shared.ports.store import Put, Update
from shared.services.batch_work import BatchWork, Sent
from shared.services.batches import USELESS_AFTER
from shared.services.drain_tasks import wake_drain
from shared.services.writes.payments import PaymentCreate
from tests.faults.clinic import PRACTICE, Clinic
from tests.faults.crowd import Crowd
from tests.faults.dying import Killed, mortal
from tests.faults.share import SHARE

Patch = pytest.MonkeyPatch
PAYMENTS = {"method": "PUT", "path": "/api.xro/2.0/Payments"}


def pay_part(member: Clinic) -> None:
    """Part of what is due: Xero would take the same again, and nothing in Xero itself prevents it."""
    member.pay("till-1", Decimal("30.00"))


def payments(crowd: Crowd) -> None:
    for member in crowd.members:
        member.invoiced()
    crowd.wait_together(pay_part)


def invoices(crowd: Crowd) -> None:
    """New patients: a batch of contacts and one of invoices."""
    crowd.wait_together(lambda member: member.create())


def refused(crowd: Crowd) -> None:
    """The second contact is refused for its name, and corrected."""
    for member in crowd.members:
        member.put_patient(first_name="Dora", last_name=f"Lee-{crowd.members[0].patient_id}")
    crowd.wait_together(lambda member: member.sync())


SCENES: dict[str, tuple[Callable[[Crowd], None], Callable[[Clinic], list[Any]]]] = {
    "payments": (payments, Clinic.payments),
    "contacts_and_invoices": (invoices, Clinic.invoices),
    "corrected": (refused, Clinic.contacts),
}
#: Dying at every moment takes minutes; these are a different third of the moments for each of the three ways on.
EVERY = 3 * SHARE


@pytest.mark.parametrize("later", [0, 200, 460], ids=["at_once", "soon", "after_the_key"])
@pytest.mark.parametrize("name", SCENES)
def test_dying_while_sending_batches(clinic: Clinic, name: str, later: int) -> None:
    """The drain dies; the queue delivers its task again, at once, after the lease of the dead one, or after Xero has
    forgotten the key: one of each."""
    crowd = Crowd(clinic, 2)
    scene, documents = SCENES[name]
    died, moment = 0, 1 + [0, 200, 460].index(later)
    while True:
        crowd.case()
        scene(crowd)
        try:
            crowd.drain(mortal(crowd.ports, moment))
        except Killed:
            died += 1
        else:
            break
        crowd.product.advance(later)
        wake_drain(crowd.ports.tasks, PRACTICE, crowd.ports.clock.now())
        crowd.let_time_pass()
        crowd.product.reconcile()  # it may have died before it woke the pull that brings the amounts
        crowd.assert_ended()
        assert [len(documents(member)) for member in crowd.members] == [1, 1], f"died at moment {moment}"
        moment += EVERY
    assert died > 15 // SHARE
    crowd.product.advance(USELESS_AFTER.total_seconds() + 1)
    crowd.drain()
    assert crowd.batches_kept() == 0


# -- guards taken out -----------------------------------------------------------------------------------------


def paid_with(clinic: Clinic, fault: str, **plan: Any) -> list[int]:
    """How many payments each has after a batch of them met this fault and time passed."""
    crowd = Crowd(clinic, 2)
    crowd.case()
    payments(crowd)
    crowd.product.simulator.fault(fault, **PAYMENTS, **plan)
    crowd.drain()
    crowd.let_time_pass()
    return [len(member.payments()) for member in crowd.members]


def test_without_the_batch_s_key(clinic: Clinic, monkeypatch: Patch) -> None:
    """Another key for every request: a batch whose answer was lost is done twice.

    Seen by test_batches (payment_create, drop_after_commit, soon).
    """
    assert paid_with(clinic, "drop_after_commit") == [1, 1]
    request = Sent.request
    other = property(lambda self: replace(request.fget(self), key=uuid.uuid4().hex))  # type: ignore[attr-defined]
    monkeypatch.setattr(Sent, "request", other)
    assert paid_with(clinic, "drop_after_commit") == [2, 2]


def test_without_the_look_up(clinic: Clinic, monkeypatch: Patch) -> None:
    """Nothing looked up: a batch that Xero carried out, but answered 500, is done twice.

    Seen by test_batches (payment_create, 500_after_commit and everything after_the_key).
    """
    assert paid_with(clinic, "status_after_commit", status=500) == [1, 1]
    monkeypatch.setattr(PaymentCreate, "look_up", lambda *_: None)
    assert paid_with(clinic, "status_after_commit", status=500) == [2, 2]


def test_without_naming_the_batch(clinic: Clinic, monkeypatch: Patch) -> None:
    """Members that do not know they went in a batch are sent again one by one, under keys of their own: twice.

    Seen by test_batches (payment_create, drop_after_commit, soon).
    """
    assert paid_with(clinic, "drop_after_commit") == [1, 1]
    claim = BatchWork.claim

    def nameless(self: BatchWork, members: Any, batch_id: str, *first: Any) -> bool:
        done = claim(self, members, batch_id, *first)
        for member in members:
            member.operation.batch_id = None
        return done

    monkeypatch.setattr(BatchWork, "claim", nameless)
    assert paid_with(clinic, "drop_after_commit") == [2, 2]


def test_without_keeping_the_batch_first(clinic: Clinic, monkeypatch: Patch) -> None:
    """Sent before it is kept as sent: after a crash the restarted process takes it for never sent, and sends again.

    Seen by test_dying_while_sending_batches (payments).
    """

    def paid_by_a_dying_process() -> list[int]:
        crowd = Crowd(clinic, 2)
        crowd.case()
        payments(crowd)
        send = XeroAccounting.send_batch

        def die_after(self: XeroAccounting, batch: Any) -> Any:
            send(self, batch)
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(XeroAccounting, "send_batch", die_after)
            with pytest.raises(Killed):
                crowd.drain()
        crowd.product.advance(600)  # long enough for Xero to forget the key
        wake_drain(crowd.ports.tasks, PRACTICE, crowd.ports.clock.now())
        crowd.let_time_pass()
        return [len(member.payments()) for member in crowd.members]

    assert paid_by_a_dying_process() == [1, 1]
    monkeypatch.setattr(BatchWork, "claim", lambda self, members, batch_id, *first: True)
    assert paid_by_a_dying_process() == [2, 2]


def test_without_the_precondition(clinic: Clinic, monkeypatch: Patch) -> None:
    """Claims that overwrite whatever is there: a person's click and a batch send the same payment.

    Seen by test_batch_cases (cancelled in the last moment).
    """

    def paid_twice_over() -> list[int]:
        crowd = Crowd(clinic, 2)
        crowd.case()
        payments(crowd)
        prepare, first = PaymentCreate.prepare, iter([True])

        def interrupted(self: PaymentCreate, *arguments: Any) -> Any:
            prepared = prepare(self, *arguments)
            if next(first, False):
                pay_part(crowd.members[0])
            return prepared

        with monkeypatch.context() as patch:
            patch.setattr(PaymentCreate, "prepare", interrupted)
            crowd.drain()
        crowd.let_time_pass()
        return [len(member.payments()) for member in crowd.members]

    assert paid_twice_over() == [1, 1]
    store = type(clinic.ports.store)
    batch = store.batch

    def careless(self: Any, writes: Any) -> Any:
        return batch(self, [Put(w.path, w.data) if isinstance(w, Update) else w for w in writes])

    monkeypatch.setattr(store, "batch", careless)
    assert paid_twice_over() == [2, 1]
