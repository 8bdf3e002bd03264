"""An appointment becomes an invoice in Xero: at most one that lives, whoever asks however often."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from shared.domain.errors import NotFound, StoreUnavailable
from shared.domain.links import InvoiceLink
from shared.domain.operations import Operation, operation_id
from shared.domain.times import instant
from shared.ports import Ports
from shared.services import operations, paths
from shared.services.build_invoice import build, read_appointment, sendable
from shared.services.connections import known_tenant
from shared.services.differences import look_again
from shared.services.drain_tasks import wake_pull
from shared.services.people import find_person, payer_of
from shared.services.shared_reads import sharing_reads
from shared.services.sync_contact import sync_person
from shared.services.writes.locks import A_MOMENT, NOW, check_day

#: These are made from the appointment, for a contact that must be there.
MAKES_DOCUMENT = ("invoice_create", "invoice_edit")
#: Xero's answer to these does not say what is due now; the pull does.
MOVES_MONEY = ("payment_create", "credit_note_allocate")


@dataclass(frozen=True)
class Created:
    """Either the invoice, or the operation that will make it; ``new`` is False when it was there before."""

    link: InvoiceLink | None
    operation: Operation | None
    new: bool


def read_link(ports: Ports, practice_id: str, appointment_id: str) -> InvoiceLink | None:
    document = ports.store.get(paths.invoice_link(practice_id, appointment_id))
    return InvoiceLink.from_data(document.data) if document else None


def create_invoice(
    ports: Ports, practice_id: str, appointment_id: str, request: dict[str, Any], actor: dict[str, str]
) -> Created:
    """``request``: {"line_items"?: stored lines, "use_clinic_tracking"?: bool, "date"?: a day a person accepts}.

    Raises InvalidInput naming every field, or LockedPeriod, before anything is kept, NotConnected for a practice that
    never was connected. Whatever Xero answers or does not answer, the intent is kept.
    """
    shared = sharing_reads(ports)  # until the intent is kept, and no longer
    wanted = wanted_invoice(shared, practice_id, appointment_id, request, actor, lock_known_for=NOW)
    if isinstance(wanted, InvoiceLink):
        return Created(wanted, None, new=False)
    operations.keep(ports, wanted)  # the intent first, then the contact it needs, then the invoice
    operation = advance(ports, practice_id, wanted.id)
    link = read_link(ports, practice_id, appointment_id)
    if operation.state == "done" and (link is None or link.tenant_id != wanted.tenant_id):
        operations.do_over(ports, operation)  # made once, then linked to another organisation's
        operation = advance(ports, practice_id, operation.id)
        link = read_link(ports, practice_id, appointment_id)
    if operation.state == "done" and link is not None:
        return Created(link, operation, new=True)
    return Created(None, operation, new=True)


def wanted_invoice(
    ports: Ports,
    practice_id: str,
    appointment_id: str,
    request: dict[str, Any],
    actor: dict[str, str],
    *,
    lock_known_for: timedelta = A_MOMENT,
) -> InvoiceLink | Operation:
    """The appointment's living invoice, else the operation, not kept yet, that would make one. Raises as above."""
    tenant_id = str(known_tenant(ports, practice_id).tenant_id)
    read_appointment(ports, practice_id, appointment_id)
    link = read_link(ports, practice_id, appointment_id)
    if link is not None and link.tenant_id == tenant_id and not link.is_over:
        return link
    generation = link.generation + 1 if link is not None and link.tenant_id == tenant_id else 1
    request = {name: value for name, value in request.items() if value is not None} | {
        "generation": generation
    }
    built = build(ports, practice_id, appointment_id, request)
    check_day(ports, practice_id, sendable(built).date, max_age=lock_known_for)
    payer_of(
        ports, practice_id, built.appointment
    )  # an unknown patient or payer is told before anything is kept
    return Operation(
        id=operation_id("invoice_create", tenant_id, appointment_id, generation),
        kind="invoice_create",
        practice_id=practice_id,
        tenant_id=tenant_id,
        subject={"appointment_id": appointment_id, "patient_id": built.appointment.patient_id},
        request=request,
        created_at=instant(ports.clock.now()),
        created_by=actor,
    )


def advance(ports: Ports, practice_id: str, operation_id: str) -> Operation:
    """Run an operation with what it depends on and what follows from it."""
    operation = operations.read(ports, practice_id, operation_id)
    if operation.ended:
        return operation
    if operation.kind in MAKES_DOCUMENT and not operation.maybe_sent:
        _contact_first(ports, operation)
    operation = operations.run(ports, practice_id, operation_id)
    if operation.state == "done":
        _follow_up(ports, operation)
    return operation


def _contact_first(ports: Ports, operation: Operation) -> None:
    try:
        appointment = read_appointment(ports, operation.practice_id, operation.subject["appointment_id"])
        payer = payer_of(ports, operation.practice_id, appointment)
    except StoreUnavailable:
        raise
    except Exception:  # noqa: BLE001 - the run meets the same, and keeps the reason with the operation
        return
    sync_person(ports, operation.practice_id, payer, False, operation.created_by)


def _follow_up(ports: Ports, operation: Operation) -> None:
    """What the caller of the first try would have seen to, had that try succeeded."""
    if operation.kind.startswith("contact"):
        with suppress(NotFound):
            person = find_person(ports, operation.practice_id, operation.subject["patient_id"])
            sync_person(ports, operation.practice_id, person, False, operation.created_by)
    elif operation.kind in MAKES_DOCUMENT:
        look_again(ports, operation.practice_id, operation.subject["appointment_id"])
    elif operation.kind in MOVES_MONEY:
        wake_pull(ports.tasks, operation.tenant_id, ports.clock.now(), categories=("INVOICE",))
