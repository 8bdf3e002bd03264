"""Steps that follow from one another: the next intent is kept in the same write that ends the one before it.

So whoever finishes a step, and wherever they stop, time alone carries out the next one, once.
"""

from __future__ import annotations

from typing import Any

from shared.domain.operations import Operation, operation_id
from shared.domain.times import instant
from shared.ports import Ports
from shared.ports.store import Create, Write
from shared.services import paths


def following(
    ports: Ports, before: Operation, kind: str, request: dict[str, Any], *parts: str | int
) -> Operation:
    """The next step for the same appointment and person, due now; ``parts`` make its id."""
    now = instant(ports.clock.now())
    return Operation(
        id=operation_id(kind, before.tenant_id, *parts),
        kind=kind,
        practice_id=before.practice_id,
        tenant_id=before.tenant_id,
        subject=before.subject,
        request=request,
        created_at=now,
        created_by=before.created_by,
        next_attempt_at=now,
        updated_at=now,
    )


def kept_once(ports: Ports, operation: Operation) -> list[Write]:
    """The write that keeps it; none when it is kept already."""
    path = paths.operation(operation.practice_id, operation.id)
    return [] if ports.store.get(path) else [Create(path, operation.to_data())]
