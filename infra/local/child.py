"""One process of the stack: started, its output prefixed, stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Say = Callable[[str], None]


@dataclass(frozen=True)
class Service:
    """``command`` is told ``--parent-pid``; ``is_ready`` is asked until it says yes. ``gentle``: asked to stop
    before it is killed, because it has something to finish."""

    name: str
    command: tuple[str, ...]
    is_ready: Callable[[], bool]
    gentle: bool = True


def python(*arguments: str) -> tuple[str, ...]:
    """A command of the interpreter that runs this."""
    return (sys.executable, *arguments)


class Child:
    """A running service. In a session of its own, so that Ctrl-C reaches only the supervisor, which knows the order."""

    def __init__(self, service: Service, environment: Mapping[str, str], directory: Path, say: Say) -> None:
        self.service = service
        self._process = subprocess.Popen(
            [*service.command, "--parent-pid", str(os.getpid())],
            env=dict(environment),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._say = say
        self._reader = threading.Thread(target=self._pass_on_output, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ended_with(self) -> int | None:
        """The exit status (negative: the signal), None while it runs."""
        return self._process.poll()

    def ask_to_stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> None:
        """Waits so long, then kills it and what it started."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        # Its own session is its own group: whatever it left behind goes too.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join(1)

    def _pass_on_output(self) -> None:
        if self._process.stdout is None:
            return
        for line in self._process.stdout:
            self._say(f"{self.service.name:<9} | {line.rstrip()}")
