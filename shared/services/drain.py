"""Sending what waits: one drain per practice at a time, contacts before invoices, until nothing is due."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.domain.operations import Operation
from shared.domain.times import instant, parse_instant
from shared.ports import Ports
from shared.ports.store import VersionChanged, Where
from shared.services import paths
from shared.services.budget import deferred_until
from shared.services.connections import read_connection
from shared.services.create_invoice import advance
from shared.services.drain_tasks import wake_drain
from shared.services.leases import lease

BATCH = 50
#: One run ends in time for the function's own limit and goes on in the next task.
RUN_FOR = timedelta(seconds=120)
LEASE_SECONDS = 180
LOOK_AGAIN_SECONDS = 30


@dataclass
class Drained:
    ran: int = 0
    done: int = 0
    failed: int = 0


def drain(ports: Ports, practice_id: str) -> Drained:
    result = Drained()
    with lease(ports, f"drain-{practice_id}", LEASE_SECONDS) as held:
        if not held:
            wake_drain(ports.tasks, practice_id, _when_the_holder_is_overdue(ports.clock.now()))
            return result
        connection = read_connection(ports, practice_id)
        if connection.status != "connected" or not connection.tenant_id:
            return result  # connecting again wakes it
        until = deferred_until(ports, connection.tenant_id)
        if until:
            wake_drain(ports.tasks, practice_id, until)
            return result
        _send_due(ports, practice_id, connection.tenant_id, result)
    _wake_for_next(ports, practice_id, deferred_until(ports, connection.tenant_id))
    return result


def requeue_waiting(ports: Ports, practice_id: str) -> None:
    """After a reconnect: what waited for the connection is due now; what is meant for another organisation waits on."""
    tenant_id = read_connection(ports, practice_id).tenant_id
    for state in ("pending", "uncertain"):
        cursor = None
        while True:
            page = ports.store.query(
                paths.operations(practice_id), where=[Where("state", "==", state)], limit=BATCH, cursor=cursor
            )
            for document in page.items:
                operation = Operation.from_data(document.data)
                if operation.next_attempt_at is None and operation.tenant_id == tenant_id:
                    operation.next_attempt_at = instant(ports.clock.now())
                    with suppress(VersionChanged):  # then somebody else is already at it
                        ports.store.update(document.path, operation.to_data(), version=document.version)
            cursor = page.next_cursor
            if cursor is None:
                break
    wake_drain(ports.tasks, practice_id, ports.clock.now())


def _due(ports: Ports, practice_id: str) -> list[Operation]:
    """Operations whose time has come, contacts first: an invoice needs its contact."""
    now = instant(ports.clock.now())
    page = ports.store.query(
        paths.operations(practice_id),
        where=[Where("next_attempt_at", "<=", now)],
        order_by="next_attempt_at",
        limit=BATCH,
    )
    found = [Operation.from_data(document.data) for document in page.items]
    return sorted(found, key=lambda operation: not operation.kind.startswith("contact"))


def _send_due(ports: Ports, practice_id: str, tenant_id: str, result: Drained) -> None:
    end = ports.clock.now() + RUN_FOR
    tried: set[tuple[str | None, ...]] = set()
    while due := [found for found in _due(ports, practice_id) if _state_of(found) not in tried]:
        for operation in due:
            if ports.clock.now() >= end or deferred_until(ports, tenant_id):
                return
            tried.add(_state_of(operation))  # what a run did not move is not run again here
            _count(result, advance(ports, practice_id, operation.id))


def _when_the_holder_is_overdue(now: datetime) -> datetime:
    """The holder sends what we would have sent, unless it died. Everybody turned away looks again at the same few
    moments, so that their tasks fold into one and do not multiply while a dead one's lease runs out."""
    return datetime.fromtimestamp((now.timestamp() // LOOK_AGAIN_SECONDS + 1) * LOOK_AGAIN_SECONDS, UTC)


def _state_of(operation: Operation) -> tuple[str | None, ...]:
    return operation.id, operation.updated_at, operation.next_attempt_at


def _count(result: Drained, operation: Operation) -> None:
    result.ran += 1
    result.done += operation.state == "done"
    result.failed += operation.state == "failed"


def _wake_for_next(ports: Ports, practice_id: str, not_before: datetime | None) -> None:
    page = ports.store.query(
        paths.operations(practice_id),
        where=[Where("next_attempt_at", ">", "")],
        order_by="next_attempt_at",
        limit=1,
    )
    if page.items:
        due: datetime = parse_instant(page.items[0].data["next_attempt_at"])
        wake_drain(ports.tasks, practice_id, max(due, not_before or ports.clock.now()))
