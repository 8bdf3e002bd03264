"""Many workers that want one grant's access token at the same moment."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from infra.local.settings import ROOT
from shared.domain.errors import LedgerError
from shared.services import paths
from shared.services.tokens import access_token
from tests.product import Product


def grant_of(product: Product, practice: str = "demo") -> str:
    connection = product.ports.store.get(paths.connection(practice))
    assert connection is not None
    return str(connection.data["grant_id"])


def threads_ask(product: Product, count: int) -> list[str]:
    """Each one's token, or the code of its error."""
    grant_id = grant_of(product)

    def ask(_: int) -> str:
        try:
            return access_token(product.ports, grant_id)
        except LedgerError as error:
            return error.code

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(ask, range(count)))


def processes_ask(
    product: Product, folder: Path, *, processes: int, threads: int, how: str = "together"
) -> list[str]:
    """The same in other processes, all let go at once; a killed one answers nothing."""
    offset = product.clock.offset.total_seconds()
    command = [sys.executable, "-m", "tests.faults.refresh_process", str(folder), product.simulator.url]
    command += [grant_of(product), str(offset), how, str(threads)]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers: list[str] = []
    for process in running:
        out, _ = process.communicate(timeout=60)
        answers += json.loads(out) if out else []
        assert process.returncode == (0 if out else 9)
    return answers
