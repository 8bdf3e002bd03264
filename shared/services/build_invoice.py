"""Gathering what the domain needs to build an appointment's invoice: record, settings, mappings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.domain.errors import FieldError, InvalidInput
from shared.domain.invoices import InvoiceDocument, Mappings, build_invoice
from shared.domain.records import Appointment, LineItem
from shared.domain.settings import ItemMapping, PracticeSettings, TrackingMapping
from shared.ports import Ports
from shared.services import paths
from shared.services.connections import read_connection


@dataclass(frozen=True)
class Built:
    appointment: Appointment
    document: InvoiceDocument | None
    errors: list[FieldError]


def read_appointment(ports: Ports, practice_id: str, appointment_id: str) -> Appointment:
    """InvalidInput names the field for an appointment that this practice does not have."""
    appointment = ports.records.appointment(practice_id, appointment_id)
    if appointment is None:
        raise InvalidInput.of(
            "appointment_id",
            f"no appointment {appointment_id!r} in this practice; PUT /clinic/appointments/{appointment_id} first",
        )
    return appointment


def read_settings(ports: Ports, practice_id: str) -> PracticeSettings:
    document = ports.store.get(paths.settings(practice_id))
    return PracticeSettings.from_data(document.data if document else None)


def build(ports: Ports, practice_id: str, appointment_id: str, request: dict[str, Any]) -> Built:
    """``request``: {"line_items"?, "use_clinic_tracking"?, "generation"?}; lines in their stored shape."""
    appointment = read_appointment(ports, practice_id, appointment_id)
    given = request.get("line_items")
    lines = None if given is None else tuple(LineItem.from_data(line) for line in given)
    settings = read_settings(ports, practice_id)
    wanted = request.get("use_clinic_tracking")
    document, errors = build_invoice(
        appointment,
        lines=lines,
        settings=settings,
        mappings=_mappings(ports, practice_id, appointment, lines),
        use_clinic_tracking=settings.use_clinic_tracking if wanted is None else bool(wanted),
        generation=int(request.get("generation", 1)),
        default_zone=read_connection(ports, practice_id).data.get("time_zone") or "UTC",
    )
    return Built(appointment, document, errors)


def _mappings(
    ports: Ports, practice_id: str, appointment: Appointment, lines: tuple[LineItem, ...] | None
) -> Mappings:
    """Only the mappings that this document can use, in one read."""
    codes = {line.service_code for line in (lines if lines is not None else appointment.line_items)} - {
        None,
        "",
    }
    places = {("clinic", appointment.clinic_id), ("practitioner", appointment.practitioner_id)}
    items = {f"{paths.item_mappings(practice_id)}/{code}": str(code) for code in codes}
    tracking = {paths.tracking_mapping(practice_id, kind, id_): (kind, id_) for kind, id_ in places if id_}
    found = ports.store.get_many([*items, *tracking])
    return Mappings(
        items={items[p]: ItemMapping.from_data(items[p], d.data) for p, d in found.items() if p in items},
        tracking={tracking[p]: TrackingMapping.from_data(d.data) for p, d in found.items() if p in tracking},
    )
