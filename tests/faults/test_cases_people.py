"""What went wrong for others with names and persons, each as a case: one ledger for two, changes lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.services import operations
from shared.services.writes.contacts import ContactUpdate
from shared.services.writes.invoices import InvoiceCreate
from tests.faults.clinic import PRACTICE, Clinic, bodies


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


def test_moved_by_somebody_before_anything_was_sent(case: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody asks again, which moves the operation, while it is being prepared: it is taken up, not left waiting."""
    prepare, asked = InvoiceCreate.prepare, []

    def meanwhile(self: InvoiceCreate, ports: Any, operation: Any, accounting: Any) -> Any:
        prepared = prepare(self, ports, operation, accounting)
        if not asked:
            asked.append(operations.ask_again(ports, PRACTICE, operation.id))
        return prepared

    monkeypatch.setattr(InvoiceCreate, "prepare", meanwhile)
    assert case.create().link is not None
    assert len(case.writes("PUT", "Invoices")) == 1


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
