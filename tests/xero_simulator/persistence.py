"""What must survive a kill: one SQLite table of documents, written before the answer leaves.

The simulator works in memory. Each request collects its changed documents in a ``Work`` and writes them
in one transaction, so a write costs what it changed and a kill between two requests loses nothing.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Mapping
from typing import Any

import simplejson

Change = Any  # a JSON-ready document, None when it is gone, or a function giving the newest one


_SELECT = "SELECT key, body FROM documents WHERE kind = ? ORDER BY rowid"  # in the order they came to be
_UPSERT = "INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body"


class Store:
    """Keeps nothing: the simulator without ``--state``."""

    def __init__(self) -> None:
        self.epoch = 0

    def load(self, kind: str, *, exact: bool = False) -> dict[str, Any]:
        """The documents of a kind by key; ``exact`` reads their numbers as Decimal."""
        return {}

    def write(self, changes: Mapping[tuple[str, str], Change], epoch: int) -> None:
        return None

    def clear(self) -> None:
        """Forget everything; work that began before this no longer counts."""
        self.epoch += 1

    def close(self) -> None:
        return None


class SqliteStore(Store):
    """Documents in an SQLite file in WAL mode."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._closed = False
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS documents"
            " (kind TEXT, key TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, key))"
        )

    def load(self, kind: str, *, exact: bool = False) -> dict[str, Any]:
        with self._lock:
            rows = self._db.execute(_SELECT, (kind,)).fetchall()
        return {key: simplejson.loads(body, use_decimal=exact) for key, body in rows}

    def write(self, changes: Mapping[tuple[str, str], Change], epoch: int) -> None:
        with self._lock:
            if epoch != self.epoch or self._closed:
                return
            gone, kept = [], []
            for (kind, key), change in changes.items():
                document = change() if callable(change) else change
                if document is None:
                    gone.append((kind, key))
                else:
                    kept.append((kind, key, simplejson.dumps(document, use_decimal=True)))
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.executemany("DELETE FROM documents WHERE kind = ? AND key = ?", gone)
                self._db.executemany(_UPSERT, kept)
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise

    def clear(self) -> None:
        with self._lock:
            self.epoch += 1
            self._db.execute("DELETE FROM documents")

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._db.close()


class Work:
    """The documents that one request changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._epoch = store.epoch
        self._changes: dict[tuple[str, str], Change] = {}

    def put(self, kind: str, key: str, document: Any) -> None:
        self._changes[kind, key] = document

    def put_newest(self, kind: str, key: str, give: Callable[[], Any]) -> None:
        """For a document that several requests change at once: asked for while the write is exclusive."""
        self._changes[kind, key] = give

    def drop(self, kind: str, key: str) -> None:
        self._changes[kind, key] = None

    def commit(self) -> None:
        if self._changes:
            changes, self._changes = self._changes, {}
            self._store.write(changes, self._epoch)
