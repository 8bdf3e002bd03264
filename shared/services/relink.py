"""An invoice of ours in Xero whose link was lost is linked again; a link whose invoice is gone is written off.

Linked by its Reference alone, which is the appointment's id, and only to an appointment without a living invoice. The
operation that would make one is ended in the same write, so that no second invoice can come of it.
"""

from __future__ import annotations

from typing import Any

from shared.domain import operations as rules
from shared.domain.completeness import Difference
from shared.domain.errors import Conflict
from shared.domain.invoices import invoice_number
from shared.domain.links import OVER, InvoiceLink, link_from
from shared.domain.operations import Operation, operation_id
from shared.domain.records import Appointment
from shared.domain.times import instant
from shared.domain.xero_records import InvoiceSnapshot
from shared.ports import Ports
from shared.ports.store import AlreadyExists, Create, Document, Put, Update, VersionChanged, Write
from shared.services import paths
from shared.services.activity_log import Entry, entry_write
from shared.services.build_invoice import read_settings
from shared.services.connections import known_tenant
from shared.services.create_invoice import advance
from shared.services.repaired import DONE, NEEDS_PERSON, Repaired
from shared.services.writes.invoices import is_ours
from shared.services.xero_calls import using_xero

#: An appointment's invoice was issued again at most this often, when its number is looked for.
GENERATIONS = 50


def relink(
    ports: Ports, practice_id: str, difference: Difference, snapshot: InvoiceSnapshot, actor: dict[str, str]
) -> Repaired:
    appointment = ports.records.appointment(practice_id, snapshot.reference or "")
    if appointment is None or not is_ours(snapshot, appointment.id):
        sentence = "No appointment of this practice has its reference; look at it in Xero, and void it if it is wrong"
        return Repaired.of(difference, NEEDS_PERSON, sentence)
    tenant_id = str(known_tenant(ports, practice_id).tenant_id)
    document = ports.store.get(paths.invoice_link(practice_id, appointment.id))
    link = InvoiceLink.from_data(document.data) if document else None
    if link is not None and link.tenant_id != tenant_id:
        link = None  # an invoice in another organisation is none here
    if link is not None and link.invoice_id == snapshot.invoice_id:
        return Repaired.of(difference, DONE, "It is linked already")
    former = paths.former_invoice(practice_id, snapshot.invoice_id)
    if link is not None and (not link.is_over or ports.store.get(former) is not None):
        sentence = f"Its appointment has invoice {link.invoice_number} already; void one of the two in Xero"
        return Repaired.of(difference, NEEDS_PERSON, sentence)
    generation = link.generation + 1 if link else 1
    id_ = operation_id("invoice_create", tenant_id, appointment.id, generation)
    making = ports.store.get(paths.operation(practice_id, id_))
    if making is not None and Operation.from_data(making.data).maybe_sent:
        return Repaired.by(difference, advance(ports, practice_id, id_), "Found by what made it")
    fresh = _operation(practice_id, tenant_id, appointment, id_, generation, actor, ports)
    operation = Operation.from_data(making.data) if making else fresh
    linked = link_from(
        snapshot,
        appointment_id=appointment.id,
        tenant_id=tenant_id,
        generation=_generation(ports, practice_id, appointment, snapshot, generation),
        now=instant(ports.clock.now()),
        rules={"found": "in Xero by its reference, the appointment's id"},
    )
    _write(ports, practice_id, document, linked, making, operation, actor)
    return Repaired.of(
        difference, DONE, f"Invoice {snapshot.invoice_number} is linked to its appointment", id_
    )


def _write(
    ports: Ports,
    practice_id: str,
    document: Document | None,
    link: InvoiceLink,
    making: Document | None,
    operation: Operation,
    actor: dict[str, str],
) -> None:
    rules.end(operation, "done")
    operation.updated_at = link.updated_at
    operation.result = {
        name: getattr(link, name) for name in ("invoice_id", "invoice_number", "status", "total")
    }
    entry = Entry(
        "invoice.relink",
        "Linked again to its invoice in Xero",
        actor,
        subject=operation.subject,
        after=dict(operation.result),
        xero_id=link.invoice_id,
        operation_id=operation.id,
    )
    link_path = paths.invoice_link(practice_id, link.appointment_id)
    operation_path = paths.operation(practice_id, operation.id)
    writes: list[Write] = [
        Update(link_path, link.to_data(), document.version)
        if document
        else Create(link_path, link.to_data()),
        Update(operation_path, operation.to_data(), making.version)
        if making
        else Create(operation_path, operation.to_data()),
        entry_write(ports, practice_id, entry),
    ]
    if document:
        writes.append(Put(paths.former_invoice(practice_id, document.data["invoice_id"]), document.data))
    try:
        ports.store.batch(writes)
    except (AlreadyExists, VersionChanged):
        raise Conflict("The appointment's invoice is being made at this very moment; look again") from None


def _operation(
    practice_id: str,
    tenant_id: str,
    appointment: Appointment,
    id_: str,
    generation: int,
    actor: dict[str, str],
    ports: Ports,
) -> Operation:
    return Operation(
        id=id_,
        kind="invoice_create",
        practice_id=practice_id,
        tenant_id=tenant_id,
        subject={"appointment_id": appointment.id, "patient_id": appointment.patient_id},
        request={"generation": generation},
        created_at=instant(ports.clock.now()),
        created_by=actor,
    )


def _generation(
    ports: Ports, practice_id: str, appointment: Appointment, snapshot: InvoiceSnapshot, at_least: int
) -> int:
    """By its number, so that the next one issued gets a number of its own."""
    prefix = read_settings(ports, practice_id).invoice_prefix
    numbers = {invoice_number(prefix, appointment, n): n for n in range(at_least, at_least + GENERATIONS)}
    return numbers.get(snapshot.invoice_number or "", at_least)


def write_off(
    ports: Ports, practice_id: str, appointment_id: str, actor: dict[str, str]
) -> InvoiceSnapshot | None:
    """Xero has no invoice of the link's id. A living one with the appointment's reference is given back instead; if
    there is none either, the link is over, and the appointment may be invoiced anew with a new number."""
    path = paths.invoice_link(practice_id, appointment_id)
    document = ports.store.get(path)
    found = using_xero(ports, practice_id, lambda accounting: accounting.invoices_found(appointment_id))
    ours = [one for one in found if is_ours(one, appointment_id) and one.status not in OVER]
    if document is None:
        return ours[0] if ours else None
    data: dict[str, Any] = document.data | {"status": "DELETED", "updated_at": instant(ports.clock.now())}
    entry = Entry(
        "invoice.written_off",
        "Xero has this invoice no more; the appointment may be invoiced anew",
        actor,
        subject={"appointment_id": appointment_id},
        before={"status": document.data["status"]},
        after={"status": "DELETED"},
        xero_id=document.data["invoice_id"],
    )
    try:
        ports.store.batch([Update(path, data, document.version), entry_write(ports, practice_id, entry)])
    except VersionChanged:
        raise Conflict("The invoice changed at this very moment; look again") from None
    return ours[0] if ours else None
