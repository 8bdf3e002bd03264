"""What went wrong for others with dates and statuses, each as a case."""

from __future__ import annotations

import pytest

from shared.services import invoice_actions
from tests.faults.clinic import Clinic, bodies


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
