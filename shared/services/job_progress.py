"""How a bulk job is getting on, in figures and in a sentence."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from shared.domain.times import instant, parse_instant

SHOWN = ("kind", "status", "request", "seen", "skipped", "problems", "created_by", "created_at", "updated_at")


def progress(data: dict[str, Any]) -> dict[str, Any]:
    """``kept`` intents; of them ``done``, ``failed`` and ``cancelled`` have ended, ``waiting`` have not: while the job
    runs those are on their way, once it is done they wait for a person or for the connection. Records of which no
    intent could be kept count as failed, too."""
    pages: Counter[str] = Counter()
    for tally in data["pages"].values():
        pages.update(tally)
    counts = {
        "kept": pages.total(),
        "done": data["done"] + pages["done"],
        "failed": data["failed"] + pages["failed"],
        "cancelled": pages["cancelled"],
        "waiting": data["waiting"] + pages["open"] + pages["waiting"],
    }
    end = _estimated_end(data, counts)
    shown = {name: data[name] for name in SHOWN} | counts
    return shown | {"estimated_end": instant(end) if end else None, "sentence": _sentence(data, counts)}


def _estimated_end(data: dict[str, Any], counts: dict[str, int]) -> datetime | None:
    """If it goes on as it has so far."""
    if data["status"] != "running" or data["phase"] != "sending" or not counts["done"]:
        return None
    began, seen = parse_instant(data["created_at"]), parse_instant(data["updated_at"])
    left: timedelta = (seen - began) * counts["waiting"] / counts["done"]
    return seen + left


def _sentence(data: dict[str, Any], counts: dict[str, int]) -> str:
    done, wanted = counts["done"], counts["kept"] + data["failed"]
    needs = counts["failed"] + (counts["waiting"] if data["status"] == "done" else 0)
    if data["request"].get("dry_run"):
        return f"Nothing is sent: {done} could be, {counts['failed']} have a problem"
    if data["status"] in ("cancelled", "cancelling"):
        word = "Cancelled" if data["status"] == "cancelled" else "Being cancelled"
        return f"{word}: {done} of {wanted} were done, {counts['waiting']} are on their way"
    if data["status"] == "running" and not data["listed"]:
        return f"Looking through the records: {data['seen']} so far, {done} done"
    waits = "one needs a person" if needs == 1 else f"{needs} need a person"
    return f"{done} of {wanted} done" + (f"; {waits}" if needs else "")
