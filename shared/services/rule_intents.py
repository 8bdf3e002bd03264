"""Keeping what one of the practice's rules wants, where nobody has pressed anything."""

from __future__ import annotations

from shared.domain.operations import Operation
from shared.domain.times import instant
from shared.ports import Ports
from shared.ports.store import AlreadyExists
from shared.services import paths


def keep_unless_known(ports: Ports, operation: Operation) -> bool:
    """The intent, due now; the caller wakes the drain.

    One of the same id is left as it is, whatever became of it: what a person cancelled, or what failed, is left to
    people. False then. Raises StoreUnavailable.
    """
    operation.next_attempt_at = operation.updated_at = instant(ports.clock.now())
    try:
        ports.store.create(paths.operation(operation.practice_id, operation.id), operation.to_data())
    except AlreadyExists:
        return False
    return True
