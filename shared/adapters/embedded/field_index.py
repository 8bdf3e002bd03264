"""The index rows of a document: its top-level scalars that are asked for, each with the rank of its type.

Ranks follow Firestore's order of types: null, booleans, numbers, strings. Lists and maps are not indexed, nor
are strings over 1500 bytes: queries do not see them.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from typing import Any

from shared.adapters.queried_fields import QUERIED, queried
from shared.ports.store import Data

Key = tuple[int, Any]
_MAX_BYTES = 1500
#: Tells which fields the rows of a file are for.
FINGERPRINT = (
    zlib.crc32(repr(sorted((name, sorted(fields)) for name, fields in QUERIED.items())).encode()) >> 1
)


def key(value: Any) -> Key:
    """(type rank, comparable value) of a scalar. Null is stored as 0: SQL's NULL equals nothing."""
    if value is None:
        return 0, 0
    if isinstance(value, bool):
        return 1, int(value)
    return (2, int(value)) if isinstance(value, int) else (3, str.__str__(value))


def reindex(connection: sqlite3.Connection, collection: str, document_id: str, old: Data, new: Data) -> None:
    """Bring the index rows from ``old`` to ``new``; only what changed is written."""
    names = queried(collection)
    if names is not None:
        old = {name: old[name] for name in names if name in old}
        new = {name: new[name] for name in names if name in new}
    gone = [name for name, value in old.items() if not _same(new, name, value) and is_indexed(value)]
    fresh = [name for name, value in new.items() if not _same(old, name, value) and is_indexed(value)]
    if gone:
        connection.executemany(
            "DELETE FROM fields WHERE collection = ? AND field = ? AND type_rank = ? AND value = ? AND id = ?",
            [(collection, name, *key(old[name]), document_id) for name in gone],
        )
    if fresh:
        connection.executemany(
            "INSERT INTO fields (collection, field, type_rank, value, id) VALUES (?, ?, ?, ?, ?)",
            [(collection, name, *key(new[name]), document_id) for name in fresh],
        )


def rebuild(connection: sqlite3.Connection) -> None:
    """All rows anew: the file was written when other fields were asked for."""
    connection.execute(
        "DROP INDEX IF EXISTS fields_by_document"
    )  # files had it before there was a fingerprint
    connection.execute("DELETE FROM fields")
    for collection, document_id, text in connection.execute("SELECT collection, id, data FROM documents"):
        reindex(connection, collection, document_id, {}, json.loads(text))


def _same(other: Data, name: str, value: Any) -> bool:
    """True is not 1 to a query."""
    found = other.get(name)
    return found == value and type(found) is type(value) and name in other


def is_indexed(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) * 4 <= _MAX_BYTES or len(value.encode()) <= _MAX_BYTES
    return value is None or isinstance(value, int)
