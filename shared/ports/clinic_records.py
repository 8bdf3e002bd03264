"""The clinic's own records: patients and appointments, wherever the practice system keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from shared.domain.records import Appointment, Patient


class ClinicRecords(Protocol):
    """One implementation per practice system; `docs/practice-systems.md` shows how to add one."""

    def patient(self, practice_id: str, patient_id: str) -> Patient | None: ...

    def appointment(self, practice_id: str, appointment_id: str) -> Appointment | None: ...

    def patients_by_id(self, practice_id: str, patient_ids: Sequence[str]) -> dict[str, Patient]:
        """Those that exist, in as few calls as may be: what a list of appointments needs."""

    def appointments_by_id(self, practice_id: str, appointment_ids: Sequence[str]) -> dict[str, Appointment]:
        """The same of appointments: what a batch of invoices needs."""

    def patients(
        self, practice_id: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Patient], str | None]:
        """By id, and the next cursor."""

    def appointments(
        self, practice_id: str, *, starts_from: str, starts_before: str, limit: int, cursor: str | None
    ) -> tuple[list[Appointment], str | None]:
        """By start, both bounds UTC instants as text; and the next cursor."""
