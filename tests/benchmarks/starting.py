"""How fast the webhook function starts: its import, and a fresh process up to the first event that it has kept."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import requests

from infra.local.settings import ROOT
from tests.benchmarks import hello
from tests.benchmarks.figures import Figure, at_most, in_turn, ratio
from tests.benchmarks.webhook import KEY, body_of
from tests.deployed import deployed
from tests.google_stand_in.in_process import PROJECT, QUEUES, in_process
from tests.hints import sign

#: As functions-framework loads a function; the time is taken inside, so Python's own start is on neither side.
IMPORT = """
import time; began = time.perf_counter()
{what}
print(1000 * (time.perf_counter() - began))
"""
FRAMEWORK = "import functions_framework"
WEBHOOK = """
import importlib.util
spec = importlib.util.spec_from_file_location("main", "functions/webhook/main.py")
spec.loader.exec_module(importlib.util.module_from_spec(spec))
"""


def run(quick: bool) -> list[Figure]:
    return [_imports(3 if quick else 15), _first_event(2 if quick else 11)]


def _imports(rounds: int) -> Figure:
    pairs = in_turn(lambda: _milliseconds(WEBHOOK), lambda: _milliseconds(FRAMEWORK), rounds)
    value, spread = ratio(pairs)
    return at_most("webhook's import against functions_framework's", value, 1.25, "{:.2f}", f"{spread} ms")


def _milliseconds(what: str) -> float:
    program = IMPORT.format(what=what)
    environment = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def _first_event(rounds: int) -> Figure:
    """The queue is Cloud Tasks' stand-in, reached by Google's own client over gRPC."""
    with tempfile.TemporaryDirectory() as folder, in_process() as google:
        location, _, prefix = QUEUES.rpartition("/queues/")
        on_google = {
            "BACKEND": "gcp",
            "GOOGLE_CLOUD_PROJECT": PROJECT,
            "REGION": location.rpartition("/")[2],
            "CLOUD_TASKS_ENDPOINT": google.address,
            "TASKS_QUEUE_PREFIX": prefix,
        }

        def ours() -> float:
            raw = body_of(str(uuid.uuid4()))  # of another organisation: hints of one share a task for a while
            before = len(list(google.tasks_client.list_tasks(parent=f"{QUEUES}pull")))
            with deployed("webhook", Path(folder) / "webhook", **on_google) as function:
                answer = requests.post(
                    f"{function.address}/xero/webhook/",
                    data=raw,
                    headers={"x-xero-signature": sign(raw, KEY)},
                    timeout=60,
                )
                took = time.monotonic() - function.started
            assert answer.status_code == 200, answer.status_code
            kept = len(list(google.tasks_client.list_tasks(parent=f"{QUEUES}pull")))
            assert kept == before + 1, "the event is not in the queue"
            return took

        def empty() -> float:
            with deployed("hello", Path(folder) / "hello", source=Path(hello.__file__)) as function:
                assert requests.post(function.address, timeout=60).status_code == 200
                return time.monotonic() - function.started

        value, spread = ratio(in_turn(ours, empty, rounds))
    return at_most(
        "fresh process to the first signed event in Cloud Tasks, against an empty function's first answer",
        value,
        2.5,
        "{:.2f}",
        f"{spread} s",
    )
