"""How an appointment stands in the books, and which of them a person looks for."""

from __future__ import annotations

from dataclasses import dataclass

from shared.domain.corrections import difference_of
from shared.domain.links import UNAPPROVED, InvoiceLink, is_paid
from shared.domain.operations import Operation
from shared.domain.records import Appointment
from shared.domain.selection import is_to_be_invoiced

#: ``cancelled``: voided, deleted, or cancelled as a whole by our credit note.
STANDINGS = ("not_invoiced", "nothing_to_invoice", "draft", "due", "paid", "cancelled")


@dataclass(frozen=True)
class Standing:
    """``state`` is one of ``STANDINGS``, whatever is under way; ``needs_you``: nothing goes on without a person."""

    state: str
    waiting: bool
    needs_you: bool

    def is_a(self, wanted: str) -> bool:
        """``wanted``: a state, waiting or needs_you. What is asked for already is not found as not_invoiced."""
        if wanted == "waiting":
            return self.waiting
        if wanted == "needs_you":
            return self.needs_you
        return self.state == wanted and not (wanted == "not_invoiced" and (self.waiting or self.needs_you))


def standing(
    appointment: Appointment, link: InvoiceLink | None, operation: Operation | None, *, invoice_no_shows: bool
) -> Standing:
    """``link`` in the organisation connected now; ``operation`` is one about it that has not ended well."""
    held = link is not None and bool(link.total_differs or difference_of(link, None))
    return Standing(
        state=_state(appointment, link, invoice_no_shows),
        waiting=operation is not None and goes_on(operation),
        needs_you=held or (operation is not None and not goes_on(operation)),
    )


def goes_on(operation: Operation) -> bool:
    """By itself, sooner or later; else it waits for a person, or for the connection, which a person mends."""
    return not operation.ended and operation.next_attempt_at is not None


def _state(appointment: Appointment, link: InvoiceLink | None, invoice_no_shows: bool) -> str:
    if link is None:
        wanted = is_to_be_invoiced(appointment, invoice_no_shows=invoice_no_shows)
        return "not_invoiced" if wanted else "nothing_to_invoice"
    if link.is_over or link.credited_by:
        return "cancelled"
    if link.status in UNAPPROVED:
        return "draft"
    return "paid" if is_paid(link) else "due"
