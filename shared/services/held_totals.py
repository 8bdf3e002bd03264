"""An invoice whose total in Xero is not the one we computed is held: neither approved nor e-mailed by us.

It stays in Xero as it was sent. A bookkeeper compares the two and accepts Xero's total, corrects the invoice in Xero,
or voids it; nothing is changed by itself.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from shared.domain.errors import Conflict
from shared.domain.links import InvoiceLink
from shared.domain.operations import Operation, operation_id
from shared.domain.people import Person
from shared.domain.times import instant
from shared.ports import Ports
from shared.ports.store import Update, VersionChanged, Where
from shared.services import paths
from shared.services.activity_log import Entry, actor_of, entry_write
from shared.services.writes.kinds import Refuse

CAUSE = "total_differs"
REMEDY = (
    "Compare the lines and taxes in Xero with the appointment; then accept Xero's total, correct the invoice in Xero, "
    "or void it"
)
#: So many are named at once; the rest follow when these are seen to.
LIMIT = 100


def compared(total: str, expected_total: str | None) -> dict[str, Any]:
    """For a link: what we expected, and by how much Xero's ``total`` is more (``-0.01``: less); None when it is not."""
    difference = Decimal(total) - Decimal(expected_total) if expected_total is not None else Decimal()
    return {"expected_total": expected_total, "total_differs": f"{difference:.2f}" if difference else None}


def refuse_if_held(ports: Ports, operation: Operation) -> None:
    """Nothing that shows the amount to a patient is done with an invoice whose total is not what we expected."""
    document = ports.store.get(paths.invoice_link(operation.practice_id, operation.subject["appointment_id"]))
    link = InvoiceLink.from_data(document.data) if document else None
    if link is not None and link.invoice_id == operation.request["invoice_id"] and link.total_differs:
        raise Refuse("total_held", held_because(link))


def held_because(link: InvoiceLink) -> str:
    return (
        f"Xero's total {link.sent_total or link.total} is not the {link.expected_total} expected "
        f"(difference {link.total_differs}); compare the two, then accept Xero's total, or void the invoice"
    )


def accept_total(ports: Ports, person: Person, link: InvoiceLink) -> InvoiceLink:
    """A bookkeeper takes Xero's total for the right one. Conflict when nothing differs, or somebody was faster."""
    path = paths.invoice_link(person.practice_id, link.appointment_id)
    document = ports.store.get(path)
    found = InvoiceLink.from_data(document.data) if document else None
    if document is None or found is None or not found.total_differs:
        raise Conflict("This invoice's total is as expected; there is nothing to accept")
    accepted = replace(found, total_differs=None, updated_at=instant(ports.clock.now()))
    entry = Entry(
        action="invoice.accept_total",
        sentence=f"Xero's total {found.total} accepted instead of the {found.expected_total} expected",
        actor=actor_of(person),
        subject={"appointment_id": found.appointment_id},
        before={"expected_total": found.expected_total, "difference": found.total_differs},
        after={"total": found.total},
        xero_id=found.invoice_id,
    )
    try:
        ports.store.batch(
            [
                Update(path, accepted.to_data(), document.version),
                entry_write(ports, person.practice_id, entry),
            ]
        )
    except VersionChanged:
        raise Conflict("This invoice just changed; look at it again") from None
    return accepted


def held_entries(ports: Ports, practice_id: str) -> list[dict[str, Any]]:
    """For the list of what needs a person: one entry, or none."""
    page = ports.store.query(
        paths.invoice_links(practice_id),
        where=[Where("total_differs", ">", "")],
        order_by="total_differs",
        limit=LIMIT,
    )
    links = [InvoiceLink.from_data(document.data) for document in page.items]
    if not links:
        return []
    return [
        {
            "cause": CAUSE,
            "sentence": "Xero's total is not the one expected; the invoice is neither approved nor e-mailed",
            "remedy": REMEDY,
            "count": len(links),
            "operations": [
                {
                    "operation_id": operation_id(
                        "invoice_create", link.tenant_id, link.appointment_id, link.generation
                    ),
                    "kind": "invoice_create",
                    "subject": {"appointment_id": link.appointment_id},
                    "reason": held_because(link),
                }
                for link in links
            ],
        }
    ]
