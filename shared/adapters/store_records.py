"""The clinic's records where our own store keeps them, written there by the clinic's app."""

from __future__ import annotations

from collections.abc import Sequence

from shared.adapters.store_rules import check_document_path
from shared.domain.records import Appointment, Patient
from shared.ports.store import Data, Store, Where


class StoreClinicRecords:
    """Implements ``shared.ports.clinic_records.ClinicRecords``. ValueError for a malformed cursor."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def patient(self, practice_id: str, patient_id: str) -> Patient | None:
        data = self._find(practice_id, "patients", patient_id)
        return None if data is None else Patient.from_data(patient_id, data)

    def appointment(self, practice_id: str, appointment_id: str) -> Appointment | None:
        data = self._find(practice_id, "appointments", appointment_id)
        return None if data is None else Appointment.from_data(appointment_id, data)

    def patients_by_id(self, practice_id: str, patient_ids: Sequence[str]) -> dict[str, Patient]:
        found = self._find_many(practice_id, "patients", patient_ids)
        return {id_: Patient.from_data(id_, data) for id_, data in found.items()}

    def appointments_by_id(self, practice_id: str, appointment_ids: Sequence[str]) -> dict[str, Appointment]:
        found = self._find_many(practice_id, "appointments", appointment_ids)
        return {id_: Appointment.from_data(id_, data) for id_, data in found.items()}

    def patients(
        self, practice_id: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Patient], str | None]:
        page = self._store.query(f"practices/{practice_id}/patients", limit=limit, cursor=cursor)
        return [Patient.from_data(document.id, document.data) for document in page.items], page.next_cursor

    def appointments(
        self, practice_id: str, *, starts_from: str, starts_before: str, limit: int, cursor: str | None
    ) -> tuple[list[Appointment], str | None]:
        page = self._store.query(
            f"practices/{practice_id}/appointments",
            where=[Where("starts_at", ">=", starts_from), Where("starts_at", "<", starts_before)],
            order_by="starts_at",
            limit=limit,
            cursor=cursor,
        )
        return [
            Appointment.from_data(document.id, document.data) for document in page.items
        ], page.next_cursor

    def _find_many(self, practice_id: str, collection: str, record_ids: Sequence[str]) -> dict[str, Data]:
        paths = {f"practices/{practice_id}/{collection}/{id_}": id_ for id_ in record_ids if _may_be(id_)}
        return {paths[path]: found.data for path, found in self._store.get_many(list(paths)).items()}

    def _find(self, practice_id: str, collection: str, record_id: str) -> Data | None:
        if not _may_be(record_id):
            return None
        document = self._store.get(f"practices/{practice_id}/{collection}/{record_id}")
        return None if document is None else document.data


def _may_be(record_id: str) -> bool:
    """A record can have this id. One with a slash would name a document of another collection."""
    try:
        return "/" not in record_id and bool(check_document_path(f"practices/{record_id}"))
    except ValueError:
        return False
