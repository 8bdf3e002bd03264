"""The simulator in a process of its own, so that the product's CPU time and memory are the product's alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from infra.local.settings import ROOT
from shared import bootstrap
from shared.adapters.embedded.delivery import Answer
from shared.adapters.embedded.task_queue import LeasedTask
from tests.product import REDIRECT_URI, Product, until_morning

#: What is told of a request unless its body is asked for.
Calls = list[dict[str, Any]]


class RemoteSimulator:
    """What ``tests.product`` needs of a simulator, through its control API."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()

    def advance(self, seconds: float) -> None:
        self.control("POST", "clock", {"advance_seconds": seconds})

    def requests(self, after: int = 0) -> Calls:
        """In brief: number, time, method, path, status."""
        return self.control("GET", f"requests?after={after}&brief=1")["requests"]

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._session.request(method, f"{self.url}/_simulator/{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def simulator_apart() -> Iterator[RemoteSimulator]:
    command = [sys.executable, "-m", "tests.xero_simulator", "--port", "0", "--redirect-uri", REDIRECT_URI]
    command += ["--parent-pid", str(os.getpid())]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield RemoteSimulator(process.stdout.readline().split()[-1])
    finally:
        process.terminate()
        process.wait(timeout=20)


@dataclass(frozen=True)
class Metered:
    """One task: seconds of this process's CPU time, and by how much it changed what is counted."""

    kind: str
    cpu: float
    done: int


class MeteredProduct(Product):
    """``metered``: every task that was delivered. ``counted`` gives how much is done so far."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.metered: list[Metered] = []
        self.counted: Callable[[], int] = int

    def _deliver(self, task: LeasedTask) -> Answer:
        done, before = self.counted(), time.process_time()
        try:
            return super()._deliver(task)
        finally:
            cpu = time.process_time() - before
            self.metered.append(Metered(task.kind, cpu, self.counted() - done))


@contextmanager
def product_apart(folder: Path, **settings: str) -> Iterator[MeteredProduct]:
    """As ``tests.product.running_product``, the simulator apart."""
    with simulator_apart() as simulator:
        product = MeteredProduct(folder, simulator, **settings)
        product.advance(until_morning(product.clock.now()))
        bootstrap.install(product.ports, product.sign_in)
        try:
            yield product
        finally:
            bootstrap.install(None, None)
