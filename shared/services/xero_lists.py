"""The organisation's own lists, for drop-downs: fetched, kept with their age, fetched again on request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from shared.domain.plain import plain
from shared.domain.times import instant, parse_instant
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.services import paths
from shared.services.connections import known_tenant
from shared.services.xero_calls import using_xero

MAX_AGE = timedelta(hours=24)


def xero_list(ports: Ports, practice_id: str, kind: str, *, refresh: bool = False) -> dict[str, Any]:
    """``{"items", "fetched_at"}`` of accounts, tax_rates, tracking or items; of this organisation, at most a day old.

    Raises the XeroError when the list has to be fetched and cannot be.
    """
    tenant_id = str(known_tenant(ports, practice_id).tenant_id)
    document = ports.store.get(paths.xero_list(practice_id, kind))
    if document and not refresh and document.data["tenant_id"] == tenant_id:
        age = ports.clock.now() - parse_instant(document.data["fetched_at"])
        if age < MAX_AGE:
            return {"items": document.data["items"], "fetched_at": document.data["fetched_at"]}
    fetched_at = instant(ports.clock.now())
    items = [plain(asdict(record)) for record in using_xero(ports, practice_id, lambda a: _read(a, kind))]
    ports.store.put(
        paths.xero_list(practice_id, kind), {"tenant_id": tenant_id, "items": items, "fetched_at": fetched_at}
    )
    return {"items": items, "fetched_at": fetched_at}


def _read(accounting: Accounting, kind: str) -> list[Any]:
    readers: dict[str, Callable[[], Sequence[Any]]] = {
        "accounts": accounting.accounts,
        "tax_rates": accounting.tax_rates,
        "tracking": accounting.tracking_categories,
        "items": accounting.items,
    }
    return list(readers[kind]())
