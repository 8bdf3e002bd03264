"""Approving, voiding and e-mailing an invoice that exists.

To change a status Xero wants the id and the status and nothing else: a whole document sent back is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from shared.domain import wire
from shared.domain.errors import Rejected
from shared.domain.links import APPROVED, OVER, UNAPPROVED, InvoiceLink, link_after
from shared.domain.operations import Operation
from shared.domain.times import instant
from shared.domain.xero_records import InvoiceSnapshot
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.ports.store import Update, Write
from shared.services import paths
from shared.services.held_totals import refuse_if_held
from shared.services.writes import locks
from shared.services.writes.after_approval import email_once_approved
from shared.services.writes.kinds import AlreadyDone, Fail, Prepared, Refuse, Resolution, Settled
from shared.services.writes.notes import reason_kept


def read_invoice(accounting: Accounting, operation: Operation) -> InvoiceSnapshot:
    """``request`` names the invoice; a document that Xero no longer knows needs a person."""
    invoice = accounting.invoice(str(operation.request["invoice_id"]))
    if invoice is None:
        raise Refuse("invoice_gone", "Xero no longer has this invoice")
    return invoice


def status_body(invoice_id: str, status: str) -> Prepared:
    body = wire.dumps({"Invoices": [{"InvoiceID": invoice_id, "Status": status}]})
    return Prepared(body, target_id=invoice_id, notes={"status": status})


def linked(ports: Ports, operation: Operation) -> tuple[InvoiceLink, str] | None:
    """The invoice's link with its version; None when the appointment has another invoice by now, or none."""
    path = paths.invoice_link(operation.practice_id, operation.subject["appointment_id"])
    document = ports.store.get(path)
    if document is None or document.data["invoice_id"] != operation.request["invoice_id"]:
        return None
    return InvoiceLink.from_data(document.data), document.version


def settle_link(
    ports: Ports,
    operation: Operation,
    snapshot: InvoiceSnapshot | None,
    change: Callable[[InvoiceLink], InvoiceLink] | None = None,
    **changes: Any,
) -> Settled:
    """The link brought up to what Xero answered, on condition that nobody changed it meanwhile.

    ``changes`` are shown in the result too; ``change`` is for what is not.
    """
    found = linked(ports, operation)
    if found is None:
        return Settled([], {"status": snapshot.status if snapshot else None}, operation.target_id)
    link, version = found
    path = paths.invoice_link(operation.practice_id, link.appointment_id)
    now = instant(ports.clock.now())
    fresh = (link_after(link, snapshot, now) if snapshot else None) or link
    if changes:
        fresh = replace(fresh, updated_at=now, **changes)
    fresh = change(fresh) if change else fresh
    writes: list[Write] = [] if fresh == link else [Update(path, fresh.to_data(), version)]
    shown = ("status", "amount_due", "amount_paid", "amount_credited")
    return Settled(
        writes,
        result={name: getattr(fresh, name) for name in shown} | changes,
        xero_id=link.invoice_id,
        before={name: getattr(link, name) for name in shown},
    )


class _StatusChange:
    wire_kind = "invoice_update"
    at_most_once = False
    #: What a person can do when the invoice's date is locked.
    when_locked = locks.LATER_DAY

    def rejected(
        self, ports: Ports, operation: Operation, accounting: Accounting, error: Rejected
    ) -> Resolution:
        return locks.refused(ports, operation, accounting, error, self.when_locked)


