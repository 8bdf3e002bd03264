"""The practice's invoices, latest change first."""

from __future__ import annotations

from shared.domain.errors import InvalidInput
from shared.domain.links import InvoiceLink
from shared.ports import Ports
from shared.ports.store import Page, Where
from shared.services import paths


def list_invoices(
    ports: Ports, practice_id: str, *, status: str | None, limit: int, cursor: str | None
) -> tuple[list[InvoiceLink], str | None]:
    where = [Where("status", "==", status)] if status else []
    try:
        page: Page = ports.store.query(
            paths.invoice_links(practice_id),
            where=where,
            order_by="updated_at",
            descending=True,
            limit=limit,
            cursor=cursor,
        )
    except ValueError:
        raise bad_cursor() from None
    return [InvoiceLink.from_data(document.data) for document in page.items], page.next_cursor


def bad_cursor() -> InvalidInput:
    return InvalidInput.of(
        "cursor", "use the next_cursor of an earlier answer to the same question, unchanged"
    )
