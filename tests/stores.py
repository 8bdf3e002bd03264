"""Which store the product under test keeps its documents in: SQLite, or Firestore with TEST_STORE=firestore.

``TEST_STORE=firestore pytest tests/faults tests/functions`` plays those suites on Google's emulator.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from shared.adapters.embedded.database import Database
from shared.adapters.embedded.store import SqliteStore
from shared.ports.store import Store

MakeStore = Callable[[Path, Database], Store]


def embedded_store(_: Path, database: Database) -> Store:
    return SqliteStore(database)


def firestore_store(folder: Path, _: Database) -> Store:
    """A project per folder: empty for a new product, the same for another process of that product."""
    from tests.emulators import emulated_store

    return emulated_store(f"test-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:20]}")


STORES: dict[str, MakeStore] = {"embedded": embedded_store, "firestore": firestore_store}


def chosen_store(folder: Path, database: Database) -> Store:
    """The one that TEST_STORE names."""
    return STORES[os.environ.get("TEST_STORE") or "embedded"](folder, database)
