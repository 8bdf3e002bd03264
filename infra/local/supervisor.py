"""Starts the stack's processes in order, keeps them running, and stops them in the opposite order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.local.child import Child, Say, Service
from infra.local.ports import wait_until_free
from infra.local.stopping import Stopping

READY_SECONDS = 60.0
STOP_SECONDS = 8.0
RESTARTS, RESTART_WINDOW_SECONDS = 3, 60.0
OLD_RUN_SECONDS = 5.0  # what a run that was killed outright may need to let go of its ports


class StackFailed(Exception):
    """The stack cannot start or go on; the text is a sentence for the person at the terminal."""


def demand_ports(ports: Mapping[str, int], seconds: float = OLD_RUN_SECONDS) -> None:
    """``ports`` by the name of the variable that sets each. Raises StackFailed naming the variable."""
    for variable, port in ports.items():
        if not wait_until_free(port, seconds):
            raise StackFailed(
                f"Port {port} is taken by another program. Stop that program, or choose another port by setting "
                f"{variable}, for example: {variable}={port + 10 if port < 65_000 else port - 10} make run"
            )


class Supervisor:
    """``start``, then ``watch`` until ``stopping`` is set, then ``stop``. ``stopping`` also breaks off ``start``."""

    def __init__(
        self, services: Sequence[Service], environment: Mapping[str, str], directory: Path, say: Say
    ) -> None:
        self.stopping = Stopping()
        self.children: list[Child] = []
        self._services = services
        self._environment = environment
        self._directory = directory
        self._say = say
        self._restarts: dict[str, deque[float]] = {}

    def start(self, ready_seconds: float = READY_SECONDS) -> None:
        """Returns when every service is ready or ``stopping`` is set. Raises StackFailed."""
        for service in self._services:
            if self.stopping.is_set():
                return
            child = self._launch(service)
            self.children.append(child)
            self._wait_until_ready(child, ready_seconds)

    def watch(self) -> None:
        """Restarts what crashes until ``stopping`` is set. Raises StackFailed when one crashes again and again."""
        while not self.stopping.wait(0.25):
            self.revive()

    def revive(self) -> None:
        """One look at every process."""
        for index, child in enumerate(self.children):
            status = child.ended_with()
            if status is None or self.stopping.is_set():
                continue
            name = child.service.name
            self._allow_restart(name, status)
            self._say(f"The {name} ended unexpectedly ({_ending(status)}); starting it again.")
            child.wait(0)
            self.children[index] = self._launch(child.service)

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """The last started first, each given time to finish what it is doing, then killed."""
        self.stopping.set()
        for child in reversed(self.children):
            child.ask_to_stop()
            child.wait(seconds if child.service.gentle else 0)
        self.children.clear()

    def _launch(self, service: Service) -> Child:
        return Child(service, self._environment, self._directory, self._say)

    def _wait_until_ready(self, child: Child, seconds: float) -> None:
        until = time.monotonic() + seconds
        name = child.service.name
        while not self.stopping.wait(0.05):
            status = child.ended_with()
            if status is not None:
                child.wait(0)  # so that its last words stand before this
                raise StackFailed(
                    f"The {name} ended before it was ready ({_ending(status)}); see its lines above."
                )
            if child.service.is_ready():
                return
            if time.monotonic() > until:
                raise StackFailed(
                    f"The {name} was not ready after {seconds:.0f} seconds; see its lines above."
                )

    def _allow_restart(self, name: str, status: int) -> None:
        now = time.monotonic()
        recent = self._restarts.setdefault(name, deque())
        while recent and now - recent[0] > RESTART_WINDOW_SECONDS:
            recent.popleft()
        if len(recent) >= RESTARTS:
            raise StackFailed(
                f"The {name} ended {RESTARTS + 1} times within a minute ({_ending(status)}); giving up."
            )
        recent.append(now)


def _ending(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"
