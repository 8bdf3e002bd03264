"""Firestore alone: answers that do not come, come late, or come twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions

from shared.adapters import google_rpc as rpc
from shared.adapters.firestore.store import FirestoreStore, make_firestore_store
from shared.domain.errors import StoreUnavailable
from shared.ports.store import AlreadyExists, Create, Delete, Put, Update, VersionChanged
from tests.emulators import emulated_store

UNAVAILABLE = exceptions.ServiceUnavailable("the connection broke")


class Line:
    """Between the client and Firestore: ``before`` and ``after`` happen around the next calls, one each."""

    def __init__(self, ask: Callable[..., Any]) -> None:
        self._ask = ask
        self.calls = 0
        self.before: list[Exception | None] = []
        self.after: list[Exception | Callable[[], Any] | None] = []

    def __call__(self, *positional: Any, **named: Any) -> Any:
        self.calls += 1
        assert named["timeout"] <= rpc.ATTEMPT_SECONDS
        if self.before and (error := self.before.pop(0)):
            raise error
        answer = self._ask(*positional, **named)
        if self.after and (lost := self.after.pop(0)):
            if isinstance(lost, Exception):
                raise lost
            lost()
            raise UNAVAILABLE
        return answer


@pytest.fixture
def other() -> FirestoreStore:
    """Another process at the same documents."""
    return emulated_store()


@pytest.fixture
def store(other: FirestoreStore) -> FirestoreStore:
    return emulated_store(other._client.project)


@pytest.fixture
def commits(store: FirestoreStore, monkeypatch: pytest.MonkeyPatch) -> Line:
    line = Line(store._client._firestore_api.commit)
    monkeypatch.setattr(store._client._firestore_api, "commit", line)
    return line


@pytest.fixture
def reads(store: FirestoreStore, monkeypatch: pytest.MonkeyPatch) -> Line:
    line = Line(store._client._firestore_api.get_document)
    monkeypatch.setattr(store._client._firestore_api, "get_document", line)
    return line


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "CALL_SECONDS", 0.3)


def test_nothing_is_made_before_first_use() -> None:
    """Neither importing the adapter nor making a store makes a client, which a forked worker could not use."""
    program = (
        "from unittest import mock\n"
        "with mock.patch('google.cloud.firestore.Client.__init__', side_effect=SystemExit('made')):\n"
        "    from shared.adapters.firestore.store import make_firestore_store\n"
        "    store = make_firestore_store(project='p')\n"
        "    try: store.get('a/b')\n"
        "    except SystemExit as made: assert str(made) == 'made'; print('then')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "then\n"), done.stderr


def test_a_store_names_its_project_and_database() -> None:
    """What ``make_firestore_store`` is told is what the client is of, and one client serves all calls."""
    emulated_store()  # skips where there is no emulator, and no credentials either
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
        store = make_firestore_store(project="ours", database="ledger")
        client = store._client
    assert (client.project, client._database) == ("ours", "ledger")
    assert store._client is client


def test_a_create_whose_answer_was_lost_is_known_as_done(store: FirestoreStore, commits: Line) -> None:
    """The repetition meets what the first attempt created, and says so instead of AlreadyExists."""
    commits.after = [UNAVAILABLE]
    made = store.create("a/1", {"n": 1})
    assert commits.calls == 2
    assert store.get("a/1") == made


def test_an_update_whose_answer_was_lost_is_known_as_done(store: FirestoreStore, commits: Line) -> None:
    """Also in a batch with a delete: every version it gives is the stored one, and nothing is done twice."""
    first, gone = store.create("a/1", {"n": 1}), store.create("a/2", {"n": 1})
    commits.calls, commits.after = 0, [exceptions.DeadlineExceeded("late")]
    written = store.batch(
        [Delete(gone.path, gone.version), Update("a/1", {"n": 2}, first.version), Put("a/3", {})]
    )
    assert commits.calls == 2
    assert written == [store.get("a/1"), store.get("a/3")]
    assert [document.data for document in written] == [{"n": 2}, {}]
    assert store.get("a/2") is None


def test_what_did_not_arrive_is_sent_again(store: FirestoreStore, commits: Line) -> None:
    """A create that the first two attempts never delivered is done by the third."""
    commits.before = [UNAVAILABLE, exceptions.Aborted("contention")]
    assert store.create("a/1", {"n": 1}) == store.get("a/1")
    assert commits.calls == 3


def test_somebody_elses_document_is_not_taken_for_ours(
    store: FirestoreStore, other: FirestoreStore, commits: Line
) -> None:
    """An attempt that did not arrive, then a document of another's: AlreadyExists."""
    theirs = other.create("a/1", {"owner": "other"})
    commits.before = [UNAVAILABLE]
    with pytest.raises(AlreadyExists):
        store.create("a/1", {"owner": "ours"})
    assert store.get("a/1") == theirs


