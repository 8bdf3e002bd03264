"""The SQLite file itself: several processes, sudden death, modes, and what happens when it does not answer."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from pathlib import Path

import pytest

from shared.adapters.embedded.database import Database
from shared.adapters.embedded.secrets import SqliteSecrets
from shared.adapters.embedded.store import SqliteStore
from shared.adapters.embedded.tasks import SqliteTasks
from shared.adapters.system_clock import SystemClock
from shared.domain.errors import StoreUnavailable
from shared.ports.store import Where
from tests.contract.helpers import process
from tests.contract.processes import COUNTER


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "state" / "ledger.sqlite"


def test_several_processes_share_one_file(path: Path) -> None:
    """Four processes open a new file at once and count one document up together, losing nothing."""
    running = [process("increment", path, "25") for _ in range(4)]
    assert [each.wait(timeout=30) for each in running] == [0] * 4
    found = SqliteStore(path).get(COUNTER)
    assert found is not None
    assert found.data == {"n": 100}


def test_several_processes_make_one_key(path: Path) -> None:
    """Secrets written by processes that all started without a key file can be read by each other."""
    running = [process("add_secret", path) for _ in range(4)]
    assert [each.wait(timeout=30) for each in running] == [0] * 4
    secrets = SqliteSecrets(path)
    assert [secrets.access("shared", version) for version in secrets.versions("shared")] == [b"payload"] * 4
    assert {file.name for file in path.parent.iterdir()} <= {
        "secrets.key",
        "ledger.sqlite",
        "ledger.sqlite-wal",
        "ledger.sqlite-shm",
    }


def test_rows_for_other_fields_are_made_anew(path: Path) -> None:
    """A file from when other fields were asked for answers today's queries after it is opened."""
    store = SqliteStore(path)
    for number in range(3):
        store.put(f"tenants/t-{number}", {"grant_id": "g", "name": f"Clinic {number}"})
    with sqlite3.connect(path) as connection:
        assert {row[0] for row in connection.execute("SELECT field FROM fields")} == {"grant_id"}
        connection.execute("UPDATE fields SET field = 'name', value = id")
        connection.execute("CREATE UNIQUE INDEX fields_by_document ON fields (collection, id, field)")
        connection.execute("PRAGMA application_id = 0")
    connection.close()
    again = SqliteStore(path)
    assert len(again.query("tenants", where=[Where("grant_id", "==", "g")]).items) == 3
    again.put("tenants/t-0", {"grant_id": "other"})
    assert len(again.query("tenants", where=[Where("grant_id", "==", "g")]).items) == 2
    with sqlite3.connect(path) as connection:
        assert not connection.execute(
            "SELECT 1 FROM sqlite_master WHERE name = 'fields_by_document'"
        ).fetchall()
    connection.close()


def test_what_was_acknowledged_survives_a_kill(path: Path) -> None:
    """SIGKILL in the middle of writing: every acknowledged batch is whole, none is half there."""
    writing = process("write", path)
    assert writing.stdout is not None
    acknowledged = [int(writing.stdout.readline()) for _ in range(60)]
    os.kill(writing.pid, signal.SIGKILL)
    acknowledged += [int(line) for line in writing.stdout.read().splitlines() if line.strip()]
    writing.wait(timeout=10)
    store = SqliteStore(path)
    sides = []
    for side in ("left", "right"):
        by_id = store.query(f"practices/demo/{side}", limit=100_000).items
        by_field = store.query(f"practices/demo/{side}", order_by="n", limit=100_000).items
        assert by_id == by_field
        sides.append([d.data["n"] for d in by_id])
    assert sides[0] == sides[1] == list(range(len(sides[0])))
    assert set(acknowledged) <= set(sides[0])
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_a_forked_process_opens_its_own_connection(path: Path) -> None:
    """A server that forks after first use: parent and child both go on working."""
    database = Database(path)
    store = SqliteStore(database)
    store.put("practices/demo", {"n": 0})
    with database.reading() as connection:
        parents = connection
    child = os.fork()
    if child == 0:
        try:
            store.put("practices/child", {"n": 1})
            with database.reading() as connection:
                os._exit(0 if store.get("practices/demo") and connection is not parents else 2)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    store.put("practices/parent", {"n": 1})
    assert [d.id for d in store.query("practices").items] == ["child", "demo", "parent"]


