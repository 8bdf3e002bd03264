"""Intent first: every write to Xero is kept as an operation before it is a request.

``submit`` keeps the intent and tries it at once; ``run`` takes one step further whatever state it is in, and may be
called by anybody, any time, any number of times: the store's preconditions let one of them through. What a step does
is in ``operation_runner``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from shared.domain import operations as rules
from shared.domain.errors import Conflict, NotFound
from shared.domain.operations import Operation, Step
from shared.domain.times import instant
from shared.ports import Ports
from shared.ports.store import AlreadyExists, Create, VersionChanged
from shared.services import paths
from shared.services.batches import send_again
from shared.services.drain_tasks import wake_drain
from shared.services.operation_runner import Runner
from shared.services.writes.registry import kind_of

#: If the caller dies between keeping the intent and sending it, this run picks it up.
SAFETY_NET = timedelta(seconds=60)
#: How often a run starts over because somebody changed the operation before anything was sent.
TAKE_UPS = 5


def submit(ports: Ports, operation: Operation) -> Operation:
    """Keep the intent, then try it."""
    keep(ports, operation)
    return run(ports, operation.practice_id, operation.id)


def keep(ports: Ports, operation: Operation) -> None:
    """Keep the intent. An operation of the same id is the same intent: it is taken up, not doubled.

    One that failed or waits is taken up with what is asked now; one that may have reached Xero is left as it was sent.
    """
    path = paths.operation(operation.practice_id, operation.id)
    _safety_net(ports, operation.practice_id)
    operation.next_attempt_at = operation.updated_at = instant(ports.clock.now())
    try:
        ports.store.create(path, operation.to_data())
    except AlreadyExists:
        _ask_again(ports, path, operation)


def keep_all(ports: Ports, practice_id: str, wanted: Sequence[Operation]) -> list[Operation]:
    """Keep many intents of bulk work, at most 500; gives those that were done before, under the same id.

    What waits already is on its way and left alone; what failed or was cancelled, or waits for a person, is taken up
    as by ``keep``.
    """
    by_path = {paths.operation(practice_id, operation.id): operation for operation in wanted}
    if not by_path:
        return []
    _safety_net(ports, practice_id)
    found = ports.store.get_many(list(by_path))
    fresh = {path: operation for path, operation in by_path.items() if path not in found}
    now = instant(ports.clock.now())
    for operation in fresh.values():
        operation.next_attempt_at = operation.updated_at = now
    try:
        ports.store.batch([Create(path, operation.to_data()) for path, operation in fresh.items()])
    except AlreadyExists:  # somebody asks for one of them at this moment
        for operation in fresh.values():
            keep(ports, operation)
    kept = {path: Operation.from_data(document.data) for path, document in found.items()}
    for path, operation in kept.items():
        if operation.state in ("failed", "cancelled") or operation.next_attempt_at is None:
            _ask_again(ports, path, by_path[path])
    return [operation for operation in kept.values() if operation.state == "done"]


def read(ports: Ports, practice_id: str, operation_id: str) -> Operation:
    document = ports.store.get(paths.operation(practice_id, operation_id))
    if document is None:
        raise NotFound("There is no such operation")
    return Operation.from_data(document.data)


def run(ports: Ports, practice_id: str, operation_id: str) -> Operation:
    """Take the operation as far as it goes now; gives it as it then stands. Raises nothing that is Xero's."""
    for _ in range(TAKE_UPS):
        runner = Runner(ports, practice_id, operation_id)
        now = ports.clock.now()
        waits = rules.next_step(runner.operation, now) is Step.WAIT
        batch_id = runner.operation.batch_id if rules.batch_goes_again(runner.operation, now) else None
        if batch_id and not waits and send_again(ports, practice_id, batch_id) is not None:
            return read(ports, practice_id, operation_id)
        try:
            runner.advance()
        except VersionChanged:
            continue  # somebody else moved it: read it again, and stop if they are sending it
        return runner.operation
    return read(ports, practice_id, operation_id)


def ask_again(ports: Ports, practice_id: str, operation_id: str) -> None:
    """A person asks: a failed or waiting operation is due now, from scratch where it certainly was not done."""
    operation = read(ports, practice_id, operation_id)
    if operation.state in ("done", "cancelled"):
        raise Conflict(f"This operation is {operation.state}; there is nothing to try again")
    operation.job_id = None  # it is a person's by now: cancelling the job leaves it alone
    _safety_net(ports, practice_id)
    _ask_again(ports, paths.operation(practice_id, operation_id), operation)


def do_over(ports: Ports, done: Operation) -> None:
    """An operation that is done, but whose link is of another organisation by now: found again and linked anew.

    It is run from the start; its natural key leads to the document that it made.
    """
    path = paths.operation(done.practice_id, done.id)
    document = ports.store.get(path)
    if document is not None and document.data["state"] == "done":
        _safety_net(ports, done.practice_id)
        _start_over(ports, path, Operation.from_data(document.data), document.version)


def cancel(
    ports: Ports,
    practice_id: str,
    operation_id: str,
    *,
    code: str = "cancelled",
    reason: str = "Cancelled by a person",
) -> Operation:
    """A person decides against it. Not possible while its fate in Xero is open: first that must be known."""
    document = ports.store.get(paths.operation(practice_id, operation_id))
    if document is None:
        raise NotFound("There is no such operation")
    operation = Operation.from_data(document.data)
    if operation.state not in ("pending", "failed"):
        raise Conflict("This operation may already have reached Xero, or has ended; it cannot be cancelled")
    rules.end(operation, "cancelled", code=code, reason=reason)
    try:
        ports.store.update(document.path, operation.to_data(), version=document.version)
    except VersionChanged:
        raise Conflict("This operation just moved on; look at it again") from None
    return operation


def _safety_net(ports: Ports, practice_id: str) -> None:
    wake_drain(ports.tasks, practice_id, ports.clock.now() + SAFETY_NET)


def _ask_again(ports: Ports, path: str, wanted: Operation) -> None:
    document = ports.store.get(path)
    if document is None:
        return
    operation = Operation.from_data(document.data)
    if operation.state in ("done", "sending", "uncertain"):
        return
    operation.request, operation.created_by = wanted.request, wanted.created_by
    operation.job_id = wanted.job_id
    if operation.state != "pending":
        operation.attempts = 0  # one that waits goes on backing off, however often it is asked for
    _start_over(ports, path, operation, document.version)


def _start_over(ports: Ports, path: str, operation: Operation, version: str) -> None:
    """Due now. Built afresh if it certainly was not done, or a person looked and decided; else looked up first."""
    if not operation.maybe_done or kind_of(operation.kind).at_most_once:
        operation.body, operation.prepared = None, {}
        rules.new_key(operation)
    rules.wait(operation, until=ports.clock.now(), code="asked_again", reason="Asked for again")
    try:
        ports.store.update(path, operation.to_data(), version=version)
    except VersionChanged:
        return  # somebody else asked at the same moment
