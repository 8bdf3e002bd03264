"""A signal that comes at the worst moment stops a program all the same."""

from __future__ import annotations

import subprocess
import sys

import pytest

from infra.local.settings import ROOT

#: Waits anew for each step of ``wait``, and the signal comes right before that step.
PROGRAM = """
import signal, sys, threading
from infra.local.stopping import Stopping, stop_on

def told_at(step, stopping):
    steps = iter(range(100))
    def trace(frame, event, _):
        if frame.f_code.co_name == "wait" and next(steps) == step:
            signal.raise_signal(signal.SIGTERM)
        return trace
    sys.settrace(trace)
    stopping.wait(0.02)
    sys.settrace(None)
    return stopping.is_set()

def ours():
    stopping = Stopping()
    stop_on(stopping, signal.SIGTERM)
    return stopping

def event():
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    return stopping

print([told_at(step, KIND()) for step in range(6)])
"""


def said(kind: str, seconds: float) -> str:
    program = [sys.executable, "-c", PROGRAM.replace("KIND", kind)]
    return subprocess.run(
        program, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=True
    ).stdout


def test_a_signal_at_any_step_of_the_wait() -> None:
    """It goes on, and knows that it is to stop."""
    assert said("ours", 60) == f"{[True] * 6}\n"


def test_an_event_would_hang() -> None:
    """Which is why none is set by a signal handler: the test above would see it."""
    with pytest.raises(subprocess.TimeoutExpired):
        said("event", 5)
