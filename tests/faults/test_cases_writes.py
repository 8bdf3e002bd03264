"""What went wrong for others when they wrote to Xero, each as a case: duplicates and lost writes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.domain.errors import Conflict
from shared.services import invoice_actions, operations, paths
from shared.services.drain import drain
from tests.faults.clinic import ACTOR, PRACTICE, Clinic
from tests.product import TENANTS


def refuse(clinic: Clinic, method: str, path: str, message: str) -> None:
    """The next such request is refused by Xero's validation."""
    body = {
        "ErrorNumber": 10,
        "Type": "ValidationException",
        "Message": "A validation exception occurred",
        "Elements": [{"ValidationErrors": [{"Message": message}]}],
    }
    clinic.product.simulator.fault(
        "status", method=method, path=f"/api.xro/2.0/{path}", status=400, body=body
    )


def test_number_that_somebody_else_used(case: Clinic) -> None:
    """A manual invoice holds our number: ours gets the next suffix, theirs is neither adopted nor changed."""
    theirs = case.manual_invoice()
    created = case.create()
    assert created.link is not None
    assert created.link.invoice_number == f"{theirs['InvoiceNumber']}-2"
    kept = case.in_xero("GET", f"Invoices/{theirs['InvoiceID']}")
    assert (kept["Contact"]["Name"], str(kept["Total"])) == ("Adam Brown", str(theirs["Total"]))


def test_all_numbers_taken(case: Clinic) -> None:
    """When the suffixes are taken too, a person is told which numbers, and nothing is tried for ever."""
    for suffix in ("", *(f"-{n}" for n in range(2, 9))):
        case.manual_invoice(InvoiceNumber=f"{case.number_prefix}{case.appointment_id}{suffix}")
    created = case.create()
    assert created.operation is not None
    assert (created.operation.state, created.operation.reason_code) == ("failed", "invoice_number_taken")
    assert len(case.writes("PUT", "Invoices")) < 10


def test_voided_and_issued_again(case: Clinic) -> None:
    """A voided invoice keeps its number in Xero: the new one gets a new number, nothing is overwritten."""
    case.invoiced()
    first = case.invoice_link
    assert case.act(invoice_actions.void).link.status == "VOIDED"
    second = case.create().link
    assert second is not None
    assert second.invoice_number == f"{first.invoice_number}-2"
    assert [i.status for i in case.invoices()] == ["VOIDED", "AUTHORISED"]


def test_voided_by_hand_before_we_knew(case: Clinic) -> None:
    """Our lost invoice was voided in Xero before its number was looked up: it is over, and the next is a new one."""
    case.sync()
    case.product.simulator.fault("drop_after_commit", method="PUT", path="/api.xro/2.0/Invoices")
    case.create()
    case.product.by_hand(f"invoices/{case.invoices()[0].id}/void")
    case.product.advance(460)
    case.let_time_pass()
    assert case.invoice_link.status == "VOIDED"
    again = case.create().link
    assert again is not None
    assert again.status == "AUTHORISED"
    assert len(case.invoices()) == 2


def test_same_task_ten_minutes_later(case: Clinic) -> None:
    """Run again after Xero has forgotten the key: one invoice, and no second PUT."""
    case.invoiced()
    case.product.advance(600)
    again = case.create()
    operations.run(case.ports, PRACTICE, case.operation("invoice_create").id)
    drain(case.ports, PRACTICE)
    assert again.new is False
    assert (len(case.invoices()), len(case.writes("PUT", "Invoices"))) == (1, 1)


def test_keys_are_never_shared(case: Clinic) -> None:
    """Different documents have different keys, each with the organisation in it and at most 128 characters."""
    case.invoiced()
    case.act(invoice_actions.email)
    case.pay("till-1", Decimal("10.00"))
    case.pay("till-2", Decimal("10.00"))
    calls = [c for method in ("PUT", "POST") for c in case.writes(method, "")]
    keys = [{name.lower(): v for name, v in call["headers"].items()}["idempotency-key"] for call in calls]
    assert len(keys) == len(set(keys)) == 5
    assert all(key.startswith(TENANTS[PRACTICE]) and len(key) <= 128 for key in keys)


