"""Intent first: every write to Xero is kept as an operation before it is a request.

``submit`` keeps the intent and tries it at once; ``run`` takes one step further whatever state it is in, and may be
called by anybody, any time, any number of times: the store's preconditions let one of them through.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from shared.domain import operations as rules
from shared.domain.errors import (
    AnswerLost,
    Busy,
    Conflict,
    ConnectionLost,
    Missing,
    NotFound,
    Paused,
    Rejected,
    StoreUnavailable,
    XeroError,
)
from shared.domain.operations import Operation, Step
from shared.domain.times import instant, parse_instant
from shared.ports import Ports
from shared.ports.accounting import Accounting, WriteRequest
from shared.ports.store import AlreadyExists, Document, Update, VersionChanged
from shared.services import paths
from shared.services.activity_log import SYSTEM, Entry, entry_write
from shared.services.connections import (
    known_tenant,
    note_usage,
    open_accounting,
    pause,
    recover_or_lose,
)
from shared.services.drain_tasks import wake_drain
from shared.services.writes.kinds import Adopt, AlreadyDone, Change, Kind, Prepared, Refuse, WaitFor
from shared.services.writes.registry import kind_of

#: If the caller dies between keeping the intent and sending it, this run picks it up.
SAFETY_NET = timedelta(seconds=60)
#: How many corrected bodies (a suffix to a taken name, say) one run may try.
CORRECTIONS = 6
SETTLE_ATTEMPTS = 6
#: Nothing that waits is due at once again: a run must not spin on it.
SOONEST = timedelta(seconds=2)
#: How soon to look again when the token is being renewed or an access token was refused.
SOON = timedelta(seconds=3)


def submit(ports: Ports, operation: Operation) -> Operation:
    """Keep the intent, then try it."""
    keep(ports, operation)
    return run(ports, operation.practice_id, operation.id)


def keep(ports: Ports, operation: Operation) -> None:
    """Keep the intent. An operation of the same id is the same intent: it is taken up, not doubled.

    One that failed or waits is taken up with what is asked now; one that may have reached Xero is left as it was sent.
    """
    path = paths.operation(operation.practice_id, operation.id)
    wake_drain(ports.tasks, operation.practice_id, ports.clock.now() + SAFETY_NET)
    operation.next_attempt_at = operation.updated_at = instant(ports.clock.now())
    try:
        ports.store.create(path, operation.to_data())
    except AlreadyExists:
        _ask_again(ports, path, operation)


def read(ports: Ports, practice_id: str, operation_id: str) -> Operation:
    document = ports.store.get(paths.operation(practice_id, operation_id))
    if document is None:
        raise NotFound("There is no such operation")
    return Operation.from_data(document.data)


def run(ports: Ports, practice_id: str, operation_id: str) -> Operation:
    """Take the operation as far as it goes now; gives it as it then stands. Raises nothing that is Xero's."""
    runner = _Runner(ports, practice_id, operation_id)
    try:
        runner.advance()
    except VersionChanged:
        return read(ports, practice_id, operation_id)  # somebody else is at it, and their step counts
    return runner.operation


def ask_again(ports: Ports, practice_id: str, operation_id: str) -> None:
    """A person asks: a failed or waiting operation is due now, from scratch where it certainly was not done."""
    operation = read(ports, practice_id, operation_id)
    if operation.state in ("done", "cancelled"):
        raise Conflict(f"This operation is {operation.state}; there is nothing to try again")
    _ask_again(ports, paths.operation(practice_id, operation_id), operation)


def cancel(ports: Ports, practice_id: str, operation_id: str) -> Operation:
    """A person decides against it. Not possible once it may have reached Xero: first its fate must be known."""
    document = ports.store.get(paths.operation(practice_id, operation_id))
    if document is None:
        raise NotFound("There is no such operation")
    operation = Operation.from_data(document.data)
    if operation.maybe_sent or operation.state in ("done", "cancelled"):
        raise Conflict("This operation may already have reached Xero, or has ended; it cannot be cancelled")
    rules.end(operation, "cancelled", code="cancelled", reason="Cancelled by a person")
    try:
        ports.store.update(document.path, operation.to_data(), version=document.version)
    except VersionChanged:
        raise Conflict("This operation just moved on; look at it again") from None
    return operation


