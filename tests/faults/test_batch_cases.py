"""Batches in particular situations: what is corrected, what people do meanwhile, what is odd about one member."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.adapters.xero.accounting import XeroAccounting
from shared.domain.errors import AnswerLost, Conflict
from shared.ports.accounting import BatchRequest
from shared.services import batches, invoice_actions, operations, paths
from shared.services.create_invoice import wanted_invoice
from shared.services.writes.invoice_changes import InvoiceApprove
from shared.services.writes.payments import PaymentCreate
from tests.faults.clinic import ACTOR, PRACTICE, TENANT, Clinic
from tests.faults.crowd import Crowd

Patch = pytest.MonkeyPatch
SIZE = 3


@pytest.fixture
def crowd(shared_clinic: Clinic) -> Crowd:
    made = Crowd(shared_clinic, SIZE)
    made.case()
    return made


def pay_part(member: Clinic) -> None:
    """Part of what is due: Xero would take the same again, and nothing in Xero itself prevents it."""
    member.pay("till-1", Decimal("30.00"))


def waiting_payments(crowd: Crowd) -> None:
    for member in crowd.members:
        member.invoiced()
    crowd.wait_together(pay_part)


def header(call: dict[str, Any], name: str) -> str:
    return next(value for key, value in call["headers"].items() if key.lower() == name)


# -- one batch after the other -------------------------------------------------------------------------------


def test_contacts_then_invoices(crowd: Crowd) -> None:
    """Three new patients and their invoices: one request for the contacts, one for the invoices, and no other write."""
    crowd.wait_together(lambda member: member.create())
    drained = crowd.drain()
    assert (drained.done, drained.failed) == (6, 0)
    writes = [c for m in ("PUT", "POST") for c in crowd.members[0].writes(m, "")]
    assert [len(each) for each in crowd.sent("contact_create")] == [SIZE]
    assert [len(each) for each in crowd.sent("invoice_create")] == [SIZE]
    assert len(writes) == 2
    assert [call["query"]["summarizeErrors"] for call in writes] == ["false", "false"]
    assert crowd.batches_kept() == 0
    crowd.assert_ended()


def test_contacts_that_nobody_asked_for_yet(crowd: Crowd) -> None:
    """Invoices whose contacts were never asked for: those are made in one request before them."""
    crowd.wait_together(lambda member: member.create())
    for member in crowd.members:
        (contact,) = member.operations("contact_create")
        crowd.ports.store.delete(paths.operation(PRACTICE, contact.id))
    crowd.drain()
    assert [len(each) for each in crowd.sent("contact_create")] == [SIZE]
    crowd.assert_ended()
    assert [len(member.invoices()) for member in crowd.members] == [1, 1, 1]


def test_details_that_changed_go_first(crowd: Crowd) -> None:
    """Known patients whose details changed are brought up to date in one request before their invoices."""
    for member in crowd.members:
        member.sync()
        member.put_patient(phone="0400 123 123")
    crowd.wait_together(lambda member: operations.keep(crowd.ports, wanted(member)))
    crowd.drain()
    assert [len(each) for each in crowd.sent("contact_update")] == [SIZE]
    crowd.assert_ended()
    assert [len(member.invoices()) for member in crowd.members] == [1, 1, 1]


def wanted(member: Clinic) -> Any:
    return wanted_invoice(member.ports, PRACTICE, member.appointment_id, {}, ACTOR)


def test_one_appointment_keeps_its_order(crowd: Crowd) -> None:
    """Approve, then pay: both wait, and each appointment's approval is sent before its payment."""
    for member in crowd.members:
        member.invoiced("DRAFT")

    def ask(member: Clinic) -> None:
        member.act(invoice_actions.approve)
        pay_part(member)

    crowd.wait_together(ask)
    crowd.drain()
    assert [len(each) for each in crowd.sent("invoice_approve")] == [SIZE]
    assert [len(each) for each in crowd.sent("payment_create")] == [SIZE]
    crowd.let_time_pass()
    crowd.assert_ended()
    assert [str(payment.amount) for member in crowd.members for payment in member.payments()] == [
        "30.00"
    ] * SIZE


def test_the_size_is_a_setting(crowd: Crowd, monkeypatch: Patch) -> None:
    """BATCH_SIZE documents at most go together."""
    monkeypatch.setitem(crowd.ports.config.values, "BATCH_SIZE", "2")  # type: ignore[arg-type]
    waiting_payments(crowd)
    crowd.drain()
    assert sorted(len(each) for each in crowd.sent("payment_create")) == [1, 2]
    crowd.let_time_pass()  # the links have their amounts from the pull that follows
    crowd.assert_ended()


