"""Documents in collections, written with preconditions.

The contract follows Firestore, so that both backends keep the same promises:

* a path alternates collection and id: ``practices/demo/patients/p1``; a collection path has an odd number of
  segments;
* data is JSON-ready (str, int, bool, None, list, dict): amounts are decimal strings, instants are UTC
  ISO 8601 strings of fixed width (``shared.domain.times.instant``), so text order is time order;
* every write gives the document a new opaque ``version``; ``update`` and ``delete`` may demand one;
* ``batch`` is all or nothing;
* a query names one collection, one order field, equality filters on top-level fields and range filters on the
  order field; ties are broken by id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Data = dict[str, Any]
Operator = Literal["==", "<", "<=", ">", ">=", "in"]


class AlreadyExists(Exception):
    """``create`` met an existing document."""


class VersionChanged(Exception):
    """The document is missing or no longer has the demanded version."""


@dataclass(frozen=True)
class Document:
    path: str
    data: Data
    version: str

    @property
    def id(self) -> str:
        return self.path.rsplit("/", 1)[1]


@dataclass(frozen=True)
class Create:
    path: str
    data: Data


@dataclass(frozen=True)
class Put:
    """Write whatever is there."""

    path: str
    data: Data


@dataclass(frozen=True)
class Update:
    """Replace the whole document, only if it still has ``version``."""

    path: str
    data: Data
    version: str


@dataclass(frozen=True)
class Delete:
    path: str
    version: str | None = None


Write = Create | Put | Update | Delete


@dataclass(frozen=True)
class Where:
    field: str
    op: Operator
    value: Any


@dataclass(frozen=True)
class Page:
    items: list[Document]
    next_cursor: str | None


class Store(Protocol):
    """Raises AlreadyExists, VersionChanged, or StoreUnavailable (shared.domain.errors) when it does not answer."""

    def get(self, path: str) -> Document | None: ...

    def get_many(self, paths: Sequence[str]) -> dict[str, Document]:
        """Those that exist, by path; each as it was at some moment of the call, not all at the same one."""

    def create(self, path: str, data: Data) -> Document: ...

    def put(self, path: str, data: Data) -> Document: ...

    def update(self, path: str, data: Data, *, version: str) -> Document: ...

    def delete(self, path: str, *, version: str | None = None) -> None:
        """Deleting what is not there is no error unless a version is demanded."""

    def batch(self, writes: Sequence[Write]) -> list[Document]:
        """All or nothing, at most 500 writes, no path twice; gives the documents written (not deleted) in order."""

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
        """``order_by`` None orders by id, upwards only. Documents without the order field are left out.

        ``cursor`` is an earlier page's ``next_cursor`` of the same query; a malformed one raises ValueError.
        """