def _ask_again(ports: Ports, path: str, wanted: Operation) -> None:
    document = ports.store.get(path)
    if document is None:
        return
    operation = Operation.from_data(document.data)
    if operation.state in ("done", "sending", "uncertain"):
        return
    operation.request, operation.created_by = wanted.request, wanted.created_by
    operation.body, operation.prepared = None, {}  # certainly not done: built afresh from what is asked now
    rules.new_key(operation)
    operation.attempts = 0
    rules.wait(operation, until=ports.clock.now(), code="asked_again", reason="Asked for again")
    try:
        ports.store.update(path, operation.to_data(), version=document.version)
    except VersionChanged:
        return  # somebody else asked at the same moment


class _Runner:
    """One run of one operation: the document as we last wrote it, and the clock that times it."""

    def __init__(self, ports: Ports, practice_id: str, operation_id: str) -> None:
        self.ports, self.practice_id = ports, practice_id
        document = ports.store.get(paths.operation(practice_id, operation_id))
        if document is None:
            raise NotFound("There is no such operation")
        self.document: Document = document
        self.operation = Operation.from_data(document.data)
        self.kind: Kind = kind_of(self.operation.kind)
        self.accounting: Accounting | None = None
        self.started = time.monotonic()

    def advance(self) -> None:
        step = rules.next_step(self.operation, self.ports.clock.now())
        if step in (Step.STOP, Step.WAIT):
            return
        if step is Step.SEND_AGAIN and self.kind.at_most_once:
            step = Step.LOOK_UP
        self.operation.maybe_done = self.operation.maybe_sent  # a crash left "sending" behind
        self.operation.attempts += 1
        try:
            accounting = self._open()
            if self.operation.body is None:
                self._prepare(accounting)
            if step is Step.LOOK_UP and not self._look_up(accounting):
                return
            self._send(accounting)
        except AlreadyDone as done:
            self._settle(done.snapshot)
        except WaitFor as missing:
            self._wait(missing.code, missing.reason, missing.until)
        except Refuse as refused:
            self._fail(refused.code, refused.reason)
        except XeroError as error:
            self._not_done(error)
        except Busy as busy:
            self._wait("busy", busy.detail, self.ports.clock.now() + SOON)

    def _open(self) -> Accounting:
        tenant_id = known_tenant(self.ports, self.practice_id).tenant_id
        if tenant_id != self.operation.tenant_id:
            raise ConnectionLost(
                "other_organisation", "This was meant for another organisation than the one connected"
            )
        self.accounting = open_accounting(self.ports, self.practice_id)
        return self.accounting

    def _prepare(self, accounting: Accounting) -> None:
        self._take(self.kind.prepare(self.ports, self.operation, accounting))

    def _take(self, prepared: Prepared) -> None:
        self.operation.body, self.operation.target_id = prepared.body, prepared.target_id
        self.operation.prepared = prepared.notes

    def _look_up(self, accounting: Accounting) -> bool:
        """True when it may be sent (again); otherwise the operation is settled or waits."""
        found = self.kind.look_up(self.ports, self.operation, accounting)
        now = self.ports.clock.now()
        if found is not None:
            self._settle(found)
            return False
        if self.kind.at_most_once:
            self._fail(
                "maybe_done", "It is not known whether this was done; check in Xero, then ask for it again"
            )
            return False
        if not rules.key_is_forgotten(self.operation, now):
            first = parse_instant(str(self.operation.key_first_sent_at))
            self._wait(
                "answer_lost",
                "Waiting until it is certain that Xero did not do it",
                first + rules.KEY_FORGOTTEN_AFTER,
            )
            return False
        rules.new_key(self.operation)
        return True

    def _send(self, accounting: Accounting) -> None:
        for _ in range(CORRECTIONS):
            rules.claim(self.operation, self.ports.clock.now())
            self._save()  # the exact body and key are kept before the first byte leaves
            try:
                snapshot = accounting.send(self._request())
            except Rejected as rejected:
                if not self._corrected(accounting, rejected):
                    return
            else:
                self._settle(snapshot)
                return
        self._fail("too_many_corrections", "Xero keeps refusing this, also after corrections")

    def _request(self) -> WriteRequest:
        operation = self.operation
        return WriteRequest(
            kind=self.kind.wire_kind,
            body=operation.body or "",
            key=rules.idempotency_key(operation),
            target_id=operation.target_id,
        )

    def _corrected(self, accounting: Accounting, rejected: Rejected) -> bool:
        """True when there is a better body to send."""
        if rejected.code == "key_reused":
            rules.new_key(self.operation)
            return self._look_up_after_refusal(accounting)
        resolution = self.kind.rejected(self.ports, self.operation, accounting, rejected)
        if isinstance(resolution, Adopt):
            self._settle(resolution.snapshot)
            return False
        if isinstance(resolution, Change):
            self._take(resolution.prepared)
            rules.new_key(self.operation)
            return True
        self._fail(resolution.code, resolution.reason)
        return False

    def _look_up_after_refusal(self, accounting: Accounting) -> bool:
        found = self.kind.look_up(self.ports, self.operation, accounting)
        if found is None:
            return True
        self._settle(found)
        return False

    def _not_done(self, error: XeroError) -> None:
        """The step did not succeed, and Xero said why, or said nothing."""
        now, operation = self.ports.clock.now(), self.operation
        if isinstance(error, Paused):
            until = error.until or pause(self.ports, operation.tenant_id, error.problem, error.retry_after)
            self._wait("paused", error.detail, until)
        elif isinstance(error, ConnectionLost):
            usable = error.reason != "other_organisation" and recover_or_lose(
                self.ports, self.practice_id, error
            )
            self._wait("needs_reconnect", error.detail, now + SOON if usable else None)
        elif isinstance(error, (Rejected, Missing)):
            self._fail(error.code, error.detail)
        else:
            if isinstance(error, AnswerLost) and operation.state == "sending":
                operation.maybe_done, operation.kept_error = True, error.answered
            self._wait(error.code, error.detail, rules.back_off(operation, now))

    def _wait(self, code: str, reason: str, until: datetime | None) -> None:
        until = max(until, self.ports.clock.now() + SOONEST) if until else None
        rules.wait(self.operation, until=until, code=code, reason=reason)
        self._save(self._entry("waiting", reason, code))
        if until:
            wake_drain(self.ports.tasks, self.practice_id, until)

    def _fail(self, code: str, reason: str) -> None:
        rules.end(self.operation, "failed", code=code, reason=reason)
        self._save(self._entry("failed", reason, code))

    def _settle(self, snapshot: Any) -> None:
        for _ in range(SETTLE_ATTEMPTS):
            settled = self.kind.settle(self.ports, self.operation, snapshot)
            rules.end(self.operation, "done")
            self.operation.result = settled.result
            entry = replace(
                self._entry("ok", self.kind.sentence, None),
                before=settled.before,
                after=settled.result,
                xero_id=settled.xero_id,
            )
            try:
                self._save(entry, *settled.writes)
                return
            except VersionChanged:
                current = self.ports.store.get(self.document.path)
                if current is None or current.version != self.document.version:
                    raise  # the operation itself moved on; a changed link is read again and settled anew
        raise StoreUnavailable("a link kept changing while the result was being recorded")

    def _entry(self, outcome: str, sentence: str, code: str | None) -> Entry:
        usage = self.accounting.usage if self.accounting else None
        return Entry(
            action=self.kind.action,
            sentence=sentence,
            actor=self.operation.created_by or dict(SYSTEM),
            outcome=outcome,
            subject=self.operation.subject,
            operation_id=self.operation.id,
            code=code,
            duration_ms=int((time.monotonic() - self.started) * 1000),
            calls_left_minute=usage.minute if usage else None,
            calls_left_day=usage.day if usage else None,
        )

    def _save(self, entry: Entry | None = None, *writes: Any) -> None:
        """State, links and log stand or fall together; VersionChanged when somebody else moved the operation."""
        self.operation.updated_at = instant(self.ports.clock.now())
        batch = [Update(self.document.path, self.operation.to_data(), self.document.version), *writes]
        if entry:
            batch.append(entry_write(self.ports, self.practice_id, entry))
        self.document = self.ports.store.batch(batch)[0]
        if self.accounting and entry:
            note_usage(self.ports, self.operation.tenant_id, self.accounting.usage)
