"""The real stack as a process of its own: started, killed whole or in part, started again on the same state."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import requests

from infra.local.ports import is_free, wait_until_free
from infra.local.settings import ROOT, Settings

#: Below what the machine hands out for outgoing connections, so that nobody takes one while its server is down.
PORTS = range(21_000, 31_000)
MARKS = {
    "simulator": "tests.xero_simulator",
    "gateway": "infra.local.gateway_server",
    "machinery": "infra.local.machinery",
}
START_SECONDS = 90.0
TRIES = 4


class SoakFailed(Exception):
    """The soak itself cannot go on."""


class Stack:
    """``clock_ahead`` counts from the next start. Kills only what it started."""

    def __init__(self, folder: Path) -> None:
        ports = random.sample([port for port in random.sample(PORTS, 200) if is_free(port)][:20], 3)
        self.clock_ahead = 0.0
        self.starts = 0
        self.log = folder / "stack.log"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("XERO_")},
            **dict(zip(("PORT", "SIMULATOR_PORT", "ISSUER_PORT"), map(str, ports), strict=True)),
            "STATE_DIR": str(folder / "state"),
            "PYTHONPATH": str(ROOT),
            "LOG_LEVEL": "ERROR",
        }
        self.settings = Settings.from_environment(self._environment)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when all of it answers. SoakFailed when it does not start after several tries."""
        command = [sys.executable, "-m", "infra.local", "run", "--empty", "--parent-pid", str(os.getpid())]
        environment = self._environment | {"CLOCK_AHEAD_SECONDS": str(self.clock_ahead)}
        for _ in range(TRIES):
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )
            self.starts += 1
            if self._becomes_ready():
                return
            self.kill()
        raise SoakFailed(f"the stack does not start; see {self.log}")

    def is_up(self) -> bool:
        """Whether the supervisor still runs: it gives up when a process dies again and again."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL for the supervisor; its processes see that and end. Returns when their ports are free."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)
            self._process.wait(30)
            self._process = None
        for port in (self.settings.port, self.settings.simulator_port, self.settings.issuer_port):
            wait_until_free(port, 10)

    def jump(self, seconds: float) -> None:
        """From the next start on both clocks, ours and the simulator's, run that much further ahead.

        Only while nothing runs, and in the simulator's state file: one clock moving before the other would make it
        forget an idempotency key that we still trust.
        """
        self.clock_ahead += seconds
        with contextlib.closing(sqlite3.connect(self.settings.state_dir / "simulator.sqlite")) as database:
            database.execute(
                "INSERT INTO documents VALUES ('clock', 'offset', ?)"
                " ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
                (str(self.clock_ahead),),
            )
            database.commit()

    def kill_part(self, name: str) -> bool:
        """SIGKILL for one process of the stack; its supervisor starts it again. False when it is not there now."""
        pid = self._pids().get(name)
        if pid is None:
            return False
        os.kill(pid, signal.SIGKILL)  # a child of ours that nobody has waited for: the pid is still its own
        return True

    def stop(self) -> None:
        """As Ctrl-C does; killed when it takes too long."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(40)
        self.kill()

    def _pids(self) -> dict[str, int]:
        """The supervisor's children by name, from /proc."""
        if self._process is None or self._process.poll() is not None:
            return {}
        found: dict[str, int] = {}
        with contextlib.suppress(OSError):
            listed = Path(f"/proc/{self._process.pid}/task").glob("*/children")
            for pid in " ".join(path.read_text() for path in listed).split():
                command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
                found |= {name: int(pid) for name, mark in MARKS.items() if mark in command}
        return found

    def _becomes_ready(self) -> bool:
        until = time.monotonic() + START_SECONDS
        while self.is_up() and time.monotonic() < until:
            if answers(f"{self.settings.issuer_url}/healthz") and answers(
                f"{self.settings.base_url}/openapi.json"
            ):
                return True  # the last to be started and the one before it
            time.sleep(0.1)
        return False


def answers(url: str) -> bool:
    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.get(url.replace("localhost", "127.0.0.1"), timeout=3).ok
    except requests.RequestException:
        return False