def test_only_the_owner_can_read_the_files(path: Path) -> None:
    """Folder 0700; database, its companions and the key 0600, whatever the umask."""
    before = os.umask(0)
    try:
        SqliteStore(path).put("practices/demo", {})
        SqliteSecrets(path).add("token", b"x")
    finally:
        os.umask(before)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    files = list(path.parent.iterdir())
    assert {file.name for file in files} == {
        "secrets.key",
        "ledger.sqlite",
        "ledger.sqlite-wal",
        "ledger.sqlite-shm",
    }
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_nothing_is_opened_before_first_use(path: Path) -> None:
    """Making the adapters touches no file, so it may happen before a server forks."""
    SqliteStore(path)
    SqliteSecrets(path)
    assert not path.parent.exists()


def test_readers_do_not_wait_for_a_writer(path: Path) -> None:
    """While one transaction is open, others read what was committed before it."""
    store, other = SqliteStore(path), Database(path)
    store.put("practices/demo", {"n": 1})
    with other.writing() as connection:
        connection.execute("UPDATE documents SET version = 'new'")
        found = store.get("practices/demo")
        assert found is not None
        assert found.version != "new"


def test_a_lock_held_too_long_is_store_unavailable(path: Path) -> None:
    """By another process (another connection) and by another thread; afterwards everything works."""
    store = SqliteStore(Database(path, wait_seconds=0.05))
    store.put("practices/demo", {"n": 1})
    with Database(path).writing(), pytest.raises(StoreUnavailable):
        store.put("practices/demo", {"n": 2})
    shared = Database(":memory:", wait_seconds=0.05)
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with shared.writing():
            entered.set()
            leave.wait(timeout=10)

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait(timeout=10)
    with pytest.raises(StoreUnavailable):
        SqliteStore(shared).get("practices/demo")
    leave.set()
    holder.join()
    assert SqliteStore(shared).get("practices/demo") is None
    assert store.put("practices/demo", {"n": 3}).data == {"n": 3}


def test_an_impossible_folder_is_store_unavailable(tmp_path: Path) -> None:
    """Where the folder should be there is a file: store, secrets and tasks all say so."""
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "ledger.sqlite"
    with pytest.raises(StoreUnavailable):
        SqliteStore(path).get("practices/demo")
    with pytest.raises(StoreUnavailable):
        SqliteSecrets(path).access("grant", 1)
    with pytest.raises(StoreUnavailable):
        SqliteSecrets(path).add("grant", b"x")
    with pytest.raises(StoreUnavailable):
        SqliteTasks(path, SystemClock()).enqueue("pull", {})


def test_a_file_that_is_no_database_is_store_unavailable(tmp_path: Path) -> None:
    """It is neither overwritten nor mistaken for an empty store."""
    (tmp_path / "ledger.sqlite").write_bytes(b"something else" * 100)
    with pytest.raises(StoreUnavailable):
        SqliteStore(tmp_path / "ledger.sqlite").put("practices/demo", {})
    assert (tmp_path / "ledger.sqlite").read_bytes() == b"something else" * 100


def test_a_newer_file_is_left_alone(path: Path) -> None:
    """A database written by a later version of the product is not guessed at."""
    SqliteStore(path).put("practices/demo", {})
    with Database(path).writing() as connection:
        connection.execute("PRAGMA user_version = 999")
    with pytest.raises(StoreUnavailable):
        SqliteStore(path).get("practices/demo")


def test_a_closed_database_opens_again(path: Path) -> None:
    """close ends this thread's connection; data stay."""
    database = Database(path)
    store = SqliteStore(database)
    store.put("practices/demo", {"n": 1})
    database.close()
    database.close()
    assert store.get("practices/demo") is not None


def test_memory_is_shared_by_adapters_and_threads_of_one_database() -> None:
    """A Database in memory is one place; two of them are two."""
    database = Database(":memory:")
    writer = threading.Thread(target=lambda: SqliteStore(database).put("practices/demo", {"n": 1}))
    writer.start()
    writer.join()
    assert len(SqliteStore(database).query("practices", where=[Where("n", "==", 1)]).items) == 1
    assert SqliteStore(":memory:").get("practices/demo") is None
