"""Creating and changing a contact.

The natural key is the ContactNumber, which is the person's id with us: unique in Xero even among archived contacts,
and read-only in Xero's own pages. A contact without our number is never taken over, whatever its name or e-mail:
two people of one name must not share one ledger.
"""

from __future__ import annotations

from typing import Any

from shared.domain import wire
from shared.domain.contacts import HOW_TO_RESTORE, Person, contact_body, contact_name, details_hash
from shared.domain.errors import NotFound, Rejected
from shared.domain.links import ContactLink
from shared.domain.operations import Operation, operation_id
from shared.domain.times import instant
from shared.domain.xero_records import ContactSnapshot
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.ports.store import Create, Update, Write
from shared.services import paths
from shared.services.people import find_person
from shared.services.writes.kinds import (
    Adopt,
    AlreadyDone,
    Change,
    Fail,
    Prepared,
    Refuse,
    Resolution,
    Settled,
)

#: Merges can follow one another; more steps than this is a loop.
MERGE_STEPS = 5
NAME_SUFFIXES = 5


def follow_merges(accounting: Accounting, contact: ContactSnapshot | None) -> ContactSnapshot | None:
    """The contact that this one was merged into, and so on; the contact itself when it was not merged."""
    for _ in range(MERGE_STEPS):
        if contact is None or not contact.merged_to:
            return contact
        contact = accounting.contact(contact.merged_to)
    return contact


def find_by_number(accounting: Accounting, person_id: str) -> ContactSnapshot | None:
    """Our contact of this number. Xero's lookup takes an id or a number, so the number is compared again."""
    contact = accounting.contact(person_id)
    if contact is None or contact.contact_number != person_id:
        return None
    return follow_merges(accounting, contact)


class ContactCreate:
    wire_kind = "contact_create"
    action = "contact.create"
    sentence = "Contact created in Xero"
    at_most_once = False

    def prepare(self, ports: Ports, operation: Operation, accounting: Accounting) -> Prepared:
        person = find_person(ports, operation.practice_id, operation.subject["patient_id"])
        existing = find_by_number(accounting, person.id)
        if existing is not None:
            if existing.status != "ACTIVE" and not person.erased:
                raise Refuse("contact_archived", HOW_TO_RESTORE)
            raise AlreadyDone(existing)
        if person.erased:
            raise Refuse("patient_erased", "The patient was erased before a contact was made; none is needed")
        return self._with_suffix(person, 0)

    def look_up(self, ports: Ports, operation: Operation, accounting: Accounting) -> Any | None:
        return find_by_number(accounting, operation.subject["patient_id"])

    def rejected(
        self, ports: Ports, operation: Operation, accounting: Accounting, error: Rejected
    ) -> Resolution:
        person = find_person(ports, operation.practice_id, operation.subject["patient_id"])
        if error.code == "contact_name_taken":
            found = find_by_number(accounting, person.id)
            if found is not None:
                return _adopted(operation, found)  # our own earlier attempt holds the name
            suffix = int(operation.prepared.get("suffix", 0)) + 1
            if suffix <= NAME_SUFFIXES:
                return Change(self._with_suffix(person, suffix))
        if error.code in ("contact_number_taken", "account_number_taken"):
            found = find_by_number(accounting, person.id)
            if found is not None and found.status == "ACTIVE":
                return _adopted(operation, found)
            return Fail(
                "contact_archived",
                f"An archived contact in Xero holds this patient's number. {HOW_TO_RESTORE}",
            )
        return Fail(error.code, error.detail)

    def settle(self, ports: Ports, operation: Operation, snapshot: ContactSnapshot) -> Settled:
        return _settled(ports, operation, snapshot, updates=0)

    def _with_suffix(self, person: Person, suffix: int) -> Prepared:
        body = {"ContactNumber": person.id} | contact_body(person, suffix)
        return Prepared(wire.dumps({"Contacts": [body]}), notes=_notes(person, suffix))


