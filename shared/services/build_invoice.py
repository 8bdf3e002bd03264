"""Gathering what the domain needs to build an appointment's invoice: record, settings, mappings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from shared.domain.errors import FieldError, InvalidInput
from shared.domain.health_identifiers import description_errors
from shared.domain.invoices import InvoiceDocument, Mappings, build_invoice
from shared.domain.organisation_lists import THINGS, OrganisationLists
from shared.domain.records import Appointment, LineItem
from shared.domain.settings import ItemMapping, PracticeSettings, TrackingMapping
from shared.domain.stale import Stale, stale_in_document
from shared.ports import Ports
from shared.ports.store import Document
from shared.services import paths
from shared.services.connections import read_connection
from shared.services.people import code_for_payer
from shared.services.privacy import privacy_choice
from shared.services.setup_state import revision
from shared.services.shared_reads import once
from shared.services.xero_lists import cached_lists


@dataclass(frozen=True)
class Built:
    """``stale``: what the document names that is archived or gone in Xero; it cannot be sent before that is mended.
    ``revision``: the state of the set-up that it was built and checked against."""

    appointment: Appointment
    document: InvoiceDocument | None
    errors: list[FieldError]
    day: date | None = None  # the appointment's own; the document may bear one that a person accepted instead
    stale: list[Stale] = field(default_factory=list)
    revision: str | None = None


@dataclass
class BookContext:
    """What all documents of a practice share, read once. It is good for one batch or one page, not for longer."""

    settings: PracticeSettings
    zone: str
    lists: OrganisationLists
    revision: str | None
    found: dict[str, Document | None] = field(default_factory=dict)  # mappings read so far, by path


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
    return privacy_choice(ports, practice_id).settings


def read_zone(ports: Ports, practice_id: str, clinic_id: str | None = None) -> str:
    """The name of the clinic's time zone; its own, else the practice's, else the organisation's."""
    otherwise = read_connection(ports, practice_id).data.get("time_zone")
    return read_settings(ports, practice_id).zone_of(clinic_id, otherwise)


def read_context(ports: Ports, practice_id: str) -> BookContext:
    """The set-up's revision is read first: what changes while the rest is read counts as a later change."""
    return once(ports, ("context", practice_id), lambda: _context(ports, practice_id))


def _context(ports: Ports, practice_id: str) -> BookContext:
    setup = revision(ports, practice_id)
    connection = read_connection(ports, practice_id)
    lists = cached_lists(ports, practice_id, connection.tenant_id, [name for name, _ in THINGS.values()])
    return BookContext(
        settings=read_settings(ports, practice_id),
        zone=connection.data.get("time_zone") or "UTC",
        lists=OrganisationLists.from_stored(lists),
        revision=setup,
    )


def build(
    ports: Ports,
    practice_id: str,
    appointment_id: str,
    request: dict[str, Any],
    context: BookContext | None = None,
) -> Built:
    """``request``: {"line_items"?, "use_clinic_tracking"?, "date"?, "generation"?}; lines in their stored
    shape, ``date`` a day that a person accepts instead of the appointment's.

    Asks nothing of Xero: what is archived is known from the lists as they were last fetched.
    """
    appointment = read_appointment(ports, practice_id, appointment_id)
    context = context or read_context(ports, practice_id)
    patient_code = code_for_payer(ports, practice_id, appointment)
    document, errors = document_of(ports, practice_id, appointment, request, context, patient_code)
    day = document.date if document else None
    if document and request.get("date"):
        document = document.dated(date.fromisoformat(request["date"]))
    stale = stale_in_document(document, context.lists) if document else []
    return Built(appointment, document, errors, day, stale, context.revision)


def sendable(built: Built) -> InvoiceDocument:
    """Raises InvalidInput with what is missing, or with what must not go to Xero."""
    if built.document is None:
        raise InvalidInput(built.errors)
    if refused := description_errors(line.item.description for line in built.document.lines):
        raise InvalidInput(refused)
    return built.document


def document_of(
    ports: Ports,
    practice_id: str,
    appointment: Appointment,
    request: Mapping[str, Any],
    context: BookContext,
    patient_code: str | None = None,
) -> tuple[InvoiceDocument | None, list[FieldError]]:
    """On the appointment's own day. ``patient_code`` matters to the wording alone, see ``code_for_payer``."""
    given = request.get("line_items")
    lines = None if given is None else tuple(LineItem.from_data(line) for line in given)
    return build_invoice(
        appointment,
        lines=lines,
        settings=context.settings,
        mappings=_mappings(ports, practice_id, appointment, lines, context),
        use_clinic_tracking=request.get("use_clinic_tracking"),
        generation=int(request.get("generation", 1)),
        default_zone=context.zone,
        patient_code=patient_code,
    )


def _mappings(
    ports: Ports,
    practice_id: str,
    appointment: Appointment,
    lines: tuple[LineItem, ...] | None,
    context: BookContext,
) -> Mappings:
    """Only the mappings that this document can use; those not read yet in one read."""
    codes = {line.service_code for line in (lines if lines is not None else appointment.line_items)}
    places = {("clinic", appointment.clinic_id), ("practitioner", appointment.practitioner_id)}
    items = {f"{paths.item_mappings(practice_id)}/{code}": code for code in codes if code}
    tracking = {paths.tracking_mapping(practice_id, kind, id_): (kind, id_) for kind, id_ in places if id_}
    unread = [path for path in (*items, *tracking) if path not in context.found]
    if unread:
        context.found |= dict.fromkeys(unread) | ports.store.get_many(unread)
    found = {path: document.data for path, document in context.found.items() if document}
    return Mappings(
        items={code: ItemMapping.from_data(code, found[p]) for p, code in items.items() if p in found},
        tracking={place: TrackingMapping.from_data(found[p]) for p, place in tracking.items() if p in found},
    )