def test_a_request_has_a_largest_size(crowd: Crowd, monkeypatch: Patch) -> None:
    """What does not fit into one request stays due and goes with the next one."""
    waiting_payments(crowd)
    monkeypatch.setattr(batches, "MOST_BYTES", 300)
    crowd.drain()
    sizes = [len(each) for each in crowd.sent("payment_create")]
    assert sizes[0] == 1 < SIZE
    crowd.let_time_pass()
    assert [len(member.payments()) for member in crowd.members] == [1, 1, 1]


# -- corrected ------------------------------------------------------------------------------------------------


def test_patients_of_one_name(crowd: Crowd) -> None:
    """Xero takes a name once: whoever comes second in the batch goes again with a suffix, the first is left alone."""
    for member in crowd.members:
        member.put_patient(first_name="Anna", last_name=f"Lee-{crowd.members[0].patient_id}")
    crowd.wait_together(lambda member: member.sync())
    crowd.drain()
    assert [len(each) for each in crowd.sent("contact_create")] == [3, 2]
    crowd.assert_ended()
    names = {member.contacts()[0].name for member in crowd.members}
    assert len(names) == SIZE


def test_a_number_that_somebody_else_used(crowd: Crowd) -> None:
    """The one whose number is taken gets the next one; the others are done at once."""
    for member in crowd.members:
        member.sync()
    stranger = crowd.members[1].manual_invoice()
    crowd.wait_together(lambda member: member.create())
    crowd.drain()
    assert [len(each) for each in crowd.sent("invoice_create")] == [3, 1]
    crowd.assert_ended()
    numbers = [member.invoices()[0].number for member in crowd.members]
    assert numbers[1] == f"{stranger['InvoiceNumber']}-2"
    assert crowd.members[1].invoice_link.invoice_id != stranger["InvoiceID"]


def test_ours_already(crowd: Crowd) -> None:
    """One of them is in Xero already, made by an earlier life of ours: it is adopted, the others are made."""
    member = crowd.members[1]
    member.sync()
    held = member.in_xero(
        "PUT",
        "Invoices",
        Type="ACCREC",
        Contact={"ContactID": member.contact_link.contact_id},
        InvoiceNumber=f"{member.number_prefix}{member.appointment_id}",
        Reference=member.appointment_id,
        LineItems=[{"Description": "Before", "Quantity": 1, "UnitAmount": 100, "AccountCode": "200"}],
    )
    crowd.wait_together(lambda each: each.create())
    crowd.drain()
    crowd.let_time_pass()
    crowd.assert_ended()
    assert member.invoice_link.invoice_id == held["InvoiceID"]
    assert [len(each.invoices()) for each in crowd.members] == [1, 1, 1]


def test_a_limit_while_correcting(crowd: Crowd) -> None:
    """The call that finds out about a refused one meets a limit: it waits, is sent again, and all are done once."""
    for member in crowd.members:
        member.put_patient(first_name="Bert", last_name=f"Lee-{crowd.members[0].patient_id}")
    crowd.wait_together(lambda member: member.sync())
    crowd.product.simulator.fault(
        "rate_limit", method="GET", path="/api.xro/2.0/Contacts/", problem="minute", retry_after=20
    )
    crowd.drain()
    states = [member.operation("contact_create").state for member in crowd.members]
    assert sorted(states) == ["done", "pending", "pending"]
    crowd.let_time_pass()
    crowd.assert_ended()
    assert [len(member.contacts()) for member in crowd.members] == [1, 1, 1]


def test_no_calls_left_for_correcting(crowd: Crowd) -> None:
    """After the batch only what is kept back for people is left: the refused wait for the next minute, no 429."""
    for member in crowd.members:
        member.put_patient(first_name="Carl", last_name=f"Lee-{crowd.members[0].patient_id}")
    crowd.wait_together(lambda member: member.sync())
    reserve = int(crowd.ports.config["RESERVED_CALLS_MINUTE"])
    limits = crowd.product.simulator.world.limits
    limits.change(TENANT, minute=reserve + 1)
    crowd.drain()
    left = [o for m in crowd.members for o in m.operations("contact_create") if o.state == "pending"]
    assert [operation.reason_code for operation in left] == ["calls_kept_back"] * 2
    limits.change(TENANT, minute=60)
    crowd.let_time_pass()
    crowd.assert_ended()
    assert [len(member.contacts()) for member in crowd.members] == [1, 1, 1]
    assert [
        call for call in crowd.product.simulator.requests(crowd.members[0].seen) if call["status"] == 429
    ] == []


