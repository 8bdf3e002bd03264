"""An import of very many lines in a process of its own: how long it takes and how much memory it comes to.

python -m tests.fuzz.big_import LINES FOLDER
"""

from __future__ import annotations

import io
import json
import resource
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from shared.adapters.embedded.store import SqliteStore
from shared.adapters.system_clock import SystemClock
from shared.http.ndjson import LINES_LIMIT, check_import, read_import
from shared.services.records_in import import_records


def lines(first: int, count: int) -> bytes:
    """Half patients, half their appointments; written piece by piece, so that making them takes no memory of note."""
    text = io.BytesIO()
    for number in range(first, first + count, 2):
        patient = {"kind": "patient", "id": f"p-{number}", "first_name": "Anna", "last_name": f"Lee {number}"}
        visit = {"patient_id": f"p-{number}", "starts_at": "2026-11-24T08:00:00+11:00"}
        for row in (patient, {"kind": "appointment", "id": f"a-{number}", **visit}):
            text.write(json.dumps(row).encode() + b"\n")
    return text.getvalue()


def memory() -> int:
    """The most that this process had at once, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(count: int, folder: str) -> dict[str, Any]:
    ports: Any = SimpleNamespace(store=SqliteStore(Path(folder) / "ledger.sqlite"), clock=SystemClock(0))
    import_records(ports, "demo", read_import(lines(0, 2)))  # what is imported and compiled only once
    kept, started, before, largest = 0, time.monotonic(), memory(), 0
    for first in range(0, count, LINES_LIMIT):
        raw = lines(first, min(LINES_LIMIT, count - first))
        largest = max(largest, len(raw))
        before = memory() if first == 0 else before
        check_import(raw)
        imported = import_records(ports, "demo", read_import(raw))
        kept += imported.patients + imported.appointments
    seconds = round(time.monotonic() - started, 1)
    return {"lines": kept, "seconds": seconds, "part": largest, "grown": memory() - before}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), sys.argv[2])))
