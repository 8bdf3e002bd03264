"""A warm process that forks one child for each thing to be done: ``python -m tests.faults.forked``.

It has imported everything and opened nothing (no database, no socket, no thread), so a child is a whole process of its
own within milliseconds, and what the child opens dies with it. ``tests.faults.fork_server`` talks to it.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

from infra.local.signing_key import load_or_create
from shared.services import operations, tokens
from tests.faults.actions import seeing
from tests.faults.clinic import Clinic
from tests.faults.dying import Life, mortal
from tests.faults.test_crash_points import ALL_ACTIONS
from tests.product import Product
from tests.stores import embedded_store

#: What a child can be without, to show what then goes wrong.
WITHOUT: dict[str, Callable[[], None]] = {
    "safety_net": lambda: setattr(operations, "_safety_net", lambda *_: None),
    "skew": lambda: setattr(tokens, "CLOCKS_DIFFER", timedelta()),
}


@dataclass
class Child:
    pid: int
    says: IO[str]

    def report(self) -> dict[str, Any]:
        """What it wrote last, and the signal that ended it; 0 when it ended by itself."""
        said = self.says.read()
        self.says.close()
        _, status = os.waitpid(self.pid, 0)
        return json.loads(said or "{}") | {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever the product prints must not come between the answers
    warm_up()
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), file=answers, flush=True)


def warm_up() -> None:
    """Every module that a child will need. The folder, and what was opened in it, is gone afterwards."""
    if os.environ.get("TEST_STORE") == "firestore":
        import tests.emulators  # noqa: F401 - a second's work, which no child should do again

    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder), SimpleNamespace(url=""), make_store=embedded_store)  # type: ignore[arg-type]
        with seeing(product, product.ports):
            product.ok("GET", "/xero/connections/status/")
        product.ports.xero.accounting("tenant", "bearer")
        product.database.close()


def run(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All at once: each child makes itself ready, then waits at the gate until all of them are."""
    for folder in {task["folder"] for task in tasks}:
        load_or_create(Path(folder))  # kept, so that no child parses the key again
    gate, opening = os.pipe()
    children = [fork(task, gate, opening) for task in tasks]
    os.close(gate)
    for child in children:
        child.says.readline()
    os.close(opening)
    return [child.report() for child in children]


def fork(task: dict[str, Any], gate: int, opening: int) -> Child:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return Child(pid, os.fdopen(reading))
    os.close(opening)
    says = os.fdopen(writing, "w")
    try:
        live(task, gate, says)
    except BaseException:  # noqa: BLE001 - whatever it was, the server is told
        say(says, error=traceback.format_exc())
    os._exit(0)


def live(task: dict[str, Any], gate: int, says: IO[str]) -> None:
    product = Product(Path(task["folder"]), SimpleNamespace(url=task["url"]))  # type: ignore[arg-type]
    product.clock.offset = timedelta(seconds=task["offset"])
    clinic = Clinic(product)
    vars(clinic).update(task["case"])
    life = life_until(task["death"], says)
    if task["without"]:
        WITHOUT[task["without"]]()
    with seeing(product, mortal(product.ports, life)) as ports:
        says.write("ready\n")
        says.flush()
        os.read(gate, 1)  # ends when the server has closed the other side
        result = ALL_ACTIONS[task["action"]](clinic, ports)
    say(says, trace=life.trace, result=result)


def life_until(death: int | str | None, says: IO[str]) -> Life:
    """``death``: the number or the name of a moment. "during <call>" is when the request is on its way to Xero."""

    def die(*_: Any) -> None:
        say(says, trace=life.trace)
        os.kill(os.getpid(), signal.SIGKILL)

    def die_when_sent() -> None:
        http.client.HTTPConnection.getresponse = die  # type: ignore[assignment, method-assign]

    if isinstance(death, str) and death.startswith("during "):
        life = Life(death.replace("during", "before"), die_when_sent)
    else:
        life = Life(death or sys.maxsize, die)
    return life


def say(says: IO[str], **what: Any) -> None:
    says.write(json.dumps(what, default=str))
    says.flush()


if __name__ == "__main__":
    main()
