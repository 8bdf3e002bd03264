"""Changing one stored document without losing anybody else's change, and finding many by a field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from shared.domain.errors import InvalidInput, StoreUnavailable
from shared.ports.store import AlreadyExists, Data, Document, Store, VersionChanged, Where

ATTEMPTS = 12
#: One query looks for so many values (Firestore's limit of an `in` filter).
VALUES_PER_QUERY = 30
PAGE = 100


def modify(store: Store, path: str, change: Callable[[Data], Data | None]) -> Document | None:
    """Read, change, write if nobody wrote in between; else again. ``change`` gets {} for a missing document
    and gives the new data, or None to leave it. The document as it then stands, None if there is none."""
    for _ in range(ATTEMPTS):
        document = store.get(path)
        data = change(dict(document.data) if document else {})
        if data is None:
            return document
        try:
            if document is None:
                return store.create(path, data)
            return store.update(path, data, version=document.version)
        except (AlreadyExists, VersionChanged):
            continue
    raise StoreUnavailable(f"a document changed {ATTEMPTS} times while it was being written")


def foreign_cursor() -> InvalidInput:
    """What to say where a cursor cannot be read, or belongs to another question."""
    return InvalidInput.of(
        "cursor", "use the next_cursor of an earlier answer to the same question, unchanged"
    )


def each_document(
    store: Store,
    collection: str,
    *,
    where: Sequence[Where] = (),
    order_by: str | None = None,
    page_size: int = PAGE,
) -> Iterator[Document]:
    """Every document that a query finds, read page by page; what is changed meanwhile may or may not be among them."""
    cursor = None
    while True:
        page = store.query(collection, where=where, order_by=order_by, limit=page_size, cursor=cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def find_by(store: Store, collection: str, field: str, values: Sequence[str]) -> Iterator[Document]:
    """All documents of the collection whose field has one of the values."""
    for start in range(0, len(values), VALUES_PER_QUERY):
        where = [Where(field, "in", list(values[start : start + VALUES_PER_QUERY]))]
        yield from each_document(store, collection, where=where)
