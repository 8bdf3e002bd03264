"""What went wrong for others when they wrote to Xero, each as a case: duplicates, wrong persons, statuses."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.errors import Conflict
from shared.services import invoice_actions, operations, paths
from shared.services.drain import drain
from shared.services.writes.contacts import ContactUpdate
from tests.faults.clinic import ACTOR, PRACTICE, Clinic
from tests.product import TENANTS


@pytest.fixture
def case(shared_clinic: Clinic) -> Clinic:
    """The module's clinic with a fresh patient and appointment."""
    shared_clinic.case()
    return shared_clinic


def bodies(calls: list[Any], element: str) -> list[Any]:
    return [json.loads(call["body"])[element][0] for call in calls]


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


# -- duplicates and lost writes ------------------------------------------------------------------------------


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

    wait = Runner._wait

    def late(self: Runner, code: str, reason: str, until: Any) -> None:
        if until is None and self.ports.store.get(paths.connection(PRACTICE)).data["status"] != "connected":  # type: ignore[union-attr]
            case.product.connect()
        wait(self, code, reason, until)

    monkeypatch.setattr(Runner, "_wait", late)
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


# -- names and persons ---------------------------------------------------------------------------------------


def test_two_patients_of_one_name(case: Clinic) -> None:
    """Two people called John Smith are two contacts, the second told apart by a code, each with their own invoice."""
    case.put_patient(first_name="John", last_name="Smith")
    case.invoiced()
    one = case.contact_link
    case.case()
    case.put_patient(first_name="John", last_name="Smith")
    case.invoiced()
    other = case.contact_link
    assert one.contact_id != other.contact_id
    assert (one.name_sent, other.name_sent) == ("John Smith", f"John Smith ({case.patient_id})")
    assert case.invoices()[0].contact_id == other.contact_id


def test_name_taken_by_a_manual_contact(case: Clinic) -> None:
    """A contact typed by hand has the name but not our number: it is left alone, ours gets a suffix."""
    manual = case.in_xero("PUT", "Contacts", Name=f"Zoe Marsh {case.patient_id}")
    case.put_patient(first_name="Zoe", last_name=f"Marsh {case.patient_id}")
    synced = case.sync()
    assert synced.link is not None
    assert synced.link.contact_id != manual["ContactID"]
    assert synced.link.name_sent == f"Zoe Marsh {case.patient_id} ({case.patient_id})"
    log = case.log(case.operation("contact_create"))
    assert log == ["waiting", "ok"]  # the refusal and the corrected try


def test_contact_with_our_number_is_brought_up_to_date(case: Clinic) -> None:
    """A contact that already carries our number is adopted, and then says what the clinic says."""
    theirs = case.in_xero("PUT", "Contacts", Name=f"Old {case.patient_id}", ContactNumber=case.patient_id)
    synced = case.sync()
    assert synced.link is not None
    assert synced.link.contact_id == theirs["ContactID"]
    assert [c.name for c in case.contacts()] == [f"Anna Lee {case.patient_id}"]


def test_only_the_contact_id_is_sent(case: Clinic) -> None:
    """An invoice names its contact by id alone: any other field would change the contact."""
    case.invoiced()
    (body,) = bodies(case.writes("PUT", "Invoices"), "Invoices")
    assert body["Contact"] == {"ContactID": case.contact_link.contact_id}


def test_merged_contact_is_followed(case: Clinic) -> None:
    """The contact was merged in Xero: the invoice goes to the one it was merged into, and the link remembers."""
    case.sync()
    into = case.in_xero("PUT", "Contacts", Name=f"Merged {case.patient_id}")["ContactID"]
    case.product.by_hand(f"contacts/{case.contact_link.contact_id}/merge", into=into)
    case.invoiced()
    assert (case.invoices()[0].contact_id, case.contact_link.contact_id) == (into, into)


def test_archived_contact_blocks_nobody_else(case: Clinic) -> None:
    """An archived contact fails its own invoice, with the remedy; the next one in the same drain goes through."""
    case.sync()
    archived = case.contact_link.contact_id
    blocked, other = case.appointment_id, f"{case.appointment_id}-other"
    case.product.by_hand(f"contacts/{archived}/archive")
    case.product.patient(f"{case.patient_id}-other")
    case.product.appointment(other, f"{case.patient_id}-other")
    case.product.simulator.fault("rate_limit", method="GET", path="/api.xro/2.0/Contacts", retry_after=5)
    case.product.simulator.fault("rate_limit", method="PUT", path="/api.xro/2.0/Invoices", retry_after=5)
    assert {case.product.invoice(each).status_code for each in (blocked, other)} == {202}
    case.let_time_pass()
    failed = case.operation("invoice_create")
    assert (failed.state, failed.reason_code) == ("failed", "contact_archived")
    assert "restore" in str(failed.reason)
    assert [i.reference for i in case._ledger.invoices if i.reference in (blocked, other)] == [other]


