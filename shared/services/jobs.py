"""Bulk work in steps: a job walks the records page by page, one task per page, and survives being stopped anywhere.

What a page does is idempotent (a contact or an invoice is made once whatever happens), so a page that ran twice has
counted twice at worst, never created twice.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from shared.domain.errors import Busy, LedgerError, NotFound, StoreUnavailable
from shared.domain.operations import Operation
from shared.domain.times import instant
from shared.ports import Ports
from shared.ports.store import Document, VersionChanged
from shared.services import paths
from shared.services.budget import deferred_until
from shared.services.connections import known_tenant
from shared.services.create_invoice import create_invoice
from shared.services.preview import preview
from shared.services.sync_contact import sync_patient

PAGE = 20
PROBLEMS_KEPT = 100


def start_sync_all(
    ports: Ports, practice_id: str, *, force_update: bool, actor: dict[str, str]
) -> dict[str, Any]:
    return _start(ports, practice_id, "sync_all", {"force_update": force_update}, actor)


def start_create_all(
    ports: Ports,
    practice_id: str,
    *,
    starts_from: datetime,
    starts_before: datetime,
    clinic_id: str | None,
    dry_run: bool,
    actor: dict[str, str],
) -> dict[str, Any]:
    request = {
        "starts_from": instant(starts_from),
        "starts_before": instant(starts_before),
        "clinic_id": clinic_id,
        "dry_run": dry_run,
    }
    return _start(ports, practice_id, "create_all", request, actor)


def read_job(ports: Ports, practice_id: str, job_id: str) -> dict[str, Any]:
    return {"job_id": job_id, **_document(ports, practice_id, job_id).data}


def _document(ports: Ports, practice_id: str, job_id: str) -> Document:
    document = ports.store.get(paths.job(practice_id, job_id))
    if document is None:
        raise NotFound("There is no such job")
    return document


def _start(
    ports: Ports, practice_id: str, kind: str, request: dict[str, Any], actor: dict[str, str]
) -> dict[str, Any]:
    known_tenant(ports, practice_id)
    now, job_id = instant(ports.clock.now()), uuid.uuid4().hex
    counts = {"seen": 0, "done": 0, "waiting": 0, "skipped": 0, "failed": 0}
    data: dict[str, Any] = {
        "kind": kind,
        "status": "running",
        "request": request,
        "created_by": actor,
        "created_at": now,
        "updated_at": now,
        "cursor": None,
        "step": 0,
        "offset": 0,
        "problems": [],
        **counts,
    }
    ports.store.create(paths.job(practice_id, job_id), data)
    _enqueue(ports, practice_id, job_id, 0)
    return read_job(ports, practice_id, job_id)


def _enqueue(ports: Ports, practice_id: str, job_id: str, step: int, at: datetime | None = None) -> None:
    body = {"practice_id": practice_id, "job_id": job_id}
    ports.tasks.enqueue("job", body, name=f"job-{job_id}-{step}", at=at)


def run_job(ports: Ports, practice_id: str, job_id: str) -> None:
    """One step of the job: a page, or as much of it as the budget for bulk work allows; the next step is a task."""
    document = _document(ports, practice_id, job_id)
    data = document.data
    if data["status"] != "running":
        return
    tenant_id = str(known_tenant(ports, practice_id).tenant_id)
    records, cursor = _page(ports, practice_id, data)
    later = None
    for record_id in records[data["offset"] :]:
        later = deferred_until(ports, tenant_id)
        if later:
            break
        data["offset"] += 1
        data["seen"] += 1
        outcome, problem = _one(ports, practice_id, data, record_id)
        data[outcome] += 1
        if problem and len(data["problems"]) < PROBLEMS_KEPT:
            data["problems"].append({"id": record_id, "reason": problem})
    data |= {"step": data["step"] + 1, "updated_at": instant(ports.clock.now())}
    if later is None:
        data |= {"cursor": cursor, "offset": 0, "status": "done" if cursor is None else "running"}
    try:
        ports.store.update(document.path, data, version=document.version)
    except VersionChanged:
        return  # the same step ran twice; the other run counts and goes on
    if data["status"] == "running":
        _enqueue(ports, practice_id, job_id, data["step"], later)


def _page(ports: Ports, practice_id: str, data: dict[str, Any]) -> tuple[list[str], str | None]:
    request = data["request"]
    if data["kind"] == "sync_all":
        patients, cursor = ports.records.patients(practice_id, limit=PAGE, cursor=data["cursor"])
        return [patient.id for patient in patients], cursor
    appointments, cursor = ports.records.appointments(
        practice_id,
        starts_from=request["starts_from"],
        starts_before=request["starts_before"],
        limit=PAGE,
        cursor=data["cursor"],
    )
    wanted = request["clinic_id"]
    return [a.id for a in appointments if wanted in (None, a.clinic_id) and a.status != "cancelled"], cursor


def _one(ports: Ports, practice_id: str, data: dict[str, Any], record_id: str) -> tuple[str, str | None]:
    """(done | waiting | skipped | failed, why)."""
    request, actor = data["request"], data["created_by"]
    try:
        if data["kind"] == "sync_all":
            synced = sync_patient(
                ports, practice_id, record_id, force_update=request["force_update"], actor=actor
            )
            return _outcome(synced.operation)
        if request["dry_run"]:
            return _dry(ports, practice_id, record_id)
        created = create_invoice(ports, practice_id, record_id, {}, actor)
        return ("skipped", None) if not created.new else _outcome(created.operation)
    except (StoreUnavailable, Busy):
        raise  # that is no fault of this record: the task, and with it the page, is tried again
    except LedgerError as error:
        return "failed", error.detail


def _outcome(operation: Operation | None) -> tuple[str, str | None]:
    if operation is None:
        return "skipped", None
    if operation.state in ("done", "failed"):
        return operation.state, operation.reason
    return "waiting", operation.reason


def _dry(ports: Ports, practice_id: str, appointment_id: str) -> tuple[str, str | None]:
    problems = preview(ports, practice_id, appointment_id, {})["problems"]
    return (
        ("failed", "; ".join(f"{p['field']}: {p['message']}" for p in problems))
        if problems
        else ("done", None)
    )
