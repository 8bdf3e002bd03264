"""Waking the deferred work: which task, under which name, when.

Names fold many wishes into one task: everything asked for within a few seconds is served by one run that starts
after the last wish of the bucket, so nothing asked for can fall between a run and the next.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from shared.ports.tasks import Tasks

PULL_BUCKET_SECONDS = 2
DRAIN_BUCKET_SECONDS = 2


def wake_drain(tasks: Tasks, practice_id: str, at: datetime) -> None:
    """Run the practice's waiting operations, not before ``at``."""
    due, bucket = _bucket(at, DRAIN_BUCKET_SECONDS)
    tasks.enqueue("drain", {"practice_id": practice_id}, name=_name("drain", practice_id, bucket), at=due)


def wake_pull(
    tasks: Tasks, tenant_id: str, at: datetime, *, categories: tuple[str, ...] = (), hinted: bool = False
) -> None:
    """Ask Xero what changed. ``categories`` are those a webhook named; ``hinted`` says that a webhook came."""
    due, bucket = _bucket(at, PULL_BUCKET_SECONDS)
    wish = f"{'-'.join(sorted(categories)) or 'all'}-{'hint' if hinted else 'sweep'}"
    body = {"tenant_id": tenant_id, "categories": sorted(categories), "hinted": hinted}
    tasks.enqueue("pull", body, name=_name("pull", tenant_id, f"{bucket}-{wish}"), at=due)


def _bucket(at: datetime, seconds: int) -> tuple[datetime, int]:
    """The end of the bucket ``at`` is in, and its number."""
    number = int(at.timestamp()) // seconds
    return datetime.fromtimestamp((number + 1) * seconds, UTC) + timedelta(milliseconds=100), number


def _name(kind: str, subject: str, bucket: int | str) -> str:
    """Hashed, so that names are not sequential: Cloud Tasks slows down on those."""
    return f"{kind}-{hashlib.sha256(f'{subject}/{bucket}'.encode()).hexdigest()[:32]}"