def test_restored_contact_needs_no_pull(case: Clinic) -> None:
    """The person restores the contact and presses "try again": it goes through, whatever our link still says."""
    case.sync()
    case.product.by_hand(f"contacts/{case.contact_link.contact_id}/archive")
    failed = case.create().operation
    assert failed is not None
    assert (failed.reason_code, case.contact_link.state) == ("contact_archived", "archived")
    case.product.by_hand(f"contacts/{case.contact_link.contact_id}/restore")
    case.product.ok("POST", f"/xero/operations/{failed.id}/retry/", "reception")
    case.assert_linked()
    assert len(case.invoices()) == 1
    assert case.contact_link.state == "linked"


def test_archived_holder_of_our_number(case: Clinic) -> None:
    """An archived contact holds our number: a clear reason and no endless retry; restored, it is used."""
    held = case.in_xero("PUT", "Contacts", Name=f"Held {case.patient_id}", ContactNumber=case.patient_id)
    case.product.by_hand(f"contacts/{held['ContactID']}/archive")
    synced = case.sync()
    assert synced.operation is not None
    assert (synced.operation.state, synced.operation.reason_code) == ("failed", "contact_archived")
    case.product.by_hand(f"contacts/{held['ContactID']}/restore")
    again = case.sync()
    assert again.link is not None
    assert again.link.contact_id == held["ContactID"]


def test_back_to_the_first_details_within_the_key(case: Clinic) -> None:
    """A, B, A within six minutes: each change has its own key, and Xero ends with A."""
    case.sync()
    for phone in ("0400 000 001", "0400 000 002", "0400 000 001"):
        case.put_patient(phone=phone)
        case.sync()
        case.product.advance(30)
    assert case.contacts()[0].phones[0]["PhoneNumber"] == "0400 000 001"
    assert len({json.dumps(b) for b in bodies(case.writes("POST", "Contacts/"), "Contacts")}) == 2
    assert len(case.writes("POST", "Contacts/")) == 3


@pytest.mark.parametrize("fault", ["drop_before", "drop_after_commit", "rate_limit"])
def test_back_to_the_first_details_while_the_answer_is_lost(case: Clinic, fault: str) -> None:
    """A, B with a lost answer, A again: B must not have the last word when it is sent a second time."""
    case.put_patient(phone="0400 000 001")
    case.sync()
    case.product.simulator.fault(fault, method="POST", path="/api.xro/2.0/Contacts/*")
    case.put_patient(phone="0400 000 002")
    case.sync()
    case.put_patient(phone="0400 000 001")
    case.sync()
    case.let_time_pass()
    case.assert_nothing_waits()
    assert case.contacts()[0].phones[0]["PhoneNumber"] == "0400 000 001"


