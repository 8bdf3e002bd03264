"""The index rows of a document: its top-level scalars, each with the rank of its type.

Ranks follow Firestore's order of types: null, booleans, numbers, strings. Lists and maps are not indexed, nor
are strings over 1500 bytes: queries do not see them.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from shared.ports.store import Data

Key = tuple[int, Any]
_MAX_BYTES = 1500


def key(value: Any) -> Key:
    """(type rank, comparable value) of a scalar. Null is stored as 0: SQL's NULL equals nothing."""
    if value is None:
        return 0, 0
    if isinstance(value, bool):
        return 1, int(value)
    return (2, int(value)) if isinstance(value, int) else (3, str.__str__(value))


def rows(data: Data) -> dict[str, Key]:
    """Field name to key, for the fields that queries can see."""
    return {name: key(value) for name, value in data.items() if _indexed(value)}


def reindex(connection: sqlite3.Connection, collection: str, document_id: str, old: Data, new: Data) -> None:
    """Bring the index rows from ``old`` to ``new``; only what changed is written."""
    before, after = rows(old), rows(new)
    gone = [name for name, value in before.items() if after.get(name) != value]
    fresh = [name for name, value in after.items() if before.get(name) != value]
    if gone:
        connection.executemany(
            "DELETE FROM fields WHERE collection = ? AND id = ? AND field = ?",
            [(collection, document_id, name) for name in gone],
        )
    if fresh:
        connection.executemany(
            "INSERT INTO fields (collection, id, field, type_rank, value) VALUES (?, ?, ?, ?, ?)",
            [(collection, document_id, name, *after[name]) for name in fresh],
        )


def _indexed(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) * 4 <= _MAX_BYTES or len(value.encode()) <= _MAX_BYTES
    return value is None or isinstance(value, int)
