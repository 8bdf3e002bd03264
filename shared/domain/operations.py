"""A write to Xero as an operation: kept before it is sent, finished exactly once.

    pending ──► sending ──► done
       ▲           │  └───► failed      a person is needed; the reason says why
       │           ▼
       └────── uncertain                the answer was lost
    any waiting state ──► cancelled     a person decided

Xero keeps an Idempotency-Key for six minutes from its first use, errors included. So an uncertain operation is
sent again unchanged with the same key while less than five minutes have passed; after that, or when Xero answers
the repeat with a kept error, the document is looked up by its natural key. Found: it is adopted. Not found, and the
key forgotten: it is sent again under a new key. Nothing is ever created blindly twice.

An operation may be sent together with others, in a batch (docs/decisions/0010). While its fate is open it names that
batch, whose body and key are then the only ones under which it may be sent again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from shared.domain.times import instant, parse_instant

#: Xero forgets a key after six minutes; a minute stays in hand for clocks and slow requests.
KEY_TRUSTED_FOR = timedelta(minutes=5)
#: When even a request that was slow to arrive has been forgotten with its key.
KEY_FORGOTTEN_AFTER = timedelta(minutes=7)
#: Longer than the client's connect and read timeouts together: an older "sending" was left by a crash.
SENDING_LEASE = timedelta(seconds=45)
BACK_OFF_SECONDS = (2, 5, 15, 60, 180, 600, 1800, 3600)
FIRST_BACK_OFF = timedelta(seconds=BACK_OFF_SECONDS[0])
#: Xero: Idempotency-Key is at most 128 characters.
KEY_LIMIT = 128

WAITING = ("pending", "sending", "uncertain")
ENDED = ("done", "failed", "cancelled")


@dataclass
class Operation:
    """Stored under ``operations/{id}``. ``request`` is what was asked, ``body`` the exact text that is sent."""

    id: str
    kind: str  # WriteRequest.kind, or invoice_approve, invoice_void ... which use it
    practice_id: str
    tenant_id: str
    subject: dict[str, str]  # {"appointment_id": ...} or {"patient_id": ...}
    request: dict[str, Any]
    created_at: str
    created_by: dict[str, str]
    state: str = "pending"
    target_id: str | None = None
    body: str | None = None
    prepared: dict[str, Any] = field(default_factory=dict)  # what settling needs to know, e.g. the rules
    key_round: int = 0
    key_first_sent_at: str | None = None
    first_sent_at: str | None = None
    attempts: int = 0
    maybe_done: bool = False  # an earlier request may have reached Xero and its fate is not known
    kept_error: bool = False  # Xero answered with an error that it keeps under the key
    lease_until: str | None = None
    next_attempt_at: str | None = None  # None: waits for a person or for the connection
    reason: str | None = None  # why it waits or failed, for a person
    reason_code: str | None = None
    result: dict[str, Any] = field(default_factory=dict)
    updated_at: str | None = None
    batch_id: str | None = None  # the batch it was sent in, while its fate there is open
    alone: bool = False  # Xero refused a whole batch that it was in: it goes by itself
    job_id: str | None = None  # the bulk job that asked for it, unless a person has asked since

    def __post_init__(self) -> None:
        # Lists of operations go by it: one that another's end has just kept is seen in its place, not behind the rest.
        self.updated_at = self.updated_at or self.created_at

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def maybe_sent(self) -> bool:
        return self.maybe_done or self.state == "sending"

    def to_data(self) -> dict[str, Any]:
        # All of it is JSON-ready, and written at once: asdict() would copy every leaf, a fifth of a drain's time.
        return dict(vars(self))

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Operation:
        return cls(**{k: v for k, v in data.items() if k in cls.__dataclass_fields__})


def operation_id(kind: str, *parts: str | int) -> str:
    """The same intent has the same id, wherever and however often it is asked for."""
    digest = hashlib.sha256("\n".join([kind, *map(str, parts)]).encode()).hexdigest()[:24]
    return f"{kind}-{digest}"


def idempotency_key(operation: Operation) -> str:
    """Xero scopes keys to the app, not to the organisation, and refuses one key with two bodies: so both go in."""
    what = f"{operation.tenant_id}\n{operation.id}\n{operation.target_id}\n{operation.body}"
    return _key(operation.tenant_id, what, operation.key_round)


def batch_key(tenant_id: str, batch_id: str, body: str) -> str:
    """One key for the whole batch; a batch is never changed, so it needs no rounds."""
    return _key(tenant_id, f"{tenant_id}\n{batch_id}\n{body}", 0)


def _key(tenant_id: str, what: str, key_round: int) -> str:
    end = f":{hashlib.sha256(what.encode()).hexdigest()[:32]}:{key_round}"
    return tenant_id[: KEY_LIMIT - len(end)] + end


class Step(Enum):
    SEND = "send"  # never sent, or certainly not done: send it
    SEND_AGAIN = "send again"  # unchanged, same key
    LOOK_UP = "look up"  # by natural key; adopt, or wait until the key is forgotten
    WAIT = "wait"  # somebody is sending it right now
    STOP = "stop"  # it has ended


def next_step(operation: Operation, now: datetime) -> Step:
    """What to do with an operation now. The caller has checked that it may be sent at all."""
    if operation.ended:
        return Step.STOP
    if operation.state == "sending" and operation.lease_until and now < parse_instant(operation.lease_until):
        return Step.WAIT
    if not operation.maybe_sent:
        return Step.SEND
    if operation.kept_error or operation.batch_id or not key_is_trusted(operation, now):
        return Step.LOOK_UP
    return Step.SEND_AGAIN


def batch_goes_again(operation: Operation, now: datetime) -> bool:
    """Its fate in a batch is open, and Xero still remembers the batch's key: the batch is sent again, unchanged."""
    return (
        operation.batch_id is not None
        and operation.maybe_sent
        and not operation.kept_error
        and key_is_trusted(operation, now)
    )