# -- in doubt -------------------------------------------------------------------------------------------------


def test_sent_again_unchanged(crowd: Crowd) -> None:
    """The answer is lost: the same bytes under the same key, kept before they first left, and each payment once."""
    waiting_payments(crowd)
    crowd.product.simulator.fault("drop_after_commit", method="PUT", path="/api.xro/2.0/Payments")
    crowd.drain()
    assert crowd.batches_kept() == 1
    (kept,) = crowd.ports.store.query(paths.batches(PRACTICE)).items
    crowd.let_time_pass()
    first, second = crowd.members[0].writes("PUT", "Payments")
    assert first["body"] == second["body"] == kept.data["body"]
    assert header(first, "idempotency-key") == header(second, "idempotency-key") == kept.data["key"]
    assert [len(member.payments()) for member in crowd.members] == [1, 1, 1]
    assert crowd.batches_kept() == 0
    crowd.assert_ended()


def test_a_person_presses_meanwhile(crowd: Crowd) -> None:
    """Whoever presses "try again" on one of a batch in doubt sends the whole batch again, and nothing by itself."""
    waiting_payments(crowd)
    crowd.product.simulator.fault("drop_before", method="PUT", path="/api.xro/2.0/Payments")
    crowd.drain()
    doubtful = crowd.members[1].operation("payment_create")
    assert (doubtful.state, doubtful.batch_id is None) == ("uncertain", False)
    crowd.product.ok("POST", f"/xero/operations/{doubtful.id}/retry/", "reception")
    assert [len(each) for each in crowd.sent("payment_create")] == [SIZE, SIZE]
    assert [member.operation("payment_create").state for member in crowd.members] == ["done"] * SIZE
    assert [len(member.payments()) for member in crowd.members] == [1, 1, 1]


def test_a_person_cannot_cancel_what_is_in_doubt(crowd: Crowd) -> None:
    """Cancelled before it left: the others go without it. In doubt: first it must be known."""
    waiting_payments(crowd)
    cancelled, kept = (member.operation("payment_create") for member in crowd.members[:2])
    operations.cancel(crowd.ports, PRACTICE, cancelled.id)
    crowd.product.simulator.fault("drop_before", method="PUT", path="/api.xro/2.0/Payments")
    crowd.drain()
    assert [len(each) for each in crowd.sent("payment_create")] == [SIZE - 1]
    with pytest.raises(Conflict):
        operations.cancel(crowd.ports, PRACTICE, kept.id)
    crowd.let_time_pass()
    assert [len(member.payments()) for member in crowd.members] == [0, 1, 1]


def test_cancelled_in_the_last_moment(crowd: Crowd, monkeypatch: Patch) -> None:
    """One is cancelled between being prepared and being claimed: it is not sent, the others are, in one request."""
    waiting_payments(crowd)
    ids = [member.operation("payment_create").id for member in crowd.members]
    prepare, seen = PaymentCreate.prepare, []

    def interrupted(self: PaymentCreate, ports: Any, operation: Any, accounting: Any) -> Any:
        seen.append(operation.id)
        if len(seen) == SIZE:
            operations.cancel(ports, PRACTICE, ids[0])
        return prepare(self, ports, operation, accounting)

    monkeypatch.setattr(PaymentCreate, "prepare", interrupted)
    crowd.drain()
    assert [len(each) for each in crowd.sent("payment_create")] == [SIZE - 1]
    assert [len(member.payments()) for member in crowd.members] == [0, 1, 1]
    assert crowd.members[0].operation("payment_create").state == "cancelled"


def test_settled_by_itself_meanwhile(crowd: Crowd) -> None:
    """One of a batch in doubt was looked up and adopted; the batch that is then sent again leaves it as it is."""
    waiting_payments(crowd)
    crowd.product.simulator.fault("drop_after_commit", method="PUT", path="/api.xro/2.0/Payments")
    crowd.drain()
    document = crowd.ports.store.get(
        paths.operation(PRACTICE, crowd.members[0].operation("payment_create").id)
    )
    assert document is not None
    crowd.ports.store.update(document.path, document.data | {"kept_error": True}, version=document.version)
    operations.run(crowd.ports, PRACTICE, document.id)
    adopted = crowd.members[0].operation("payment_create")
    assert (adopted.state, adopted.batch_id) == ("done", None)
    crowd.let_time_pass()
    assert [len(member.payments()) for member in crowd.members] == [1, 1, 1]
    assert crowd.members[0].operation("payment_create") == adopted
    crowd.assert_ended()


