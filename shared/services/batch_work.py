"""Several runs of operations side by side: claimed together, sent together, each with its own end.

Whatever meets one of them is recorded with that one; whatever meets the organisation is found out once and recorded
with all.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from shared.domain import operations as rules
from shared.domain.errors import (
    AnswerLost,
    Busy,
    ConnectionLost,
    LedgerError,
    Missing,
    NotConnected,
    Paused,
    Rejected,
    StoreUnavailable,
    XeroError,
)
from shared.domain.operations import Operation, Step
from shared.domain.times import instant, parse_instant
from shared.ports import Ports
from shared.ports.accounting import Accounting, BatchRequest, ElementAnswer
from shared.ports.store import Create, Delete, VersionChanged, Write
from shared.services import paths
from shared.services.budget import deferred_until, is_spent
from shared.services.connections import note_usage
from shared.services.drain_tasks import wake_drain
from shared.services.operation_runner import CORRECTIONS, SOON, Beforehand, Runner, reading_once
from shared.services.read_ahead import ReadAhead
from shared.services.shared_reads import read_for_settling
from shared.services.writes.batched import Reading, composed

#: How often a claim starts over without those that somebody moved meanwhile.
CLAIMS = 4
#: Trouble of the organisation, not of one document.
EVERYBODY = (Paused, ConnectionLost, NotConnected, Busy)

#: A member, and what gives the writes that record its new state.
Change = tuple[Runner, Callable[[], list[Write]]]


@dataclass(frozen=True)
class Sent:
    """A batch on its way; ``members`` by the position of their elements, None for one that has moved on."""

    path: str
    data: dict[str, Any]
    members: Sequence[Runner | None]

    @property
    def request(self) -> BatchRequest:
        return BatchRequest(self.data["kind"], self.data["body"], self.data["key"])

    @property
    def inside(self) -> list[Runner]:
        return [member for member in self.members if member is not None]


class BatchWork:
    """``members`` are the operations' runs, in the order asked for."""

    def __init__(self, ports: Ports, practice_id: str, operation_ids: Sequence[str]) -> None:
        self.ports, self.practice_id = ports, practice_id
        wanted = [paths.operation(practice_id, each) for each in dict.fromkeys(operation_ids)]
        found = ports.store.get_many(wanted)
        self.members = [Runner(ports, practice_id, found[p].id, found[p]) for p in wanted if p in found]

    def operations(self) -> list[Operation]:
        return [member.operation for member in self.members]

    def at(self, step: Step) -> list[Runner]:
        now = self.ports.clock.now()
        return [member for member in self.members if rules.next_step(member.operation, now) is step]

    # -- before it is sent -----------------------------------------------------------------------------------

    def open(self, members: Sequence[Runner]) -> Accounting | None:
        """None when there is nobody, or when all have been told to wait."""
        for member in members:
            member.begin()
        if not members:
            return None
        try:
            accounting = members[0].open()
        except (XeroError, NotConnected, Busy) as error:
            self._wait(members, error)
            return None
        for member in members:
            member.accounting = accounting
        return accounting

    def read_ahead(self, members: Sequence[Runner], accounting: Accounting, reading: Reading) -> Accounting:
        ahead = ReadAhead(accounting)
        try:
            reading(ahead, [member.operation for member in members])
        except (XeroError, KeyError):
            ahead = ReadAhead(accounting)  # one odd record must not stop the others: each asks for itself
        return cast(Accounting, ahead)

    def each(
        self, members: Sequence[Runner], accounting: Accounting, step: Callable[[Runner], bool]
    ) -> list[Runner]:
        """Those for which the step says True. When only the calls that are kept back are left, the rest stays due."""
        passed: list[Runner] = []
        for number, member in enumerate(members):
            if is_spent(self.ports, accounting.usage):
                self._leave(members[number:])
                break
            try:
                if member.guarded(partial(step, member), XeroError, NotConnected, Busy):
                    passed.append(member)
            except VersionChanged:
                continue  # somebody else moved it, and sees to it
            except EVERYBODY as error:
                self._wait([*passed, *members[number:]], error)
                return []
            except XeroError as error:
                with suppress(VersionChanged):
                    member.not_done(error)
        return passed

    def claim(self, members: Sequence[Runner], batch_id: str, *first: Write) -> bool:
        """All of them, or, when somebody moved one of them meanwhile, none."""
        claims = [write for member in members for write in member.claim(batch_id)]
        try:
            written = self.ports.store.batch([*first, *claims])
        except VersionChanged:
            return False
        for member, document in zip(members, written[len(first) :], strict=True):
            member.document, member.claimed = document, True
        return True

    def _claimed(self, ready: Sequence[Runner]) -> Sent | None:
        """The batch is kept together with the claims, before its first byte leaves."""
        for _ in range(CLAIMS):
            if not ready:
                break
            batch_id, one = uuid.uuid4().hex, ready[0]
            body = composed([str(member.operation.body) for member in ready])
            data = {
                "kind": one.kind.wire_kind,
                "tenant_id": one.operation.tenant_id,
                "members": [member.operation.id for member in ready],
                "body": body,
                "key": rules.batch_key(one.operation.tenant_id, batch_id, body),
                "created_at": instant(self.ports.clock.now()),
            }
            path = paths.batch(self.practice_id, batch_id)
            if self.claim(ready, batch_id, Create(path, data)):
                return Sent(path, data, ready)
            found = self.ports.store.get_many([member.document.path for member in ready])
            versions = {path: document.version for path, document in found.items()}
            ready = [m for m in ready if versions.get(m.document.path) == m.document.version]
        return None

    # -- sending ---------------------------------------------------------------------------------------------

    def send(self, ready: Sequence[Runner], accounting: Accounting) -> None:
        """In one request, and those that Xero refused and that could be corrected in further ones."""
        for _ in range(CORRECTIONS):
            try:
                sent = self._claimed(ready)
                if sent is None:
                    return
                ready = self.exchange(sent, accounting)
            except StoreUnavailable:
                raise
            except Exception as error:  # noqa: BLE001 - a mistake of ours must not stop them all: each goes by itself
                self._stumble(ready, error)
                return
        for member in ready:
            with suppress(VersionChanged):
                member.give_up_correcting()

    def exchange(self, sent: Sent, accounting: Accounting) -> list[Runner]:
        """Send a claimed batch and record what came of it; gives those to be sent once more, corrected."""
        try:
            answers = accounting.send_batch(sent.request)
        except AnswerLost as lost:
            for member in sent.inside:
                member.operation.maybe_done, member.operation.kept_error = True, lost.answered
            self._wait(sent.inside, lost, sent)
        except (Rejected, Missing) as refused:
            self._refused(sent, refused)
        except XeroError as error:
            self._wait(sent.inside, error, sent)
        else:
            return self._answered(sent, answers, accounting)
        return []

    # -- what came of it -------------------------------------------------------------------------------------

    def _answered(self, sent: Sent, answers: Sequence[ElementAnswer], accounting: Accounting) -> list[Runner]:
        pairs = [(m, answer) for m, answer in zip(sent.members, answers, strict=True) if m is not None]
        refusals = {m.operation.id: answer for m, answer in pairs if isinstance(answer, Rejected)}
        changes: list[Change] = []
        for member, answer in pairs:
            if isinstance(answer, AnswerLost):
                member.operation.maybe_done = member.operation.kept_error = True
                changes.append((member, partial(member.waiting, *member.verdict(answer))))
            elif not isinstance(answer, Rejected):
                changes.append((member, partial(member.done, answer)))
        over = [] if refusals else [Delete(sent.path)]
        self._keep(changes, *over, beforehand=read_for_settling)
        refused = [member for member, _ in pairs if member.operation.id in refusals]
        for member in refused:
            member.claimed = member.operation.maybe_done = False
        again = self.each(refused, accounting, lambda m: m.corrected(accounting, refusals[m.operation.id]))
        if refused:
            self.ports.store.delete(
                sent.path
            )  # not before: until here its members could be sent again with it
        return again

    def _refused(self, sent: Sent, refused: Rejected | Missing) -> None:
        """As a whole: one malformed element is enough for that, and Xero does not say which."""
        if refused.code == "key_reused":
            for member in sent.inside:
                member.operation.maybe_done = member.operation.kept_error = True
            self._wait(sent.inside, AnswerLost("Xero knows this batch by another body"), sent)
            return
        for member in sent.inside:
            member.claimed = member.operation.maybe_done = False
            member.operation.alone = True
        reason = f"Xero refused the whole batch ({refused.detail}); each goes by itself"
        now = self.ports.clock.now()
        self._keep(
            [(m, partial(m.waiting, refused.code, reason, now)) for m in sent.inside], Delete(sent.path)
        )

    def _stumble(self, members: Sequence[Runner], error: Exception) -> None:
        for member in members:
            member.operation.alone = True
            with suppress(VersionChanged):
                member.stumbled(error)

    def _wait(self, members: Sequence[Runner], error: LedgerError, sent: Sent | None = None) -> None:
        """All for the same reason and as long. Their batch is over unless they may be sent again with it."""
        newest = min(members, key=lambda member: member.operation.attempts)
        code, reason, until = newest.verdict(error)
        doubtful = any(member.operation.maybe_done and not member.operation.kept_error for member in members)
        over = [] if sent is None or doubtful else [Delete(sent.path)]
        self._keep([(member, partial(member.waiting, code, reason, until)) for member in members], *over)
        if until is None and newest.connected():  # while we were at it: the reconnect did not see them wait
            soon = self.ports.clock.now() + SOON
            self._keep([(member, partial(member.waiting, code, reason, soon)) for member in members])

    def _leave(self, members: Sequence[Runner]) -> None:
        """Those that Xero refused and that there are no calls left to correct; others just stay as they were."""
        refused = [m for m in members if m.operation.state == "sending" and not m.operation.maybe_done]
        now = self.ports.clock.now()
        if refused:
            until = deferred_until(self.ports, refused[0].operation.tenant_id) or now
            reason = "Xero refused this; it goes on when there are calls left"
            self._keep([(m, partial(m.waiting, "calls_kept_back", reason, until)) for m in refused])

    def _keep(self, changes: Sequence[Change], *more: Write, beforehand: Beforehand | None = None) -> None:
        """All in one write; when any of it has been moved by somebody or is in trouble, each by itself."""
        try:
            with reading_once([member for member, _ in changes], beforehand):
                groups = [change() for _, change in changes]
            written = self.ports.store.batch([*(write for group in groups for write in group), *more])
        except StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001 - which one it was shows one by one
            for member, change in changes:
                with suppress(VersionChanged):
                    member.guarded(partial(member.commit, change))
            if more:
                self.ports.store.batch(more)
        else:
            for (member, _), group in zip(changes, groups, strict=True):
                member.document, written = written[0], written[len(group) :]
        self._wake([member for member, _ in changes])

    def _wake(self, members: Sequence[Runner]) -> None:
        accounting = members[0].accounting if members else None
        if accounting is not None:
            with suppress(StoreUnavailable):  # only a gauge
                note_usage(self.ports, members[0].operation.tenant_id, accounting.usage)
        times = {m.operation.next_attempt_at for m in members if m.operation.next_attempt_at}
        if times:
            wake_drain(self.ports.tasks, self.practice_id, parse_instant(min(times)))