def test_changed_while_the_first_change_is_under_way(case: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever syncs a change while an earlier one is being sent is told "waiting"; the change follows by itself."""
    case.sync()
    prepare, told = ContactUpdate.prepare, []

    def meanwhile(self: ContactUpdate, *arguments: Any) -> Any:
        prepared = prepare(self, *arguments)
        if not told:
            told.append(None)
            case.put_patient(phone="0400 000 009")
        return prepared

    monkeypatch.setattr(ContactUpdate, "prepare", meanwhile)
    case.put_patient(phone="0400 000 008")
    case.sync()
    assert case.contacts()[0].phones[0]["PhoneNumber"] == "0400 000 009"


def test_erased_patient(case: Clinic) -> None:
    """Erasure reaches Xero: archived, nothing personal left; an invoice for them is refused, not tried for ever."""
    case.put_patient(phone="0400 000 001", email="anna@example.com")
    case.sync()
    case.put_patient(erased=True)
    case.sync()
    contact = case.contacts()[0]
    assert (contact.status, contact.text("EmailAddress"), contact.text("LastName")) == ("ARCHIVED", "", "")
    assert all(not phone["PhoneNumber"] for phone in contact.phones)
    case.create()
    assert case.operation("invoice_create").state == "failed"


def test_erased_before_anything_was_sent(case: Clinic) -> None:
    """A patient erased before they had a contact gets none, and what needs one says so once."""
    case.put_patient(erased=True)
    assert case.sync().operation is None
    case.create()
    case.let_time_pass(jumps=5)
    invoice = case.operation("invoice_create")
    assert (invoice.state, invoice.reason_code, invoice.attempts) == ("failed", "patient_erased", 1)
    assert case.contacts() == []


# -- dates and statuses --------------------------------------------------------------------------------------


@pytest.mark.parametrize("starts_at", ["2026-11-24T08:00:00+11:00", "2026-11-24T23:30:00+11:00"])
def test_the_clinics_day(case: Clinic, starts_at: str) -> None:
    """Early or late in Sydney, the invoice has Sydney's day."""
    case.put_appointment(starts_at=starts_at)
    case.invoiced()
    (body,) = bodies(case.writes("PUT", "Invoices"), "Invoices")
    assert body["Date"] == "2026-11-24"


@pytest.mark.parametrize(("status", "becomes"), [("DRAFT", "DELETED"), ("AUTHORISED", "VOIDED")])
def test_cancelling_by_status(case: Clinic, status: str, becomes: str) -> None:
    """A draft is deleted, an approved invoice voided, by a body of id and status and nothing else."""
    case.invoiced(status)
    acted = case.act(invoice_actions.void)
    (body,) = bodies(case.writes("POST", "Invoices/"), "Invoices")
    assert body == {"InvoiceID": case.invoices()[0].id, "Status": becomes}
    assert (acted.link.status, case.invoices()[0].status) == (becomes, becomes)


def test_cancelling_what_was_paid(case: Clinic) -> None:
    """A paid invoice is not cancelled: the reason names the way out, and Xero is asked to change nothing."""
    case.invoiced()
    case.pay()
    refused = case.act(invoice_actions.void).operation
    assert (refused.state, refused.reason_code) == ("failed", "has_payments")
    assert "credit note" in str(refused.reason)
    assert case.writes("POST", "Invoices/") == []


def test_approved_while_the_cancelling_waited(case: Clinic) -> None:
    """A cancelling that waited is built from what holds when it is sent: the draft was approved, so it is voided."""
    case.invoiced("DRAFT")
    case.product.simulator.fault("rate_limit", method="POST", path="/api.xro/2.0/invoices/*", retry_after=30)
    case.act(invoice_actions.void)
    case.product.by_hand(f"invoices/{case.invoices()[0].id}/approve")
    case.let_time_pass()
    assert (case.invoices()[0].status, case.operation("invoice_void").state) == ("VOIDED", "done")


def test_cancelled_while_the_invoice_waited(case: Clinic) -> None:
    """The appointment was cancelled while its invoice waited for a limit: it is not sent any more."""
    case.sync()
    case.product.simulator.fault("rate_limit", method="PUT", path="/api.xro/2.0/Invoices", retry_after=30)
    case.create()
    case.put_appointment(status="cancelled")
    case.let_time_pass()
    assert (case.operation("invoice_create").state, case.invoices()) == ("failed", [])


def test_payment_of_a_draft(case: Clinic) -> None:
    """A draft takes no payment: refused with the remedy, and it works after the approval."""
    case.invoiced("DRAFT")
    refused = case.pay().operation
    assert (refused.state, refused.reason_code) == ("failed", "payment_needs_authorised")
    case.act(invoice_actions.approve)
    assert case.pay().operation.state == "done"
    assert case.invoice_link.status == "PAID"


def test_credit_finished_by_the_queue(case: Clinic) -> None:
    """The credit note's first answer was lost and the queue finished it: it is applied too, nobody presses again."""
    case.invoiced()
    case.product.simulator.fault("drop_after_commit", method="PUT", path="/api.xro/2.0/CreditNotes")
    assert case.act(invoice_actions.credit).operation.state == "uncertain"
    case.let_time_pass()
    case.assert_linked()
    assert (case.invoice_link.amount_credited, case.invoice_link.amount_due) == ("110.00", "0.00")
    assert len(case.credit_notes()) == 1


def test_late_answer_about_an_earlier_invoice(case: Clinic) -> None:
    """What is learnt late about a voided invoice does not touch the link of the one that replaced it."""
    case.invoiced()
    first = case.invoice_link.invoice_id
    case.product.simulator.fault("status", method="POST", path="/api.xro/2.0/invoices/*/email", status=500)
    case.act(invoice_actions.email)
    case.mark_as_sent()
    case.product.by_hand(f"invoices/{first}/void")
    case.product.ok("POST", f"/xero/invoices/{case.appointment_id}/sync_status/")
    case.create()
    second = case.invoice_link
    case.let_time_pass()
    assert case.operation("invoice_email").state == "done"
    assert second.invoice_id != first
    assert (case.invoice_link.invoice_id, case.invoice_link.emailed_at) == (second.invoice_id, None)


# -- one bad record, many good ones --------------------------------------------------------------------------


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
