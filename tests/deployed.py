"""One function in a process of its own under functions-framework, started exactly as it is deployed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local.ports import free_port
from infra.local.settings import ROOT

PROGRAM = Path(sys.executable).with_name("functions-framework")
#: Never what the developer's own shell points the function at.
NOT_OURS = ("XERO_", "AUTH_", "TASKS_", "BACKEND", "GOOGLE_", "REGION")
LISTENS_WITHIN_SECONDS = 90


@dataclass(frozen=True)
class Deployed:
    """``started``: by the clock of time.monotonic, just before the process was."""

    port: int
    pid: int
    started: float

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def deployed(name: str, state: Path, *, source: Path | None = None, **settings: str) -> Iterator[Deployed]:
    """``functions/<name>/main.py``, or the function ``name`` of ``source``; it listens, with the key ``a-key`` for
    webhooks unless ``settings``, which are its environment, say otherwise."""
    port = free_port()
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(NOT_OURS)},
        "FUNCTION_TARGET": name,
        "FUNCTION_SOURCE": str(source or f"functions/{name}/main.py"),
        "PYTHONPATH": str(ROOT),
        "PORT": str(port),
        "STATE_DIR": str(state),
        "XERO_WEBHOOK_KEY": "a-key",
        **settings,
    }
    started = time.monotonic()
    with (state.parent / f"{state.name}.log").open("wb") as log:
        process = subprocess.Popen(
            [str(PROGRAM)], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait(process, port, Path(log.name))
            yield Deployed(port, process.pid, started)
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # the process is the leader of its own session
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + LISTENS_WITHIN_SECONDS
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            raise AssertionError(f"it ended by itself: {log.read_text()[-2000:]}")
        time.sleep(0.005)
    raise AssertionError(f"it did not listen within {LISTENS_WITHIN_SECONDS} seconds")
