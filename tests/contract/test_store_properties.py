"""Store against a naive model: any writes, then any query, give what a dict and a sort give."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from shared.adapters.embedded import store_query
from shared.adapters.embedded.store import SqliteStore
from shared.ports.store import (
    AlreadyExists,
    Create,
    Data,
    Delete,
    Document,
    Put,
    Store,
    Update,
    VersionChanged,
    Where,
    Write,
)
from tests.contract.backends import STORES

C = "practices/model/things"
QUIET = settings(deadline=None, database=None)

texts = st.one_of(
    st.sampled_from(["", "a", "b", "1", "true", "a\u0000", "A", "é"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=3),
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(-2, 2), st.integers(-(2**63), 2**63 - 1), texts)
values = st.one_of(scalars, st.lists(scalars, max_size=2), st.dictionaries(st.sampled_from("xy"), scalars))
names = st.sampled_from(["f", "g", "h"])
documents = st.dictionaries(names, values)
keys = st.sampled_from([f"{C}/{i}" for i in ("a", "b", "c", "d", "é", "A", "a b", "🦷")])
comparable = scalars.filter(lambda v: v is not None)
equal = st.builds(Where, names, st.just("=="), scalars)
among = st.builds(Where, names, st.just("in"), st.lists(comparable, min_size=1, max_size=4))


def ordered_by(field: str) -> st.SearchStrategy[dict[str, Any]]:
    ranged = st.builds(Where, st.just(field), st.sampled_from(["<", "<=", ">", ">="]), comparable)
    filters = st.lists(st.one_of(ranged, equal, among), max_size=3)
    return st.fixed_dictionaries({"where": filters, "order_by": st.just(field), "descending": st.booleans()})


by_id = st.fixed_dictionaries(
    {
        "where": st.lists(st.one_of(equal, among), max_size=3),
        "order_by": st.none(),
        "descending": st.just(False),
    }
)
queries = st.one_of(by_id, names.flatmap(ordered_by))


def rank(value: Any) -> int | None:
    """Place of the value's type in Firestore's order; None for what cannot be compared."""
    for place, kind in enumerate((type(None), bool, int, str)):
        if type(value) is kind:
            return place
    return None


def holds(data: Data, where: Where) -> bool:
    if where.field not in data:
        return False
    value = data[where.field]
    if where.op == "in":
        return any(holds(data, Where(where.field, "==", one)) for one in where.value)
    if rank(value) is None or rank(value) != rank(where.value):
        return False
    compare = {
        "==": lambda a, b: a == b,
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }
    return bool(compare[where.op](value, where.value))


def naive(
    model: dict[str, Data], *, where: list[Where], order_by: str | None, descending: bool
) -> list[tuple[str, Data]]:
    chosen = [(path, data) for path, data in model.items() if all(holds(data, one) for one in where)]
    if order_by is not None:
        chosen = [(p, d) for p, d in chosen if order_by in d and rank(d[order_by]) is not None]

    def place(item: tuple[str, Data]) -> Any:
        value = None if order_by is None else item[1][order_by]
        return rank(value), 0 if value is None else value, item[0]

    return sorted(chosen, key=place, reverse=descending)


def paged(store: Store, limit: int, query: dict[str, Any], place: str = C) -> list[Document]:
    found: list[Document] = []
    cursor = None
    while True:
        page = store.query(place, limit=limit, cursor=cursor, **query)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found


@settings(QUIET, max_examples=150)
@given(st.dictionaries(keys, documents), queries, st.integers(1, 4), st.sampled_from([0, 2, 500]))
def test_any_query_gives_what_the_model_gives(
    model: dict[str, Data], query: dict[str, Any], limit: int, few: int
) -> None:
    """Filters, order, ties and pages agree with Python, whichever index the query starts from."""
    store = SqliteStore(":memory:")
    store.batch([Put(path, data) for path, data in model.items()])
    expected = naive(model, **query)
    with mock.patch.object(store_query, "FEW", few):
        assert [(d.path, d.data) for d in store.query(C, **query).items] == expected
        assert [(d.path, d.data) for d in paged(store, limit, query)] == expected


class StoreMachine(RuleBasedStateMachine):
    """Any sequence of writes keeps store and model alike, with preconditions met and unmet."""

    @initialize()
    def begin(self) -> None:
        self.store = SqliteStore(":memory:")
        self.model: dict[str, Data] = {}
        self.versions: dict[str, str] = {}
        self.used: set[str] = set()

    def _write(self, write: Write) -> None:
        there, version = write.path in self.model, getattr(write, "version", None)
        refused = isinstance(write, Create) and there
        changed = version is not None and self.versions.get(write.path) != version
        try:
            written = self.store.batch([write])
        except AlreadyExists:
            assert refused
        except VersionChanged:
            assert changed
        else:
            assert not refused
            assert not changed
            self._note(write, written)

    def _note(self, write: Write, written: list[Document]) -> None:
        if isinstance(write, Delete):
            assert written == []
            self.model.pop(write.path, None)
            self.versions.pop(write.path, None)
        else:
            (document,) = written
            assert document.version not in self.used
            self.used.add(document.version)
            self.model[write.path], self.versions[write.path] = write.data, document.version

    @rule(path=keys, data=documents)
    def create(self, path: str, data: Data) -> None:
        self._write(Create(path, data))

    @rule(path=keys, data=documents)
    def put(self, path: str, data: Data) -> None:
        self._write(Put(path, data))

    @rule(path=keys, data=documents, stale=st.booleans())
    def update(self, path: str, data: Data, stale: bool) -> None:
        self._write(Update(path, data, "stale" if stale else self.versions.get(path, "none")))

    @rule(path=keys, demanded=st.sampled_from(["no", "right", "stale"]))
    def delete(self, path: str, demanded: str) -> None:
        version = {"no": None, "right": self.versions.get(path), "stale": "stale"}[demanded]
        self._write(Delete(path, version))

    @rule(first=keys, second=keys, data=documents)
    def failing_batch(self, first: str, second: str, data: Data) -> None:
        if first != second:
            try:
                self.store.batch([Put(first, data), Update(second, data, "stale")])
            except VersionChanged:
                return
            raise AssertionError("a stale version was accepted")

    @rule(query=queries, limit=st.integers(1, 3))
    def query(self, query: dict[str, Any], limit: int) -> None:
        assert [(d.path, d.data) for d in paged(self.store, limit, query)] == naive(self.model, **query)

    @invariant()
    def same_documents(self) -> None:
        if hasattr(self, "store"):
            found = self.store.get_many(list(self.model))
            assert {path: (d.data, d.version) for path, d in found.items()} == {
                path: (data, self.versions[path]) for path, data in self.model.items()
            }
            assert len(self.store.query(C).items) == len(self.model)


TestStoreMachine = StoreMachine.TestCase
TestStoreMachine.settings = settings(QUIET, max_examples=20, stateful_step_count=20)


@pytest.fixture(scope="module")
def firestore() -> Store:
    return STORES["firestore"](Path())


@settings(QUIET, max_examples=40)
@given(model=st.dictionaries(keys, documents), query=queries, limit=st.integers(1, 4))
def test_any_query_of_firestore_gives_what_the_model_gives(
    firestore: Store, model: dict[str, Data], query: dict[str, Any], limit: int
) -> None:
    """The same on the emulator: both backends agree with Python, and so with each other."""
    place = f"practices/{uuid.uuid4().hex}/things"
    model = {path.replace(C, place): data for path, data in model.items()}
    firestore.batch([Put(path, data) for path, data in model.items()])
    expected = naive(model, **query)
    assert [(d.path, d.data) for d in firestore.query(place, **query).items] == expected
    assert [(d.path, d.data) for d in paged(firestore, limit, query, place)] == expected
