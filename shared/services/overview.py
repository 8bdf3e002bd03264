"""The overview's figures, from our own links; Xero is not asked.

Reading a quarter's invoices costs a read each, so the result is kept: for as long as nothing changed, and otherwise
for a tenth of a second per document read. Whoever keeps the page open costs ten reads a second at the most.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from shared.domain import overview as figures
from shared.domain.links import InvoiceLink
from shared.domain.times import calendar_date, instant, parse_instant, zone
from shared.ports import Ports
from shared.ports.store import Where
from shared.services import paths
from shared.services.build_invoice import read_settings
from shared.services.connections import PracticeConnection, read_connection
from shared.services.documents import each_document

PAGE = 200
LEAST_AGE = timedelta(seconds=5)
AGE_PER_READ = timedelta(seconds=0.1)


def overview(ports: Ports, practice_id: str) -> dict[str, Any]:
    """``{as_of, time_zone, currency, weeks, ageing, clinics, other_currencies}``; amounts are decimal strings."""
    connection = read_connection(ports, practice_id)
    settings = read_settings(ports, practice_id)
    place = settings.zone_of(None, connection.data.get("time_zone"))
    now = ports.clock.now()
    today = calendar_date(now, place)
    about = {"tenant_id": connection.tenant_id, "time_zone": place, "today": today.isoformat()}

    kept = ports.store.get(paths.overview(practice_id))
    if kept and kept.data["about"] == about:
        age = now - parse_instant(kept.data["body"]["as_of"])
        if age < max(LEAST_AGE, AGE_PER_READ * kept.data["reads"]):
            return dict(kept.data["body"])
    latest = _latest_change(ports, practice_id)
    if kept and kept.data["about"] == about and kept.data["latest"] == latest:
        return dict(kept.data["body"])

    body, reads = _computed(ports, practice_id, connection, place, today)
    body["as_of"] = instant(now)
    data = {"about": about, "latest": latest, "reads": reads, "body": body}
    ports.store.put(paths.overview(practice_id), data)  # whoever computed last; both are right
    return body


def _computed(
    ports: Ports, practice_id: str, connection: PracticeConnection, place: str, today: date
) -> tuple[dict[str, Any], int]:
    first = figures.first_week(today)
    recent = _links(ports, practice_id, [Where("date", ">=", first.isoformat())], "date")
    unpaid = _links(ports, practice_id, [Where("status", "==", "AUTHORISED")], None)
    clinics = dict(_clinics(ports, practice_id, first, place))
    currency = connection.data.get("base_currency")

    def ours(link: InvoiceLink) -> bool:
        return link.tenant_id == connection.tenant_id and currency in (None, link.currency)

    counted = [link for link in recent if ours(link)]
    body = {
        "time_zone": place,
        "currency": currency,
        "weeks": figures.by_week(counted, today),
        "ageing": figures.ageing([link for link in unpaid if ours(link)], today),
        "clinics": figures.by_clinic(counted, clinics),
        # Sums of different currencies would be nonsense; how many were left out is said.
        "other_currencies": sum(
            link.tenant_id == connection.tenant_id and not ours(link)
            for link in {link.appointment_id: link for link in (*recent, *unpaid)}.values()
        ),
    }
    return body, len(recent) + len(unpaid) + len(clinics)


def _latest_change(ports: Ports, practice_id: str) -> str | None:
    page = ports.store.query(
        paths.invoice_links(practice_id), order_by="updated_at", descending=True, limit=1
    )
    return page.items[0].data["updated_at"] if page.items else None


def _links(ports: Ports, practice_id: str, where: Sequence[Where], order_by: str | None) -> list[InvoiceLink]:
    links = paths.invoice_links(practice_id)
    found = each_document(ports.store, links, where=where, order_by=order_by, page_size=PAGE)
    return [InvoiceLink.from_data(document.data) for document in found]


def _clinics(ports: Ports, practice_id: str, first: date, place: str) -> Iterator[tuple[str, str | None]]:
    """Appointment -> clinic; from a day earlier, because a clinic's zone may differ from the practice's."""
    midnight = datetime.combine(first - timedelta(days=1), time(tzinfo=zone(place)))
    until = ports.clock.now() + timedelta(days=366)
    cursor = None
    while True:
        page, cursor = ports.records.appointments(
            practice_id,
            starts_from=instant(midnight),
            starts_before=instant(until),
            limit=PAGE,
            cursor=cursor,
        )
        yield from ((appointment.id, appointment.clinic_id) for appointment in page)
        if cursor is None:
            return
