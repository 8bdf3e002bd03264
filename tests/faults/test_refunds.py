"""Refunds that meet one another, or lose Xero's answer: given back once. Each guard is taken out, too."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from shared.services.writes import refunds
from shared.services.writes.refunds import RefundCreate, RefundNote
from tests.faults.clinic import Clinic

Patch = pytest.MonkeyPatch
NOTES = {"method": "PUT", "path": "/api.xro/2.0/CreditNotes"}
PAYMENTS = {"method": "PUT", "path": "/api.xro/2.0/Payments"}
LATE = 460


def while_preparing(patch: Patch, interrupt: Callable[[], Any]) -> None:
    """The first credit note that is being prepared is interrupted between counting what is left and sending it."""
    prepare, first = RefundNote.prepare, iter([True])

    def interrupted(self: RefundNote, *arguments: Any) -> Any:
        prepared = prepare(self, *arguments)
        if next(first, False):
            interrupt()
        return prepared

    patch.setattr(RefundNote, "prepare", interrupted)


def given_back(clinic: Clinic) -> Decimal:
    return sum((payment.amount for payment in clinic.refunds()), Decimal(0))


def test_two_at_once_share_what_was_paid(case: Clinic, monkeypatch: Patch) -> None:
    """Both counted the same 110.00; Xero takes one number once, so the slower one counts again and is refused."""
    case.paid()
    with monkeypatch.context() as patch:
        while_preparing(patch, lambda: case.give_back("fast", Decimal("80.00")))
        slow = case.give_back("slow", Decimal("80.00"))
    assert (slow.operation.state, slow.operation.reason_code) == ("failed", "refund_exceeds_paid")
    assert (given_back(case), len(case.refund_notes())) == (Decimal("80.00"), 1)
    assert case.give_back("slow", Decimal("30.00")).operation.state == "done"  # corrected, asked again
    assert case.invoice_link.amount_refunded == "110.00"


def test_two_at_once_that_both_fit(case: Clinic, monkeypatch: Patch) -> None:
    """The slower one gets the next number."""
    case.paid()
    with monkeypatch.context() as patch:
        while_preparing(patch, lambda: case.give_back("fast", Decimal("40.00")))
        assert case.give_back("slow", Decimal("50.00")).operation.state == "done"
    assert sorted(note.number for note in case.refund_notes()) == [
        f"CL-{case.appointment_id}-R1",
        f"CL-{case.appointment_id}-R2",
    ]
    assert (given_back(case), case.invoice_link.amount_refunded) == (Decimal("90.00"), "90.00")


def test_the_same_at_once(case: Clinic, monkeypatch: Patch) -> None:
    """One reference pressed twice: one refund."""
    case.paid()
    with monkeypatch.context() as patch:
        while_preparing(patch, lambda: case.give_back("same", Decimal("40.00")))
        case.give_back("same", Decimal("40.00"))
    case.let_time_pass()
    assert (given_back(case), len(case.refund_notes())) == (Decimal("40.00"), 1)
    assert case.invoice_link.amount_refunded == "40.00"
    case.assert_nothing_waits()


def lost(clinic: Clinic, path: dict[str, str]) -> None:
    """Part of what was paid is given back, and the answer is lost until Xero has forgotten the key."""
    clinic.case()
    clinic.paid()
    clinic.product.simulator.fault("drop_after_commit", **path)
    clinic.give_back("back-1", Decimal("30.00"))
    clinic.product.advance(LATE)
    clinic.let_time_pass()


def test_without_knowing_the_note_by_its_reference(shared_clinic: Clinic, monkeypatch: Patch) -> None:
    """Nobody looks whether the credit note is there: the same refund makes a second one, and pays out twice the claim.

    Seen by test_matrix (refund_note, drop_after_commit, after_the_key).
    """
    lost(shared_clinic, NOTES)
    assert len(shared_clinic.refund_notes()) == 1
    monkeypatch.setattr(refunds, "_own", lambda *_: None)
    lost(shared_clinic, NOTES)
    assert len(shared_clinic.refund_notes()) == 2


def test_without_looking_for_the_payment(shared_clinic: Clinic, monkeypatch: Patch) -> None:
    """Nobody looks for the payment by its reference: Xero pays the same credit note out again, if anything is left.

    Seen by test_matrix (refund_create, everything after_the_key): the operation fails there for want of credit.
    """
    lost(shared_clinic, PAYMENTS)
    assert (len(shared_clinic.refunds()), shared_clinic.operation("refund_create").state) == (1, "done")
    monkeypatch.setattr(RefundCreate, "look_up", lambda *_: None)
    lost(shared_clinic, PAYMENTS)
    assert shared_clinic.operation("refund_create").state == "failed"


def test_without_counting_earlier_refunds(shared_clinic: Clinic, monkeypatch: Patch) -> None:
    """What was given back before is not counted: more goes out than came in."""
    shared_clinic.case()
    shared_clinic.paid()
    monkeypatch.setattr(refunds, "_left", lambda invoice, *_: invoice.amount_paid)
    for reference in ("one", "two"):
        shared_clinic.give_back(reference, Decimal("80.00"))
    assert given_back(shared_clinic) == Decimal("160.00")