def test_the_batch_document_is_gone(crowd: Crowd) -> None:
    """Without its batch's document, which a clean-up or a restored backup may lack, each is looked up by itself."""
    waiting_payments(crowd)
    crowd.product.simulator.fault("drop_after_commit", method="PUT", path="/api.xro/2.0/Payments")
    crowd.drain()
    (kept,) = crowd.ports.store.query(paths.batches(PRACTICE)).items
    crowd.ports.store.delete(kept.path)
    crowd.let_time_pass()
    assert len(crowd.members[0].writes("PUT", "Payments")) == 1
    assert [len(member.payments()) for member in crowd.members] == [1, 1, 1]
    crowd.assert_ended()


def test_useless_batch_documents_are_dropped(crowd: Crowd) -> None:
    """One that a crash left behind holds patients' details: the next drain after its time deletes it."""
    path = paths.batch(PRACTICE, "left-behind")
    crowd.ports.store.create(path, {"created_at": "2020-01-01T00:00:00.000000Z", "members": []})
    crowd.drain()
    assert crowd.ports.store.get(path) is None


# -- something odd about one ----------------------------------------------------------------------------------


@pytest.mark.parametrize("position", range(SIZE))
def test_a_broken_record(crowd: Crowd, position: int) -> None:
    """A record that cannot be read is set aside with its own operation; the others are sent together."""
    for member in crowd.members:
        member.sync()
    crowd.wait_together(lambda member: member.create())
    broken = crowd.members[position]
    path = paths.appointment(PRACTICE, broken.appointment_id)
    crowd.ports.store.put(path, {"patient_id": broken.patient_id})
    crowd.drain()
    assert [len(each) for each in crowd.sent("invoice_create")] == [SIZE - 1]
    assert broken.operation("invoice_create").reason_code == "internal_error"
    assert [len(member.invoices()) for member in crowd.members].count(1) == SIZE - 1


def test_an_answer_that_cannot_be_read(crowd: Crowd, monkeypatch: Patch) -> None:
    """Xero's answer for one is unreadable: that one is looked up, the others are settled at once."""
    waiting_payments(crowd)
    send = XeroAccounting.send_batch

    def garbled(self: XeroAccounting, batch: BatchRequest) -> Any:
        answers = send(self, batch)
        answers[1] = AnswerLost("Xero's answer does not say what was made", answered=True)
        return answers

    with monkeypatch.context() as patch:
        patch.setattr(XeroAccounting, "send_batch", garbled)
        crowd.drain()
    states = [member.operation("payment_create").state for member in crowd.members]
    assert sorted(states) == ["done", "done", "uncertain"]
    crowd.let_time_pass()
    assert [len(member.payments()) for member in crowd.members] == [1, 1, 1]
    assert len(crowd.members[0].writes("PUT", "Payments")) == 1
    crowd.assert_ended()


def test_a_mistake_of_ours_with_a_batch(crowd: Crowd, monkeypatch: Patch) -> None:
    """Whatever goes wrong with a batch as such, each of its members goes by itself, and once."""
    waiting_payments(crowd)

    def broken(self: XeroAccounting, batch: BatchRequest) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(XeroAccounting, "send_batch", broken)
    crowd.drain()
    waits = [member.operation("payment_create") for member in crowd.members]
    assert {(o.state, o.reason_code, o.alone) for o in waits} == {("uncertain", "internal_error", True)}
    crowd.let_time_pass()
    assert [len(member.payments()) for member in crowd.members] == [1, 1, 1]
    crowd.assert_ended()


def test_a_link_moves_while_they_are_settled(crowd: Crowd, monkeypatch: Patch) -> None:
    """Somebody writes one of the links just before all are settled in one write: each is settled by itself then."""
    for member in crowd.members:
        member.invoiced("DRAFT")
    crowd.wait_together(lambda member: member.act(invoice_actions.approve))
    settle, moments = InvoiceApprove.settle, []

    def interrupted(self: InvoiceApprove, ports: Any, operation: Any, snapshot: Any) -> Any:
        settled = settle(self, ports, operation, snapshot)
        if not moments:
            path = paths.invoice_link(PRACTICE, operation.subject["appointment_id"])
            moments.append(ports.store.put(path, ports.store.get(path).data))
        return settled

    monkeypatch.setattr(InvoiceApprove, "settle", interrupted)
    assert crowd.drain().done == SIZE
    crowd.assert_ended()
    assert len(moments) == 1
    assert [member.invoice_link.status for member in crowd.members] == ["AUTHORISED"] * SIZE