def test_payment_step_fails_after_the_invoice(case: Clinic) -> None:
    """The invoice is there, the payment was refused: trying again repeats the payment alone."""
    case.invoiced()
    refuse(case, "PUT", "Payments", "The account code '880' is archived")
    refused = case.pay().operation
    assert refused.state == "failed"
    operations.ask_again(case.ports, PRACTICE, refused.id)
    case.let_time_pass()
    case.assert_linked()
    assert (len(case.invoices()), len(case.payments()), len(case.writes("PUT", "Invoices"))) == (1, 1, 1)


def test_payment_asked_for_again_after_it_was_made(case: Clinic) -> None:
    """The caller had no answer and repeats a payment of everything: the same answer, not "nothing is due"."""
    case.invoiced()
    first, second = case.pay("till-5"), case.pay("till-5")
    assert (first.operation.id, first.operation.state) == (second.operation.id, second.operation.state)
    assert second.link.status == "PAID"
    assert len(case.payments()) == 1


def test_two_equal_payments(case: Clinic) -> None:
    """Two references are two payments, however equal, and Xero's word tells them apart when one answer is lost."""
    case.invoiced()
    case.pay("till-1", Decimal("20.00"))
    case.product.simulator.fault("drop_before", method="PUT", path="/api.xro/2.0/Payments")
    case.pay("till-2", Decimal("20.00"))
    case.product.advance(460)
    case.let_time_pass()
    case.assert_linked()
    assert len(case.payments()) == 2


@pytest.mark.parametrize("marked", [False, True], ids=["fresh", "marked_as_sent_before"])
def test_the_patient_never_gets_a_second_email(case: Clinic, marked: bool) -> None:
    """The answer to the e-mail was lost: it is not sent again by itself, also where Xero cannot tell."""
    case.invoiced()
    if marked:
        case.mark_as_sent()
    case.product.simulator.fault("drop_after_commit", method="POST", path="/api.xro/2.0/invoices/*/email")
    case.act(invoice_actions.email)
    for _ in range(3):
        case.act(invoice_actions.email) if case.operation("invoice_email").state != "failed" else None
        case.product.advance(460)
        case.let_time_pass()
    email = case.operation("invoice_email")
    assert (email.state, case.emails()) == ("failed" if marked else "done", 1)


def test_email_found_sent_when_a_person_asks_again(case: Clinic) -> None:
    """A person asks again for an e-mail that got through late: it is recognised, not repeated."""
    case.invoiced()
    case.product.simulator.fault("status", method="POST", path="/api.xro/2.0/invoices/*/email", status=500)
    case.act(invoice_actions.email)
    case.let_time_pass()
    assert case.operation("invoice_email").reason_code == "maybe_done"
    case.mark_as_sent()
    assert case.act(invoice_actions.email).operation.state == "done"
    assert case.emails() == 0


def test_unknown_email_can_be_put_aside(case: Clinic) -> None:
    """Whoever looked in Xero may cancel an e-mail of unknown fate, but nobody cancels what is still being found out."""
    case.invoiced()
    case.product.simulator.fault("drop_before", method="POST", path="/api.xro/2.0/invoices/*/email")
    email = case.act(invoice_actions.email).operation
    assert email.state == "uncertain"
    with pytest.raises(Conflict):
        operations.cancel(case.ports, PRACTICE, email.id)
    case.let_time_pass()
    assert operations.cancel(case.ports, PRACTICE, email.id).state == "cancelled"


