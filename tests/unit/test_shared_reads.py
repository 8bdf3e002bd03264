"""Reads that many documents share: once each, and never older than what was written or refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from shared.adapters.embedded.store import SqliteStore
from shared.ports import Ports
from shared.ports.store import Document, VersionChanged
from shared.services import paths
from shared.services.operation_runner import reading_once
from shared.services.shared_reads import SharedReads
from tests.benchmarks.counting_store import CountingStore

PATH, OTHER = "practices/p/config/settings", "practices/p/config/setup"


@pytest.fixture
def store() -> CountingStore:
    store = CountingStore(SqliteStore(":memory:"))
    store.put(PATH, {"n": 1})
    return store


def test_each_document_is_read_once(store: CountingStore) -> None:
    """One by one or together, there or not."""
    shared, before = SharedReads(store), store.cost
    for _ in range(3):
        found = shared.get(PATH)
        assert found is not None
        assert found.data == {"n": 1}
        assert shared.get(OTHER) is None
        assert list(shared.get_many([PATH, OTHER])) == [PATH]
    assert (store.cost - before).reads == 2


def test_where_processes_look_to_see_each_other_is_always_read(store: CountingStore) -> None:
    """After taking a lease the grant is read again: what another process renewed meanwhile must show."""
    shared = SharedReads(store)
    for path in ("grants/g-1", "leases/refresh-g-1", "tenants/t-1"):
        assert shared.get(path) is None
        store.put(path, {"n": 1})
        assert shared.get(path) is not None
        store.put(path, {"n": 2})
        assert shared.get_many([path])[path].data == {"n": 2}


def test_a_caller_changes_nothing_for_the_next(store: CountingStore) -> None:
    shared = SharedReads(store)
    found = shared.get(PATH)
    assert found is not None
    found.data["n"] = 2
    again = shared.get(PATH)
    assert again is not None
    assert again.data == {"n": 1}


def test_what_is_written_is_read_again(store: CountingStore) -> None:
    shared = SharedReads(store)
    assert shared.get(OTHER) is None
    shared.put(OTHER, {"revision": "r"})
    shared.delete(PATH)
    assert [shared.get(OTHER) is None, shared.get(PATH) is None] == [False, True]


def test_after_a_refusal_all_is_read_again(store: CountingStore) -> None:
    """Somebody else moved something: whoever tries again must see it, and not only the document that was refused."""
    shared = SharedReads(store)
    old = shared.get(PATH)
    assert old is not None
    assert shared.get(OTHER) is None
    store.put(PATH, {"n": 2})
    store.put(OTHER, {"revision": "r"})
    with pytest.raises(VersionChanged):
        shared.update(PATH, {"n": 3}, version=old.version)
    fresh = shared.get(PATH)
    assert fresh is not None
    assert fresh.data == {"n": 2}
    assert shared.get(OTHER) is not None


def test_the_set_ups_revision_is_read_first(store: CountingStore) -> None:
    """What a person changes while the rest is read then counts as a later change; afterwards all is as it was."""
    asked: list[str] = []

    class Asked(CountingStore):
        def get(self, path: str) -> Document | None:
            asked.append(path)
            return super().get(path)

    none: Any = None
    ports = Ports(Asked(store), none, none, none, none, none, none)
    runs: Any = [SimpleNamespace(ports=ports, practice_id="p") for _ in range(2)]
    with reading_once(runs):
        assert asked == [paths.setup("p")]
        assert runs[0].ports is runs[1].ports
        runs[0].ports.store.get(paths.setup("p"))
        runs[1].ports.store.get(paths.settings("p"))
    assert asked == [paths.setup("p"), paths.settings("p")]
    assert [run.ports for run in runs] == [ports, ports]
