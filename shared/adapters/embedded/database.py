"""Opening SQLite so that threads, processes and sudden death are all safe.

WAL: readers never wait for the writer, and what was committed survives a killed process. Writers take the write
lock first (``BEGIN IMMEDIATE``), so no transaction finds out half-way that it read something old.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.adapters.embedded.field_index import FINGERPRINT, rebuild
from shared.adapters.embedded.schema import SCHEMA, SCHEMA_VERSION
from shared.domain.errors import StoreUnavailable

MEMORY = ":memory:"
#: For each thread that reads or writes: the inner pages of the trees of a year of a clinic's documents.
CACHE_KIB = 16_384
#: Of 4 KiB: bulk work writes the same pages again and again, and each checkpoint copies those that changed.
CHECKPOINT_PAGES = 4_000
_abandoned: list[sqlite3.Connection | None] = []


class Database:
    """One SQLite file, or with ``":memory:"`` one connection shared by all threads of this process.

    Nothing is opened or created before first use, so an instance may be made before a server forks.
    """

    def __init__(self, path: Path | str, *, wait_seconds: float = 10.0) -> None:
        self.path = None if str(path) == MEMORY else Path(path)
        self._wait = wait_seconds
        self._memory: sqlite3.Connection | None = None
        self._start_process()

    @classmethod
    def of(cls, where: Path | str | Database) -> Database:
        """``where`` itself when it is a Database, so that several adapters can share one in memory."""
        return where if isinstance(where, Database) else cls(where)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for single SELECTs. Raises StoreUnavailable."""
        if self.path is None:
            with self._hold_writer(), _translated():
                yield self._shared_memory()
        else:
            with _translated():
                yield self._connection(self.path)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A write transaction: committed at the end, undone by any exception. Raises StoreUnavailable."""
        with self._hold_writer(), _translated():
            connection = self._shared_memory() if self.path is None else self._connection(self.path)
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close this thread's connection; the next use opens another. In memory, everything is forgotten."""
        connection = self._memory if self.path is None else getattr(self._local, "connection", None)
        self._memory = self._local.connection = None
        if connection is not None:
            connection.close()

    def _start_process(self) -> None:
        self._pid = os.getpid()
        self._local = threading.local()
        self._writer = threading.Lock()

    def _after_fork(self) -> None:
        # SQLite forbids using, or even closing, a connection that came through a fork.
        if self._pid != os.getpid():
            _abandoned.append(getattr(self._local, "connection", None))
            self._start_process()

    @contextmanager
    def _hold_writer(self) -> Iterator[None]:
        # Threads of one process queue here instead of polling SQLite's lock: fair, and faster under contention.
        self._after_fork()
        writer = self._writer
        if not writer.acquire(timeout=self._wait):
            raise StoreUnavailable
        try:
            yield
        finally:
            writer.release()

    def _shared_memory(self) -> sqlite3.Connection:
        if self._memory is None:
            self._memory = sqlite3.connect(MEMORY, isolation_level=None, check_same_thread=False)
            self._memory.executescript(SCHEMA)
        return self._memory

    def _connection(self, path: Path) -> sqlite3.Connection:
        self._after_fork()
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = _open(path, self._wait)
        return connection


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.ProgrammingError:  # our own mistake, not the disk's
        raise
    except (sqlite3.DatabaseError, OSError) as error:
        raise StoreUnavailable from error


def _open(path: Path, wait: float) -> sqlite3.Connection:
    if not path.parent.is_dir():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:  # only when new: closing a file that SQLite has open would drop its locks
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        pass
    connection = sqlite3.connect(
        path, timeout=wait, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    try:
        _use_wal(connection, wait)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        connection.execute("PRAGMA secure_delete = ON")  # a destroyed secret leaves no bytes behind
        _make_tables(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _use_wal(connection: sqlite3.Connection, wait: float) -> None:
    # Switching the mode does not honour the busy timeout when several processes start at once.
    deadline = time.monotonic() + wait
    while True:
        try:
            if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] == "wal":
                return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
        else:
            raise sqlite3.OperationalError("this file system offers no WAL")
        time.sleep(0.01)


def _make_tables(connection: sqlite3.Connection) -> None:
    def number(name: str) -> int:
        return int(connection.execute(f"PRAGMA {name}").fetchone()[0])

    # SQLite leaves both numbers in the file's header to whoever uses it.
    if number("user_version") > SCHEMA_VERSION:
        raise sqlite3.DatabaseError("this file was written by a newer version of Clinic Ledger")
    if number("user_version") == SCHEMA_VERSION and number("application_id") == FINGERPRINT:
        return
    connection.execute("BEGIN IMMEDIATE")
    if number("user_version") < SCHEMA_VERSION:
        for statement in SCHEMA.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    if number("application_id") != FINGERPRINT:
        rebuild(connection)
        connection.execute(f"PRAGMA application_id = {FINGERPRINT}")
    connection.execute("COMMIT")
