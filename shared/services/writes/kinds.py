"""What an operation of each kind does: build its body, find its document again, settle its result.

One class per kind, one file per family; ``registry`` lists them. The state machine that drives them is in
``services/operation_runner.py`` and is the same for all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from shared.domain.errors import Rejected
from shared.domain.operations import Operation
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.ports.store import Write


@dataclass(frozen=True)
class Prepared:
    """``body`` is the exact text to send; ``notes`` is kept with the operation for settling."""

    body: str
    target_id: str | None = None
    notes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Settled:
    """What to write together with ``done``; ``result`` is kept on the operation and in the log."""

    writes: list[Write]
    result: dict[str, Any]
    xero_id: str | None = None
    before: dict[str, Any] | None = None


@dataclass(frozen=True)
class Adopt:
    """The document exists already and is ours."""

    snapshot: Any


@dataclass(frozen=True)
class Change:
    """Xero certainly did nothing; try with this body instead."""

    prepared: Prepared


@dataclass(frozen=True)
class Fail:
    code: str
    reason: str


@dataclass(frozen=True)
class Hold:
    """What it names must be mended first; it waits without a time until ``setup_state`` releases it."""

    code: str
    reason: str


Resolution = Adopt | Change | Fail | Hold


class WaitFor(Exception):
    """Preparing needs something that is not there yet (another operation); ``until`` None: a person is needed."""

    def __init__(self, code: str, reason: str, until: datetime | None) -> None:
        super().__init__(reason)
        self.code, self.reason, self.until = code, reason, until


class Refuse(Exception):
    """Preparing shows that this cannot be sent as things are; a person has to change something."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class AlreadyDone(Exception):
    """Preparing shows that nothing is left to send."""

    def __init__(self, snapshot: Any) -> None:
        super().__init__("already done")
        self.snapshot = snapshot


class Kind(Protocol):
    wire_kind: str  # WriteRequest.kind
    action: str  # the log's word, e.g. invoice.create
    sentence: str  # the log's sentence when it is done
    at_most_once: bool  # never sent a second time once it may have arrived

    def prepare(self, ports: Ports, operation: Operation, accounting: Accounting) -> Prepared:
        """Raises WaitFor, Refuse or AlreadyDone."""

    def look_up(self, ports: Ports, operation: Operation, accounting: Accounting) -> Any | None:
        """The snapshot of the document this operation made, by natural key; None when there is none."""

    def rejected(
        self, ports: Ports, operation: Operation, accounting: Accounting, error: Rejected
    ) -> Resolution: ...

    def settle(self, ports: Ports, operation: Operation, snapshot: Any) -> Settled: ...
