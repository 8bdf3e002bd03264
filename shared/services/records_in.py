"""The clinic's app writes its records here when it has no database of its own that we can read."""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.records import Appointment, Patient
from shared.ports import Ports
from shared.ports.store import Put, Write
from shared.services import paths
from shared.services.differences import note_differences
from shared.services.invoice_on_completed import invoice_completed

#: A batch of the store takes 500 writes.
CHUNK = 400


def store_patient(ports: Ports, practice_id: str, patient: Patient) -> bool:
    """True when the record changed."""
    return _store(ports, paths.patient(practice_id, patient.id), patient.to_data())


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
    """Checked records, all of them; the same import twice changes nothing."""
    writes: dict[str, Write] = {}
    for patient in patients:
        path = paths.patient(practice_id, patient.id)
        writes[path] = Put(path, patient.to_data())
    for appointment in appointments:
        path = paths.appointment(practice_id, appointment.id)
        writes[path] = Put(path, appointment.to_data())
    every = list(writes.values())
    for start in range(0, len(every), CHUNK):
        ports.store.batch(every[start : start + CHUNK])
    note_differences(ports, practice_id, appointments)


def _store(ports: Ports, path: str, data: dict[str, object]) -> bool:
    existing = ports.store.get(path)
    if existing is not None and existing.data == data:
        return False
    ports.store.put(path, data)
    return True
