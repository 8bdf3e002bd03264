"""The contact that a document is for: its payer's, once it is there, restored or merged as it may be."""

from __future__ import annotations

from dataclasses import replace

from shared.domain.contacts import HOW_TO_RESTORE, Person
from shared.domain.links import ContactLink
from shared.domain.operations import Operation, back_off, operation_id
from shared.domain.times import instant, parse_instant
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.services import paths
from shared.services.documents import modify
from shared.services.people import read_contact_link
from shared.services.writes.contacts import follow_merges
from shared.services.writes.kinds import Refuse, WaitFor


def usable_contact(ports: Ports, operation: Operation, accounting: Accounting, payer: Person) -> ContactLink:
    """Raises WaitFor while the contact is still to be created, Refuse when a person has to see to it."""
    link = read_contact_link(ports, operation.practice_id, payer.id)
    if link is None or link.tenant_id != operation.tenant_id:
        raise _missing_contact(ports, operation, payer)
    return link if link.state == "linked" else _restored(ports, operation.practice_id, link, accounting)


def followed_contact(
    ports: Ports, operation: Operation, accounting: Accounting, payer_id: str, contact_id: str
) -> str | None:
    """Xero says that the contact is archived. Merged there: the one it went into, and that is remembered. None when a
    person archived it, and a person restores it."""
    practice_id = operation.practice_id
    current = follow_merges(accounting, accounting.contact(contact_id))
    active = current is not None and current.status == "ACTIVE" and current.contact_id != contact_id
    usable = current.contact_id if active and current else None
    link = read_contact_link(ports, practice_id, payer_id)
    if link is not None and link.contact_id == contact_id:
        _remember(ports, practice_id, link, usable)
    return usable


def _restored(ports: Ports, practice_id: str, link: ContactLink, accounting: Accounting) -> ContactLink:
    """The link says archived, but the person who tries again has perhaps just restored the contact: Xero knows."""
    current = None
    if link.state != "erased":
        current = follow_merges(accounting, accounting.contact(link.contact_id))
    if current is None or current.status != "ACTIVE":
        raise Refuse("contact_archived", HOW_TO_RESTORE)
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
