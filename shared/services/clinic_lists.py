"""The clinic's own lists with what became of each in Xero: a period's appointments, and the patients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from shared.domain.errors import InvalidInput
from shared.domain.links import ContactLink, InvoiceLink
from shared.domain.records import Appointment, Patient
from shared.domain.times import instant, zone
from shared.ports import Ports
from shared.services import paths
from shared.services.build_invoice import read_settings
from shared.services.connections import read_connection


@dataclass(frozen=True)
class AppointmentRow:
    """``patient_name`` None: the practice has no such patient, or a patient who was erased."""

    appointment: Appointment
    patient_name: str | None
    link: InvoiceLink | None


@dataclass(frozen=True)
class PatientRow:
    patient: Patient
    link: ContactLink | None


def list_appointments(
    ports: Ports, practice_id: str, first: date, last: date, *, limit: int, cursor: str | None
) -> tuple[list[AppointmentRow], str | None]:
    """Those that start on the days ``first`` to ``last`` of the practice's zone, by start, and the next cursor."""
    settings, connection = read_settings(ports, practice_id), read_connection(ports, practice_id)
    midnight = time(tzinfo=zone(settings.zone_of(None, connection.data.get("time_zone"))))
    try:
        found, following = ports.records.appointments(
            practice_id,
            starts_from=instant(datetime.combine(first, midnight)),
            starts_before=instant(datetime.combine(last + timedelta(days=1), midnight)),
            limit=limit,
            cursor=cursor,
        )
    except ValueError:
        raise _bad_cursor() from None
    links = ports.store.get_many([paths.invoice_link(practice_id, a.id) for a in found])
    names = {
        patient_id: _name(ports.records.patient(practice_id, patient_id))
        for patient_id in {a.patient_id for a in found}
    }
    rows = []
    for appointment in found:
        document = links.get(paths.invoice_link(practice_id, appointment.id))
        link = InvoiceLink.from_data(document.data) if document else None
        if link is not None and link.tenant_id != connection.tenant_id:
            link = None  # an invoice in another organisation is none here
        rows.append(AppointmentRow(appointment, names[appointment.patient_id], link))
    return rows, following


def list_patients(
    ports: Ports, practice_id: str, *, limit: int, cursor: str | None
) -> tuple[list[PatientRow], str | None]:
    """By id, each with its contact as far as we know it, and the next cursor."""
    try:
        found, following = ports.records.patients(practice_id, limit=limit, cursor=cursor)
    except ValueError:
        raise _bad_cursor() from None
    links = ports.store.get_many([paths.contact_link(practice_id, patient.id) for patient in found])
    rows = []
    for patient in found:
        document = links.get(paths.contact_link(practice_id, patient.id))
        rows.append(PatientRow(patient, ContactLink.from_data(document.data) if document else None))
    return rows, following


def _name(patient: Patient | None) -> str | None:
    return f"{patient.first_name} {patient.last_name}" if patient and not patient.erased else None


def _bad_cursor() -> InvalidInput:
    return InvalidInput.of(
        "cursor", "use the next_cursor of an earlier answer to the same question, unchanged"
    )
