"""``python -m infra.local run``: the whole stack as a developer starts it, on ports and state of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from infra.local.ports import free_port, is_free
from infra.local.settings import ROOT


class Stack:
    """Starts the stack without sample data; the same ports and state each time."""

    def __init__(self, folder: Path) -> None:
        self.ports = {name: free_port() for name in ("PORT", "SIMULATOR_PORT", "ISSUER_PORT")}
        self.url = f"http://127.0.0.1:{self.ports['PORT']}"
        ours = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("XERO_", "AUTH_", "TASKS_"))
        }
        chosen = {name: str(port) for name, port in self.ports.items()}
        self.environment = {**ours, **chosen, "STATE_DIR": str(folder / "state")}
        self.process: subprocess.Popen[str] | None = None

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "infra.local", *arguments]
        return subprocess.run(
            line, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )

    def start(self) -> subprocess.Popen[str]:
        """Returns when the stack says that it is running."""
        line = [sys.executable, "-m", "infra.local", "run", "--empty"]
        self.process = subprocess.Popen(
            line, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self.process.stdout is not None
        said = []
        for words in self.process.stdout:
            said.append(words)
            if words.startswith("Ctrl-C stops"):
                return self.process
        raise AssertionError("".join(said))

    def seconds_until_gone(self) -> float:
        started = time.monotonic()
        while not all(is_free(port) for port in self.ports.values()) and time.monotonic() < started + 10:
            time.sleep(0.05)
        return time.monotonic() - started


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    made = Stack(tmp_path)
    yield made
    if made.process is not None:
        made.process.kill()
        made.process.communicate()
        assert made.seconds_until_gone() < 10


def test_stack_answers_a_signed_in_person_and_stops_when_asked(stack: Stack) -> None:
    """One command starts everything; the printed token is accepted; Ctrl-C ends it all with status 0."""
    process = stack.start()
    token = stack.command("token", "--practice", "other", "--role", "owner").stdout.strip()
    status = f"{stack.url}/xero/connections/status/"
    answer = requests.get(status, headers={"Authorization": f"Bearer {token}"}, timeout=10)
    assert (answer.status_code, answer.json()["status"]) == (200, "disconnected")
    assert requests.get(status, timeout=10).status_code == 401
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert stack.seconds_until_gone() < 1


def test_killed_stack_leaves_nothing_and_starts_again_at_once(stack: Stack) -> None:
    """After SIGKILL all ports are free within two seconds, and the next start on the same state succeeds."""
    stack.start().kill()
    assert stack.seconds_until_gone() < 2
    stack.start().terminate()
    assert stack.process is not None
    stack.process.communicate(timeout=30)
    assert stack.process.returncode == 0


def test_state_in_use_is_said_and_nothing_is_disturbed(stack: Stack) -> None:
    """A second stack, or a reset, on the state of a running one is refused with a sentence."""
    stack.start()
    for command in (("run", "--empty"), ("reset",)):
        refused = stack.command(*command)
        assert refused.returncode == 1
        assert "Another stack" in refused.stderr
    assert requests.get(f"{stack.url}/openapi.json", timeout=10).ok


def test_wrong_calls_are_told_apart(stack: Stack) -> None:
    """A wrong setting or argument is status 2 with a sentence, never a stack trace."""
    stack.environment["PORT"] = "eighty"
    wrong = stack.command("token")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
    assert "PORT" in wrong.stderr
    assert stack.command("run", "--nonsense").returncode == 2
