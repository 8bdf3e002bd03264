"""Of many appointments at once: their links, the operations that would make their invoices, and what Xero has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from shared.domain.errors import AnswerLost
from shared.domain.links import InvoiceLink
from shared.domain.operations import Operation, operation_id
from shared.domain.records import Appointment
from shared.domain.xero_records import InvoiceSnapshot
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.services import paths


def links_of(
    ports: Ports, practice_id: str, tenant_id: str, appointments: Iterable[Appointment]
) -> dict[str, InvoiceLink]:
    """By appointment id; those of this organisation, because an invoice in another one is none here."""
    found = ports.store.get_many([paths.invoice_link(practice_id, one.id) for one in appointments])
    links = {document.id: InvoiceLink.from_data(document.data) for document in found.values()}
    return {name: link for name, link in links.items() if link.tenant_id == tenant_id}


def unfinished(
    ports: Ports,
    practice_id: str,
    tenant_id: str,
    appointments: Iterable[Appointment],
    links: Mapping[str, InvoiceLink],
) -> dict[str, Operation]:
    """By appointment id, for those without a living invoice: the operation that would make it, where it waits, failed
    or was cancelled."""
    ids: dict[str, str] = {}
    for appointment in appointments:
        link = links.get(appointment.id)
        if link is None or link.is_over:
            generation = link.generation + 1 if link else 1
            ids[appointment.id] = operation_id("invoice_create", tenant_id, appointment.id, generation)
    found = ports.store.get_many([paths.operation(practice_id, id_) for id_ in ids.values()])
    operations = {document.id: Operation.from_data(document.data) for document in found.values()}
    return {
        name: operations[id_]
        for name, id_ in ids.items()
        if id_ in operations and operations[id_].state != "done"
    }


def invoices_there(
    accounting: Accounting, invoice_ids: Sequence[str]
) -> tuple[list[InvoiceSnapshot], set[str]]:
    """Those of the ids that Xero has; and the ids of those whose record cannot be read. At most IDS_PER_CALL ids.

    Raises AnswerLost when it is not known which one could not be read.
    """
    try:
        return accounting.invoices_by_id(invoice_ids), set()
    except AnswerLost:
        unreadable = {problem.record_id for problem in accounting.problems} & set(invoice_ids)
        if not unreadable:
            raise
        rest = [id_ for id_ in invoice_ids if id_ not in unreadable]
        return accounting.invoices_by_id(rest) if rest else [], {str(id_) for id_ in unreadable}
