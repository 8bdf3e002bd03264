"""Documents in SQLite."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from shared.adapters.embedded.database import Database
from shared.adapters.embedded.field_index import reindex
from shared.adapters.embedded.store_query import run_query
from shared.adapters.store_rules import check_batch, check_document_path, check_query, encoded
from shared.ports.store import (
    AlreadyExists,
    Create,
    Data,
    Delete,
    Document,
    Page,
    Put,
    Update,
    VersionChanged,
    Where,
    Write,
)

_CHUNK = 500


class SqliteStore:
    """Implements ``shared.ports.store.Store``; ``":memory:"`` keeps everything in this process.

    Besides the port's errors: ValueError for an impossible path, query or size, TypeError for data that are not
    JSON-ready. Data given out are copies: changing them changes nothing here.
    """

    def __init__(self, where: Path | str | Database) -> None:
        self._database = Database.of(where)

    def get(self, path: str) -> Document | None:
        check_document_path(path)
        with self._database.reading() as connection:
            row = connection.execute("SELECT data, version FROM documents WHERE path = ?", (path,)).fetchone()
        return None if row is None else Document(path, json.loads(row[0]), row[1])

    def get_many(self, paths: Sequence[str]) -> dict[str, Document]:
        for path in paths:
            check_document_path(path)
        found: dict[str, Document] = {}
        for start in range(0, len(paths), _CHUNK):
            chunk = paths[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            with self._database.reading() as connection:
                select = f"SELECT path, data, version FROM documents WHERE path IN ({marks})"
                for path, data, version in connection.execute(select, chunk).fetchall():
                    found[path] = Document(path, json.loads(data), version)
        return found

    def create(self, path: str, data: Data) -> Document:
        return self.batch([Create(path, data)])[0]

    def put(self, path: str, data: Data) -> Document:
        return self.batch([Put(path, data)])[0]

    def update(self, path: str, data: Data, *, version: str) -> Document:
        return self.batch([Update(path, data, version)])[0]

    def delete(self, path: str, *, version: str | None = None) -> None:
        self.batch([Delete(path, version)])

    def batch(self, writes: Sequence[Write]) -> list[Document]:
        check_batch(writes)
        # Everything that can be refused without looking is refused before the write lock is taken.
        places = [check_document_path(write.path) for write in writes]
        kept = [None if isinstance(write, Delete) else encoded(write.data) for write in writes]
        written = []
        with self._database.writing() as connection:
            for write, place, encoding in zip(writes, places, kept, strict=True):
                document = _apply(connection, write, place, encoding)
                if document is not None:
                    written.append(document)
        return written

    def query(
        self,
        collection: str,
        *,
        where: Sequence[Where] = (),
        order_by: str | None = None,
        descending: bool = False,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        check_query(collection, where, order_by, descending, limit)
        with self._database.reading() as connection:
            return run_query(connection, collection, where, order_by, descending, limit, cursor)


def _apply(
    connection: sqlite3.Connection, write: Write, place: tuple[str, str], kept: tuple[str, Data] | None
) -> Document | None:
    collection, document_id = place
    row = connection.execute("SELECT data, version FROM documents WHERE path = ?", (write.path,)).fetchone()
    if isinstance(write, Create) and row is not None:
        raise AlreadyExists(write.path)
    demanded = getattr(write, "version", None)
    if demanded is not None and (row is None or row[1] != demanded):
        raise VersionChanged(write.path)
    old = json.loads(row[0]) if row else {}
    if kept is None:
        connection.execute("DELETE FROM documents WHERE path = ?", (write.path,))
        reindex(connection, collection, document_id, old, {})
        return None
    # Random, not a counter: a document that is deleted and made again never has an earlier version.
    text, data = kept
    document = Document(write.path, data, secrets.token_hex(8))
    connection.execute(
        "INSERT INTO documents (path, collection, id, data, version) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (path) DO UPDATE SET data = excluded.data, version = excluded.version",
        (write.path, collection, document_id, text, document.version),
    )
    reindex(connection, collection, document_id, old, document.data)
    return document