def test_an_update_that_was_overwritten_before_its_answer_is_not_repeated(
    store: FirestoreStore, other: FirestoreStore, commits: Line
) -> None:
    """Ours arrived, its answer did not, another built on it: VersionChanged, and theirs stands."""
    first = store.create("a/1", {"n": 1})
    commits.after = [lambda: other.put("a/1", {"n": other.get("a/1").data["n"] + 10})]  # type: ignore[union-attr]
    with pytest.raises(VersionChanged):
        store.update("a/1", {"n": 2}, version=first.version)
    seen = store.get("a/1")
    assert seen is not None
    assert seen.data == {"n": 12}


@pytest.mark.parametrize("write", [Put("a/1", {"n": 1}), Delete("a/1")], ids=["put", "delete"])
def test_an_unconditional_write_is_not_sent_twice(
    store: FirestoreStore, commits: Line, write: Put | Delete
) -> None:
    """Repeated late it would undo what others wrote meanwhile; the caller hears that the answer is missing."""
    commits.after = [UNAVAILABLE]
    with pytest.raises(StoreUnavailable):
        store.batch([write])
    assert commits.calls == 1
    commits.before = [exceptions.Aborted("contention")]  # certainly not done: no reason to give up
    store.batch([write])
    assert commits.calls == 3


@pytest.mark.usefixtures("hurry")
def test_no_answer_at_all_is_store_unavailable(store: FirestoreStore, commits: Line, reads: Line) -> None:
    """Reads and writes end, after some attempts, with the port's error."""
    for line, call in (
        (commits, lambda: store.create("a/1", {})),
        (reads, lambda: store.get("a/1")),
    ):
        line.before = [UNAVAILABLE] * 100
        with pytest.raises(StoreUnavailable):
            call()
        assert 1 < line.calls < 20


@pytest.mark.usefixtures("hurry")
def test_contention_without_end_is_version_changed(store: FirestoreStore, commits: Line) -> None:
    """Where a version was demanded the caller reads again; else the store is what did not answer."""
    first = store.create("a/1", {})
    commits.before = [exceptions.Aborted("contention")] * 100
    with pytest.raises(VersionChanged):
        store.update("a/1", {}, version=first.version)
    with pytest.raises(StoreUnavailable):
        store.put("a/1", {})


def test_a_read_that_broke_off_is_made_again(store: FirestoreStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that ends in the middle gives the whole page, nothing twice."""
    store.batch([Create(f"a/{n}", {"n": n}) for n in range(5)])
    ask, calls = store._client._firestore_api.run_query, []

    def broken(*positional: Any, **named: Any) -> Any:
        calls.append(1)
        answers = iter(ask(*positional, **named))
        for number, answer in enumerate(answers):
            if len(calls) == 1 and number == 3:
                raise UNAVAILABLE
            yield answer

    monkeypatch.setattr(store._client._firestore_api, "run_query", broken)
    assert [d.data["n"] for d in store.query("a", order_by="n").items] == [0, 1, 2, 3, 4]
    assert len(calls) == 2


def test_what_is_no_outage_is_not_called_one(store: FirestoreStore, commits: Line, reads: Line) -> None:
    """No permission is the deployment's mistake: it is shown as it is, at once."""
    commits.before = reads.before = [exceptions.PermissionDenied("no")]
    with pytest.raises(exceptions.PermissionDenied):
        store.get("a/1")
    reads.before, commits.before = [], [exceptions.PermissionDenied("no")]
    with pytest.raises(exceptions.PermissionDenied):
        store.create("a/1", {})
    assert (commits.calls, reads.calls) == (1, 1)


def test_a_missing_database_is_no_missing_document(
    store: FirestoreStore, reads: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document that is not there is None; a database that is not there is a mistake, and shown as it is."""
    assert store.get("a/1") is None
    gone = exceptions.NotFound("The database (default) does not exist for project ours")
    reads.before = [gone]
    assert store.get("a/1") is None  # asked again by the other call, which knows the two apart
    streams = Line(store._client._firestore_api.batch_get_documents)
    monkeypatch.setattr(store._client._firestore_api, "batch_get_documents", streams)
    reads.before, streams.before = [gone], [gone]
    with pytest.raises(exceptions.NotFound):
        store.get("a/1")
