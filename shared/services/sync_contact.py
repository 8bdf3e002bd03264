"""A person's contact in Xero, created or brought up to date; an unchanged one costs no call."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.domain.contacts import Person, details_hash
from shared.domain.errors import NotFound
from shared.domain.links import ContactLink
from shared.domain.operations import Operation, operation_id
from shared.domain.times import instant
from shared.ports import Ports
from shared.services import operations
from shared.services.connections import known_tenant
from shared.services.people import find_person, read_contact_link
from shared.services.writes.contacts import update_operation

#: How many changes in a row one call sends; what is left then, the next sync sends.
ROUNDS = 4


@dataclass(frozen=True)
class ContactSync:
    """``link`` as it stands; ``operation`` when something was, or is still to be, sent."""

    person: Person
    link: ContactLink | None
    operation: Operation | None

    @property
    def settled(self) -> bool:
        return self.operation is None or self.operation.state == "done"


def sync_patient(
    ports: Ports, practice_id: str, patient_id: str, *, force_update: bool, actor: dict[str, str]
) -> ContactSync:
    """Raises NotFound for an unknown patient and NotConnected for a practice that never was connected."""
    return sync_person(ports, practice_id, find_person(ports, practice_id, patient_id), force_update, actor)


def sync_person(
    ports: Ports, practice_id: str, person: Person, force_update: bool, actor: dict[str, str]
) -> ContactSync:
    """Until Xero has what the clinic says: a change made while an earlier one was on its way is sent after it."""
    first: Operation | None = None
    for _ in range(ROUNDS):
        synced = _sync_once(ports, practice_id, person, force_update, actor)
        if not synced.settled or synced.operation is None:
            return replace(synced, operation=synced.operation or first)
        first, force_update = first or synced.operation, False
        try:
            person = find_person(ports, practice_id, person.id)
        except NotFound:
            break  # the record went away meanwhile
    return replace(synced, operation=first)


def _sync_once(
    ports: Ports, practice_id: str, person: Person, force_update: bool, actor: dict[str, str]
) -> ContactSync:
    tenant_id = str(known_tenant(ports, practice_id).tenant_id)
    wanted = wanted_contact(ports, practice_id, person, force_update, actor)
    if wanted is None:
        return ContactSync(person, _link_in(ports, practice_id, tenant_id, person.id), None)
    operation = operations.submit(ports, wanted)
    link = _link_in(ports, practice_id, tenant_id, person.id)
    if operation.state == "done" and link is None:  # made once, then linked to another organisation's
        operations.do_over(ports, operation)
        operation = operations.run(ports, practice_id, operation.id)
        link = _link_in(ports, practice_id, tenant_id, person.id)
    return ContactSync(person, link, operation)


def wanted_contact(
    ports: Ports, practice_id: str, person: Person, force_update: bool, actor: dict[str, str]
) -> Operation | None:
    """The operation, not kept yet, that would bring the person's contact to what the clinic says; None when Xero has
    that already."""
    tenant_id = str(known_tenant(ports, practice_id).tenant_id)
    link = _link_in(ports, practice_id, tenant_id, person.id)
    if link is None:
        if person.erased:
            return None  # never was in Xero: nothing to clear there
        return _create(ports, practice_id, tenant_id, person, actor)
    if not force_update and link.details_hash == details_hash(person):
        return None
    return update_operation(ports, practice_id, tenant_id, link, actor)


def _link_in(ports: Ports, practice_id: str, tenant_id: str, person_id: str) -> ContactLink | None:
    """A contact of another organisation is no contact here."""
    link = read_contact_link(ports, practice_id, person_id)
    return link if link is not None and link.tenant_id == tenant_id else None


def _create(
    ports: Ports, practice_id: str, tenant_id: str, person: Person, actor: dict[str, str]
) -> Operation:
    return Operation(
        id=operation_id("contact_create", tenant_id, person.id),
        kind="contact_create",
        practice_id=practice_id,
        tenant_id=tenant_id,
        subject={"patient_id": person.id},
        request={},
        created_at=instant(ports.clock.now()),
        created_by=actor,
    )
