"""Operations of one kind in one request, each settled by itself (docs/decisions/0010).

``practices/{p}/batches/{id}``, from before the request leaves until every element's fate is known or can only be
looked up:
    kind, tenant_id, members (operation ids, in the order of the elements), body (the exact text), key, created_at

A member names its batch while its fate there is open. Under the batch's key and body, unchanged, it may be sent again
while Xero remembers the key; otherwise it is looked up by its own natural key, like any other operation.

All of these raise StoreUnavailable and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from shared.domain import operations as rules
from shared.domain.operations import Operation, Step
from shared.domain.times import instant
from shared.ports import Ports
from shared.ports.store import Where
from shared.services import paths
from shared.services.batch_work import BatchWork, Sent
from shared.services.operation_runner import Runner, reading_once
from shared.services.shared_reads import read_for_preparing
from shared.services.writes.batched import BATCHED

#: What Xero takes in one request is 3.5 MB; a document of Firestore's, which holds the body, has 1 MiB.
MOST_BYTES = 800_000
#: When nobody can use a batch document any more: Xero has long forgotten its key.
USELESS_AFTER = timedelta(minutes=15)


def send_together(ports: Ports, practice_id: str, operation_ids: Sequence[str]) -> list[Operation]:
    """Send operations of one kind that certainly were not done; gives all as they then stand. What does not fit stays
    due."""
    work = BatchWork(ports, practice_id, operation_ids)
    members = work.at(Step.SEND)
    accounting = work.open(members)
    if accounting is not None:
        ahead = work.read_ahead(members, accounting, BATCHED[members[0].operation.kind].before_preparing)
        with reading_once(members, read_for_preparing):
            ready = work.each(members, accounting, lambda m: m.prepare(ahead))
        work.send(_that_fit(ready), accounting)
    return work.operations()


def send_again(ports: Ports, practice_id: str, batch_id: str) -> list[Operation] | None:
    """The same bytes under the same key; gives those of its members that were in doubt, None when the batch is no more:
    then they are looked up."""
    document = ports.store.get(paths.batch(practice_id, batch_id))
    if document is None:
        return None
    work = BatchWork(ports, practice_id, document.data["members"])
    inside = [member for member in work.members if member.operation.batch_id == batch_id]
    if any(rules.next_step(member.operation, ports.clock.now()) is Step.WAIT for member in inside):
        return []  # somebody is sending it right now
    doubtful = [m for m in inside if rules.batch_goes_again(m.operation, ports.clock.now())]
    accounting = work.open(doubtful)
    if accounting is not None and work.claim(doubtful, batch_id):
        by_id = {member.operation.id: member for member in doubtful}
        sent = Sent(document.path, document.data, [by_id.get(each) for each in document.data["members"]])
        work.send(work.exchange(sent, accounting), accounting)
    return [member.operation for member in doubtful]


def look_up_together(ports: Ports, practice_id: str, operation_ids: Sequence[str]) -> list[Operation]:
    """Look up operations of one kind whose fate is open; gives all as they then stand."""
    work = BatchWork(ports, practice_id, operation_ids)
    members = work.at(Step.LOOK_UP)
    accounting = work.open(members)
    if accounting is not None:
        ahead = work.read_ahead(members, accounting, BATCHED[members[0].operation.kind].before_looking_up)
        batch_ids = {member.operation.batch_id for member in members} - {None}
        work.each(members, accounting, lambda m: m.look_up(ahead))
        for batch_id in batch_ids:  # nobody sends it again any more
            ports.store.delete(paths.batch(practice_id, str(batch_id)))
    return work.operations()


def forget_useless(ports: Ports, practice_id: str) -> None:
    """Batch documents that a crash left behind hold patients' details and serve nobody."""
    where = [Where("created_at", "<", instant(ports.clock.now() - USELESS_AFTER))]
    for document in ports.store.query(paths.batches(practice_id), where=where, order_by="created_at").items:
        ports.store.delete(document.path)


def _that_fit(ready: Sequence[Runner]) -> list[Runner]:
    """As many as one request holds, but one at least."""
    fitting: list[Runner] = []
    size = 0
    for member in ready:
        size += len(str(member.operation.body).encode())
        if fitting and size > MOST_BYTES:
            break
        fitting.append(member)
    return fitting
