"""The supervisor: nothing is left behind, crashes are mended within reason, failures are said in plain words."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.child import Service, python
from infra.local.ports import LOOPBACK, free_port, is_free
from infra.local.settings import ROOT
from infra.local.supervisor import StackFailed, Supervisor, demand_ports


class Running:
    """A small stack of two services in a process of its own, with what it says."""

    def __init__(self, *extra: str) -> None:
        self.ports = [free_port(), free_port()]
        command = [
            sys.executable,
            "-m",
            "tests.functions.stack_programs",
            "stack",
            *map(str, self.ports),
            *extra,
        ]
        self.process = subprocess.Popen(
            [*command, "--parent-pid", str(os.getpid())], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        self.said: list[str] = []

    def read_until(self, text: str) -> str:
        """The lines up to the one that contains the text."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            if text in line:
                return "\n".join(self.said)
        raise AssertionError("ended without saying it:\n" + "\n".join(self.said))

    def rest(self) -> list[str]:
        output, _ = self.process.communicate(timeout=30)
        self.said += output.splitlines()
        return self.said

    def child_pids(self) -> list[int]:
        return [int(found) for found in re.findall(r"pid (\d+)", "\n".join(self.said))]


def alive(pid: int) -> bool:
    """Whether the process runs; one that ended but was not collected yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def running() -> Iterator[Running]:
    stack = Running()
    yield stack
    stack.process.kill()
    stack.process.wait()


def test_nothing_outlives_a_killed_stack(running: Running) -> None:
    """SIGKILL of the supervisor, which it cannot handle, still ends every service within two seconds."""
    running.read_until("ready")
    pids = running.child_pids()
    assert len(pids) == 2
    running.process.kill()
    until = time.monotonic() + 2
    while any(alive(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    assert [alive(pid) for pid in pids] == [False, False]
    assert all(is_free(port) for port in running.ports)


def test_stopping_is_in_order_and_succeeds(running: Running) -> None:
    """SIGTERM stops the last started first, leaves the ports free and exits with 0."""
    running.read_until("ready")
    running.process.terminate()
    said = running.rest()
    first, second = running.ports
    stops = [line for line in said if "stopping" in line]
    assert stops == [f"second    | stopping {second}", f"first     | stopping {first}"]
    assert running.process.returncode == 0
    assert all(is_free(port) for port in running.ports)


def test_crashed_service_is_started_again(running: Running) -> None:
    """A service that dies comes back, and the person at the terminal is told."""
    running.read_until("ready")
    victim = running.child_pids()[0]
    os.kill(victim, 9)
    said = running.read_until(f"listening {running.ports[0]}")
    assert "The first ended unexpectedly (signal 9); starting it again." in said
    assert running.child_pids()[-1] != victim


def test_service_that_keeps_crashing_ends_the_stack() -> None:
    """After three restarts within a minute there is a sentence, exit status 1, and nothing left running."""
    stack = Running("--crash-after", "0.4")
    said = stack.rest()
    assert said[-2].startswith("The second ended 4 times within a minute (exit status 7)") or said[
        -1
    ].startswith("The second ended")
    assert stack.process.returncode == 1
    assert all(is_free(port) for port in stack.ports)


def test_service_that_never_starts_is_reported() -> None:
    """A service that ends before it is ready fails the start, with its own words shown before."""
    said: list[str] = []
    broken = Service("broken", python("-c", "import sys; print('no such file'); sys.exit(3)"), lambda: False)
    supervisor = Supervisor([broken], os.environ, ROOT, said.append)
    with pytest.raises(StackFailed, match=r"The broken ended before it was ready \(exit status 3\)"):
        supervisor.start()
    supervisor.stop()
    assert said == ["broken    | no such file"]


def test_service_that_does_not_stop_is_killed() -> None:
    """A service that ignores SIGTERM is given its time, then killed."""
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    said: list[str] = []
    supervisor = Supervisor(
        [Service("deaf", python("-c", code), lambda: bool(said))], os.environ, ROOT, said.append
    )
    supervisor.start()
    pid = supervisor.children[0].pid
    supervisor.stop(seconds=0.3)
    assert not alive(pid)


def test_taken_port_is_named_with_its_variable() -> None:
    """Whoever reads the message knows which variable to set."""
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(StackFailed, match=f"Port {port} is taken .* setting SIMULATOR_PORT"):
            demand_ports({"SIMULATOR_PORT": port}, seconds=0.2)


def test_port_that_becomes_free_is_waited_for() -> None:
    """What a killed run still holds for a moment does not stop the next run from starting."""
    holder = (
        "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(0.7)"
    )
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", holder, str(port)]):
        until = time.monotonic() + 10
        while is_free(port) and time.monotonic() < until:
            time.sleep(0.02)
        demand_ports({"PORT": port}, seconds=5)
