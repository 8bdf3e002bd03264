"""Creating an appointment's invoice, once.

Two natural keys tie the document to the appointment: the InvoiceNumber is ours, so Xero itself refuses a second one,
and the Reference is the appointment's id, which tells ours from somebody else's document of that number. Where the
practice leaves numbering to Xero, the Reference of an invoice that our app made is all there is to look it up by.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shared.domain import wire
from shared.domain.contacts import HOW_TO_RESTORE
from shared.domain.errors import Rejected
from shared.domain.links import OVER, InvoiceLink, link_from
from shared.domain.operations import Operation
from shared.domain.times import instant
from shared.domain.xero_records import InvoiceSnapshot
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.ports.store import Put, Where, Write
from shared.services import paths
from shared.services.people import payer_of
from shared.services.writes import locks
from shared.services.writes.after_approval import email_once_approved
from shared.services.writes.currencies import check_currency
from shared.services.writes.document_contact import followed_contact, usable_contact
from shared.services.writes.kinds import (
    Adopt,
    AlreadyDone,
    Change,
    Fail,
    Prepared,
    Resolution,
    Settled,
)
from shared.services.writes.mapped import EXPLAINED_BY, build_usable, document_refused
from shared.services.writes.sent_documents import as_just_sent, notes_of

#: How far a taken number is counted on.
NUMBER_SUFFIXES = 5


def is_ours(invoice: InvoiceSnapshot | None, appointment_id: str) -> bool:
    return invoice is not None and invoice.type == "ACCREC" and invoice.reference == appointment_id


class InvoiceCreate:
    """``request``: {"line_items"?: [...], "use_clinic_tracking"?: bool, "date"?: "YYYY-MM-DD", "generation": n}."""

    wire_kind = "invoice_create"
    action = "invoice.create"
    sentence = "Invoice created in Xero"
    at_most_once = False

    def prepare(self, ports: Ports, operation: Operation, accounting: Accounting) -> Prepared:
        practice_id, generation = operation.practice_id, int(operation.request["generation"])
        built, document = build_usable(ports, operation, accounting)
        payer = payer_of(ports, practice_id, built.appointment)
        contact = usable_contact(ports, operation, accounting, payer)
        locks.check_open(ports, operation, accounting, document.date, locks.DATE_IT_LATER)
        check_currency(ports, operation, accounting, document)
        notes = {
            "number": document.number,
            "generation": generation,
            "contact_id": contact.contact_id,
            "payer_id": payer.id,
        } | notes_of(ports, operation, built, document, payer.id)
        if document.number is None and operation.first_sent_at:
            # Asked for anew after it was sent once: Xero would not refuse a second one, so it is looked for first.
            operation.prepared = notes
            found = self.look_up(ports, operation, accounting)
            if found is not None:
                raise AlreadyDone(found)
        return Prepared(wire.dumps({"Invoices": [document.body(contact.contact_id)]}), notes=notes)

    def look_up(self, ports: Ports, operation: Operation, accounting: Accounting) -> Any | None:
        appointment_id, number = operation.subject["appointment_id"], operation.prepared["number"]
        if number is not None:
            found = accounting.invoice(str(number))
            return found if is_ours(found, appointment_id) else None
        earlier = _earlier_invoices(ports, operation)
        candidates = (i for i in accounting.invoices_found(appointment_id) if is_ours(i, appointment_id))
        return next((found for found in candidates if found.invoice_id not in earlier), None)

    def rejected(
        self, ports: Ports, operation: Operation, accounting: Accounting, error: Rejected
    ) -> Resolution:
        if error.code == "invoice_number_taken" and operation.prepared["number"] is not None:
            return self._number_taken(operation, accounting)
        if error.code == "contact_archived":
            return self._contact_archived(ports, operation, accounting)
        if error.code in EXPLAINED_BY:
            return document_refused(ports, operation, accounting, error)
        return locks.refused(ports, operation, accounting, error, locks.DATE_IT_LATER)

    def settle(self, ports: Ports, operation: Operation, snapshot: InvoiceSnapshot) -> Settled:
        appointment_id, prepared = operation.subject["appointment_id"], operation.prepared
        now = instant(ports.clock.now())
        link = link_from(
            snapshot,
            appointment_id=appointment_id,
            tenant_id=operation.tenant_id,
            generation=int(prepared["generation"]),
            now=now,
            rules=prepared["rules"],
        )
        link = as_just_sent(ports, operation, link, snapshot, now)
        result = {"invoice_number": link.invoice_number, "status": link.status, "total": link.total}
        path = paths.invoice_link(operation.practice_id, appointment_id)
        writes: list[Write] = [Put(path, link.to_data()), *_kept_former(ports, operation, link)]
        writes += email_once_approved(ports, operation, link)
        return Settled(writes, result | {"invoice_id": link.invoice_id}, link.invoice_id)

    def _number_taken(self, operation: Operation, accounting: Accounting) -> Resolution:
        """Ours, then it is adopted; somebody else's, then the next number, everything else as it was."""
        prepared, number = operation.prepared, str(operation.prepared["number"])
        found = accounting.invoice(number)
        if is_ours(found, operation.subject["appointment_id"]) and found and found.status not in OVER:
            return Adopt(found)
        generation = int(prepared["generation"])
        if generation >= int(operation.request["generation"]) + NUMBER_SUFFIXES:
            return Fail(
                "invoice_number_taken", f"The numbers from {number} on are taken in Xero by other documents"
            )
        first = number if generation == 1 else number.removesuffix(f"-{generation}")
        free = f"{first}-{generation + 1}"
        rules = prepared["rules"] | {"number": f"{number} is taken in Xero by another document"}
        notes = prepared | {"number": free, "generation": generation + 1, "rules": rules}
        return Change(_with(operation, notes, InvoiceNumber=free))

    def _contact_archived(self, ports: Ports, operation: Operation, accounting: Accounting) -> Resolution:
        prepared = operation.prepared
        contact_id, payer_id = str(prepared["contact_id"]), str(prepared.get("payer_id"))
        usable = followed_contact(ports, operation, accounting, payer_id, contact_id)
        if usable is None:
            return Fail("contact_archived", HOW_TO_RESTORE)
        notes = prepared | {"contact_id": usable}
        return Change(_with(operation, notes, Contact={"ContactID": usable}))


