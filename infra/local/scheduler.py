"""Stands in for Cloud Scheduler: calls paths of the functions at intervals, as the tasks' service account."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

FIRST_RETRY, LONGEST_RETRY = 2.0, 60.0


@dataclass(frozen=True)
class Job:
    """``at_start``: also whenever the stack starts; otherwise the interval goes on across restarts."""

    path: str
    every_seconds: float
    at_start: bool = False


class Scheduler:
    """``post`` calls a path and says whether it was answered with 2xx. When jobs last ran is kept in ``memory``."""

    def __init__(
        self,
        jobs: list[Job],
        post: Callable[[str], bool],
        memory: Path,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._post = post
        self._memory = memory
        self._now = now
        self._stopping = threading.Event()
        self._last = _read(memory)
        self._failures = dict.fromkeys(jobs, 0)
        self._due = {job: now() if job.at_start else self._last_run(job) + job.every_seconds for job in jobs}

    def _last_run(self, job: Job) -> float:
        """A job that never ran counts from now: a new stack has nothing that is a week old."""
        return self._last.setdefault(job.path, self._now())

    def run_due(self) -> float:
        """Runs what is due; gives the seconds until the next one is."""
        for job, due in self._due.items():
            if due <= self._now() and not self._stopping.is_set():
                self._run(job)
        return max(0.0, min(self._due.values()) - self._now())

    def _run(self, job: Job) -> None:
        if self._post(job.path):
            self._failures[job] = 0
            self._last[job.path] = self._now()
            self._due[job] = self._now() + job.every_seconds
        else:
            self._failures[job] += 1
            wait = min(LONGEST_RETRY, job.every_seconds, FIRST_RETRY * 2.0 ** min(self._failures[job] - 1, 8))
            log.warning("POST %s was not accepted; again in %.0f seconds", job.path, wait)
            self._due[job] = self._now() + wait
        self._memory.write_text(json.dumps(self._last))

    def start(self) -> None:
        threading.Thread(target=self._loop, name="scheduler", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(min(self.run_due(), 60.0))


def _read(memory: Path) -> dict[str, float]:
    try:
        return {str(path): float(at) for path, at in json.loads(memory.read_text()).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}  # nothing that could not be done again
