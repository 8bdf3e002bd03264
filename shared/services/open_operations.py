"""The writes that have not ended well, by the appointment or patient they are about.

Creating is looked up by the operation's own id, so that thousands of a bulk job cost no more than the rows shown. What
people do with an invoice is found by a query: its id holds more than the row knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.domain.links import ContactLink, InvoiceLink
from shared.domain.operations import WAITING, Operation, operation_id
from shared.domain.standing import goes_on
from shared.ports import Ports
from shared.ports.store import Where
from shared.services import paths

#: All but notes, which hold nothing up. With three states they stay below the 30 combinations that Firestore answers.
ON_INVOICES = (
    "invoice_approve",
    "invoice_void",
    "invoice_email",
    "invoice_edit",
    "payment_create",
    "refund_note",
    "refund_create",
    "credit_note_create",
    "credit_note_allocate",
)
#: More at a time are not looked at; each is still in the list of operations.
LIMIT = 300


def open_on_invoices(ports: Ports, practice_id: str, tenant_id: str) -> dict[str, Operation]:
    """By appointment, what waits or failed of all that people do with invoices."""
    kinds = Where("kind", "in", ON_INVOICES)
    found: list[Operation] = []
    for state in (Where("state", "==", "failed"), Where("state", "in", WAITING)):
        page = ports.store.query(paths.operations(practice_id), where=[kinds, state], limit=LIMIT)
        found += [Operation.from_data(document.data) for document in page.items]
    ours = [operation for operation in found if operation.tenant_id == tenant_id]
    # What needs a person is told rather than what goes on by itself.
    ours.sort(key=goes_on, reverse=True)
    return {operation.subject["appointment_id"]: operation for operation in ours}


def creating_invoices(
    ports: Ports, practice_id: str, tenant_id: str, links: Mapping[str, InvoiceLink | None]
) -> dict[str, Operation]:
    """By appointment: what is to make its invoice, or the next one after one that is over. ``links`` in this tenant."""
    wanted = {
        operation_id("invoice_create", tenant_id, appointment_id, link.generation + 1 if link else 1)
        for appointment_id, link in links.items()
        if link is None or link.is_over or link.credited_by
    }
    return {operation.subject["appointment_id"]: operation for operation in _open(ports, practice_id, wanted)}


def open_on_contacts(
    ports: Ports, practice_id: str, tenant_id: str, links: Mapping[str, ContactLink | None]
) -> dict[str, Operation]:
    """By patient: what is to make or change its contact. ``links`` in this tenant."""
    wanted = {
        operation_id("contact_update", tenant_id, person_id, link.updates)
        if link
        else operation_id("contact_create", tenant_id, person_id)
        for person_id, link in links.items()
    }
    return {operation.subject["patient_id"]: operation for operation in _open(ports, practice_id, wanted)}


def _open(ports: Ports, practice_id: str, ids: Iterable[str]) -> list[Operation]:
    found = ports.store.get_many([paths.operation(practice_id, each) for each in ids])
    operations = [Operation.from_data(document.data) for document in found.values()]
    return [operation for operation in operations if operation.state in (*WAITING, "failed")]
