"""One page of a bulk job: its records become intents, kept; later, what became of them is counted.

``practices/{p}/jobs/{job}/pages/{n}``  operations: the ids that the page's records came to
A page's tally, in the job's own document: how many are ``open`` (on their way by themselves), ``done``, ``failed``,
``waiting`` (for a person or for the connection) and ``cancelled``. Nobody but the job's own steps writes either.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from shared.domain.errors import Busy, Conflict, LedgerError, StoreUnavailable
from shared.domain.operations import Operation
from shared.domain.selection import is_to_be_invoiced
from shared.ports import Ports
from shared.ports.store import Put
from shared.services import operations, paths
from shared.services.build_invoice import read_settings
from shared.services.create_invoice import wanted_invoice
from shared.services.intents import keep_intents
from shared.services.people import find_person
from shared.services.preview import preview
from shared.services.sync_contact import wanted_contact

PROBLEMS_KEPT = 100
JOB_CANCELLED = "job_cancelled"

_log = logging.getLogger("clinic_ledger.jobs")
Data = dict[str, Any]


def keep_page(ports: Ports, practice_id: str, job_id: str, data: Data, size: int) -> list[Put]:
    """Take the next page of records; ``data`` is brought up to it. Gives the page's own document to be written with
    it, if it has one. Doing it twice keeps nothing twice."""
    records, data["cursor"] = _records(ports, practice_id, data, size)
    data["listed"] = data["cursor"] is None
    kept: list[Operation] = []
    for record_id in records:
        data["seen"] += 1
        try:
            operation = _wanted(ports, practice_id, data, record_id)
        except (StoreUnavailable, Busy):
            raise  # that is no fault of this record: the task, and with it the page, is tried again
        except LedgerError as error:
            data["failed"] += 1
            _tell(data, record_id, error.detail)
        except Exception as error:  # noqa: BLE001 - the records behind this one must go on
            fields = {"record_id": record_id, "error": type(error).__name__}
            _log.error("a record stopped the job's step", extra={"fields": fields})
            data["failed"] += 1
            _tell(data, record_id, "Something unexpected is wrong with this record; ask the developers")
        else:
            if operation is None:
                data["done" if data["request"].get("dry_run") else "skipped"] += 1
            else:
                operation.job_id = job_id
                kept.append(operation)
    if not kept:
        return []
    keep_intents(ports, practice_id, kept)
    number = len(data["pages"])
    data["pages"][str(number)] = {"open": len(kept)}
    return [Put(paths.job_page(practice_id, job_id, number), {"operations": [each.id for each in kept]})]


def count_page(ports: Ports, practice_id: str, job_id: str, data: Data, number: str) -> None:
    """Bring the page's tally up to date; what needs a person is told when nothing of the page is open any more."""
    found = _operations(ports, practice_id, job_id, number)
    data["pages"][number] = dict(Counter(_state(operation) for operation in found))
    if not data["pages"][number].get("open"):
        for operation in found:
            if _state(operation) in ("failed", "waiting"):
                _tell(data, _record_of(operation), operation.reason or operation.state)


def cancel_page(ports: Ports, practice_id: str, job_id: str, number: str) -> None:
    """What has not left for Xero and was asked for by this job alone."""
    for operation in _operations(ports, practice_id, job_id, number):
        if operation.state == "pending" and operation.job_id == job_id:
            with suppress(Conflict):  # it just left
                reason = "The bulk job was cancelled"
                operations.cancel(ports, practice_id, operation.id, code=JOB_CANCELLED, reason=reason)


def revive_page(ports: Ports, practice_id: str, job_id: str, number: str) -> None:
    """What was cancelled with the job is wanted again."""
    found = _operations(ports, practice_id, job_id, number)
    wanted = [o for o in found if o.state == "cancelled" and o.reason_code == JOB_CANCELLED]
    operations.keep_all(ports, practice_id, wanted)


def open_pages(data: Data) -> list[str]:
    return [number for number, tally in data["pages"].items() if tally.get("open")]


def _operations(ports: Ports, practice_id: str, job_id: str, number: str) -> list[Operation]:
    page = ports.store.get(paths.job_page(practice_id, job_id, int(number)))
    ids: Iterable[str] = page.data["operations"] if page else []
    found = ports.store.get_many([paths.operation(practice_id, each) for each in ids])
    return [Operation.from_data(document.data) for document in found.values()]


def _state(operation: Operation) -> str:
    if operation.ended:
        return operation.state
    return "open" if operation.next_attempt_at else "waiting"


def _record_of(operation: Operation) -> str:
    return str(operation.subject.get("appointment_id") or operation.subject.get("patient_id"))


def _tell(data: Data, record_id: str, reason: str) -> None:
    if len(data["problems"]) < PROBLEMS_KEPT and all(each["id"] != record_id for each in data["problems"]):
        data["problems"].append({"id": record_id, "reason": reason})


def _records(ports: Ports, practice_id: str, data: Data, size: int) -> tuple[list[str], str | None]:
    request = data["request"]
    if data["kind"] == "sync_all":
        patients, cursor = ports.records.patients(practice_id, limit=size, cursor=data["cursor"])
        return [patient.id for patient in patients], cursor
    if request.get("appointment_ids"):
        return _named(request["appointment_ids"], int(data["cursor"] or 0), size)
    appointments, cursor = ports.records.appointments(
        practice_id,
        starts_from=request["starts_from"],
        starts_before=request["starts_before"],
        limit=size,
        cursor=data["cursor"],
    )
    clinic_id, no_shows = request["clinic_id"], read_settings(ports, practice_id).invoice_no_shows
    wanted = [
        a.id
        for a in appointments
        if is_to_be_invoiced(a, invoice_no_shows=no_shows) and clinic_id in (None, a.clinic_id)
    ]
    return wanted, cursor


def _named(ids: list[str], start: int, size: int) -> tuple[list[str], str | None]:
    end = start + size
    return ids[start:end], str(end) if end < len(ids) else None


def _wanted(ports: Ports, practice_id: str, data: Data, record_id: str) -> Operation | None:
    """None when there is nothing to send. Raises what stands in the way."""
    request, actor = data["request"], data["created_by"]
    if data["kind"] == "sync_all":
        person = find_person(ports, practice_id, record_id)
        return wanted_contact(ports, practice_id, person, request["force_update"], actor)
    if request["dry_run"]:
        problems = preview(ports, practice_id, record_id, {})["problems"]
        if problems:
            raise LedgerError("; ".join(f"{p['field']}: {p['message']}" for p in problems))
        return None
    wanted = wanted_invoice(ports, practice_id, record_id, {}, actor)
    return wanted if isinstance(wanted, Operation) else None