class ContactUpdate:
    """``request``: {"contact_id", "updates"}; the link's own suffix keeps the name apart from others'."""

    wire_kind = "contact_update"
    action = "contact.update"
    sentence = "Contact brought up to date in Xero"
    at_most_once = False

    def prepare(self, ports: Ports, operation: Operation, accounting: Accounting) -> Prepared:
        person = find_person(ports, operation.practice_id, operation.subject["patient_id"])
        contact_id = str(operation.request["contact_id"])
        current = follow_merges(accounting, accounting.contact(contact_id))
        if current is None:
            raise Refuse(
                "contact_gone", "The contact is no longer in Xero; send the patient again to make a new one"
            )
        if current.status != "ACTIVE" and not person.erased:
            raise Refuse("contact_archived", HOW_TO_RESTORE)
        return self._with_suffix(person, current.contact_id, int(operation.request.get("suffix", 0)))

    def look_up(self, ports: Ports, operation: Operation, accounting: Accounting) -> Any | None:
        # Whether a lost update arrived does not show; sending it once more gives the same contact.
        return None

    def rejected(
        self, ports: Ports, operation: Operation, accounting: Accounting, error: Rejected
    ) -> Resolution:
        suffix = int(operation.prepared.get("suffix", 0)) + 1
        if error.code == "contact_name_taken" and suffix <= NAME_SUFFIXES:
            person = find_person(ports, operation.practice_id, operation.subject["patient_id"])
            return Change(self._with_suffix(person, str(operation.target_id), suffix))
        return Fail(error.code, error.detail)

    def settle(self, ports: Ports, operation: Operation, snapshot: ContactSnapshot) -> Settled:
        return _settled(ports, operation, snapshot, updates=int(operation.request.get("updates", 0)) + 1)

    def _with_suffix(self, person: Person, contact_id: str, suffix: int) -> Prepared:
        body = {"ContactID": contact_id} | contact_body(person, suffix)
        body_text = wire.dumps({"Contacts": [body]})
        return Prepared(body_text, target_id=contact_id, notes=_notes(person, suffix))


def update_operation(
    ports: Ports, practice_id: str, tenant_id: str, link: ContactLink, actor: dict[str, str]
) -> Operation:
    """Each change is its own operation: a details key alone would replay the first answer on A, B, A."""
    now = instant(ports.clock.now())
    return Operation(
        id=operation_id("contact_update", tenant_id, link.person_id, link.updates),
        kind="contact_update",
        practice_id=practice_id,
        tenant_id=tenant_id,
        subject={"patient_id": link.person_id},
        request={"contact_id": link.contact_id, "suffix": link.suffix, "updates": link.updates},
        created_at=now,
        created_by=actor,
        next_attempt_at=now,
    )


def _notes(person: Person, suffix: int) -> dict[str, Any]:
    """What was sent, for settling: the record may have changed, or be gone, by the time the answer is known."""
    return {
        "suffix": suffix,
        "details_hash": details_hash(person),
        "name": contact_name(person, suffix),
        "erased": person.erased,
    }


def _adopted(operation: Operation, found: ContactSnapshot) -> Adopt:
    """This body was refused, so the contact does not have these details for certain: they are sent next."""
    operation.prepared = operation.prepared | {"details_hash": ""}
    return Adopt(found)


def _was_merged(operation: Operation, before: ContactLink | None, snapshot: ContactSnapshot) -> bool:
    """A change that arrived at another contact than it was meant for had followed a merge."""
    if before is None or before.tenant_id != operation.tenant_id:
        return False
    moved = operation.kind == "contact_update" and before.contact_id != snapshot.contact_id
    return before.merged or moved


def _settled(ports: Ports, operation: Operation, snapshot: ContactSnapshot, updates: int) -> Settled:
    practice_id, person_id = operation.practice_id, operation.subject["patient_id"]
    path = paths.contact_link(practice_id, person_id)
    document = ports.store.get(path)
    before = ContactLink.from_data(document.data) if document else None
    sent = operation.prepared
    state = "erased" if sent.get("erased") else "linked" if snapshot.status == "ACTIVE" else "archived"
    link = ContactLink(
        person_id=person_id,
        tenant_id=operation.tenant_id,
        contact_id=snapshot.contact_id,
        name_sent=str(sent.get("name") or snapshot.name),
        # What was sent, not what the clinic says by now. Found and adopted: nothing was sent.
        details_hash=str(sent.get("details_hash", "")),
        suffix=int(sent.get("suffix", 0)),
        state=state,
        # Never fewer than before, also after another organisation: each number is an operation that exists already.
        updates=max(updates, before.updates if before else 0),
        updated_at=instant(ports.clock.now()),
        merged=_was_merged(operation, before, snapshot),
    )
    writes: list[Write] = [
        Update(path, link.to_data(), document.version) if document else Create(path, link.to_data())
    ]
    writes += _change_made_meanwhile(ports, operation, link)
    return Settled(
        writes,
        result={"contact_id": link.contact_id, "state": link.state},
        xero_id=link.contact_id,
        before={"contact_id": before.contact_id, "state": before.state} if before else None,
    )


def _change_made_meanwhile(ports: Ports, operation: Operation, link: ContactLink) -> list[Write]:
    """While this was on its way the clinic changed the person: whoever asked for that was told "waiting", so the
    next update is kept in the same breath as this one's end."""
    practice_id = operation.practice_id
    try:
        person = find_person(ports, practice_id, link.person_id)
    except NotFound:
        return []
    if details_hash(person) == link.details_hash:
        return []
    update = update_operation(ports, practice_id, operation.tenant_id, link, operation.created_by)
    path = paths.operation(practice_id, update.id)
    return [] if ports.store.get(path) else [Create(path, update.to_data())]
