"""The lists that people page through: invoices, operations, the log; the latest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from shared.domain.links import InvoiceLink
from shared.domain.operations import Operation
from shared.domain.times import instant, zone
from shared.ports import Ports
from shared.ports.store import Document, Page, Where
from shared.services import paths
from shared.services.build_invoice import read_zone
from shared.services.documents import each_document, foreign_cursor


def list_invoices(
    ports: Ports, practice_id: str, *, status: str | None, limit: int, cursor: str | None
) -> tuple[list[InvoiceLink], str | None]:
    where = [Where("status", "==", status)] if status else []
    page = latest(ports, paths.invoice_links(practice_id), where, "updated_at", limit, cursor)
    return [InvoiceLink.from_data(document.data) for document in page.items], page.next_cursor


def list_operations(
    ports: Ports, practice_id: str, *, state: str | None, limit: int, cursor: str | None
) -> tuple[list[Operation], str | None]:
    where = [Where("state", "==", state)] if state else []
    page = latest(ports, paths.operations(practice_id), where, "updated_at", limit, cursor)
    return [Operation.from_data(document.data) for document in page.items], page.next_cursor


def read_log(
    ports: Ports,
    practice_id: str,
    *,
    filters: dict[str, str],
    since: str | None,
    limit: int,
    cursor: str | None,
    until: str | None = None,
) -> Page:
    """``filters`` are equalities on action, outcome, appointment_id, patient_id, operation_id or actor_subject."""
    where = [Where(name, "==", value) for name, value in filters.items()]
    if since:
        where.append(Where("at", ">=", since))
    if until:
        where.append(Where("at", "<", until))
    return latest(ports, paths.log(practice_id), where, "at", limit, cursor)


def entries_of_days(ports: Ports, practice_id: str, first: date, last: date) -> Iterator[Document]:
    """The log of calendar days in the practice's zone, both included; the oldest first, read page by page."""
    here = zone(read_zone(ports, practice_id))
    bounds = (datetime.combine(day, time(), here) for day in (first, last + timedelta(days=1)))
    since, until = (instant(bound) for bound in bounds)
    where = [Where("at", ">=", since), Where("at", "<", until)]
    yield from each_document(ports.store, paths.log(practice_id), where=where, order_by="at", page_size=500)


def latest(
    ports: Ports,
    collection: str,
    where: Sequence[Where],
    order_by: str | None,
    limit: int,
    cursor: str | None,
) -> Page:
    """One page, the latest first; by id where there is nothing to order by. InvalidInput for a foreign cursor."""
    try:
        return ports.store.query(
            collection,
            where=where,
            order_by=order_by,
            descending=order_by is not None,
            limit=limit,
            cursor=cursor,
        )
    except ValueError:
        raise foreign_cursor() from None
