"""The clinic's app writes its records here when it has no database of its own that we can read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

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

T = TypeVar("T")


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


def import_records(
    ports: Ports, practice_id: str, patients: Sequence[Patient], appointments: Sequence[Appointment]
) -> None:
    """Checked records, all of them; the same import twice changes nothing. Patients who were erased stay so, whatever
    is sent of them, and the log says how many."""
    people: dict[str, Patient] = {}
    for patient in patients:
        path = paths.patient(practice_id, patient.id)
        if path not in people or not people[path].erased:
            people[path] = patient
    left = sum(_store_patients(ports, part) for part in _parts(list(people.items())))
    visits = {paths.appointment(practice_id, one.id): one.to_data() for one in appointments}
    for part in _parts(list(visits.items())):
        ports.store.batch([Put(path, data) for path, data in part])
    note_differences(ports, practice_id, appointments)
    if left:
        sentence = f"An import named {left} patients who were erased; they stay so"
        record(ports, practice_id, Entry("records.import", sentence, dict(SYSTEM), code="patient_erased"))


def _store_patients(ports: Ports, people: Sequence[tuple[str, Patient]]) -> int:
    """With preconditions: an import that read the record before it was erased must not bring the details back."""
    for _ in range(ATTEMPTS):
        found = ports.store.get_many([path for path, _ in people])
        writes: list[Write] = []
        left = 0
        for path, patient in people:
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


def _parts(records: Sequence[T]) -> Iterator[Sequence[T]]:
    return (records[start : start + CHUNK] for start in range(0, len(records), CHUNK))


def _kept(patient: Patient) -> Data:
    return (patient.without_details() if patient.erased else patient).to_data()


def _store(ports: Ports, path: str, data: dict[str, object]) -> bool:
    existing = ports.store.get(path)
    if existing is not None and existing.data == data:
        return False
    ports.store.put(path, data)
    return True
