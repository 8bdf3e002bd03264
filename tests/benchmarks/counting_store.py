"""A store that counts what it is asked, as Firestore bills it: documents read, documents written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.adapters.embedded.database import Database
from shared.adapters.embedded.store import SqliteStore
from shared.ports.store import Create, Data, Delete, Document, Page, Put, Store, Update, Write


@dataclass(frozen=True)
class Cost:
    """``requests``: round trips to the store; a query that finds nothing is one read."""

    reads: int = 0
    writes: int = 0
    requests: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.reads + other.reads, self.writes + other.writes, self.requests + other.requests)

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.reads - other.reads, self.writes - other.writes, self.requests - other.requests)


class CountingStore:
    """Implements ``shared.ports.store.Store`` in front of another."""

    def __init__(self, store: Store) -> None:
        self._store, self.cost = store, Cost()

    def get(self, path: str) -> Document | None:
        self.cost += Cost(reads=1, requests=1)
        return self._store.get(path)

    def get_many(self, paths: Sequence[str]) -> dict[str, Document]:
        self.cost += Cost(reads=len(paths), requests=1)
        return self._store.get_many(paths)

    def create(self, path: str, data: Data) -> Document:
        return self.batch([Create(path, data)])[0]

    def put(self, path: str, data: Data) -> Document:
        return self.batch([Put(path, data)])[0]

    def update(self, path: str, data: Data, *, version: str) -> Document:
        return self.batch([Update(path, data, version)])[0]

    def delete(self, path: str, *, version: str | None = None) -> None:
        self.batch([Delete(path, version)])

    def batch(self, writes: Sequence[Write]) -> list[Document]:
        self.cost += Cost(writes=len(writes), requests=1)
        return self._store.batch(writes)

    def query(self, collection: str, **options: Any) -> Page:
        page = self._store.query(collection, **options)
        self.cost += Cost(reads=max(1, len(page.items)), requests=1)
        return page


def counting_store(_: Path, database: Database) -> CountingStore:
    return CountingStore(SqliteStore(database))
