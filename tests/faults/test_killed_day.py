"""The whole stack is killed in the middle of the demo day and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra.local.ports import free_port
from infra.local.settings import ROOT

FIRST_WORDS = {
    "contacts": "demo: connected",
    "invoices": "demo: 6 patients",
    "payments": "other: 3 appointments",
    "situations": "other: what a bookkeeper meets",
}


def environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PORT": str(free_port()),
        "SIMULATOR_PORT": str(free_port()),
        "ISSUER_PORT": str(free_port()),
        "STATE_DIR": str(folder / "state"),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }


def demo(settings: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "infra.local", "demo"]
    return subprocess.Popen(
        command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


@pytest.mark.parametrize("stage", FIRST_WORDS)
def test_day_ends_right_after_sigkill(tmp_path: Path, stage: str) -> None:
    """Killed while that stage is under way, the next start finishes the day: exactly one invoice per appointment,
    nothing else in the books, all figures agree."""
    settings = environment(tmp_path)
    first = demo(settings)
    assert first.stdout is not None
    for line in first.stdout:
        if line.startswith(FIRST_WORDS[stage]):
            break
    else:
        pytest.fail("the demo ended before it could be killed")
    time.sleep(0.15)  # into the middle of what comes next
    first.send_signal(signal.SIGKILL)
    first.wait(10)

    second = demo(settings)
    output, _ = second.communicate(timeout=240)
    assert second.returncode == 0, output
    assert "Both sides agree." in output
