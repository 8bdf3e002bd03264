"""The activity log of a period as a file: CSV for a spreadsheet, or NDJSON with every field, as it was sealed.

The lines are written while they are read, so that a year needs no more memory than a day.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Response

from shared.http.accountant_csv import BOM, csv_line
from shared.ports.store import Document

COLUMNS = (
    "at", "action", "outcome", "sentence", "actor_subject", "actor_name", "actor_role", "appointment_id", "patient_id",
    "xero_id", "operation_id", "code", "before", "after", "request_id", "id",
)  # fmt: skip


def export_response(name: str, kind: str, entries: Iterable[Document]) -> Response:
    """``kind``: csv or ndjson."""
    content = "text/csv; charset=utf-8" if kind == "csv" else "application/x-ndjson"
    headers = {"Content-Type": content, "Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    lines = _csv(entries) if kind == "csv" else _ndjson(entries)
    return Response(lines, 200, headers)


def _ndjson(entries: Iterable[Document]) -> Iterator[bytes]:
    for entry in entries:
        yield json.dumps({"id": entry.id, **entry.data}, sort_keys=True).encode() + b"\n"


def _csv(entries: Iterable[Document]) -> Iterator[bytes]:
    yield (BOM + csv_line(COLUMNS, dict(zip(COLUMNS, COLUMNS, strict=True)))).encode()
    for entry in entries:
        yield csv_line(COLUMNS, _row(entry)).encode("utf-8", "replace")


def _row(entry: Document) -> dict[str, Any]:
    actor = entry.data.get("actor", {})
    row = entry.data | {"id": entry.id, "actor_name": actor.get("name"), "actor_role": actor.get("role")}
    for name in ("before", "after"):
        row[name] = json.dumps(row[name], sort_keys=True) if row.get(name) else None
    return {name: row.get(name) for name in COLUMNS}
