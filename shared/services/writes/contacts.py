"""Creating and changing a contact.

The natural key is the ContactNumber, which is the person's id with us: unique in Xero even among archived contacts,
and read-only in Xero's own pages. A contact without our number is never taken over, whatever its name or e-mail:
two people of one name must not share one ledger.
"""

from __future__ import annotations

from typing import Any

from shared.domain import wire
from shared.domain.contacts import Person, contact_body, contact_name, details_hash
from shared.domain.errors import Rejected
from shared.domain.links import ContactLink
from shared.domain.operations import Operation
from shared.domain.times import instant
from shared.domain.xero_records import ContactSnapshot
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.ports.store import Put
from shared.services import paths
from shared.services.people import find_person, read_contact_link
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
                raise Refuse(
                    "contact_archived", "The contact is archived in Xero; restore it there, then try again"
                )
            raise AlreadyDone(existing)
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
                return Adopt(found)  # our own earlier attempt holds the name
            suffix = int(operation.prepared.get("suffix", 0)) + 1
            if suffix <= NAME_SUFFIXES:
                return Change(self._with_suffix(person, suffix))
        if error.code in ("contact_number_taken", "account_number_taken"):
            found = find_by_number(accounting, person.id)
            if found is not None and found.status == "ACTIVE":
                return Adopt(found)
            return Fail(
                "contact_archived",
                "An archived contact in Xero holds this patient's number; restore it there, then try again",
            )
        return Fail(error.code, error.detail)

    def settle(self, ports: Ports, operation: Operation, snapshot: ContactSnapshot) -> Settled:
        person = find_person(ports, operation.practice_id, operation.subject["patient_id"])
        suffix = int(operation.prepared.get("suffix", 0))
        return _settled(ports, operation, snapshot, person, suffix, updates=0)

    def _with_suffix(self, person: Person, suffix: int) -> Prepared:
        body = {"ContactNumber": person.id} | contact_body(person, suffix)
        notes = {"suffix": suffix, "details_hash": details_hash(person)}
        return Prepared(wire.dumps({"Contacts": [body]}), notes=notes)


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
            raise Refuse(
                "contact_archived", "The contact is archived in Xero; restore it there, then try again"
            )
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
        person = find_person(ports, operation.practice_id, operation.subject["patient_id"])
        suffix = int(operation.prepared.get("suffix", 0))
        updates = int(operation.request.get("updates", 0)) + 1
        return _settled(ports, operation, snapshot, person, suffix, updates)

    def _with_suffix(self, person: Person, contact_id: str, suffix: int) -> Prepared:
        body = {"ContactID": contact_id} | contact_body(person, suffix)
        notes = {"suffix": suffix, "details_hash": details_hash(person)}
        return Prepared(wire.dumps({"Contacts": [body]}), target_id=contact_id, notes=notes)


def _settled(
    ports: Ports, operation: Operation, snapshot: ContactSnapshot, person: Person, suffix: int, updates: int
) -> Settled:
    before = read_contact_link(ports, operation.practice_id, person.id)
    link = ContactLink(
        person_id=person.id,
        tenant_id=operation.tenant_id,
        contact_id=snapshot.contact_id,
        name_sent=contact_name(person, suffix),
        # What was sent, not what the clinic says by now: a change made meanwhile is then seen and sent.
        # A contact that was found and adopted was sent nothing: its details are sent at the next sync.
        details_hash=str(operation.prepared.get("details_hash", "")),
        suffix=suffix,
        state="erased" if person.erased else "linked" if snapshot.status == "ACTIVE" else "archived",
        updates=updates,
        updated_at=instant(ports.clock.now()),
    )
    result = {"contact_id": link.contact_id, "state": link.state}
    return Settled(
        writes=[Put(paths.contact_link(operation.practice_id, person.id), link.to_data())],
        result=result,
        xero_id=link.contact_id,
        before={"contact_id": before.contact_id, "state": before.state} if before else None,
    )
