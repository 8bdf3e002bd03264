"""The demo day with ``BACKEND=gcp``: Firestore's emulator, the stand-ins, each function in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from infra.local.ports import free_port
from infra.local.routing_table import PREFIXES
from infra.local.settings import ROOT
from tests.emulators import demanded_program

#: the demo's words -> the functions that are killed then; what comes next needs most of them
KILLED = {
    "demo: connected": ["settings", "activity"],
    "other: connected": ["oauth", "contacts", "console"],
    "demo: 6 patients": ["invoices"],
    "demo: 11 appointments": ["records"],
    "other: 3 appointments": ["webhook", "worker", "reconcile"],
}


def functions_of(stack: int) -> dict[str, int]:
    """The processes of the functions by name, from /proc: the leaders, each of a group of its own."""
    found = {}
    listed = Path(f"/proc/{stack}/task").glob("*/children")
    for pid in " ".join(path.read_text() for path in listed).split():
        with suppress(OSError):
            command = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
            if "--function" in command:
                found[command[command.index("--function") + 1]] = int(pid)
    return found


def test_the_day_survives_the_death_of_every_function(tmp_path: Path) -> None:
    """Each is killed once, with its worker, while the day is on; it ends with both sides agreeing to the cent."""
    demanded_program()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XERO_")}
    ports = {name: str(free_port()) for name in ("PORT", "SIMULATOR_PORT", "ISSUER_PORT")}
    # Xero sends a webhook that nobody took again after a quarter of an hour; the sweep finds the payment before.
    state = {"STATE_DIR": str(tmp_path / "state"), "BACKEND": "gcp", "RECONCILE_EVERY_SECONDS": "8"}
    demo = subprocess.Popen(
        [sys.executable, "-m", "infra.local", "demo", "--parent-pid", str(os.getpid())],
        cwd=ROOT,
        env={**kept, **ports, **state, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert demo.stdout is not None
    said, killed = [], []
    try:
        for line in demo.stdout:
            said.append(line)
            for name in next((names for words, names in KILLED.items() if line.startswith(words)), []):
                os.killpg(functions_of(demo.pid)[name], signal.SIGKILL)
                killed.append(name)
        assert demo.wait(60) == 0, "".join(said)
    finally:
        demo.kill()
        demo.wait()
        demo.stdout.close()
    assert "Both sides agree.\n" in said
    assert sorted(killed) == sorted(PREFIXES)
    log = (tmp_path / "state" / "stack.log").read_text()
    assert all(f"The {name} ended unexpectedly (signal 9)" in log for name in PREFIXES)