def _with(operation: Operation, notes: dict[str, Any], **fields: Any) -> Prepared:
    """The body as it was prepared, with these fields instead."""
    (body,) = wire.loads(operation.body or "")["Invoices"]
    return Prepared(wire.dumps({"Invoices": [body | fields]}), notes=notes)


def _earlier_invoices(ports: Ports, operation: Operation) -> set[str]:
    """InvoiceIDs that the appointment had before: voided, deleted or corrected, and never this operation's."""
    practice_id, appointment_id = operation.practice_id, operation.subject["appointment_id"]
    page = ports.store.query(
        paths.former_invoices(practice_id), where=[Where("appointment_id", "==", appointment_id)]
    )
    earlier = {document.id for document in page.items}
    document = ports.store.get(paths.invoice_link(practice_id, appointment_id))
    current = InvoiceLink.from_data(document.data) if document else None
    if current is not None and current.tenant_id == operation.tenant_id:
        earlier |= (
            {current.invoice_id} if current.generation < int(operation.prepared["generation"]) else set()
        )
    return earlier


def _kept_former(ports: Ports, operation: Operation, link: InvoiceLink) -> list[Write]:
    """The invoice that this one replaces is remembered: it is ours, and its credit note speaks of it."""
    practice_id = operation.practice_id
    document = ports.store.get(paths.invoice_link(practice_id, link.appointment_id))
    former = InvoiceLink.from_data(document.data) if document else link
    if former.invoice_id == link.invoice_id or former.tenant_id != link.tenant_id:
        return []
    former = replace(former, differs=None)  # it is no longer the appointment's
    return [Put(paths.former_invoice(practice_id, former.invoice_id), former.to_data())]
