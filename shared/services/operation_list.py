"""The practice's operations, latest change first."""

from __future__ import annotations

from shared.domain.operations import Operation
from shared.ports import Ports
from shared.ports.store import Where
from shared.services import paths
from shared.services.invoice_list import bad_cursor


def list_operations(
    ports: Ports, practice_id: str, *, state: str | None, limit: int, cursor: str | None
) -> tuple[list[Operation], str | None]:
    where = [Where("state", "==", state)] if state else []
    try:
        page = ports.store.query(
            paths.operations(practice_id),
            where=where,
            order_by="updated_at",
            descending=True,
            limit=limit,
            cursor=cursor,
        )
    except ValueError:
        raise bad_cursor() from None
    return [Operation.from_data(document.data) for document in page.items], page.next_cursor
