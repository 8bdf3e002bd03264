"""Bulk work in steps: a job walks the records page by page and keeps their intents, the drain sends them in batches,
and the job counts what became of them.

Each step is a task and may be stopped anywhere or run twice: intents are kept once whatever happens. The job's document
is written by its steps alone, one after another, so ten thousand operations that end make no document hot.

    status   running, cancelling, cancelled, done
    phase    keeping → sending (looking how they get on) → done; cancelling; resuming → keeping or sending
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from shared.domain.errors import Conflict, NotFound
from shared.domain.times import instant
from shared.ports import Ports
from shared.ports.store import Document, Put, Update, VersionChanged
from shared.services import paths
from shared.services.budget import deferred_until
from shared.services.connections import known_tenant
from shared.services.drain_tasks import drain_now
from shared.services.job_pages import cancel_page, count_page, keep_page, open_pages, revive_page
from shared.services.job_progress import progress
from shared.services.operations import SAFETY_NET

#: Records whose intents one step keeps.
PAGE = 100
#: Pages whose operations one step looks at, cancels or asks for again.
PAGES_A_STEP = 5
#: How soon a step looks again; longer each time that it found nothing new.
LOOK_AGAIN_SECONDS = (5, 10, 20, 40, 60)
#: While the organisation rests there is nothing to see, but people's clicks may still end something.
LONGEST_REST = timedelta(minutes=10)


def start_sync_all(
    ports: Ports, practice_id: str, *, force_update: bool, actor: dict[str, str]
) -> dict[str, Any]:
    return _start(ports, practice_id, "sync_all", {"force_update": force_update}, actor)


def start_create_all(
    ports: Ports,
    practice_id: str,
    *,
    starts_from: datetime | None,
    starts_before: datetime | None,
    clinic_id: str | None,
    appointment_ids: list[str] | None,
    dry_run: bool,
    actor: dict[str, str],
) -> dict[str, Any]:
    """Of a period, or exactly those that are named."""
    request = {
        "starts_from": instant(starts_from) if starts_from else None,
        "starts_before": instant(starts_before) if starts_before else None,
        "clinic_id": clinic_id,
        "appointment_ids": appointment_ids,
        "dry_run": dry_run,
    }
    return _start(ports, practice_id, "create_all", request, actor)


def read_job(ports: Ports, practice_id: str, job_id: str) -> dict[str, Any]:
    """Counts, a sentence and, while it runs, an estimated end; NotFound."""
    data = _document(ports, practice_id, job_id).data
    return {"job_id": job_id, **progress(_whole(data))}


def cancel_job(ports: Ports, practice_id: str, job_id: str) -> dict[str, Any]:
    """Nothing more is asked for, and what has not left for Xero is cancelled; Conflict when it has ended."""
    return _turn(ports, practice_id, job_id, ("running",), status="cancelling", phase="cancelling")


def resume_job(ports: Ports, practice_id: str, job_id: str) -> dict[str, Any]:
    """A cancelled job goes on where it was, and what was cancelled with it is asked for again; else Conflict."""
    return _turn(ports, practice_id, job_id, ("cancelling", "cancelled"), status="running", phase="resuming")


def run_job(ports: Ports, practice_id: str, job_id: str, step: int | None = None) -> None:
    """One step of the job; the next one is a task. ``step`` is the one that the task was for, None whichever it is."""
    document = _document(ports, practice_id, job_id)
    data = _whole(document.data)
    if data["status"] not in ("running", "cancelling"):
        return
    if step is not None and step != data["step"]:
        # A task that comes again; but whoever carried out its step may have died before enqueueing the next.
        _enqueue(ports, practice_id, job_id, data["step"])
        return
    phase, later, pages = data["phase"], None, []
    if phase == "keeping":
        pages = keep_page(ports, practice_id, job_id, data, PAGE)
        if data["listed"]:
            data["phase"] = "sending"
    elif phase == "sending":
        later = _look(ports, practice_id, job_id, data)
    elif phase == "cancelling":
        _walk(ports, practice_id, job_id, data, cancel_page)
    else:
        _walk(ports, practice_id, job_id, data, revive_page)
    if data["phase"] == "sending" and not open_pages(data):
        data["status"] = "done"
    if not _keep(ports, document, data, pages):
        return  # the same step ran twice; the other run counts and goes on
    if phase != data["phase"] == "sending":  # all at once now, so that batches are full
        drain_now(ports.tasks, practice_id, f"job-{job_id}-{data['step']}")
    if data["status"] in ("running", "cancelling"):
        _enqueue(ports, practice_id, job_id, data["step"], later)


def _look(ports: Ports, practice_id: str, job_id: str, data: dict[str, Any]) -> datetime:
    """Count what became of the pages that are still open, first kept first; gives when to look again."""
    before = dict(data["pages"])
    for number in open_pages(data)[:PAGES_A_STEP]:
        count_page(ports, practice_id, job_id, data, number)
    data["looks"] = 0 if data["pages"] != before else data["looks"] + 1
    now = ports.clock.now()
    seconds = LOOK_AGAIN_SECONDS[min(data["looks"], len(LOOK_AGAIN_SECONDS) - 1)]
    rests = deferred_until(ports, str(known_tenant(ports, practice_id).tenant_id)) or now
    return max(now + timedelta(seconds=seconds), min(rests, now + LONGEST_REST))


def _walk(ports: Ports, practice_id: str, job_id: str, data: dict[str, Any], page_step: Any) -> None:
    """Some more pages are cancelled, or asked for again; after the last one the job has turned round."""
    start = data["walked"]
    numbers = list(data["pages"])[start : start + PAGES_A_STEP]
    for number in numbers:
        page_step(ports, practice_id, job_id, number)
        count_page(ports, practice_id, job_id, data, number)
    data["walked"] = start + len(numbers)
    if data["walked"] < len(data["pages"]):
        return
    if data["phase"] == "cancelling":
        data["status"] = "cancelled"
    else:
        data["phase"] = "sending" if data["listed"] else "keeping"


def _start(
    ports: Ports, practice_id: str, kind: str, request: dict[str, Any], actor: dict[str, str]
) -> dict[str, Any]:
    known_tenant(ports, practice_id)
    now, job_id = instant(ports.clock.now()), uuid.uuid4().hex
    data: dict[str, Any] = {
        "kind": kind,
        "status": "running",
        "request": request,
        "created_by": actor,
        "created_at": now,
        "updated_at": now,
        "cursor": None,
        "step": 0,
        "problems": [],
    }
    # First this task: if we die once the job is kept, it runs all the same.
    _enqueue(ports, practice_id, job_id, None, ports.clock.now() + SAFETY_NET)
    ports.store.create(paths.job(practice_id, job_id), _whole(data))
    _enqueue(ports, practice_id, job_id, 0)
    return read_job(ports, practice_id, job_id)


def _whole(data: dict[str, Any]) -> dict[str, Any]:
    """With what a new job begins with; one that an earlier version kept lacks some of it."""
    fresh = {"phase": "keeping", "listed": False, "pages": {}, "looks": 0, "walked": 0}
    counts = {"seen": 0, "done": 0, "waiting": 0, "skipped": 0, "failed": 0}
    return fresh | counts | data


def _document(ports: Ports, practice_id: str, job_id: str) -> Document:
    document = ports.store.get(paths.job(practice_id, job_id))
    if document is None:
        raise NotFound("There is no such job")
    return document


def _turn(
    ports: Ports, practice_id: str, job_id: str, turns: Sequence[str], *, status: str, phase: str
) -> dict[str, Any]:
    document = _document(ports, practice_id, job_id)
    data = _whole(document.data)
    if data["status"] not in turns:
        raise Conflict(f"This job is {data['status']}")
    data |= {"status": status, "phase": phase, "walked": 0, "looks": 0}
    if not _keep(ports, document, data, []):
        raise Conflict("This job just moved on; look at it again")
    _enqueue(ports, practice_id, job_id, data["step"])
    return read_job(ports, practice_id, job_id)


def _keep(ports: Ports, document: Document, data: dict[str, Any], pages: Sequence[Put]) -> bool:
    data |= {"step": data["step"] + 1, "updated_at": instant(ports.clock.now())}
    try:
        ports.store.batch([Update(document.path, data, document.version), *pages])
    except VersionChanged:
        return False
    return True


def _enqueue(
    ports: Ports, practice_id: str, job_id: str, step: int | None, at: datetime | None = None
) -> None:
    body = {"practice_id": practice_id, "job_id": job_id, "step": step}
    name = f"job-{job_id}-{'safety-net' if step is None else step}"
    ports.tasks.enqueue("job", body, name=name, at=at)
