"""Who did what, when, with which result: the practice's log.

An entry never holds a token or a patient's details, only ids; ``before`` and ``after`` are amounts, statuses and
settings.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass, field
from typing import Any

from shared.context import request_id
from shared.domain.people import Person
from shared.domain.times import instant
from shared.ports import Ports
from shared.ports.store import Create
from shared.services import paths

_log = logging.getLogger("clinic_ledger.activity")

SYSTEM = {"subject": "system", "name": "Clinic Ledger", "role": "system"}


def actor_of(person: Person | None) -> dict[str, str]:
    return {"subject": person.subject, "name": person.name, "role": person.role} if person else dict(SYSTEM)


@dataclass(frozen=True)
class Entry:
    """``action`` is dotted (``invoice.create``); ``sentence`` is for a person; ``outcome``: ok | waiting | failed."""

    action: str
    sentence: str
    actor: dict[str, str]
    outcome: str = "ok"
    subject: dict[str, str] = field(default_factory=dict)
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    xero_id: str | None = None
    operation_id: str | None = None
    code: str | None = None
    duration_ms: int | None = None
    calls_left_minute: int | None = None
    calls_left_day: int | None = None


def entry_write(ports: Ports, practice_id: str, entry: Entry) -> Create:
    """The write that records the entry; for a batch, so that a change and its entry stand or fall together."""
    data = {name: value for name, value in vars(entry).items() if value not in (None, {})}
    data |= entry.subject  # appointment_id and patient_id can be filtered by
    data["actor_subject"] = entry.actor["subject"]
    data["at"] = instant(ports.clock.now())
    data["request_id"] = request_id()
    # For the deployment's metrics and alerts, which see log lines only; a write that is repeated says it again.
    told = ("action", "outcome", "code", "operation_id")
    _log.info(
        "activity", extra={"fields": {"practice_id": practice_id} | {n: data[n] for n in told if n in data}}
    )
    return Create(f"{paths.log(practice_id)}/{uuid.uuid4().hex}", data)


def record(ports: Ports, practice_id: str, entry: Entry) -> None:
    ports.store.batch([entry_write(ports, practice_id, entry)])
