"""The exact document that would be sent, with the rule behind each field, its totals, and every problem beforehand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shared.domain.errors import Busy, FieldError, NotConnected, XeroError
from shared.domain.plain import plain
from shared.domain.pricing import Chart
from shared.domain.records import Appointment
from shared.ports import Ports
from shared.services.build_invoice import read_appointment
from shared.services.foresight import Foreseen, Foresight, named
from shared.services.practice_books import PracticeBooks, read_practice_books
from shared.services.shared_reads import sharing_reads
from shared.services.xero_lists import xero_list

#: Stands for the contact's id while the contact is still to be created.
NEW_CONTACT = "(a new contact)"
#: What the plan allows changes with every invoice approved.
ACTIONS_AGE = timedelta(hours=1)


def preview(ports: Ports, practice_id: str, appointment_id: str, request: dict[str, Any]) -> dict[str, Any]:
    """{"document", "rules", "sources", "totals", "problems", "notices"}; sends nothing, and keeps nothing but the
    organisation's lists when they were too old.

    ``problems`` stand in the way of sending, ``notices`` do not.
    """
    ports = sharing_reads(ports)
    appointment = read_appointment(ports, practice_id, appointment_id)
    books, unknown = _books(ports, practice_id, appointment)
    (seen,) = Foresight(books).look_at([appointment], request)
    document = seen.document
    return {
        "document": plain(document.body(seen.contact_id or NEW_CONTACT)) if document else None,
        "rules": document.every_rule if document else {},
        "sources": seen.sources,
        "totals": _totals(seen),
        "problems": named([*seen.problems, *(unknown if document else [])]),
        "notices": named(seen.notices),
    }


def _books(
    ports: Ports, practice_id: str, appointment: Appointment
) -> tuple[PracticeBooks, list[FieldError]]:
    """With the lists that this document needs, none older than it may be."""
    try:
        if appointment.currency:
            xero_list(ports, practice_id, "currencies")
        books = read_practice_books(ports, practice_id)
        if books.settings.invoice_status == "AUTHORISED":
            xero_list(ports, practice_id, "actions", max_age=ACTIONS_AGE)
        return books, []
    except (XeroError, NotConnected, Busy) as error:
        message = f"cannot be computed without the organisation's tax rates: {error.detail}"
        return read_practice_books(ports, practice_id, Chart()), [FieldError("totals", message)]


def _totals(seen: Foreseen) -> dict[str, str] | None:
    booked = seen.booked
    if booked is None:
        return None
    amounts = {"sub_total": booked.total - booked.tax, "total_tax": booked.tax, "total": booked.total}
    return {name: f"{amount:.2f}" for name, amount in amounts.items()}
