"""In which order and company the operations that are due go to Xero.

Contacts first: an invoice needs its contact. Then what is asked for one appointment in the order in which it is due;
between appointments there is no order to keep, so the first steps of many go together, then their second steps.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from shared.domain import operations as rules
from shared.domain.operations import Operation, Step
from shared.services.writes.batched import BATCHED

CONTACTS_FIRST = -1
ORDER = list(BATCHED)


class Way(Enum):
    ALONE = "alone"
    TOGETHER = "together"
    SEND_AGAIN = "send again"  # the batch that the operations are in
    LOOK_UP = "look up"


@dataclass(frozen=True)
class Group:
    """Operations of one kind, or of one batch."""

    way: Way
    operations: list[Operation]

    @property
    def ids(self) -> list[str]:
        return [operation.id for operation in self.operations]


def plan(due: Sequence[Operation], now: datetime, tenant_id: str, size: int) -> Iterator[Group]:
    """``due`` in the order of their times; at most ``size`` go together. One of another organisation than the one
    connected goes by itself, to be told so."""
    in_batches: dict[str, list[Operation]] = defaultdict(list)
    companies: dict[tuple[int, int, Way], list[Operation]] = defaultdict(list)
    asked_before: Counter[str] = Counter()
    for operation in due:
        if rules.batch_goes_again(operation, now):
            in_batches[str(operation.batch_id)].append(operation)
            continue
        about = operation.subject.get("appointment_id") or operation.id
        turn = CONTACTS_FIRST if operation.kind.startswith("contact") else asked_before[about]
        asked_before[about] += 1
        companies[turn, _rank(operation), _way(operation, now, tenant_id)].append(operation)
    yield from (Group(Way.SEND_AGAIN, members) for members in in_batches.values())
    for (_, _, way), members in sorted(companies.items(), key=lambda item: item[0][:2]):
        most = 1 if way is Way.ALONE else size
        for start in range(0, len(members), most):
            some = members[start : start + most]
            yield Group(way if len(some) > 1 else Way.ALONE, some)


def _rank(operation: Operation) -> int:
    """The order of kinds that go together; all others come after them, as they are due."""
    return ORDER.index(operation.kind) if operation.kind in ORDER else len(ORDER)


def _way(operation: Operation, now: datetime, tenant_id: str) -> Way:
    if operation.kind not in BATCHED or operation.tenant_id != tenant_id:
        return Way.ALONE
    step = rules.next_step(operation, now)
    if step is Step.LOOK_UP:
        return Way.LOOK_UP
    return Way.TOGETHER if step is Step.SEND and not operation.alone else Way.ALONE
