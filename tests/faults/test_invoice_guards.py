"""Each guard of the life of an invoice taken out: then the harm is done. See ``test_guards``."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.adapters.xero.accounting import XeroAccounting
from shared.domain.xero_records import InvoiceSnapshot
from shared.services import invoice_actions, invoice_corrections
from shared.services.writes import credit_notes, invoice_edit, invoices, locks
from shared.services.writes.invoices import InvoiceCreate
from shared.services.writes.notes import InvoiceNote
from tests.faults.clinic import Clinic
from tests.faults.dying import Killed

Patch = pytest.MonkeyPatch
HISTORY = {"method": "PUT", "path": "/api.xro/2.0/invoices/*/history"}
INVOICES = {"method": "PUT", "path": "/api.xro/2.0/Invoices"}


def correct(clinic: Clinic) -> None:
    clinic.act(invoice_corrections.correct, request={})


def test_note_without_the_look_up(clinic: Clinic, monkeypatch: Patch) -> None:
    """A note that Xero added, but answered 500, is added twice, for good.

    Seen by test_matrix (invoice_note, 500_after_commit and everything after_the_key).
    """

    def noted() -> int:
        clinic.case()
        clinic.invoiced()
        clinic.product.simulator.fault("status_after_commit", status=500, **HISTORY)
        clinic.act(invoice_actions.note, text="Asked to pay in March")
        clinic.let_time_pass()
        return len(clinic.history())

    assert noted() == 1
    monkeypatch.setattr(InvoiceNote, "look_up", lambda *_: None)
    assert noted() == 2


def invoiced_by_xeros_number(clinic: Clinic) -> int:
    """How many invoices there are after the answer was lost and Xero has forgotten the key."""
    clinic.case()
    clinic.sync()
    clinic.set("numbering", "xero")
    clinic.product.simulator.fault("drop_after_commit", **INVOICES)
    clinic.create()
    clinic.product.advance(460)
    clinic.let_time_pass()
    return len(clinic.invoices())


def test_xeros_numbering_without_the_look_up(clinic: Clinic, monkeypatch: Patch) -> None:
    """Xero refuses no second invoice where it gives the numbers itself.

    Seen by test_matrix (invoice_create_numbered_by_xero).
    """
    assert invoiced_by_xeros_number(clinic) == 1
    monkeypatch.setattr(InvoiceCreate, "look_up", lambda *_: None)
    assert invoiced_by_xeros_number(clinic) == 2


def test_xeros_numbering_when_asked_anew(clinic: Clinic, monkeypatch: Patch) -> None:
    """The link went to another organisation and the invoice is asked for again here: it is looked for first.

    Seen by this test alone: Xero's own number cannot refuse a second one.
    """

    def made_over() -> int:
        clinic.case()
        clinic.set("numbering", "xero")
        clinic.invoiced()
        clinic.forget_link()
        clinic.create()
        return len(clinic.invoices())

    assert made_over() == 1
    monkeypatch.setattr(InvoiceCreate, "look_up", lambda *_: None)
    assert made_over() == 2


def test_xeros_numbering_without_knowing_the_earlier_ones(clinic: Clinic, monkeypatch: Patch) -> None:
    """The voided invoice of the same reference is taken for the new one, which then is nobody's.

    Xero lists by InvoiceID, which is chance; here the voided one always comes first. Seen by test_numbering (an answer
    that was lost finds its own), one time in two.
    """
    found = XeroAccounting.invoices_found

    def voided_first(self: XeroAccounting, text: str) -> list[InvoiceSnapshot]:
        return sorted(found(self, text), key=lambda invoice: invoice.status != "VOIDED")

    monkeypatch.setattr(XeroAccounting, "invoices_found", voided_first)

    def found_its_own() -> bool:
        clinic.case()
        clinic.set("numbering", "xero")
        clinic.invoiced()
        clinic.act(invoice_actions.void)
        clinic.product.simulator.fault("drop_after_commit", **INVOICES)
        clinic.create()
        clinic.product.advance(460)
        clinic.let_time_pass()
        return bool(clinic.invoice_link.status == "AUTHORISED")

    assert found_its_own()
    monkeypatch.setattr(invoices, "_earlier_invoices", lambda *_: set())
    assert not found_its_own()


def test_correcting_without_looking_whether_it_is_corrected(clinic: Clinic, monkeypatch: Patch) -> None:
    """Whoever had no answer and asks again cancels the new invoice too.

    Seen by test_crash_points (correct) and test_invoice_life (corrected once however often asked).
    """

    def pressed_twice() -> int:
        clinic.case()
        clinic.invoiced_then_changed()
        correct(clinic)
        correct(clinic)
        return len(clinic.credit_notes())

    assert pressed_twice() == 1
    monkeypatch.setattr(invoice_corrections, "_says_it_already", lambda *_: False)
    assert pressed_twice() == 2


@pytest.mark.parametrize("step", ["credit_note_create", "credit_note_allocate"])
def test_correcting_without_keeping_the_next_step(clinic: Clinic, monkeypatch: Patch, step: str) -> None:
    """The process dies between two steps: the invoice is credited, and nobody makes the new one.

    Seen by test_crash_points (correct).
    """

    def dies_then_time_passes() -> int:
        clinic.case()
        clinic.invoiced_then_changed()
        with monkeypatch.context() as patch:
            die_after(patch, step)
            with pytest.raises(Killed):
                correct(clinic)
        clinic.let_time_pass()
        return sum(i.total == 165 for i in clinic.invoices())

    assert dies_then_time_passes() == 1
    monkeypatch.setattr(credit_notes, "kept_once", lambda *_: [])
    assert dies_then_time_passes() == 0


def die_after(patch: Patch, kind: str) -> None:
    """The process is gone when Xero has answered to a write of this kind."""
    send = XeroAccounting.send

    def dying(self: XeroAccounting, write: object) -> object:
        answer = send(self, write)  # type: ignore[arg-type]
        if write.kind == kind:  # type: ignore[attr-defined]
            raise Killed
        return answer

    patch.setattr(XeroAccounting, "send", dying)


def test_editing_without_looking_whether_it_is_paid(clinic: Clinic, monkeypatch: Patch) -> None:
    """A paid document is sent to Xero as an edit, and only Xero stands in between.

    Seen by test_invoice_life (a paid or credited invoice is not edited).
    """

    def edits_sent() -> int:
        clinic.case()
        clinic.invoiced_then_changed()
        clinic.product.by_hand(f"invoices/{clinic.invoices()[0].id}/pay")
        clinic.act(invoice_corrections.update, request={})
        return len(clinic.writes("POST", "Invoices/"))

    assert edits_sent() == 0
    monkeypatch.setattr(invoice_edit, "refuse_unless_open", lambda *_: None)
    assert edits_sent() == 1


def test_editing_over_somebody_elses_edit(clinic: Clinic, monkeypatch: Patch) -> None:
    """The answer was lost before it was done, and a person changed the invoice in Xero meanwhile: theirs stays.

    Seen by this test alone.
    """

    def by_hand_stays() -> bool:
        clinic.case()
        clinic.invoiced_then_changed("DRAFT")
        clinic.product.simulator.fault("drop_before", method="POST", path="/api.xro/2.0/invoices/*")
        clinic.act(invoice_corrections.update, request={})
        line = {"Description": "By hand", "Quantity": 1, "UnitAmount": 70, "AccountCode": "200"}
        clinic.product.advance(460)
        clinic.product.by_hand(f"invoices/{clinic.invoices()[0].id}/edit", LineItems=[line])
        clinic.let_time_pass()
        return bool(clinic.invoices()[0].total == 77)

    assert by_hand_stays()
    operation = clinic.operation("invoice_edit")
    assert (operation.state, operation.reason_code) == ("failed", "changed_in_xero")
    clinic.act(invoice_corrections.update, request={})  # a person looked, and wants it all the same
    assert clinic.invoices()[0].total == 165
    monkeypatch.setattr(invoice_edit.InvoiceEdit, "look_up", lambda *_: None)
    assert not by_hand_stays()


@pytest.mark.parametrize("deed", ["create", "void", "credit"])
def test_without_the_lock_date(clinic: Clinic, monkeypatch: Patch, deed: str) -> None:
    """A document of a locked period is sent all the same, and only Xero stands in between.

    Seen by test_lock_dates.
    """
    deeds: dict[str, Callable[[], object]] = {
        "create": clinic.create,
        "void": lambda: clinic.act(invoice_actions.void),
        "credit": lambda: clinic.act(invoice_actions.credit),
    }

    def sent() -> int:
        clinic.product.by_hand("organisation", period_lock_date=None)
        clinic.product.advance(61)
        clinic.case()
        clinic.sync() if deed == "create" else clinic.invoiced()
        clinic.product.by_hand("organisation", period_lock_date="2099-12-31")
        clinic.product.advance(25 * 3600)
        before = len(clinic.writes("PUT", "")) + len(clinic.writes("POST", ""))
        deeds[deed]()
        return len(clinic.writes("PUT", "")) + len(clinic.writes("POST", "")) - before

    assert sent() == 0
    monkeypatch.setattr(locks, "_lock_over", lambda *_: None)
    assert sent() == 1
