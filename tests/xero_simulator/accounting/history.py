"""History and notes of a document: read them all, add some. Nothing deletes them again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..interface import Call, Reply
from .bodies import elements
from .dates import iso_moment, ms_moment
from .ledger import Work
from .records import Note
from .replies import Refused, envelope, not_allowed, validation
from .tables import Table

LONGEST = 2500


def answer(call: Call, work: Work, table: Table[Any], record: Any) -> Reply:
    """GET lists the newest first; PUT adds ``{"HistoryRecords": [{"Details": ...}]}``, 2,500 letters each."""
    if call.method == "GET":
        return envelope("HistoryRecords", [_view(note) for note in reversed(record.history)], work.now)
    if call.method != "PUT":
        raise not_allowed()
    details = [str(one.get("Details") or "") for one in elements(call.body, "HistoryRecords")]
    problems = [
        {"ValidationErrors": [{"Message": f"Details must have 1 to {LONGEST} characters"}]}
        for text in details
        if not 1 <= len(text) <= LONGEST
    ]
    if problems:
        raise Refused(validation(problems))
    notes = [Note("Note", text, "Simulated app", work.now) for text in details]
    table.put(replace(record, history=(*record.history, *notes)))
    return envelope("HistoryRecords", [_view(note) | {"ValidationErrors": []} for note in notes], work.now)


def _view(note: Note) -> dict[str, Any]:
    return {
        "Changes": note.changes,
        "DateUTCString": iso_moment(note.at).rstrip("Z"),
        "DateUTC": ms_moment(note.at),
        "User": note.user,
        "Details": note.details,
    }
