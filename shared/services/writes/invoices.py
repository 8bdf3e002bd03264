"""Creating an appointment's invoice, once.

Two natural keys tie the document to the appointment: the InvoiceNumber is ours, so Xero itself refuses a second one,
and the Reference is the appointment's id, which tells ours from somebody else's document of that number.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shared.domain import wire
from shared.domain.contacts import Person
from shared.domain.errors import Rejected
from shared.domain.invoices import InvoiceDocument
from shared.domain.links import OVER, ContactLink, link_from
from shared.domain.operations import Operation, back_off, operation_id
from shared.domain.times import instant, parse_instant
from shared.domain.xero_records import InvoiceSnapshot
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.ports.store import Put
from shared.services import paths
from shared.services.build_invoice import build
from shared.services.documents import modify
from shared.services.people import payer_of, read_contact_link
from shared.services.writes.contacts import follow_merges
from shared.services.writes.kinds import Adopt, Change, Fail, Prepared, Refuse, Resolution, Settled, WaitFor

#: How far a taken number is counted on.
NUMBER_SUFFIXES = 5


def is_ours(invoice: InvoiceSnapshot | None, appointment_id: str) -> bool:
    return invoice is not None and invoice.type == "ACCREC" and invoice.reference == appointment_id


class InvoiceCreate:
    """``request``: {"line_items"?: [...], "use_clinic_tracking"?: bool, "generation": n}."""

    wire_kind = "invoice_create"
    action = "invoice.create"
    sentence = "Invoice created in Xero"
    at_most_once = False

    def prepare(self, ports: Ports, operation: Operation, accounting: Accounting) -> Prepared:
        practice_id = operation.practice_id
        built = build(ports, practice_id, operation.subject["appointment_id"], operation.request)
        if built.document is None:
            raise Refuse("invalid_input", "; ".join(f"{e.field}: {e.message}" for e in built.errors))
        person = payer_of(ports, practice_id, built.appointment)
        link = read_contact_link(ports, practice_id, person.id)
        if link is None or link.tenant_id != operation.tenant_id:
            raise _missing_contact(ports, operation, person)
        if link.state != "linked":
            link = _restored(ports, practice_id, link, accounting)
        return self._prepared(built.document, link.contact_id, int(operation.request["generation"]))

    def look_up(self, ports: Ports, operation: Operation, accounting: Accounting) -> Any | None:
        found = accounting.invoice(str(operation.prepared["number"]))
        return found if is_ours(found, operation.subject["appointment_id"]) else None

    def rejected(
        self, ports: Ports, operation: Operation, accounting: Accounting, error: Rejected
    ) -> Resolution:
        if error.code == "invoice_number_taken":
            return self._number_taken(ports, operation, accounting)
        if error.code == "contact_archived":
            return self._contact_archived(ports, operation, accounting)
        return Fail(error.code, error.detail)

    def settle(self, ports: Ports, operation: Operation, snapshot: InvoiceSnapshot) -> Settled:
        appointment_id = operation.subject["appointment_id"]
        link = link_from(
            snapshot,
            appointment_id=appointment_id,
            tenant_id=operation.tenant_id,
            generation=int(operation.prepared["generation"]),
            now=instant(ports.clock.now()),
            rules=operation.prepared["rules"],
        )
        link = replace(link, sent_total=link.total)
        result = {"invoice_number": link.invoice_number, "status": link.status, "total": link.total}
        path = paths.invoice_link(operation.practice_id, appointment_id)
        return Settled([Put(path, link.to_data())], result | {"invoice_id": link.invoice_id}, link.invoice_id)

    def _prepared(self, document: InvoiceDocument, contact_id: str, generation: int) -> Prepared:
        rules = dict(document.rules) | {"lines": [line.rules for line in document.lines]}
        notes = {
            "number": document.number,
            "generation": generation,
            "rules": rules,
            "contact_id": contact_id,
        }
        return Prepared(wire.dumps({"Invoices": [document.body(contact_id)]}), notes=notes)

    def _number_taken(self, ports: Ports, operation: Operation, accounting: Accounting) -> Resolution:
        appointment_id, number = operation.subject["appointment_id"], str(operation.prepared["number"])
        found = accounting.invoice(number)
        if found is not None and is_ours(found, appointment_id) and found.status not in OVER:
            return Adopt(found)
        generation = int(operation.prepared["generation"]) + 1
        if generation > int(operation.request["generation"]) + NUMBER_SUFFIXES:
            return Fail(
                "invoice_number_taken", f"The numbers from {number} on are taken in Xero by other documents"
            )
        built = build(
            ports, operation.practice_id, appointment_id, operation.request | {"generation": generation}
        )
        if built.document is None:
            return Fail("invalid_input", "; ".join(f"{e.field}: {e.message}" for e in built.errors))
        return Change(self._prepared(built.document, str(operation.prepared["contact_id"]), generation))

    def _contact_archived(self, ports: Ports, operation: Operation, accounting: Accounting) -> Resolution:
        """Merged in Xero: follow it, and remember where to. Archived by a person: a person restores it."""
        practice_id, contact_id = operation.practice_id, str(operation.prepared["contact_id"])
        current = follow_merges(accounting, accounting.contact(contact_id))
        active = current is not None and current.status == "ACTIVE" and current.contact_id != contact_id
        built = build(
            ports,
            practice_id,
            operation.subject["appointment_id"],
            operation.request | {"generation": operation.prepared["generation"]},
        )
        if built.document is None:
            return Fail("invalid_input", "; ".join(f"{e.field}: {e.message}" for e in built.errors))
        person = payer_of(ports, practice_id, built.appointment)
        link = read_contact_link(ports, practice_id, person.id)
        if link is not None and link.contact_id == contact_id:
            _remember(ports, practice_id, link, current.contact_id if active and current else None)
        if not active or current is None:
            return Fail(
                "contact_archived", "The contact is archived in Xero; restore it there, then try again"
            )
        return Change(
            self._prepared(built.document, current.contact_id, int(operation.prepared["generation"]))
        )


def _restored(ports: Ports, practice_id: str, link: ContactLink, accounting: Accounting) -> ContactLink:
    """The link says archived, but the person who tries again has perhaps just restored the contact: Xero knows."""
    current = None
    if link.state != "erased":
        current = follow_merges(accounting, accounting.contact(link.contact_id))
    if current is None or current.status != "ACTIVE":
        raise Refuse("contact_archived", "The contact is archived in Xero; restore it there, then try again")
    return _remember(ports, practice_id, link, current.contact_id)


def _remember(ports: Ports, practice_id: str, link: ContactLink, usable: str | None) -> ContactLink:
    """The contact that may be used, or None while there is only an archived one."""
    changed = replace(
        link,
        contact_id=usable or link.contact_id,
        state="linked" if usable else "archived",
        updated_at=instant(ports.clock.now()),
    )
    changes = {name: changed.to_data()[name] for name in ("contact_id", "state", "updated_at")}
    # These fields and no others: the patient's details may have been sent, and noted there, since the link was read.
    path = paths.contact_link(practice_id, link.person_id)
    modify(ports.store, path, lambda data: data | changes if data else None)
    return changed


def _missing_contact(ports: Ports, operation: Operation, person: Person) -> Exception:
    """Why the contact is not there yet: its own operation says."""
    soon = back_off(operation, ports.clock.now())
    contact_operation = operation_id("contact_create", operation.tenant_id, person.id)
    document = ports.store.get(paths.operation(operation.practice_id, contact_operation))
    if document is None:
        if person.erased:
            return Refuse("patient_erased", "The patient was erased and has no contact in Xero to invoice")
        return WaitFor("contact_waiting", "The contact has to be created first", soon)
    contact = Operation.from_data(document.data)
    if contact.state in ("failed", "cancelled"):
        return Refuse(contact.reason_code or "contact_failed", f"The contact: {contact.reason}")
    if contact.state not in ("pending", "uncertain"):
        return WaitFor("contact_waiting", "The contact is being created right now", soon)
    # Not at the contact's own time alone: whoever asks for the same person next may have it done long before.
    until = min(soon, parse_instant(contact.next_attempt_at)) if contact.next_attempt_at else None
    reason = contact.reason or "it is about to be created"
    return WaitFor(contact.reason_code or "contact_waiting", f"The contact waits: {reason}", until)