def key_is_trusted(operation: Operation, now: datetime) -> bool:
    first = operation.key_first_sent_at
    return first is not None and now - parse_instant(first) < KEY_TRUSTED_FOR


def key_is_forgotten(operation: Operation, now: datetime) -> bool:
    first = operation.key_first_sent_at
    return first is None or now - parse_instant(first) >= KEY_FORGOTTEN_AFTER


def claim(operation: Operation, now: datetime, batch_id: str | None = None) -> None:
    """Turn the operation into ``sending``, by itself or in a batch; written before the request leaves."""
    if not operation.maybe_sent:  # certainly not done so far: the key starts now
        operation.key_first_sent_at = None
    operation.state, operation.batch_id = "sending", batch_id
    operation.first_sent_at = operation.first_sent_at or instant(now)
    operation.key_first_sent_at = operation.key_first_sent_at or instant(now)
    operation.lease_until = instant(now + SENDING_LEASE)
    operation.next_attempt_at = operation.lease_until


def new_key(operation: Operation) -> None:
    """Xero has forgotten the old key, or never did anything under it."""
    operation.key_round += 1
    operation.key_first_sent_at = operation.batch_id = None
    operation.kept_error = operation.maybe_done = False


def wait(operation: Operation, *, until: datetime | None, code: str, reason: str) -> None:
    """``until`` None waits for a person or for the connection."""
    operation.state = "uncertain" if operation.maybe_done else "pending"
    operation.lease_until = None
    if not operation.maybe_done:
        operation.batch_id = None
    operation.next_attempt_at = instant(until) if until else None
    operation.reason, operation.reason_code = reason, code


def back_off(operation: Operation, now: datetime) -> datetime:
    """Longer with every attempt, but in proportion to the time gone by: somebody who presses eight times in ten
    seconds must not put the next attempt off for an hour. The steps taken by themselves are never cut."""
    step = min(max(operation.attempts, 1), len(BACK_OFF_SECONDS)) - 1
    gone_by = now - parse_instant(operation.created_at)
    return now + min(timedelta(seconds=BACK_OFF_SECONDS[step]), max(FIRST_BACK_OFF, 3 * gone_by))


def end(operation: Operation, state: str, *, code: str | None = None, reason: str | None = None) -> None:
    operation.state = state
    operation.lease_until = operation.next_attempt_at = operation.batch_id = None
    operation.reason_code, operation.reason = code, reason
    if operation.kind.startswith("contact_"):
        # Nothing but a person's details, of no use once its fate is known; erasing the person need not look for them.
        operation.body, operation.prepared = None, {}