def test_disconnected_meanwhile(case: Clinic) -> None:
    """Five invoices asked for while disconnected flow by themselves after the reconnect, once each."""
    product = case.product
    product.ok("POST", "/xero/oauth/disconnect/")
    first = case.appointment_id
    ids = [product.appointment(f"{first}-{n}", case.patient_id) for n in range(5)]
    assert {product.invoice(each).status_code for each in ids} == {202}
    product.connect()
    case.let_time_pass()
    made = [i.reference for i in case._ledger.invoices if i.reference in ids]
    assert sorted(made) == sorted(ids)
    assert len(case.contacts()) == 1


def test_reconnected_at_the_wrong_moment(case: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reconnect comes while an operation is finding out that it has to wait for one: it does not wait for ever."""
    case.sync()
    case.product.ok("POST", "/xero/oauth/disconnect/")
    from shared.services.operation_runner import Runner

    wait = Runner.wait

    def late(self: Runner, code: str, reason: str, until: Any) -> None:
        if until is None and self.ports.store.get(paths.connection(PRACTICE)).data["status"] != "connected":  # type: ignore[union-attr]
            case.product.connect()
        wait(self, code, reason, until)

    monkeypatch.setattr(Runner, "wait", late)
    case.create()
    case.let_time_pass()
    assert case.operation("invoice_create").state == "done"


def test_there_and_back_again(case: Clinic) -> None:
    """Connected to another organisation for a while, then back: the old documents are found, not made again."""
    product = case.product
    case.invoiced()
    before = (case.contact_link.contact_id, case.invoice_link.invoice_id)
    elsewhere = {"tenant_id": "elsewhere"}
    for path in (
        paths.contact_link(PRACTICE, case.patient_id),
        paths.invoice_link(PRACTICE, case.appointment_id),
    ):
        document = product.ports.store.get(path)
        assert document is not None
        product.ports.store.put(path, document.data | elsewhere | {"contact_id": "x", "invoice_id": "y"})
    created = case.create()
    assert created.link is not None
    assert (case.contact_link.contact_id, created.link.invoice_id) == before
    case.assert_linked()


@pytest.mark.parametrize("damage", ["unreadable", "gone"])
def test_one_broken_record_blocks_nobody(case: Clinic, damage: str) -> None:
    """A record that cannot be read, or is gone, fails or waits by itself; the others in the drain are sent."""
    case.product.simulator.fault("rate_limit", method="GET", path="/api.xro/2.0/Contacts", retry_after=20)
    broken, good = case.appointment_id, f"{case.appointment_id}-good"
    case.product.appointment(good, case.patient_id)
    assert {case.product.invoice(each).status_code for each in (broken, good)} == {202}
    path = paths.appointment(PRACTICE, broken)
    if damage == "gone":
        case.ports.store.delete(path)
    else:
        case.ports.store.put(path, {"patient_id": case.patient_id})
    case.let_time_pass(jumps=120)
    assert [i.reference for i in case._ledger.invoices if i.reference in (broken, good)] == [good]
    (ended,) = [o for o in case.operations("invoice_create") if o.subject["appointment_id"] == broken]
    code = "invalid_input" if damage == "gone" else "internal_error"
    assert (ended.state, ended.reason_code) == ("failed", code)


def test_waiting_does_not_hammer(case: Clinic) -> None:
    """A contact that cannot be sent and the invoice that needs it back off together instead of trying every second."""
    xero = case.product.simulator
    xero.fault("drop_before", method="GET", path="/api.xro/2.0/Contacts", count=10**6)
    case.create()
    for _ in range(360):
        case.product.advance(10)
        case.product.run_tasks()
    assert 5 < len(case.writes("GET", "Contacts")) < 40
    xero.world.faults.clear()
    case.let_time_pass()
    case.assert_linked()
    assert len(case.invoices()) == 1


def test_who_asked_is_kept(case: Clinic) -> None:
    """The log names who asked, also for what the queue finished."""
    case.product.simulator.fault("drop_after_commit", method="PUT", path="/api.xro/2.0/Contacts")
    case.create()
    case.let_time_pass()
    assert case.operation("invoice_create").created_by == ACTOR
    case.assert_log_is_whole()
