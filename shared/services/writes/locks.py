"""Lock dates, checked before Xero is asked: a clear refusal with a proposal, never a silently moved date.

Xero: nothing dated on or before the period lock date or the end of year lock date is posted, edited or voided.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from shared.domain.errors import LockedPeriod, NotConnected, Rejected, XeroError
from shared.domain.operations import Operation
from shared.domain.times import parse_instant
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.services.connections import read_connection
from shared.services.organisation_facts import MAX_AGE, fresh_facts, locked_until
from shared.services.writes.kinds import Fail, Refuse
from shared.services.xero_calls import using_xero

#: So long a lock date that was read is good for many documents; a person who presses may just have moved it.
A_MOMENT = timedelta(minutes=1)
NOW = timedelta()
#: What a person can do instead; ``{open_day}`` is the first day after the lock.
DATE_IT_LATER = (
    'ask for it again with {{"date": "{open_day}"}} or a later day, or have the lock date moved in Xero'
)
CREDIT_INSTEAD = "correct it by a credit note dated {open_day} or later, or have the lock date moved in Xero"
CORRECT_INSTEAD = (
    "correct it by a credit note and a new invoice dated {open_day} or later, or move the lock date"
)
LATER_DAY = "it can be dated {open_day} at the earliest; have the lock date moved in Xero, then try again"


def check_open(
    ports: Ports, operation: Operation, accounting: Accounting, day: date | None, way_out: str
) -> None:
    """Raises Refuse for a day that is locked. Reads the organisation again when what is known is old or says locked."""
    practice_id = operation.practice_id
    if day is None or not _lock_over(fresh_facts(ports, practice_id, accounting, MAX_AGE), day):
        return
    locked = _lock_over(fresh_facts(ports, practice_id, accounting, _young_enough(ports, operation)), day)
    if locked:
        raise Refuse("locked_period", sentence(day, locked, way_out))


def check_request_date(ports: Ports, operation: Operation, accounting: Accounting) -> None:
    """The same for what is dated the day it was asked for: ``request``: {"date", ...}."""
    check_open(ports, operation, accounting, date.fromisoformat(operation.request["date"]), LATER_DAY)


def check_day(
    ports: Ports, practice_id: str, day: date, way_out: str = DATE_IT_LATER, max_age: timedelta = NOW
) -> None:
    """The same before an intent is kept: raises LockedPeriod, which names the field ``date``. A lock date known for
    ``max_age`` is believed."""
    locked = _lock_over(read_connection(ports, practice_id).data, day)
    if not locked:
        return  # what Xero has locked since is found before the document is sent
    with suppress(XeroError, NotConnected):  # then what is known will do
        facts = using_xero(ports, practice_id, lambda xero: fresh_facts(ports, practice_id, xero, max_age))
        locked = _lock_over(facts, day)
    if locked:
        raise LockedPeriod.of("date", sentence(day, locked, way_out))


def refused(
    ports: Ports, operation: Operation, accounting: Accounting, error: Rejected, way_out: str
) -> Fail:
    """Xero's refusal as it is; when it speaks of a lock date, with the date itself, read again, and the way out."""
    if error.code != "locked_period":
        return Fail(error.code, error.detail)
    locked = locked_until(fresh_facts(ports, operation.practice_id, accounting, timedelta()))
    return Fail(error.code, sentence(None, locked, way_out) if locked else error.detail)


def _young_enough(ports: Ports, operation: Operation) -> timedelta:
    """After a person asked again: what was read since then, once for all that was asked for together."""
    if operation.reason_code != "asked_again" or not operation.next_attempt_at:
        return A_MOMENT
    return max(ports.clock.now() - parse_instant(operation.next_attempt_at), NOW)


def _lock_over(facts: Mapping[str, Any], day: date) -> date | None:
    """The day up to which Xero is locked, when that covers this one."""
    locked = locked_until(facts)
    return locked if locked and day <= locked else None


def sentence(day: date | None, locked: date, way_out: str) -> str:
    dated = f"this is dated {day}" if day else "this is dated no later"
    instead = way_out.format(open_day=locked + timedelta(days=1))
    return f"Xero is locked up to {locked} and {dated}: {instead}"
