"""Processes of their own for the fault tests, forked from a warm one: killed with SIGKILL at any moment, or let go
all at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from infra.local.settings import ROOT
from tests.faults.clinic import Clinic
from tests.product import Product


@dataclass(frozen=True)
class Task:
    """``action`` as in ``actions`` or the cases of ``test_crash_points``; ``death``: at which moment the process is
    killed, by number or name ("after xero.identity.refresh"), "during ..." while a request is at Xero; ``ahead``: by
    how many seconds its clock differs; ``without``: a guard that is taken out of it; ``case``: attributes of its
    Clinic."""

    action: str
    death: int | str | None = None
    ahead: float = 0.0
    without: str = ""
    case: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """``signal`` 0: it lived to the end, ``result`` is what the action gave. ``trace`` names its moments."""

    signal: int
    trace: list[str] = field(default_factory=list)
    result: Any = None
    error: str | None = None


def case_of(clinic: Clinic) -> dict[str, Any]:
    return {name: getattr(clinic, name) for name in ("patient_id", "appointment_id", "notes")}


class ForkServer:
    """Nothing is shared with this process: a child finds the product's state on disk, and Xero at its address."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, product: Product, *tasks: Task) -> list[Report]:
        """All at once, each in a process of its own; returns when the last has ended. AssertionError with the trace
        of one that failed."""
        product.database.close()  # so that a killed process was the only one to have the file open
        about = {"folder": str(product.database.path.parent), "url": product.simulator.url}  # type: ignore[union-attr]
        offset = product.clock.offset.total_seconds()
        wanted = [vars(task) | about | {"offset": offset + task.ahead} for task in tasks]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(wanted) + "\n")
        self._process.stdin.flush()
        reports = [Report(**said) for said in json.loads(self._process.stdout.readline())]
        for report in reports:
            assert report.error is None, report.error
        return reports


@contextmanager
def fork_server() -> Iterator[ForkServer]:
    command = [sys.executable, "-m", "tests.faults.forked"]
    quiet = os.environ | {"LOG_LEVEL": "ERROR"}
    with subprocess.Popen(
        command, cwd=ROOT, env=quiet, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield ForkServer(process)
