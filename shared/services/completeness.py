"""A period's completeness: what the clinic has, what Xero has, and the list when the two are not the same."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from shared.domain.completeness import differences
from shared.domain.links import OVER, InvoiceLink
from shared.domain.records import Appointment
from shared.domain.times import calendar_date, instant, zone
from shared.domain.xero_records import InvoiceSnapshot
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.services import paths
from shared.services.build_invoice import read_settings
from shared.services.connections import read_connection
from shared.services.documents import find_by
from shared.services.xero_calls import using_xero

PAGE = 200
XERO_PAGE = 1000


def completeness(ports: Ports, practice_id: str, first: date, last: date) -> dict[str, Any]:
    """``{"first", "last", "clinic": {count, total}, "xero": {count, total}, "difference", "items"}``.

    Counts what is to be invoiced (everything not cancelled) whose calendar day in the clinic's zone is in the
    period. Raises the XeroError when Xero cannot be asked.
    """
    appointments = _appointments(ports, practice_id, first, last)
    links = _links(ports, practice_id, appointments)
    invoices = using_xero(ports, practice_id, lambda accounting: _invoices(accounting, first, last))
    here = {link.invoice_id for link in links.values()}
    others = [invoice_id for invoice_id in invoices if invoice_id not in here]
    elsewhere = frozenset(
        document.data["invoice_id"]
        for document in find_by(ports.store, paths.invoice_links(practice_id), "invoice_id", others)
    )
    found = differences(appointments, links, invoices, elsewhere)

    wanted = [a for a in appointments if a.status != "cancelled"]
    clinic_total = sum((_total(links.get(a.id)) for a in wanted), Decimal("0.00"))
    living = [i for i in invoices.values() if i.status not in OVER and i.invoice_id not in elsewhere]
    xero_total = sum((invoice.total for invoice in living), Decimal("0.00"))
    return {
        "first": first.isoformat(),
        "last": last.isoformat(),
        "clinic": {"count": len(wanted), "total": f"{clinic_total:.2f}"},
        "xero": {"count": len(living), "total": f"{xero_total:.2f}"},
        "difference": f"{clinic_total - xero_total:.2f}",
        "items": [asdict(difference) for difference in found],
    }


def _total(link: InvoiceLink | None) -> Decimal:
    return Decimal(link.sent_total or link.total) if link else Decimal("0.00")


def _appointments(ports: Ports, practice_id: str, first: date, last: date) -> list[Appointment]:
    """A day more on either side is read, because a clinic's zone may differ from the practice's."""
    settings = read_settings(ports, practice_id)
    usual = settings.time_zone or read_connection(ports, practice_id).data.get("time_zone") or "UTC"
    midnight = time(tzinfo=zone(usual))
    starts_from = instant(datetime.combine(first - timedelta(days=1), midnight))
    starts_before = instant(datetime.combine(last + timedelta(days=2), midnight))
    found: list[Appointment] = []
    cursor: str | None = None
    while True:
        page, cursor = ports.records.appointments(
            practice_id, starts_from=starts_from, starts_before=starts_before, limit=PAGE, cursor=cursor
        )
        for appointment in page:
            place = settings.clinic_time_zones.get(appointment.clinic_id or "", usual)
            if first <= calendar_date(appointment.starts_at, place) <= last:
                found.append(appointment)
        if cursor is None:
            return found


def _links(ports: Ports, practice_id: str, appointments: list[Appointment]) -> dict[str, InvoiceLink]:
    found = ports.store.get_many([paths.invoice_link(practice_id, a.id) for a in appointments])
    return {document.id: InvoiceLink.from_data(document.data) for document in found.values()}


def _invoices(accounting: Accounting, first: date, last: date) -> dict[str, InvoiceSnapshot]:
    found: dict[str, InvoiceSnapshot] = {}
    page_number = 1
    while True:
        page = accounting.invoices_dated(first, last, page=page_number, page_size=XERO_PAGE)
        found |= {invoice.invoice_id: invoice for invoice in page.records}
        if page_number >= page.page_count:
            return found
        page_number += 1
