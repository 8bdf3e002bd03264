"""What callers send to change an invoice that exists; see ``models``."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from shared.http.fields import Day, readable
from shared.http.models import LineItemIn, PaymentIn, Request, invoice_request

#: A person's own sentence, kept in the invoice's history in Xero, where it cannot be deleted. Never clinical.
Sentence = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(readable)
]


class WithReason(Request):
    """``reason`` is added to the invoice's history in Xero and cannot be deleted there: never clinical details."""

    reason: Sentence | None = None


class ChangeInvoice(WithReason):
    """Left out, everything is as the appointment says now. ``date`` is a day that a person accepts instead of it."""

    line_items: list[LineItemIn] | None = Field(default=None, max_length=200)
    use_clinic_tracking: bool | None = None
    date: Day | None = None

    def to_request(self) -> dict[str, object]:
        return invoice_request(self.line_items, self.use_clinic_tracking, self.date)


class RefundIn(PaymentIn):
    """``amount`` left out gives back all that was paid and not given back yet. The same ``reference`` is the same
    refund."""


class NoteIn(Request):
    """``text`` cannot be deleted from the invoice's history in Xero: never clinical details. The same text on the same
    invoice is the same note."""

    text: Sentence
