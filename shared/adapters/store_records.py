"""The clinic's records where our own store keeps them, written there by the clinic's app."""

from __future__ import annotations

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

    def _find(self, practice_id: str, collection: str, record_id: str) -> Data | None:
        try:
            if "/" in record_id:  # would name a document of another collection
                return None
            document = self._store.get(f"practices/{practice_id}/{collection}/{record_id}")
        except ValueError:  # no record can have such an id, so there is none
            return None
        return None if document is None else document.data
