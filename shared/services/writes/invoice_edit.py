"""Sending an invoice anew while nothing is applied to it: its lines, dates and contact as the appointment says now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shared.domain import wire
from shared.domain.edited_lines import says, with_ids
from shared.domain.errors import Rejected
from shared.domain.links import UNAPPROVED, InvoiceLink
from shared.domain.operations import Operation, key_is_forgotten
from shared.domain.times import instant
from shared.domain.xero_records import InvoiceSnapshot
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.services.people import payer_of
from shared.services.writes import locks
from shared.services.writes.currencies import check_currency
from shared.services.writes.document_contact import usable_contact
from shared.services.writes.invoice_changes import read_invoice, settle_link
from shared.services.writes.kinds import Adopt, AlreadyDone, Prepared, Refuse, Resolution, Settled
from shared.services.writes.mapped import EXPLAINED_BY, build_usable, document_refused
from shared.services.writes.notes import reason_kept
from shared.services.writes.sent_documents import as_just_sent, notes_of

#: Given once, when the invoice was made; Type cannot change.
NOT_SENT_AGAIN = ("Type", "InvoiceNumber", "Status", "Reference")


class InvoiceEdit:
    """``request``: {"invoice_id", "edits", "line_items"?, "use_clinic_tracking"?, "date"?, "reason"?}."""

    wire_kind = "invoice_update"
    action = "invoice.edit"
    sentence = "Invoice brought up to date in Xero"
    at_most_once = False

    def prepare(self, ports: Ports, operation: Operation, accounting: Accounting) -> Prepared:
        practice_id = operation.practice_id
        invoice = read_invoice(accounting, operation)
        refuse_unless_open(invoice)
        built, document = build_usable(ports, operation, accounting)
        payer = payer_of(ports, practice_id, built.appointment)
        contact = usable_contact(ports, operation, accounting, payer)
        if invoice.status not in UNAPPROVED:
            locks.check_open(ports, operation, accounting, invoice.date, locks.CORRECT_INSTEAD)
        locks.check_open(ports, operation, accounting, document.date, locks.DATE_IT_LATER)
        check_currency(ports, operation, accounting, document)
        whole = document.body(contact.contact_id)
        body = {name: value for name, value in whole.items() if name not in NOT_SENT_AGAIN}
        notes = notes_of(ports, operation, built, document, payer.id) | {
            "seen": instant(invoice.updated_at) if invoice.updated_at else None,
        }
        if says(invoice, body):
            operation.prepared = notes
            raise AlreadyDone(invoice)
        body["LineItems"] = with_ids(body["LineItems"], invoice.line_items)
        element = {"InvoiceID": invoice.invoice_id} | body
        return Prepared(wire.dumps({"Invoices": [element]}), target_id=invoice.invoice_id, notes=notes)

    def look_up(self, ports: Ports, operation: Operation, accounting: Accounting) -> Any | None:
        """It was done when the invoice says so. Changed by somebody else meanwhile, it is not overwritten."""
        invoice = read_invoice(accounting, operation)
        if says(invoice, _sent_body(operation)):
            return invoice
        if not key_is_forgotten(operation, ports.clock.now()):
            return None
        if (instant(invoice.updated_at) if invoice.updated_at else None) == operation.prepared["seen"]:
            return None  # nobody changed anything: it is sent again
        operation.maybe_done = (
            False  # what we sent is not there: asked again, it is built from what holds then
        )
        refuse_unless_open(invoice)
        raise Refuse(
            "changed_in_xero", "The invoice was changed in Xero meanwhile; look at it, then ask again"
        )

    def rejected(
        self, ports: Ports, operation: Operation, accounting: Accounting, error: Rejected
    ) -> Resolution:
        invoice = accounting.invoice(str(operation.target_id))
        if invoice is not None and says(invoice, _sent_body(operation)):
            return Adopt(invoice)
        if error.code in EXPLAINED_BY:
            return document_refused(ports, operation, accounting, error)
        return locks.refused(ports, operation, accounting, error, locks.CORRECT_INSTEAD)

    def settle(self, ports: Ports, operation: Operation, snapshot: InvoiceSnapshot) -> Settled:
        now = instant(ports.clock.now())

        def sent_anew(link: InvoiceLink) -> InvoiceLink:
            link = replace(
                link,
                edits=max(link.edits, int(operation.request["edits"]) + 1),
                draft_since=now if link.status in UNAPPROVED else None,
                updated_at=now,
            )
            return as_just_sent(ports, operation, link, snapshot, now)

        settled = settle_link(ports, operation, snapshot, sent_anew)
        return replace(settled, writes=[*settled.writes, *reason_kept(ports, operation, "Changed")])


def refuse_unless_open(invoice: InvoiceSnapshot) -> None:
    """Xero: an approved invoice is changed only while nothing is applied; a paid document never."""
    if invoice.amount_paid or invoice.amount_credited or invoice.status == "PAID":
        raise Refuse(
            "has_payments",
            "A payment or credit is applied; correct it by a credit note and a new invoice instead",
        )
    if invoice.status not in (*UNAPPROVED, "AUTHORISED"):
        raise Refuse("wrong_status", f"An invoice that is {invoice.status} cannot be changed")


def _sent_body(operation: Operation) -> dict[str, Any]:
    body: dict[str, Any] = wire.loads(operation.body or "")["Invoices"][0]
    return body
