"""Sending what waits: one drain per practice at a time, in batches, until nothing is due.

A run is a slice: it ends after a while, or when only the calls that are kept back are left, and goes on in another
task. So a practice with ten thousand documents holds up no other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.domain.operations import Operation
from shared.domain.times import instant, parse_instant
from shared.ports import Ports
from shared.ports.store import Where
from shared.services import batches, paths
from shared.services.budget import deferred_until
from shared.services.connections import read_connection
from shared.services.create_invoice import MOVES_MONEY, advance
from shared.services.drain_plan import Group, Way, plan
from shared.services.drain_tasks import drain_when_allowed, wake_drain, wake_pull
from shared.services.due_again import make_due
from shared.services.intents import contacts_first
from shared.services.leases import lease
from shared.services.setup_state import is_held, release_held, revision

#: Due operations are looked at so many batches at a time, so that those of one kind fill their batches.
BATCHES_AT_A_TIME = 4
#: More in one request than Xero recommends is never sent, whatever the setting says.
LARGEST_BATCH = 100
RUN_FOR = timedelta(seconds=30)
#: Longer than a run with the longest of what it may have begun just before its end.
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
            drain_when_allowed(ports.tasks, practice_id, ports.clock.now(), until)
            return result
        release_held(ports, practice_id)
        _send_due(ports, practice_id, connection.tenant_id, result)
    batches.forget_useless(ports, practice_id)
    _wake_for_next(ports, practice_id, deferred_until(ports, connection.tenant_id))
    return result


def requeue_waiting(ports: Ports, practice_id: str) -> None:
    """After a reconnect: what waited for the connection is due now; what is meant for another organisation waits on,
    and so does what waits for a change of the set-up when there was none."""
    tenant_id, setup = read_connection(ports, practice_id).tenant_id, revision(ports, practice_id)

    def waits_for_it(operation: Operation) -> bool:
        return operation.tenant_id == tenant_id and not is_held(operation, setup)

    for state in ("pending", "uncertain"):
        make_due(ports, practice_id, [Where("state", "==", state)], waits_for_it)
    wake_drain(ports.tasks, practice_id, ports.clock.now())


def _due(ports: Ports, practice_id: str, limit: int) -> list[Operation]:
    page = ports.store.query(
        paths.operations(practice_id),
        where=[Where("next_attempt_at", "<=", instant(ports.clock.now()))],
        order_by="next_attempt_at",
        limit=limit,
    )
    return [Operation.from_data(document.data) for document in page.items]


def _send_due(ports: Ports, practice_id: str, tenant_id: str, result: Drained) -> None:
    end = ports.clock.now() + RUN_FOR
    size = max(1, min(LARGEST_BATCH, int(ports.config["BATCH_SIZE"])))
    tried: set[tuple[str | None, ...]] = set()

    def over() -> bool:
        return ports.clock.now() >= end or deferred_until(ports, tenant_id) is not None

    while due := [o for o in _due(ports, practice_id, size * BATCHES_AT_A_TIME) if _state_of(o) not in tried]:
        for group in plan(due, ports.clock.now(), tenant_id, size):
            if over() or not _with_contacts(ports, practice_id, group, over):
                return
            tried |= {_state_of(o) for o in group.operations}  # what a run did not move is not run again here
            for operation in _run(ports, practice_id, group):
                _count(result, operation)


def _with_contacts(ports: Ports, practice_id: str, group: Group, over: Callable[[], bool]) -> bool:
    """The contacts that a batch of invoices lacks are made before it, in a batch of their own. False: time is over."""
    if group.way is Way.TOGETHER and group.operations[0].kind == "invoice_create":
        for needed in contacts_first(ports, practice_id, group.operations):
            _run(ports, practice_id, Group(Way.TOGETHER, needed))
            if over():
                return False
    return True


def _run(ports: Ports, practice_id: str, group: Group) -> list[Operation]:
    if group.way is Way.ALONE:
        return [advance(ports, practice_id, operation.id) for operation in group.operations]
    if group.way is Way.TOGETHER:
        ended = batches.send_together(ports, practice_id, group.ids)
    elif group.way is Way.SEND_AGAIN:
        again = batches.send_again(ports, practice_id, str(group.operations[0].batch_id))
        ended = batches.look_up_together(ports, practice_id, group.ids) if again is None else again
    else:
        ended = batches.look_up_together(ports, practice_id, group.ids)
    moved = next((o for o in ended if o.state == "done" and o.kind in MOVES_MONEY), None)
    if moved is not None:
        wake_pull(ports.tasks, moved.tenant_id, ports.clock.now(), categories=("INVOICE",))
    return ended


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
    if not page.items:
        return
    due, now = parse_instant(page.items[0].data["next_attempt_at"]), ports.clock.now()
    if not_before is not None and due <= not_before:
        drain_when_allowed(ports.tasks, practice_id, now, not_before)
    else:
        wake_drain(ports.tasks, practice_id, max(due, now))
