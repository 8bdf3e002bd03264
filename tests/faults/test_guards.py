"""Each guard taken out: then the harm is done. So the tests that play these scenes would see a guard go missing.

Every scene is played twice on a clinic of its own, first with the guard and then without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from shared.adapters.xero.accounting import XeroAccounting
from shared.ports.store import Put, Update
from shared.services import drain as drain_module
from shared.services import invoice_actions
from shared.services.drain import Drained, drain
from shared.services.operation_runner import Runner
from shared.services.writes import invoices
from shared.services.writes.invoice_changes import InvoiceEmail
from shared.services.writes.payments import PaymentCreate
from tests.faults.clinic import PRACTICE, Clinic
from tests.faults.dying import Killed

Patch = pytest.MonkeyPatch
PAYMENTS = {"method": "PUT", "path": "/api.xro/2.0/Payments"}


def scene(clinic: Clinic) -> None:
    clinic.case()
    clinic.invoiced()


def pay_part(clinic: Clinic) -> None:
    """Part of what is due: Xero would take the same again, and nothing in Xero itself prevents it."""
    clinic.pay("till-1", Decimal("30.00"))


def paid_with(clinic: Clinic, fault: str, **plan: Any) -> int:
    """How many payments Xero has after one was recorded under this fault and time passed."""
    scene(clinic)
    clinic.product.simulator.fault(fault, **PAYMENTS, **plan)
    pay_part(clinic)
    clinic.let_time_pass()
    return len(clinic.payments())


def while_preparing(patch: Patch, interrupt: Callable[[], Any]) -> None:
    """The first payment that is being prepared is interrupted between reading its operation and claiming it."""
    prepare, first = PaymentCreate.prepare, iter([True])

    def interrupted(self: PaymentCreate, *arguments: Any) -> Any:
        prepared = prepare(self, *arguments)
        if next(first, False):
            interrupt()
        return prepared

    patch.setattr(PaymentCreate, "prepare", interrupted)


def test_without_the_key(clinic: Clinic, monkeypatch: Patch) -> None:
    """Another key for every request: the payment whose answer was lost is made twice.

    Seen by test_matrix (payment_create, drop_after_commit, soon) and test_crash_points (payment).
    """
    assert paid_with(clinic, "drop_after_commit") == 1
    request, numbers = Runner._request, count()
    monkeypatch.setattr(
        Runner, "_request", lambda self: replace(request(self), key=f"{request(self).key}{next(numbers)}")
    )
    assert paid_with(clinic, "drop_after_commit") == 2


def test_without_the_look_up(clinic: Clinic, monkeypatch: Patch) -> None:
    """Nothing looked up by its natural key: a payment that Xero made, but answered 500, is made twice.

    Seen by test_matrix (payment_create, 500_after_commit and everything after_the_key).
    """
    assert paid_with(clinic, "status_after_commit", status=500) == 1
    monkeypatch.setattr(PaymentCreate, "look_up", lambda *_: None)
    assert paid_with(clinic, "status_after_commit", status=500) == 2


def test_without_the_precondition(clinic: Clinic, monkeypatch: Patch) -> None:
    """Claims that overwrite whatever is there: two people who record the same payment at once record it twice.

    Seen by test_at_once.
    """

    def paid_by_two() -> int:
        scene(clinic)
        with monkeypatch.context() as patch:
            while_preparing(patch, lambda: pay_part(clinic))
            pay_part(clinic)
        return len(clinic.payments())

    assert paid_by_two() == 1
    store = type(clinic.ports.store)
    batch = store.batch

    def careless(self: Any, writes: Any) -> Any:
        return batch(self, [Put(w.path, w.data) if isinstance(w, Update) else w for w in writes])

    monkeypatch.setattr(type(clinic.ports.store), "batch", careless)
    assert paid_by_two() == 2


def test_without_the_drain_lease(clinic: Clinic, monkeypatch: Patch) -> None:
    """Drains that do not know of each other: both work on the same operation, at double the calls.

    Seen by test_at_once.
    """

    def second_drain() -> tuple[Drained, int]:
        scene(clinic)
        clinic.product.simulator.fault("rate_limit", problem="concurrent", retry_after=5, **PAYMENTS)
        pay_part(clinic)
        clinic.product.advance(6)
        reads, seconds = len(clinic.writes("GET", "Invoices/")), []
        with monkeypatch.context() as patch:
            while_preparing(patch, lambda: seconds.append(drain(clinic.ports, PRACTICE)))
            drain(clinic.ports, PRACTICE)
        assert len(clinic.payments()) == 1  # the claim alone still sees to that
        return seconds[0], len(clinic.writes("GET", "Invoices/")) - reads

    assert second_drain() == (Drained(), 1)

    @contextmanager
    def open_door(*_: Any) -> Iterator[bool]:
        yield True

    monkeypatch.setattr(drain_module, "lease", open_door)
    assert second_drain() == (Drained(ran=1, done=1), 2)


def test_without_keeping_the_intent_first(clinic: Clinic, monkeypatch: Patch) -> None:
    """Sent before it is kept as sent: after a crash the restarted process takes it for never sent, and sends again.

    Seen by test_crash_points (payment, create_invoice).
    """

    def paid_by_a_dying_process() -> int:
        scene(clinic)
        send = XeroAccounting.send

        def die_after(self: XeroAccounting, write: Any) -> Any:
            send(self, write)
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(XeroAccounting, "send", die_after)
            with pytest.raises(Killed):
                pay_part(clinic)
        clinic.product.advance(600)  # long enough for Xero to forget the key
        clinic.let_time_pass()
        return len(clinic.payments())

    assert paid_by_a_dying_process() == 1
    save = Runner._save

    def only_with_an_entry(self: Runner, writes: Any) -> None:
        if len(writes) > 1:
            save(self, writes)

    monkeypatch.setattr(Runner, "_save", only_with_an_entry)
    assert paid_by_a_dying_process() == 2


def test_without_at_most_once(clinic: Clinic, monkeypatch: Patch) -> None:
    """An e-mail treated like any other write: where Xero cannot tell whether it went out, it goes out twice.

    Seen by test_cases_writes (the patient never gets a second e-mail) and test_matrix (invoice_email).
    """

    def emailed() -> int:
        scene(clinic)
        clinic.mark_as_sent()
        clinic.product.simulator.fault(
            "drop_after_commit", method="POST", path="/api.xro/2.0/invoices/*/email"
        )
        clinic.act(invoice_actions.email)
        clinic.product.advance(460)
        clinic.let_time_pass()
        return clinic.emails()

    assert emailed() == 1
    monkeypatch.setattr(InvoiceEmail, "at_most_once", False)
    assert emailed() == 2


def test_without_knowing_our_own(clinic: Clinic, monkeypatch: Patch) -> None:
    """Whatever holds our number taken for ours: somebody else's invoice becomes the appointment's.

    Seen by test_cases_writes (a number that somebody else used).
    """

    def linked_to_a_stranger() -> bool:
        clinic.case()
        stranger = clinic.manual_invoice()
        created = clinic.create()
        assert created.link is not None
        return bool(created.link.invoice_id == stranger["InvoiceID"])

    assert linked_to_a_stranger() is False
    monkeypatch.setattr(invoices, "is_ours", lambda invoice, _: invoice is not None)
    assert linked_to_a_stranger() is True
