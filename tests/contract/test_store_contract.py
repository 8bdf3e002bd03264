"""Store: single documents, versions and batches, on every backend."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.ports.store import (
    AlreadyExists,
    Create,
    Delete,
    Document,
    Put,
    Store,
    Update,
    VersionChanged,
    Write,
)
from tests.contract.backends import in_threads

BAD_DOCUMENT_PATHS = [
    "",
    "practices",
    "practices/p1/patients",
    "/practices/p1",
    "practices/p1/",
    "practices//p1/x",
    "practices/.",
    "practices/..",
    "../p1",
    "practices/__p1__",
    "__practices__/p1",
    "practices/____",
    "practices/" + "x" * 1501,
    "practices/" + "é" * 751,
    "practices/\ud800",
]
ODD_IDS = [
    "a b",
    "~",
    "'; DROP TABLE documents; --",
    "%_*?",
    "__x",
    "x__",
    "_",
    "...",
    "0",
    "é",
    "ｅ\u0301",
    "患者-7",
    "🦷",
]
ODD_IDS += [
    "tab\there",
    "new\nline",
    'quote"quote',
    "back\\slash",
    "x" * 1500,
    "#hash",
    "a:b@c",
    "NULL",
    "true",
]


def test_a_missing_document_is_none(store: Store, place: str) -> None:
    """get gives None for a document that does not exist."""
    assert store.get(f"{place}/nobody") is None


@pytest.mark.parametrize("path", BAD_DOCUMENT_PATHS)
def test_impossible_document_paths_are_refused_everywhere(store: Store, path: str) -> None:
    """A path that does not alternate collection and id, or holds a reserved segment, raises ValueError."""
    for call in (
        lambda: store.get(path),
        lambda: store.get_many([path]),
        lambda: store.create(path, {}),
        lambda: store.put(path, {}),
        lambda: store.update(path, {}, version="1"),
        lambda: store.delete(path),
        lambda: store.batch([Delete(path)]),
    ):
        with pytest.raises(ValueError):
            call()


@pytest.mark.parametrize("document_id", ODD_IDS)
def test_odd_ids_name_documents_like_any_other(store: Store, place: str, document_id: str) -> None:
    """Spaces, quotes, SQL, wildcards and any script are plain ids."""
    path = f"{place}/{document_id}"
    store.create(path, {"n": 1})
    store.create(f"{place}/other", {"n": 2})
    found = store.get(path)
    assert found is not None
    assert (found.id, found.path, found.data) == (document_id, path, {"n": 1})
    assert {d.id for d in store.query(place).items} == {document_id, "other"}


def test_ids_that_look_alike_are_different(store: Store, place: str) -> None:
    """Case and Unicode composition tell ids apart."""
    ids = ["a", "A", "\u00e9", "e\u0301", "1", "01"]
    for document_id in ids:
        store.create(f"{place}/{document_id}", {"id": document_id})
    assert {d.data["id"] for d in store.query(place).items} == set(ids)


def test_get_many_gives_those_that_exist_by_path(store: Store, place: str) -> None:
    """Missing ones are left out, asking twice is asking once, and 1200 at once are fine."""
    store.batch([Put(f"{place}/{n}", {"n": n}) for n in range(500)])
    paths = [f"{place}/{n}" for n in range(1200)]
    found = store.get_many([*paths, paths[0]])
    assert found == {path: store.get(path) for path in paths[:500]}
    assert store.get_many([]) == {}


def test_create_refuses_an_existing_document(store: Store, place: str) -> None:
    """create raises AlreadyExists and leaves what is there."""
    first = store.create(f"{place}/d", {"n": 1})
    with pytest.raises(AlreadyExists):
        store.create(f"{place}/d", {"n": 2})
    assert store.get(f"{place}/d") == first


def test_put_writes_whatever_is_there(store: Store, place: str) -> None:
    """put makes or replaces the whole document."""
    store.put(f"{place}/d", {"a": 1})
    store.put(f"{place}/d", {"b": 2})
    found = store.get(f"{place}/d")
    assert found is not None
    assert found.data == {"b": 2}


def test_every_write_gives_a_new_version(store: Store, place: str) -> None:
    """Also when the data are the same, and when a document is deleted and made again."""
    path, versions = f"{place}/d", []
    versions.append(store.create(path, {"n": 1}).version)
    versions.append(store.put(path, {"n": 1}).version)
    versions.append(store.update(path, {"n": 1}, version=versions[-1]).version)
    store.delete(path)
    versions.append(store.create(path, {"n": 1}).version)
    versions.append(store.batch([Put(path, {"n": 1})])[0].version)
    assert len(set(versions)) == len(versions)
    found = store.get(path)
    assert found is not None
    assert found.version == versions[-1] == store.query(place).items[0].version


def test_update_demands_the_version(store: Store, place: str) -> None:
    """update replaces the whole document with the demanded version; otherwise VersionChanged, nothing done."""
    path = f"{place}/d"
    first = store.create(path, {"a": 1})
    second = store.update(path, {"b": 2}, version=first.version)
    assert second.data == {"b": 2}
    with pytest.raises(VersionChanged):
        store.update(path, {"c": 3}, version=first.version)
    assert store.get(path) == second


def test_update_of_a_missing_document_is_version_changed(store: Store, place: str) -> None:
    """A document that is not there has no version to demand."""
    gone = store.create(f"{place}/d", {})
    store.delete(gone.path)
    with pytest.raises(VersionChanged):
        store.update(gone.path, {}, version=gone.version)
    assert store.get(gone.path) is None


def test_delete(store: Store, place: str) -> None:
    """Deleting what is not there is no error unless a version is demanded."""
    path = f"{place}/d"
    store.delete(path)
    with pytest.raises(VersionChanged):
        store.delete(path, version="1")
    first = store.create(path, {"n": 1})
    second = store.put(path, {"n": 2})
    with pytest.raises(VersionChanged):
        store.delete(path, version=first.version)
    assert store.get(path) == second
    store.delete(path, version=second.version)
    assert store.get(path) is None
    assert store.query(place, order_by="n").items == []


def test_a_document_outlives_its_parent(store: Store, place: str) -> None:
    """Deleting a document leaves the collections below it alone, and they need no document above."""
    store.create(f"{place}/d/below/e", {"n": 1})
    store.create(f"{place}/d", {})
    store.delete(f"{place}/d")
    assert store.get(f"{place}/d/below/e") is not None
    assert store.query(place).items == []


def test_batch_gives_the_written_documents_in_order(store: Store, place: str) -> None:
    """Deletes left out."""
    a, b = store.create(f"{place}/a", {"n": 1}), store.create(f"{place}/b", {"n": 1})
    written = store.batch(
        [
            Create(f"{place}/z", {"n": 2}),
            Delete(a.path),
            Update(b.path, {"n": 3}, b.version),
            Put(f"{place}/c", {"n": 4}),
            Delete(f"{place}/never-was"),
        ]
    )
    assert [(d.id, d.data["n"]) for d in written] == [("z", 2), ("b", 3), ("c", 4)]
    assert store.query(place).items == sorted(written, key=lambda d: d.id)
    assert store.batch([]) == []


@pytest.mark.parametrize(
    "failing", ["create", "update", "update missing", "delete", "delete missing", "data", "path"]
)
def test_batch_is_all_or_nothing(store: Store, place: str, failing: str) -> None:
    """One write that cannot be done undoes every other, before and after it."""
    kept = store.create(f"{place}/kept", {"n": 1})
    writes: dict[str, tuple[Any, type[Exception]]] = {
        "create": (Create(kept.path, {}), AlreadyExists),
        "update": (Update(kept.path, {}, "stale"), VersionChanged),
        "update missing": (Update(f"{place}/none", {}, kept.version), VersionChanged),
        "delete": (Delete(kept.path, "stale"), VersionChanged),
        "delete missing": (Delete(f"{place}/none", kept.version), VersionChanged),
        "data": (Put(f"{place}/none", {"amount": 1.5}), TypeError),
        "path": (Put(f"{place}/none/odd", {}), ValueError),
    }
    write, error = writes[failing]
    other = store.create(f"{place}/other", {"n": 1})
    with pytest.raises(error):
        store.batch(
            [Put(f"{place}/before", {"n": 1}), Delete(other.path), write, Create(f"{place}/after", {"n": 1})]
        )
    assert store.query(place).items == [kept, other] == store.query(place, order_by="n").items


def test_batch_takes_500_writes_and_no_more(store: Store, place: str) -> None:
    """501 writes raise ValueError and do nothing."""
    writes = [Create(f"{place}/{n:03}", {"n": n}) for n in range(501)]
    with pytest.raises(ValueError):
        store.batch(writes)
    assert store.query(place).items == []
    assert [d.data["n"] for d in store.batch(writes[:500])] == list(range(500))


@pytest.mark.parametrize("second", [Put("x/d", {}), Create("x/d", {}), Update("x/d", {}, "1"), Delete("x/d")])
def test_batch_refuses_one_path_twice(store: Store, place: str, second: Write) -> None:
    """Whatever the two writes are."""
    path = f"{place}/d"
    with pytest.raises(ValueError):
        store.batch([Put(path, {}), replace(second, path=path)])
    assert store.get(path) is None


def test_contended_updates_lose_nothing(store: Store, place: str) -> None:
    """8 threads x 10 read-and-update with a precondition on one document count to 80."""
    store.create(f"{place}/counter", {"n": 0})

    def count(_: int) -> None:
        for _ in range(10):
            while True:
                seen = store.get(f"{place}/counter")
                assert seen is not None
                try:
                    store.update(seen.path, {"n": seen.data["n"] + 1}, version=seen.version)
                    break
                except VersionChanged:
                    continue

    in_threads(8, count)
    end = store.get(f"{place}/counter")
    assert end is not None
    assert end.data == {"n": 80}


def test_of_many_creates_one_wins(store: Store, place: str) -> None:
    """8 threads create the same document at once: one succeeds, seven meet AlreadyExists."""
    won: list[Document] = []

    def create(number: int) -> None:
        try:
            won.append(store.create(f"{place}/lease", {"owner": number}))
        except AlreadyExists:
            pass

    in_threads(8, create)
    assert len(won) == 1
    assert store.get(f"{place}/lease") == won[0]


def test_contended_batches_stay_whole(store: Store, place: str) -> None:
    """Batches that move an amount between two documents, each seen with the version demanded, keep the sum."""
    store.batch([Put(f"{place}/a", {"n": 50}), Put(f"{place}/b", {"n": 50})])

    def move(number: int) -> None:
        for _ in range(5):
            while True:
                both = store.get_many([f"{place}/a", f"{place}/b"])
                a, b = both[f"{place}/a"], both[f"{place}/b"]
                try:
                    store.batch(
                        [
                            Update(a.path, {"n": a.data["n"] - number}, a.version),
                            Update(b.path, {"n": b.data["n"] + number}, b.version),
                        ]
                    )
                    assert a.data["n"] + b.data["n"] == 100
                    break
                except VersionChanged:
                    continue

    in_threads(4, move)
    both = store.get_many([f"{place}/a", f"{place}/b"])
    assert (both[f"{place}/a"].data["n"], both[f"{place}/b"].data["n"]) == (50 - 30, 50 + 30)
