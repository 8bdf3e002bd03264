"""The clinic's app writes its records here when it has no database of its own that we can read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from shared.domain.errors import Conflict, StoreUnavailable
from shared.domain.records import Appointment, Patient
from shared.ports import Ports
from shared.ports.store import AlreadyExists, Create, Data, Put, Update, VersionChanged, Write
from shared.services import paths
from shared.services.activity_log import SYSTEM, Entry, record
from shared.services.differences import note_differences
from shared.services.documents import ATTEMPTS, modify
from shared.services.invoice_on_completed import invoice_completed

#: A batch of the store takes 500 writes.
CHUNK = 400
ERASED = "This patient was erased, and stays so; somebody who comes back gets a record with a new id"


def store_patient(ports: Ports, practice_id: str, patient: Patient) -> bool:
    """True when the record changed. Conflict for a patient who was erased: that is for good."""
    data, changed = _kept(patient), False

    def change(before: Data) -> Data | None:
        nonlocal changed
        if before.get("erased") and not patient.erased:
            raise Conflict(ERASED, code="patient_erased")
        changed = before != data
        return data if changed else None

    modify(ports.store, paths.patient(practice_id, patient.id), change)
    return changed


def store_appointment(ports: Ports, practice_id: str, appointment: Appointment) -> bool:
    """True when the record changed. The patient may come later: records arrive in any order."""
    changed = _store(ports, paths.appointment(practice_id, appointment.id), appointment.to_data())
    # Also when nothing changed: the call before this one may have got no further than the record.
    note_differences(ports, practice_id, [appointment])
    if appointment.status == "completed":
        invoice_completed(ports, practice_id, appointment.id)
    return changed


@dataclass
class Imported:
    """``left_erased``: patients who were erased before and stay so, whatever was sent of them."""

    patients: int = 0
    appointments: int = 0
    left_erased: int = 0


def import_records(ports: Ports, practice_id: str, records: Iterable[Patient | Appointment]) -> Imported:
    """Checked records, kept part by part as they come; the same import twice changes nothing. One that dies on the
    way is sent again."""
    imported = Imported()
    remaining = iter(records)
    while part := list(islice(remaining, CHUNK)):
        patients = [one for one in part if isinstance(one, Patient)]
        appointments = [one for one in part if isinstance(one, Appointment)]
        imported.left_erased += _store_patients(ports, practice_id, patients)
        visits = {paths.appointment(practice_id, one.id): one.to_data() for one in appointments}
        ports.store.batch([Put(path, data) for path, data in visits.items()])
        note_differences(ports, practice_id, appointments)
        imported.patients += len(patients)
        imported.appointments += len(appointments)
    if imported.left_erased:
        sentence = f"An import named {imported.left_erased} patients who were erased; they stay so"
        record(ports, practice_id, Entry("records.import", sentence, dict(SYSTEM), code="patient_erased"))
    return imported


def _store_patients(ports: Ports, practice_id: str, patients: Sequence[Patient]) -> int:
    """With preconditions: an import that read the record before it was erased must not bring the details back. Gives
    how many were left as they were."""
    people: dict[str, Patient] = {}
    for patient in patients:
        path = paths.patient(practice_id, patient.id)
        if path not in people or not people[path].erased:
            people[path] = patient
    for _ in range(ATTEMPTS):
        found = ports.store.get_many(list(people))
        writes: list[Write] = []
        left = 0
        for path, patient in people.items():
            document, data = found.get(path), _kept(patient)
            if document is None:
                writes.append(Create(path, data))
            elif document.data.get("erased") and not patient.erased:
                left += 1
            elif document.data != data:
                writes.append(Update(path, data, document.version))
        try:
            ports.store.batch(writes)
        except (AlreadyExists, VersionChanged):
            continue
        return left
    raise StoreUnavailable("the patients kept changing while they were being imported")


def _kept(patient: Patient) -> Data:
    return (patient.without_details() if patient.erased else patient).to_data()


def _store(ports: Ports, path: str, data: dict[str, object]) -> bool:
    existing = ports.store.get(path)
    if existing is not None and existing.data == data:
        return False
    ports.store.put(path, data)
    return True
