"""Waking the deferred work: which task, under which name, when.

Names fold many wishes into one task: everything asked for within a few seconds is served by one run that starts
after the last wish of the bucket, so nothing asked for can fall between a run and the next.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from shared.ports.tasks import Tasks

PULL_BUCKET_SECONDS = 2
#: Nobody waits for a changed name as one waits for a payment, and a storm names contacts as often as invoices.
CONTACTS_BUCKET_SECONDS = 4
DRAIN_BUCKET_SECONDS = 2
CHECK_BUCKET_SECONDS = 2
AGAIN_AT_SOONEST = timedelta(seconds=1)


def wake_drain(tasks: Tasks, practice_id: str, at: datetime) -> None:
    """Run the practice's waiting operations, not before ``at``."""
    due, bucket = _bucket(at, DRAIN_BUCKET_SECONDS)
    tasks.enqueue("drain", {"practice_id": practice_id}, name=_name("drain", practice_id, bucket), at=due)


def drain_when_allowed(tasks: Tasks, practice_id: str, now: datetime, until: datetime) -> None:
    """The same at the end of a pause or of a used-up minute, to the moment: everybody who waits for it names the same
    one, and seconds of every minute would be lost to a bucket. Never so soon that the task would be the one that runs,
    whose name would be known already."""
    at = max(until, now + AGAIN_AT_SOONEST)
    body, name = {"practice_id": practice_id}, _name("drain", practice_id, at.isoformat())
    tasks.enqueue("drain", body, name=name, at=at + timedelta(milliseconds=100))


def drain_now(tasks: Tasks, practice_id: str, why: str) -> None:
    """The same without the wait for the end of a bucket, once for each ``why``: for bulk work, of which there is
    enough at once."""
    tasks.enqueue("drain", {"practice_id": practice_id}, name=f"drain-{why}")


def wake_pull(
    tasks: Tasks, tenant_id: str, at: datetime, *, categories: tuple[str, ...] = (), hinted: bool = False
) -> None:
    """Ask Xero what changed. ``categories`` are those a webhook named, none means everything; ``hinted`` says that a
    webhook came.

    Contacts are a task apart from documents (whatever a credit or a payment changed shows on an invoice), so that a
    storm of mixed hints asks for either at most once a bucket.
    """
    documents = ["INVOICE"] if set(categories) - {"CONTACT"} else []
    contacts = ["CONTACT"] if "CONTACT" in categories else []
    for wish in [part for part in (documents, contacts) if part] or [[]]:
        seconds = CONTACTS_BUCKET_SECONDS if wish == ["CONTACT"] else PULL_BUCKET_SECONDS
        due, bucket = _bucket(at, seconds)
        body = {"tenant_id": tenant_id, "categories": wish, "hinted": hinted}
        name = f"{bucket}-{'-'.join(wish) or 'all'}-{'hint' if hinted else 'sweep'}"
        tasks.enqueue("pull", body, name=_name("pull", tenant_id, name), at=due)


def wake_lists(tasks: Tasks, practice_id: str, at: datetime) -> None:
    """Read the organisation's lists again that have become old; once an hour at most."""
    bucket = int(at.timestamp()) // 3600
    tasks.enqueue("lists", {"practice_id": practice_id}, name=_name("lists", practice_id, bucket), at=at)


def wake_sweep(tasks: Tasks, cursor: str, began: str) -> None:
    """The next page of the sweep that began then, at once."""
    tasks.enqueue("sweep", {"cursor": cursor, "began": began}, name=_name("sweep", began, cursor))


def wake_check(tasks: Tasks, practice_id: str, at: datetime) -> None:
    """Hold the last weeks against Xero, not before ``at``."""
    due, bucket = _bucket(at, CHECK_BUCKET_SECONDS)
    tasks.enqueue(
        "completeness", {"practice_id": practice_id}, name=_name("check", practice_id, bucket), at=due
    )


def wake_seal(tasks: Tasks, practice_id: str, at: datetime, why: str = "sweep") -> None:
    """Seal what of the log is old enough by then; once an hour for each ``why``."""
    bucket = f"{int(at.timestamp()) // 3600}-{why}"
    tasks.enqueue("seal", {"practice_id": practice_id}, name=_name("seal", practice_id, bucket), at=at)


def _bucket(at: datetime, seconds: int) -> tuple[datetime, int]:
    """The end of the bucket ``at`` is in, and its number."""
    number = int(at.timestamp()) // seconds
    return _end(number, seconds), number


@lru_cache(maxsize=64)
def _end(number: int, seconds: int) -> datetime:
    return datetime.fromtimestamp((number + 1) * seconds, UTC) + timedelta(milliseconds=100)


@lru_cache(maxsize=1024)  # a storm asks for the same few names thousands of times
def _name(kind: str, subject: str, bucket: int | str) -> str:
    """Hashed, so that names are not sequential: Cloud Tasks slows down on those."""
    return f"{kind}-{hashlib.sha256(f'{subject}/{bucket}'.encode()).hexdigest()[:32]}"
