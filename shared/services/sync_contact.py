"""A person's contact in Xero, created or brought up to date; an unchanged one costs no call."""

from __future__ import annotations

from dataclasses import dataclass

from shared.domain.contacts import Person, details_hash
from shared.domain.links import ContactLink
from shared.domain.operations import Operation, operation_id
from shared.domain.times import instant
from shared.ports import Ports
from shared.services.connections import known_tenant
from shared.services.operations import submit
from shared.services.people import find_person, read_contact_link


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
    tenant_id = str(known_tenant(ports, practice_id).tenant_id)
    link = read_contact_link(ports, practice_id, person.id)
    if link is not None and link.tenant_id != tenant_id:
        link = None  # a contact of another organisation is no contact here
    if link is None:
        if person.erased:
            return ContactSync(person, None, None)  # never was in Xero: nothing to clear there
        operation = submit(ports, _create(ports, practice_id, tenant_id, person, actor))
        link = read_contact_link(ports, practice_id, person.id)
        adopted = operation.state == "done" and link is not None and not link.details_hash
        if not adopted:
            return ContactSync(person, link, operation)
    if link is None or (not force_update and link.details_hash == details_hash(person)):
        return ContactSync(person, link, None)
    operation = submit(ports, _update(ports, practice_id, tenant_id, person, link, actor))
    return ContactSync(person, read_contact_link(ports, practice_id, person.id), operation)


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


def _update(
    ports: Ports, practice_id: str, tenant_id: str, person: Person, link: ContactLink, actor: dict[str, str]
) -> Operation:
    """Each change is its own operation: a details key alone would replay the first answer on A, B, A."""
    return Operation(
        id=operation_id("contact_update", tenant_id, person.id, link.updates),
        kind="contact_update",
        practice_id=practice_id,
        tenant_id=tenant_id,
        subject={"patient_id": person.id},
        request={"contact_id": link.contact_id, "suffix": link.suffix, "updates": link.updates},
        created_at=instant(ports.clock.now()),
        created_by=actor,
    )
