"""Every kind of document that a practice has, to be read by its owner as it is stored.

Only what is below the practice's own path: tokens and grants are elsewhere and cannot be reached from here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shared.domain.errors import NotFound
from shared.domain.likeness import is_found
from shared.ports import Ports
from shared.ports.store import Document
from shared.services import paths
from shared.services.listings import latest

#: kind -> its collection, and the instant by which the latest comes first; None orders by id
KINDS = {
    "connection": (paths.config, None),
    "contact_links": (paths.contact_links, "updated_at"),
    "invoice_links": (paths.invoice_links, "updated_at"),
    "item_mappings": (paths.item_mappings, None),
    "tracking": (paths.tracking_mappings, None),
    "operations": (paths.operations, "updated_at"),
    "jobs": (paths.jobs, "updated_at"),
    "log": (paths.log, "at"),
}
#: Fields that are nobody's to read: which grant it is, the exact text sent to Xero with a patient's details, and
#: what those details could be guessed from.
WITHHELD = frozenset({"grant_id", "choice_grant_id", "body", "details_hash"})
#: What may be a document's id; everything else is only looked for in the content.
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}")
#: So many documents one call looks through for the words searched.
LOOKED_THROUGH = 1000


@dataclass(frozen=True)
class Stored:
    """``items``: [{"id", "data"}]. With a search ``items`` may be empty and there may be more behind the cursor."""

    items: list[dict[str, Any]]
    next_cursor: str | None


def stored_documents(
    ports: Ports, practice_id: str, kind: str, *, search: str | None, limit: int, cursor: str | None
) -> Stored:
    """One page of KINDS; with ``search`` those in whose id or content each of its words stands.

    The one whose id is exactly that comes first. Raises NotFound for another kind, InvalidInput for a foreign cursor.
    """
    if kind not in KINDS:
        raise NotFound(f"There is no such kind; there are {', '.join(KINDS)}")
    collection, order_by = KINDS[kind][0](practice_id), KINDS[kind][1]
    if not search:
        page = latest(ports, collection, (), order_by, limit, cursor)
        return Stored(_shown(page.items), page.next_cursor)
    exact = ports.store.get(f"{collection}/{search}") if ID.fullmatch(search) else None
    found = [exact] if exact and cursor is None else []
    for _ in range(max(1, LOOKED_THROUGH // limit)):
        page = latest(ports, collection, (), order_by, limit, cursor)
        found += [one for one in page.items if one.id != search and _has(one, search)]
        cursor = page.next_cursor
        if found or cursor is None:
            break
    return Stored(_shown(found), cursor)


def _shown(documents: Iterable[Document]) -> list[dict[str, Any]]:
    return [{"id": document.id, "data": _open(document.data)} for document in documents]


def _open(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _open(inner) for name, inner in value.items() if name not in WITHHELD}
    return [_open(inner) for inner in value] if isinstance(value, list) else value


def _has(document: Document, search: str) -> bool:
    """What is withheld is not searched either, or it could be guessed letter by letter."""
    return is_found(search, [document.id, json.dumps(_open(document.data), ensure_ascii=False)])
