"""A period's appointments with what became of each in Xero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from shared.domain.contacts import Privacy, patient_code
from shared.domain.likeness import is_found
from shared.domain.links import InvoiceLink
from shared.domain.operations import Operation
from shared.domain.records import Appointment, Patient
from shared.domain.standing import Standing, standing
from shared.domain.times import instant, zone
from shared.ports import Ports
from shared.ports.store import Where
from shared.services import paths
from shared.services.build_invoice import read_settings
from shared.services.clinic_lists import look_through, name_shown, shown_as
from shared.services.connections import read_connection
from shared.services.open_operations import creating_invoices, open_on_invoices


@dataclass(frozen=True)
class AppointmentFilter:
    """``state`` as ``Standing.is_a`` has it; ``search`` in ids, codes, the invoice's number and the name shown."""

    clinic_id: str | None = None
    practitioner_id: str | None = None
    state: str | None = None
    search: str | None = None


@dataclass(frozen=True)
class AppointmentRow:
    """``patient_name`` None: the practice has no such patient, or a patient who was erased."""

    appointment: Appointment
    patient_name: str | None
    patient_code: str | None
    link: InvoiceLink | None
    operation: Operation | None
    standing: Standing


def list_appointments(
    ports: Ports,
    practice_id: str,
    first: date,
    last: date,
    *,
    wanted: AppointmentFilter,
    role: str,
    limit: int,
    cursor: str | None,
) -> tuple[list[AppointmentRow], str | None]:
    """Those that start on the days ``first`` to ``last`` of the practice's zone, by start, and the next cursor.

    Fewer than ``limit``, even none, may come with more to follow. What is searched for by its very id or number comes
    first, whatever its day. ``role`` decides what a patient is called, see ``shown_as``.
    """
    rows = _AppointmentRows(ports, practice_id, shown_as(ports, practice_id, role))
    midnight = time(tzinfo=zone(rows.settings.zone_of(None, rows.connection.data.get("time_zone"))))
    starts_from = instant(datetime.combine(first, midnight))
    starts_before = instant(datetime.combine(last + timedelta(days=1), midnight))

    def page(size: int, cursor: str | None) -> tuple[list[AppointmentRow], str | None]:
        found, following = ports.records.appointments(
            practice_id, starts_from=starts_from, starts_before=starts_before, limit=size, cursor=cursor
        )
        return [row for row in rows.of(_in_place(found, wanted)) if _is_wanted(row, wanted)], following

    elsewhere: list[AppointmentRow] = []
    if wanted.search and cursor is None:
        named = rows.of(_named(ports, practice_id, wanted.search))
        elsewhere = [
            row for row in named if not starts_from <= instant(row.appointment.starts_at) < starts_before
        ]
    found, following = look_through(page, max(1, limit - len(elsewhere)), cursor)
    return elsewhere + found, following


class _AppointmentRows:
    """Joins appointments with patients, invoices and what is under way; a few reads for a whole page."""

    def __init__(self, ports: Ports, practice_id: str, as_told: Privacy) -> None:
        self._ports, self._practice_id, self._as_told = ports, practice_id, as_told
        self.settings, self.connection = (
            read_settings(ports, practice_id),
            read_connection(ports, practice_id),
        )
        self._tenant_id = self.connection.tenant_id or ""
        self._acting = open_on_invoices(ports, practice_id, self._tenant_id)

    def of(self, appointments: list[Appointment]) -> list[AppointmentRow]:
        ports, practice_id = self._ports, self._practice_id
        links = self._links(appointments)
        patients = ports.records.patients_by_id(practice_id, sorted({a.patient_id for a in appointments}))
        operations = self._acting | creating_invoices(ports, practice_id, self._tenant_id, links)
        return [
            self._row(one, patients.get(one.patient_id), links[one.id], operations.get(one.id))
            for one in appointments
        ]

    def _links(self, appointments: list[Appointment]) -> Mapping[str, InvoiceLink | None]:
        found = self._ports.store.get_many(
            [paths.invoice_link(self._practice_id, one.id) for one in appointments]
        )
        links: dict[str, InvoiceLink | None] = dict.fromkeys(one.id for one in appointments)
        for document in found.values():
            link = InvoiceLink.from_data(document.data)
            if link.tenant_id == self._tenant_id:  # an invoice in another organisation is none here
                links[link.appointment_id] = link
        return links

    def _row(
        self,
        appointment: Appointment,
        patient: Patient | None,
        link: InvoiceLink | None,
        operation: Operation | None,
    ) -> AppointmentRow:
        no_shows = self.settings.invoice_no_shows
        return AppointmentRow(
            appointment=appointment,
            patient_name=name_shown(patient, self._as_told) if patient else None,
            patient_code=patient_code(patient) if patient else None,
            link=link,
            operation=operation,
            standing=standing(appointment, link, operation, invoice_no_shows=no_shows),
        )


def _in_place(found: list[Appointment], wanted: AppointmentFilter) -> list[Appointment]:
    """What the record alone rules out is not looked up any further."""
    return [
        one
        for one in found
        if wanted.clinic_id in (None, one.clinic_id) and wanted.practitioner_id in (None, one.practitioner_id)
    ]


def _is_wanted(row: AppointmentRow, wanted: AppointmentFilter) -> bool:
    if wanted.state is not None and not row.standing.is_a(wanted.state):
        return False
    number = row.link.invoice_number if row.link else None
    texts = (
        row.appointment.id,
        row.appointment.reference,
        row.appointment.patient_id,
        row.patient_name,
        row.patient_code,
        number,
    )
    return not wanted.search or is_found(wanted.search, texts)


def _named(ports: Ports, practice_id: str, search: str) -> list[Appointment]:
    """The appointment of this very id, and that of the invoice of this very number."""
    links = ports.store.query(
        paths.invoice_links(practice_id), where=[Where("invoice_number", "==", search)], limit=1
    )
    ids = dict.fromkeys([search, *(document.id for document in links.items)])
    found = [ports.records.appointment(practice_id, each) for each in ids]
    return [appointment for appointment in found if appointment is not None]
