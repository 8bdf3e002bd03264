"""The organisation's own lists, for drop-downs and for checking what is named before it is sent.

Fetched when first wanted, kept with their age, and fetched again on request, nightly, or when Xero refused what a list
calls usable. A list that changed and the mark of ``setup_state`` are one write: what waits for it goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from shared.domain.errors import StoreUnavailable
from shared.domain.plain import plain
from shared.domain.times import instant, parse_instant
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.ports.store import AlreadyExists, Create, Document, Update, VersionChanged, Write
from shared.services import paths
from shared.services.connections import known_tenant
from shared.services.documents import ATTEMPTS
from shared.services.drain_tasks import wake_drain
from shared.services.setup_state import changed
from shared.services.xero_calls import using_xero

#: Name of a list -> the client's method that reads it.
READERS = {
    "accounts": "accounts",
    "tax_rates": "tax_rates",
    "tracking": "tracking_categories",
    "items": "items",
    "branding_themes": "branding_themes",
    "currencies": "currencies",
    "actions": "actions",
}
MAX_AGE = timedelta(hours=24)
#: The nightly renewal begins this early, so that no list reaches MAX_AGE in ordinary times.
RENEW_AT = timedelta(hours=20)


def xero_list(
    ports: Ports, practice_id: str, kind: str, *, refresh: bool = False, max_age: timedelta = MAX_AGE
) -> dict[str, Any]:
    """``{"items", "fetched_at"}`` of one of READERS; of this organisation, at most ``max_age`` old.

    Raises the XeroError when the list has to be fetched and cannot be.
    """
    tenant_id = str(known_tenant(ports, practice_id).tenant_id)
    document = ports.store.get(paths.xero_list(practice_id, kind))
    if refresh or not is_young(document, tenant_id, ports.clock.now(), max_age):
        data = using_xero(ports, practice_id, lambda xero: fetch(ports, practice_id, tenant_id, kind, xero))
    else:
        data = document.data if document else {}
    return {"items": data["items"], "fetched_at": data["fetched_at"]}


def cached_lists(
    ports: Ports, practice_id: str, tenant_id: str | None, kinds: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Those lists of the organisation that are known and at most a day old, as they are stored; never asks Xero."""
    by_path = {paths.xero_list(practice_id, kind): kind for kind in kinds}
    now = ports.clock.now()
    return {
        by_path[path]: document.data
        for path, document in ports.store.get_many(list(by_path)).items()
        if is_young(document, tenant_id, now, MAX_AGE)
    }


def young_lists(
    ports: Ports,
    practice_id: str,
    tenant_id: str,
    kinds: Iterable[str],
    accounting: Accounting,
    max_age: timedelta,
) -> dict[str, dict[str, Any]]:
    """These lists as they are stored, those that are older fetched first, a call each. Raises the XeroError."""
    by_path = {paths.xero_list(practice_id, kind): kind for kind in sorted(kinds)}
    now, found = ports.clock.now(), ports.store.get_many(list(by_path))
    return {
        kind: found[path].data
        if is_young(found.get(path), tenant_id, now, max_age)
        else fetch(ports, practice_id, tenant_id, kind, accounting)
        for path, kind in by_path.items()
    }


def is_young(document: Document | None, tenant_id: str | None, now: datetime, max_age: timedelta) -> bool:
    """Whether this is a list of that organisation, fetched less than ``max_age`` ago."""
    if document is None or document.data["tenant_id"] != tenant_id:
        return False
    return now - parse_instant(document.data["fetched_at"]) < max_age


def fetch(
    ports: Ports, practice_id: str, tenant_id: str, kind: str, accounting: Accounting
) -> dict[str, Any]:
    """One call; the list as it is now stored. Raises the XeroError."""
    fetched_at = instant(ports.clock.now())
    items = [plain(asdict(record)) for record in getattr(accounting, READERS[kind])()]
    complete = not accounting.problems
    fresh = {"tenant_id": tenant_id, "items": items, "complete": complete, "fetched_at": fetched_at}
    path = paths.xero_list(practice_id, kind)
    for _ in range(ATTEMPTS):
        document = ports.store.get(path)
        if document and document.data["tenant_id"] == tenant_id and document.data["fetched_at"] > fetched_at:
            return document.data  # somebody asked after us and was faster
        write: Write = Update(path, fresh, document.version) if document else Create(path, fresh)
        # After more than a day nothing was checked against the old list any more, so it says nothing either.
        known = document if is_young(document, tenant_id, ports.clock.now(), MAX_AGE) else None
        news = known is None or _content(known.data) != _content(fresh)
        try:
            ports.store.batch([write, changed(practice_id)] if news else [write])
        except (AlreadyExists, VersionChanged):
            continue
        if news:
            wake_drain(ports.tasks, practice_id, ports.clock.now())
        return fresh
    raise StoreUnavailable("a list kept changing while it was being written")


def _content(data: dict[str, Any]) -> tuple[Any, ...]:
    return data["items"], data.get("complete", True)
