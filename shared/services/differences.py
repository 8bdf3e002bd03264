"""Appointments that were changed or cancelled after they were invoiced: noted on the link, shown with a proposal.

Noted whenever the record is written, when an invoice is made or changed, and when somebody looks at one invoice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from shared.domain.corrections import (
    PROPOSALS,
    Difference,
    content_of,
    difference_of,
    differs,
    is_as_it_was,
    record_of,
)
from shared.domain.links import InvoiceLink
from shared.domain.records import Appointment
from shared.domain.times import calendar_date
from shared.ports import Ports
from shared.ports.store import Where
from shared.services import paths
from shared.services.build_invoice import Built, read_zone
from shared.services.connections import read_connection
from shared.services.documents import modify
from shared.services.organisation_facts import locked_until

#: Differences that one answer lists; the page shows the first of them, and their number.
LISTED = 500
#: A batch of the store reads so many.
CHUNK = 400


def made_from(built: Built, payer_id: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """For ``InvoiceLink.sent``: what the invoice is made from, to notice later what was changed."""
    if built.document is None or built.day is None:
        raise ValueError("nothing was built")
    given = ("line_items", "use_clinic_tracking", "date")
    return {
        "record": record_of(built.appointment, built.day),
        "no_show": built.appointment.status == "no_show",
        "content": content_of(built.document, payer_id),
        "request": {name: request[name] for name in given if request.get(name) is not None},
        "services": sorted({line.item.service_code or "" for line in built.document.lines}),
    }


def with_difference(ports: Ports, practice_id: str, link: InvoiceLink) -> InvoiceLink:
    """The link as it is to be written: noting what was changed while its invoice was on its way."""
    appointment = ports.records.appointment(practice_id, link.appointment_id)
    if appointment is None:
        return link
    noted = _differs(ports, practice_id, link, appointment)
    return link if noted == link.differs else replace(link, differs=noted)


def note_differences(ports: Ports, practice_id: str, appointments: Sequence[Appointment]) -> None:
    """After the records were written: what is invoiced already and differs now is noted on its link."""
    for start in range(0, len(appointments), CHUNK):
        by_path = {
            paths.invoice_link(practice_id, one.id): one for one in appointments[start : start + CHUNK]
        }
        for path in ports.store.get_many(list(by_path)):
            _note(ports, practice_id, path, by_path[path])


def look_again(ports: Ports, practice_id: str, appointment_id: str) -> None:
    """For records that are kept elsewhere, and for a change that came in the very moment of invoicing."""
    appointment = ports.records.appointment(practice_id, appointment_id)
    if appointment is not None:
        note_differences(ports, practice_id, [appointment])


def shown_difference(link: InvoiceLink, connection: Mapping[str, Any]) -> Difference | None:
    """``connection`` is its data: lock dates decide what can be proposed."""
    return difference_of(link, locked_until(connection))


def differences_by_proposal(ports: Ports, practice_id: str) -> list[dict[str, Any]]:
    """Entries for what needs a person: ``{cause, sentence, remedy, count, operations, invoices}``."""
    connection = read_connection(ports, practice_id)
    page = ports.store.query(
        paths.invoice_links(practice_id),
        where=[Where("differs", ">", "")],
        order_by="differs",
        limit=LISTED,
    )
    groups: dict[str, list[dict[str, Any]]] = {}
    for document in page.items:
        link = InvoiceLink.from_data(document.data)
        found = shown_difference(link, connection.data) if link.tenant_id == connection.tenant_id else None
        if found is not None:
            shown = {"appointment_id": link.appointment_id, "invoice_number": link.invoice_number}
            groups.setdefault(found.proposal, []).append(shown | vars(found))
    return [
        {
            "cause": f"changed.{proposal}",
            "sentence": "Appointments were changed or cancelled after they were invoiced",
            "remedy": PROPOSALS[proposal],
            "count": len(invoices),
            "operations": [],
            "invoices": invoices,
        }
        for proposal, invoices in sorted(groups.items())
    ]


def _note(ports: Ports, practice_id: str, path: str, appointment: Appointment) -> None:
    def noted(data: dict[str, Any]) -> dict[str, Any] | None:
        if not data:
            return None
        link = InvoiceLink.from_data(data)
        now = _differs(ports, practice_id, link, appointment)
        return None if now == link.differs else data | {"differs": now}

    modify(ports.store, path, noted)


def _differs(ports: Ports, practice_id: str, link: InvoiceLink, appointment: Appointment) -> str | None:
    then = link.sent.get("record", {})
    if is_as_it_was(then, appointment):
        return None
    moved = then and then["place"] != [appointment.clinic_id, appointment.practitioner_id]
    return differs(
        link,
        appointment,
        _day(ports, practice_id, appointment),
        places_matter=bool(moved) and _is_mapped(ports, practice_id, then["place"], appointment),
    )


def _day(ports: Ports, practice_id: str, appointment: Appointment) -> dt.date:
    return calendar_date(appointment.starts_at, read_zone(ports, practice_id, appointment.clinic_id))


def _is_mapped(ports: Ports, practice_id: str, before: list[str | None], appointment: Appointment) -> bool:
    """One of the clinics and practitioners, old or new, stands for something in the books."""
    places = {("clinic", before[0]), ("practitioner", before[1])}
    places |= {("clinic", appointment.clinic_id), ("practitioner", appointment.practitioner_id)}
    wanted = [paths.tracking_mapping(practice_id, kind, id_) for kind, id_ in places if id_]
    return bool(ports.store.get_many(wanted))
