"""What the tests of the embedded backend share."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shared.adapters.embedded.database import Database
from shared.adapters.embedded.delivery import Deliver
from shared.adapters.embedded.dispatcher import Dispatcher
from shared.adapters.system_clock import SystemClock

ROOT = Path(__file__).parents[2]


def process(*arguments: str | Path) -> subprocess.Popen[str]:
    """One of the functions in ``tests.contract.processes``, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.contract.processes", *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def dispatcher(database: Database, deliver: Deliver, clock: Any = None, **options: Any) -> Dispatcher:
    """A dispatcher that calls a function instead of a URL."""
    return Dispatcher(database, "", lambda _: "", clock or SystemClock(), deliver=deliver, **options)


def eventually(true: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until it is true; AssertionError when it does not become so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(0.01)
