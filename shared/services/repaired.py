"""What became of one repair."""

from __future__ import annotations

from dataclasses import dataclass

from shared.domain.completeness import Difference
from shared.domain.operations import Operation

DONE, WAITING, NEEDS_PERSON = "done", "waiting", "needs_person"


@dataclass(frozen=True)
class Repaired:
    """``outcome``: done, waiting (it goes on by itself), or needs_person; ``sentence`` says what or why."""

    kind: str
    appointment_id: str | None
    invoice_id: str | None
    outcome: str
    sentence: str
    operation_id: str | None = None

    @classmethod
    def of(
        cls, difference: Difference, outcome: str, sentence: str, operation_id: str | None = None
    ) -> Repaired:
        return cls(
            difference.kind, difference.appointment_id, difference.invoice_id, outcome, sentence, operation_id
        )

    @classmethod
    def by(cls, difference: Difference, operation: Operation, done: str) -> Repaired:
        """As the operation that does it stands now."""
        if operation.state == "done":
            return cls.of(difference, DONE, done, operation.id)
        outcome = NEEDS_PERSON if operation.state in ("failed", "cancelled") else WAITING
        return cls.of(difference, outcome, operation.reason or "It is on its way", operation.id)
