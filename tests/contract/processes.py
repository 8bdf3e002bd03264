"""What the multi-process tests run in other processes: ``python -m tests.contract.processes WHAT ARGS...``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import count

from shared.adapters.embedded.dispatcher import Dispatcher
from shared.adapters.embedded.secrets import SqliteSecrets
from shared.adapters.embedded.store import SqliteStore
from shared.adapters.embedded.tasks import SqliteTasks
from shared.adapters.system_clock import SystemClock
from shared.ports.store import AlreadyExists, Put, VersionChanged

COUNTER = "practices/demo/things/counter"


def increment(path: str, times: str) -> None:
    """Count the shared counter up, with preconditions."""
    store = SqliteStore(path)
    try:
        store.create(COUNTER, {"n": 0})
    except AlreadyExists:
        pass
    for _ in range(int(times)):
        while True:
            seen = store.get(COUNTER)
            assert seen is not None
            try:
                store.update(COUNTER, {"n": seen.data["n"] + 1}, version=seen.version)
                break
            except VersionChanged:
                continue


def write(path: str) -> None:
    """Write pairs of documents for ever, saying which were acknowledged."""
    store = SqliteStore(path)
    for n in count():
        store.batch([Put(f"practices/demo/{side}/{n:06}", {"n": n}) for side in ("left", "right")])
        print(n, flush=True)


def dispatch(path: str, base_url: str) -> None:
    """Dispatch until killed."""
    Dispatcher(path, base_url, lambda _: "token", SystemClock(), lease_seconds=0.6).run()


def enqueue(path: str) -> None:
    """One task per line read."""
    tasks = SqliteTasks(path, SystemClock())
    for line in sys.stdin:
        tasks.enqueue("pull", {"line": line.strip()})


def add_secret(path: str) -> None:
    """Add one version and read it back."""
    secrets = SqliteSecrets(path)
    assert secrets.access("shared", secrets.add("shared", b"payload")) == b"payload"


if __name__ == "__main__":
    what: Callable[..., None] = globals()[sys.argv[1]]
    what(*sys.argv[2:])
