"""Reads that many documents share: once each, and never older than what was written or refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from shared.adapters.embedded.store import SqliteStore
from shared.adapters.store_records import StoreClinicRecords
from shared.ports import Ports
from shared.ports.store import Document, VersionChanged
from shared.services import paths
from shared.services.operation_runner import reading_once
from shared.services.shared_reads import (
    SharedReads,
    once,
    read_for_preparing,
    read_for_settling,
    sharing_reads,
)
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


def test_what_is_made_of_them_is_made_once(store: CountingStore) -> None:
    """Until something is written through the shared reads, whatever it is; never where reads are not shared."""
    made: list[str] = []

    def make() -> int:
        made.append("once more")
        return len(made)

    ports = ports_of(store)
    assert [once(ports, ("settings", "p"), make) for _ in range(2)] == [1, 2]
    shared = sharing_reads(ports)
    assert [once(shared, ("settings", practice), make) for practice in ("p", "p", "q", "p")] == [3, 3, 4, 3]
    shared.store.put(OTHER, {"revision": "r"})
    assert once(shared, ("settings", "p"), make) == 5


@pytest.mark.parametrize(
    ("beforehand", "requests", "read"),
    [
        (read_for_preparing, 3, ["contact_links/q-1", "contact_links/q-2", "contact_links/q-9"]),
        (read_for_settling, 3, ["contact_links/q-9", "invoice_links/a-1", "invoice_links/a-2"]),
    ],
)
def test_what_many_need_is_read_together(
    store: CountingStore, beforehand: Any, requests: int, read: list[str]
) -> None:
    """Appointments, people and links, of many operations in as few requests as of one; what follows costs nothing."""
    for number in (1, 2):
        line: dict[str, Any] = {"patient_id": f"q-{number}", "starts_at_local": "2026-11-24T08:00:00+11:00"}
        store.put(f"practices/p/appointments/a-{number}", line)
    subjects = [{"appointment_id": "a-1"}, {"appointment_id": "a-2"}, {"patient_id": "q-9"}]
    shared, before = sharing_reads(ports_of(store, StoreClinicRecords(store))), store.cost
    beforehand(shared, "p", subjects)
    assert (store.cost - before).requests == requests
    before = store.cost
    for name in read:
        assert shared.store.get(f"practices/p/{name}") is None
    found = shared.records.appointment("p", "a-2")
    assert found is not None
    assert found.patient_id == "q-2"
    assert shared.records.patient("p", "q-9") is None
    assert store.cost == before


def test_one_odd_record_is_left_to_its_own_run(store: CountingStore) -> None:
    """Nothing is raised before the others are looked at, and whoever needs the odd one meets what is wrong with it."""
    good: dict[str, Any] = {"patient_id": "q-1", "starts_at_local": "2026-11-24T08:00:00+11:00"}
    store.put("practices/p/appointments/a-1", good)
    store.put("practices/p/appointments/a-2", {"patient_id": "q-1"})
    shared = sharing_reads(ports_of(store, StoreClinicRecords(store)))
    read_for_preparing(shared, "p", [{"appointment_id": "a-1"}, {"appointment_id": "a-2"}])
    assert shared.records.appointment("p", "a-1") is not None
    with pytest.raises(KeyError):
        shared.records.appointment("p", "a-2")


def ports_of(store: CountingStore, records: Any = None) -> Ports:
    none: Any = None
    return Ports(store, none, none, none, records, none, none)


def test_the_set_ups_revision_is_read_first(store: CountingStore) -> None:
    """What a person changes while the rest is read then counts as a later change; afterwards all is as it was."""
    asked: list[str] = []

    class Asked(CountingStore):
        def get(self, path: str) -> Document | None:
            asked.append(path)
            return super().get(path)

    ports = ports_of(Asked(store))
    runs: Any = [SimpleNamespace(ports=ports, practice_id="p") for _ in range(2)]
    with reading_once(runs):
        assert asked == [paths.setup("p")]
        assert runs[0].ports is runs[1].ports
        runs[0].ports.store.get(paths.setup("p"))
        runs[1].ports.store.get(paths.settings("p"))
    assert asked == [paths.setup("p"), paths.settings("p")]
    assert [run.ports for run in runs] == [ports, ports]
