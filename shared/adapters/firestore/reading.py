"""Reads: documents by path, and pages of a query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from google.api_core import exceptions
from google.cloud.firestore import Client, CollectionReference, DocumentSnapshot, FieldFilter, Query
from google.cloud.firestore_v1 import _helpers
from google.cloud.firestore_v1.field_path import FieldPath

from shared.adapters.firestore.documents import document_of
from shared.adapters.google_rpc import ATTEMPT_SECONDS, ONCE, repeated, translated
from shared.adapters.store_cursor import decode_cursor, encode_cursor
from shared.adapters.store_rules import check_document_path
from shared.ports.store import Document, Page, Where

_CHUNK = 300
_ID = FieldPath.document_id()
#: Firestore orders lists and maps after everything that a cursor can name; here they are in no order.
_FIRST_LIST: list[Any] = [[]]


def read_document(client: Client, path: str) -> Document | None:
    """None when there is no such document.

    A plain call: the client's own ``get`` opens a stream for it, which takes twice the time and a thread.
    """
    reference = client.document(path)
    name = reference._document_path

    def read() -> Any:
        return client._firestore_api.get_document(
            request={"name": name}, metadata=client._rpc_metadata, retry=ONCE, timeout=ATTEMPT_SECONDS
        )

    try:
        with translated():
            found = repeated(read)
    except exceptions.NotFound as missing:
        if name in str(missing):
            return None
        return read_documents(client, [path]).get(path)  # not the document: perhaps the whole database
    data = _helpers.decode_dict(found.fields, client)
    return document_of(
        path, DocumentSnapshot(reference, data, True, None, found.create_time, found.update_time)
    )


def read_documents(client: Client, paths: Sequence[str]) -> dict[str, Document]:
    """Those that exist, by path."""
    found: dict[str, Document] = {}
    unique = list(dict.fromkeys(paths))
    for start in range(0, len(unique), _CHUNK):
        for path, snapshot in read_snapshots(client, unique[start : start + _CHUNK]).items():
            found[path] = document_of(path, snapshot)
    return found


def read_snapshots(client: Client, paths: Sequence[str]) -> dict[str, DocumentSnapshot]:
    """Those that exist, as Firestore gives them."""
    references = [client.document(path) for path in paths]

    def read() -> list[DocumentSnapshot]:
        return list(client.get_all(references, retry=ONCE, timeout=ATTEMPT_SECONDS))

    with translated():
        snapshots = repeated(read)
    return {snapshot.reference.path: snapshot for snapshot in snapshots if snapshot.exists}


def run_query(
    client: Client,
    collection: str,
    where: Sequence[Where],
    order_by: str | None,
    descending: bool,
    limit: int,
    cursor: str | None,
) -> Page:
    """One page; the arguments are ``Store.query``'s, already checked. ValueError for a malformed cursor."""
    query = _ordered(client.collection(collection), order_by, descending)
    for condition in where:
        query = query.where(filter=FieldFilter(_quoted(condition.field), condition.op, condition.value))
    if cursor is not None:
        document_id, value = decode_cursor(order_by, cursor)
        check_document_path(f"{collection}/{document_id}")
        reference = client.document(f"{collection}/{document_id}")
        query = query.start_after([reference] if order_by is None else [value, reference])
    query = query.limit(limit + 1)

    def read() -> list[DocumentSnapshot]:
        return list(query.stream(retry=ONCE, timeout=ATTEMPT_SECONDS))

    with translated():
        snapshots = repeated(read)
    items = [document_of(snapshot.reference.path, snapshot) for snapshot in snapshots[:limit]]
    more = len(snapshots) > limit
    return Page(items, encode_cursor(order_by, items[-1].data, items[-1].id) if more else None)


def _ordered(collection: CollectionReference, order_by: str | None, descending: bool) -> Query:
    direction = Query.DESCENDING if descending else Query.ASCENDING
    if order_by is None:
        return collection.order_by(_ID, direction=direction)
    query = collection.order_by(_quoted(order_by), direction=direction).order_by(_ID, direction=direction)
    return query.start_after(_FIRST_LIST) if descending else query.end_before(_FIRST_LIST)


def _quoted(field: str) -> str:
    """A field's name as a path of one step, whatever characters it holds."""
    return FieldPath(field).to_api_repr()
