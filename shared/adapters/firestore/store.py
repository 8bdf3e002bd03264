"""Documents in Cloud Firestore.

Every write is one commit with preconditions; there are no transactions, because under contention those wait for
each other's locks, and what they would add is not needed.

A document is stored as it is, its fields on top, plus ``WRITE_FIELD``. Instants are text there as everywhere, so a
TTL policy, which needs a timestamp, ignores ``expires_at``: what has expired is told by the reader's clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from google.cloud.firestore import Client

from shared.adapters.firestore.commit import commit
from shared.adapters.firestore.reading import read_document, read_documents, run_query
from shared.adapters.store_rules import check_batch, check_document_path, check_query, encode_data
from shared.ports.store import (
    Create,
    Data,
    Delete,
    Document,
    Page,
    Put,
    Update,
    Where,
    Write,
)


class FirestoreStore:
    """Implements ``shared.ports.store.Store``.

    Besides the port's errors: ValueError for an impossible path, query or size, TypeError for data that are not
    JSON-ready. ``make_client`` is called on first use: a client made before a web server forks may hang afterwards.
    """

    def __init__(self, make_client: Callable[[], Client]) -> None:
        self._make_client = make_client

    @cached_property
    def _client(self) -> Client:
        return self._make_client()

    def get(self, path: str) -> Document | None:
        check_document_path(path)
        return read_document(self._client, path)

    def get_many(self, paths: Sequence[str]) -> dict[str, Document]:
        for path in paths:
            check_document_path(path)
        return read_documents(self._client, paths)

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
        for write in writes:
            check_document_path(write.path)
        texts = [None if isinstance(write, Delete) else encode_data(write.data) for write in writes]
        return commit(self._client, writes, texts) if writes else []

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
        return run_query(self._client, collection, where, order_by, descending, limit, cursor)


def make_firestore_store(*, project: str | None = None, database: str | None = None) -> FirestoreStore:
    """The project's database; None is the project of the credentials and the database ``(default)``."""
    return FirestoreStore(lambda: Client(project=project, database=database))