class InvoiceApprove(_StatusChange):
    action = "invoice.approve"
    sentence = "Invoice approved in Xero"

    def prepare(self, ports: Ports, operation: Operation, accounting: Accounting) -> Prepared:
        invoice = read_invoice(accounting, operation)
        if invoice.status in APPROVED:
            raise AlreadyDone(invoice)
        if invoice.status not in UNAPPROVED:
            raise Refuse("wrong_status", f"An invoice that is {invoice.status} cannot be approved")
        refuse_if_held(ports, operation)
        locks.check_open(ports, operation, accounting, invoice.date, self.when_locked)
        return status_body(invoice.invoice_id, "AUTHORISED")

    def look_up(self, ports: Ports, operation: Operation, accounting: Accounting) -> Any | None:
        invoice = accounting.invoice(str(operation.request["invoice_id"]))
        return invoice if invoice and invoice.status in APPROVED else None

    def settle(self, ports: Ports, operation: Operation, snapshot: InvoiceSnapshot) -> Settled:
        settled, found = settle_link(ports, operation, snapshot), linked(ports, operation)
        if found is None:
            return settled
        email = email_once_approved(ports, operation, replace(found[0], status=snapshot.status))
        return replace(settled, writes=[*settled.writes, *email])


class InvoiceVoid(_StatusChange):
    """A draft is deleted, an approved invoice with nothing applied is voided; anything paid needs a credit note.

    ``request``: {"invoice_id", "reason"?}.
    """

    action = "invoice.void"
    sentence = "Invoice cancelled in Xero"
    when_locked = locks.CREDIT_INSTEAD

    def prepare(self, ports: Ports, operation: Operation, accounting: Accounting) -> Prepared:
        invoice = read_invoice(accounting, operation)
        if invoice.status in OVER:
            raise AlreadyDone(invoice)
        if invoice.status in UNAPPROVED:
            return status_body(invoice.invoice_id, "DELETED")
        if invoice.amount_paid or invoice.amount_credited:
            raise Refuse(
                "has_payments",
                "A payment or credit is applied; refund it, or correct the invoice by a credit note",
            )
        locks.check_open(ports, operation, accounting, invoice.date, self.when_locked)
        return status_body(invoice.invoice_id, "VOIDED")

    def look_up(self, ports: Ports, operation: Operation, accounting: Accounting) -> Any | None:
        invoice = accounting.invoice(str(operation.request["invoice_id"]))
        return invoice if invoice and invoice.status in OVER else None

    def settle(self, ports: Ports, operation: Operation, snapshot: InvoiceSnapshot) -> Settled:
        settled = settle_link(ports, operation, snapshot)
        note = reason_kept(ports, operation, "Cancelled")
        return replace(settled, writes=[*settled.writes, *note])


class InvoiceEmail:
    """Xero sends the e-mail. Once it may have gone out it is never asked for again by itself."""

    wire_kind = "invoice_email"
    action = "invoice.email"
    sentence = "Invoice e-mailed by Xero"
    at_most_once = True

    def prepare(self, ports: Ports, operation: Operation, accounting: Accounting) -> Prepared:
        invoice = read_invoice(accounting, operation)
        if invoice.status not in ("SUBMITTED", *APPROVED):
            raise Refuse(
                "wrong_status", f"An invoice that is {invoice.status} cannot be e-mailed; approve it first"
            )
        if operation.first_sent_at and invoice.sent_to_contact:
            raise AlreadyDone(invoice)  # an earlier try got through after all
        refuse_if_held(ports, operation)
        return Prepared("", target_id=invoice.invoice_id, notes={"sent_before": invoice.sent_to_contact})

    def look_up(self, ports: Ports, operation: Operation, accounting: Accounting) -> Any | None:
        if operation.prepared.get("sent_before"):
            return None  # marked as sent before we tried: the mark says nothing about our e-mail
        invoice = accounting.invoice(str(operation.request["invoice_id"]))
        return invoice if invoice and invoice.sent_to_contact else None

    def rejected(
        self, ports: Ports, operation: Operation, accounting: Accounting, error: Rejected
    ) -> Resolution:
        return Fail(error.code, error.detail)

    def settle(self, ports: Ports, operation: Operation, snapshot: Any) -> Settled:
        return settle_link(ports, operation, snapshot, emailed_at=instant(ports.clock.now()))
