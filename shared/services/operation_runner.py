"""One step of one operation: claim it, send it, and keep what came of it.

Whatever happens ends in the store: done with its link, failed with the reason, or waiting with a time. Only our own
storage not answering gets out, and VersionChanged when somebody else moved the operation.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from shared.domain import operations as rules
from shared.domain.errors import (
    AnswerLost,
    Busy,
    ConnectionLost,
    LedgerError,
    Missing,
    NotConnected,
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
from shared.ports.store import AlreadyExists, Document, Update, VersionChanged, Write
from shared.services import paths
from shared.services.activity_log import SYSTEM, Entry, entry_write
from shared.services.connections import (
    known_tenant,
    note_usage,
    open_accounting,
    pause,
    read_connection,
    recover_or_lose,
)
from shared.services.drain_tasks import wake_drain
from shared.services.setup_state import revision
from shared.services.shared_reads import sharing_reads
from shared.services.writes.kinds import Adopt, AlreadyDone, Change, Hold, Kind, Prepared, Refuse, WaitFor
from shared.services.writes.outgoing import refuse_identifiers
from shared.services.writes.registry import kind_of

T = TypeVar("T")
#: (code, reason for a person, until when; None waits for a person or for the connection)
Verdict = tuple[str, str, datetime | None]
#: (ports, practice_id, the operations' subjects), of ``shared_reads``
Beforehand = Callable[[Ports, str, list[dict[str, str]]], None]

_log = logging.getLogger("clinic_ledger.operations")
#: How many corrected bodies (a suffix to a taken name, say) one run may try.
CORRECTIONS = 6
SETTLE_ATTEMPTS = 6
#: Nothing that waits is due at once again: a run must not spin on it.
SOONEST = timedelta(seconds=2)
#: How soon to look again when the token is being renewed or an access token was refused.
SOON = timedelta(seconds=3)
#: After so many runs that ended in a mistake of ours, a person is told.
STUMBLES = 8


class Runner:
    """One run of one operation: the document as we last wrote it, and the clock that times it.

    ``advance`` is the whole run of an operation that goes by itself. A batch (``batches``) takes the parts: ``begin``,
    ``prepare``, ``claim``, then for what came of it ``done``, ``waiting`` or ``failed``, which give the writes that
    record it, or their namesakes ``settle``, ``wait`` and ``fail``, which write them at once.
    """

    def __init__(
        self, ports: Ports, practice_id: str, operation_id: str, document: Document | None = None
    ) -> None:
        """``document`` spares reading the operation when the caller just has."""
        self.ports, self.practice_id = ports, practice_id
        # Never those of ``reading_once``: for what others may have changed while we were at it.
        self._own_ports = ports
        document = document or ports.store.get(paths.operation(practice_id, operation_id))
        if document is None:
            raise NotFound("There is no such operation")
        self.document: Document = document
        self.operation = Operation.from_data(document.data)
        self.kind: Kind = kind_of(self.operation.kind)
        self.accounting: Accounting | None = None
        self.claimed = False  # a request of this run may be at Xero, and no answer says otherwise
        self.started = time.monotonic()

    def advance(self) -> None:
        step = rules.next_step(self.operation, self.ports.clock.now())
        if step in (Step.STOP, Step.WAIT):
            return
        if step is Step.SEND_AGAIN and self.kind.at_most_once:
            step = Step.LOOK_UP
        self.begin()
        self.guarded(lambda: self._take_step(step))

    def begin(self) -> None:
        self.operation.maybe_done = self.operation.maybe_sent  # a crash left "sending" behind
        self.operation.attempts += 1

    def guarded(self, work: Callable[[], T], *foreseen: type[Exception]) -> T | None:
        """``work``'s result; None when something unforeseen of this operation's own has been recorded with it."""
        passed_on: tuple[type[Exception], ...] = (StoreUnavailable, VersionChanged, *foreseen)
        try:
            return work()
        except passed_on:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the operations behind this one must go on
            self.stumbled(error)
            return None

    def _take_step(self, step: Step) -> None:
        try:
            accounting = self.open()
            if step is Step.SEND or self.operation.body is None:
                with reading_once([self]):
                    ready = self.prepare(accounting)
                if not ready:
                    return
            if step is not Step.LOOK_UP or self._may_be_sent(accounting):
                self._send(accounting)
        except Refuse as refused:  # looking it up showed that a person has to decide
            self.fail(refused.code, refused.reason)
        except (XeroError, NotConnected, Busy) as error:
            self.not_done(error)

    def prepare(self, accounting: Accounting) -> bool:
        """Build the body; False when there is nothing to send, which is recorded. Raises what Xero's client raises."""
        try:
            # Certainly not done, so nothing binds us to an earlier body: it says what holds now.
            self.operation.prepared = {}
            self._take(self.kind.prepare(self.ports, self.operation, accounting))
        except AlreadyDone as done:
            self.settle(done.snapshot)
        except WaitFor as missing:
            self.wait(missing.code, missing.reason, missing.until)
        except Refuse as refused:
            self.fail(refused.code, refused.reason)
        else:
            return True
        return False

    def open(self) -> Accounting:
        tenant_id = known_tenant(self.ports, self.practice_id).tenant_id
        if tenant_id != self.operation.tenant_id:
            raise ConnectionLost(
                "other_organisation", "This was meant for another organisation than the one connected"
            )
        self.accounting = open_accounting(self.ports, self.practice_id)
        return self.accounting

    def _take(self, prepared: Prepared) -> None:
        refuse_identifiers(prepared.body)
        self.operation.body, self.operation.target_id = prepared.body, prepared.target_id
        self.operation.prepared = prepared.notes

    def _may_be_sent(self, accounting: Accounting) -> bool:
        """Looks the document up; False when it was found, or when it may yet appear."""
        found = self.kind.look_up(self.ports, self.operation, accounting)
        if found is not None:
            self.settle(found)
        elif not rules.key_is_forgotten(self.operation, self.ports.clock.now()):
            self.wait(*self.until_forgotten())
        elif self.kind.at_most_once:
            reason = "It is not known whether this was done; check in Xero, then ask for it again"
            self.fail("maybe_done", reason)
        else:
            rules.new_key(self.operation)
            return True
        return False

    def look_up(self, accounting: Accounting) -> bool:
        """Find out what became of it, and send it another time if it was not done; False: nothing is left to do now."""
        if self._may_be_sent(accounting):
            self.wait("sent_again", "Xero does not have it; it is sent again", self.ports.clock.now())
        return False

    def until_forgotten(self) -> Verdict:
        until = parse_instant(str(self.operation.key_first_sent_at)) + rules.KEY_FORGOTTEN_AFTER
        return "answer_lost", "Waiting until it is certain that Xero did not do it", until

    def _send(self, accounting: Accounting) -> None:
        for _ in range(CORRECTIONS):
            self._save(self.claim())  # the exact body and key are kept before the first byte leaves
            self.claimed = True
            try:
                snapshot = accounting.send(self._request())
            except AnswerLost as lost:
                self.operation.maybe_done, self.operation.kept_error = True, lost.answered
                raise
            except (Rejected, Missing) as refused:
                self.claimed = self.operation.maybe_done = False
                if isinstance(refused, Missing):
                    raise
                if not self.corrected(accounting, refused):
                    return
            else:
                self.settle(snapshot)
                return
        self.give_up_correcting()

    def give_up_correcting(self) -> None:
        self.fail("too_many_corrections", "Xero keeps refusing this, also after corrections")

    def _request(self) -> WriteRequest:
        operation = self.operation
        return WriteRequest(
            kind=self.kind.wire_kind,
            body=operation.body or "",
            key=rules.idempotency_key(operation),
            target_id=operation.target_id,
        )

    def corrected(self, accounting: Accounting, rejected: Rejected) -> bool:
        """True when there is a better body to send, or the same under a better key."""
        if rejected.code == "key_reused":
            found = self.kind.look_up(self.ports, self.operation, accounting)
            if found is not None:
                self.settle(found)
                return False
        else:
            resolution = self.kind.rejected(self.ports, self.operation, accounting, rejected)
            if isinstance(resolution, Adopt):
                self.settle(resolution.snapshot)
                return False
            if isinstance(resolution, Hold):
                rules.new_key(self.operation)  # Xero keeps its refusal under the old one
                self.wait(resolution.code, resolution.reason, None)
                return False
            if not isinstance(resolution, Change):
                self.fail(resolution.code, resolution.reason)
                return False
            try:
                self._take(resolution.prepared)
            except Refuse as refused:
                self.fail(refused.code, refused.reason)
                return False
        rules.new_key(self.operation)
        entry = self._entry("waiting", f"Xero refused this ({rejected.detail}); corrected", rejected.code)
        self._save(self.writes(entry))
        return True

    def not_done(self, error: LedgerError) -> None:
        """The step did not succeed, and Xero said why, or said nothing."""
        if isinstance(error, (Rejected, Missing)):
            self.fail(error.code, error.detail)
            return
        code, reason, until = self.verdict(error)
        self.wait(code, reason, until)
        if until is None and self.connected():  # while we were at it: the reconnect did not see us wait
            self.wait(code, reason, self.ports.clock.now() + SOON)

    def verdict(self, error: LedgerError) -> Verdict:
        """What an error other than a refusal means for the organisation, which is recorded, and so for the operations
        that met it: how long they wait. Raises what is no error of Xero's or of the connection's."""
        now = self._own_ports.clock.now()
        later = rules.back_off(self.operation, now)
        if isinstance(error, Paused):
            until = error.until or pause(
                self._own_ports, self.operation.tenant_id, error.problem, error.retry_after
            )
            return "paused", error.detail, until
        if isinstance(error, ConnectionLost):
            usable = error.reason != "other_organisation" and recover_or_lose(
                self._own_ports, self.practice_id, error
            )
            return "needs_reconnect", error.detail, max(later, now + SOON) if usable else None
        if isinstance(error, NotConnected):
            return "needs_reconnect", error.detail, None
        if isinstance(error, Busy):
            return "busy", error.detail, now + SOON
        return error.code, error.detail, later

    def connected(self) -> bool:
        connection = read_connection(self._own_ports, self.practice_id)
        return connection.status == "connected" and connection.tenant_id == self.operation.tenant_id

    def stumbled(self, error: Exception) -> None:
        """Not foreseen: a record that is gone, or a mistake of ours. What may have been sent is found out later."""
        self.operation.maybe_done = self.operation.maybe_done or self.claimed
        if isinstance(error, LedgerError) and not self.operation.maybe_done:
            self.fail(error.code, error.detail)
            return
        # Type and place only: the text of an unexpected exception may quote a patient's details.
        frames = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
        fields = {"operation_id": self.operation.id, "error": type(error).__name__, "frames": frames[-12:]}
        _log.error("operation stumbled", extra={"fields": fields})
        if self.operation.attempts >= STUMBLES:
            self.fail("internal_error", "Something unexpected keeps going wrong here; ask the developers")
        else:
            later = rules.back_off(self.operation, self.ports.clock.now())
            self.wait("internal_error", "Something unexpected went wrong here; it is tried again", later)

    def wait(self, code: str, reason: str, until: datetime | None) -> None:
        self.commit(lambda: self.waiting(code, reason, until))
        if self.operation.next_attempt_at:
            wake_drain(self.ports.tasks, self.practice_id, parse_instant(self.operation.next_attempt_at))

    def waiting(self, code: str, reason: str, until: datetime | None) -> list[Write]:
        until = max(until, self.ports.clock.now() + SOONEST) if until else None
        rules.wait(self.operation, until=until, code=code, reason=reason)
        return self.writes(self._entry("waiting", reason, code))

    def fail(self, code: str, reason: str) -> None:
        self.commit(lambda: self.failed(code, reason))

    def failed(self, code: str, reason: str) -> list[Write]:
        rules.end(self.operation, "failed", code=code, reason=reason)
        return self.writes(self._entry("failed", reason, code))

    def settle(self, snapshot: Any) -> None:
        self.commit(lambda: self.done(snapshot))

    def done(self, snapshot: Any) -> list[Write]:
        settled = self.kind.settle(self.ports, self.operation, snapshot)
        rules.end(self.operation, "done")
        self.operation.result = settled.result
        entry = replace(
            self._entry("ok", self.kind.sentence, None),
            before=settled.before,
            after=settled.result,
            xero_id=settled.xero_id,
        )
        return self.writes(entry, *settled.writes)

    def commit(self, writes: Callable[[], list[Write]]) -> None:
        for _ in range(SETTLE_ATTEMPTS):
            try:
                self._save(writes())
                return
            except (VersionChanged, AlreadyExists):
                current = self.ports.store.get(self.document.path)
                if current is None or current.version != self.document.version:
                    raise VersionChanged(self.document.path) from None  # the operation itself moved on
                # A link changed meanwhile: it is read again and settled anew.
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

    def claim(self, batch_id: str | None = None) -> list[Write]:
        rules.claim(self.operation, self.ports.clock.now(), batch_id)
        return self.writes()

    def writes(self, entry: Entry | None = None, *more: Write) -> list[Write]:
        """The operation as it stands now, what belongs to it, and the log's entry: they stand or fall together."""
        self.operation.updated_at = instant(self.ports.clock.now())
        writes: list[Write] = [
            Update(self.document.path, self.operation.to_data(), self.document.version),
            *more,
        ]
        return [*writes, entry_write(self.ports, self.practice_id, entry)] if entry else writes

    def _save(self, writes: list[Write]) -> None:
        """VersionChanged when somebody else moved the operation."""
        self.document = self.ports.store.batch(writes)[0]
        if self.accounting and self.operation.state != "sending":
            with suppress(StoreUnavailable):  # only a gauge; the step itself is kept
                note_usage(self.ports, self.operation.tenant_id, self.accounting.usage)


@contextmanager
def reading_once(runs: Sequence[Runner], beforehand: Beforehand | None = None) -> Iterator[None]:
    """What these runs of one practice read while this lasts, each thing once for all of them; ``beforehand`` reads
    together what each would read of its own. The set-up's revision is read first, so that what changes while they read
    counts as a later change."""
    if runs:
        shared = sharing_reads(runs[0].ports)
        revision(shared, runs[0].practice_id)
        if beforehand is not None:
            beforehand(shared, runs[0].practice_id, [run.operation.subject for run in runs])
    before = [run.ports for run in runs]
    for run in runs:
        run.ports = shared
    try:
        yield
    finally:
        for run, ports in zip(runs, before, strict=True):
            run.ports = ports
