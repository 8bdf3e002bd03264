"""Erasing a patient: the details go here and in Xero, the documents stay.

Here the record keeps its id and the clinic's code. In Xero the contact is cleared of everything personal and archived;
its invoices stay what they are. Erasing the record, the entry in the log and the intent to clear the contact are one
write, so that whoever dies in between leaves nothing half erased; asked for twice it happens once.
"""

from __future__ import annotations

from dataclasses import replace

from shared.domain.contacts import Person, person_of_patient
from shared.domain.errors import Conflict, NotConnected, NotFound, StoreUnavailable
from shared.domain.records import Patient
from shared.domain.times import instant
from shared.ports import Ports
from shared.ports.store import AlreadyExists, Create, Put, Update, VersionChanged, Write
from shared.services import paths
from shared.services.activity_log import Entry, entry_write
from shared.services.connections import read_connection
from shared.services.documents import ATTEMPTS
from shared.services.drain_tasks import wake_drain
from shared.services.operations import SAFETY_NET
from shared.services.people import find_person, read_contact_link
from shared.services.sync_contact import ContactSync, sync_patient, wanted_contact


def erase_patient(ports: Ports, practice_id: str, patient_id: str, actor: dict[str, str]) -> ContactSync:
    """Raises NotFound for an unknown patient, and Conflict when the practice system keeps the record itself: then it
    is marked as erased there first."""
    for _ in range(ATTEMPTS):
        patient = ports.records.patient(practice_id, patient_id)
        if patient is None:
            raise NotFound(f"There is no patient {patient_id!r} in this practice")
        if patient.erased or _erased_now(ports, practice_id, patient_id, actor):
            return _cleared(ports, practice_id, patient_id, actor)
    raise StoreUnavailable("the patient kept changing while it was being erased")


def _cleared(ports: Ports, practice_id: str, patient_id: str, actor: dict[str, str]) -> ContactSync:
    try:
        return sync_patient(ports, practice_id, patient_id, force_update=False, actor=actor)
    except NotConnected:  # never was: there is nothing in Xero
        return ContactSync(find_person(ports, practice_id, patient_id), None, None)


def _erased_now(ports: Ports, practice_id: str, patient_id: str, actor: dict[str, str]) -> bool:
    """False when somebody changed the record or began another change of the contact at this moment."""
    path = paths.patient(practice_id, patient_id)
    document = ports.store.get(path)
    if document is None:
        raise Conflict(
            "Your practice system keeps this patient; mark it as erased there, then ask again",
            code="kept_elsewhere",
        )
    gone = Patient.from_data(patient_id, document.data).without_details()
    sentence = "Patient erased: the details here, and the contact in Xero is cleared and archived"
    entry = Entry("patient.erase", sentence, actor, subject={"patient_id": patient_id})
    person = person_of_patient(gone)
    writes: list[Write] = [
        Update(path, gone.to_data(), document.version),
        entry_write(ports, practice_id, entry),
        *_of_the_contact(ports, practice_id, person, actor),
    ]
    wake_drain(ports.tasks, practice_id, ports.clock.now() + SAFETY_NET)
    try:
        ports.store.batch(writes)
    except (AlreadyExists, VersionChanged):
        return False
    return True


def _of_the_contact(ports: Ports, practice_id: str, person: Person, actor: dict[str, str]) -> list[Write]:
    """The intent to clear it; of a contact in an organisation that is out of reach at least our own memory."""
    link, tenant_id = (
        read_contact_link(ports, practice_id, person.id),
        read_connection(ports, practice_id).tenant_id,
    )
    if link is None or tenant_id is None:
        return []
    if link.tenant_id != tenant_id:
        path = paths.contact_link(practice_id, person.id)
        forgotten = replace(link, name_sent=person.name, details_hash="")
        return [Put(path, forgotten.to_data())]
    clearing = wanted_contact(ports, practice_id, person, False, actor)
    if clearing is None or ports.store.get(paths.operation(practice_id, clearing.id)):
        return []  # one that waits or runs reads the record again, and is followed by another if it was too early
    clearing.next_attempt_at = clearing.updated_at = instant(ports.clock.now())
    return [Create(paths.operation(practice_id, clearing.id), clearing.to_data())]
