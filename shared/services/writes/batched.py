"""Which kinds of operations are sent together, and what each needs to know from Xero beforehand.

A kind is here when Xero takes several of its documents in one request, answers each by itself, and the result can be
found again by a natural key. E-mails are not: they have none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from shared.domain.operations import Operation
from shared.domain.times import parse_instant
from shared.services.read_ahead import ReadAhead

#: Between Xero's clock, which dates its documents, and ours.
CLOCKS_DIFFER = timedelta(minutes=10)

Reading = Callable[[ReadAhead, Sequence[Operation]], None]


def _nothing(ahead: ReadAhead, operations: Sequence[Operation]) -> None:
    """What is needed is with us already."""


def _no_contacts(ahead: ReadAhead, operations: Sequence[Operation]) -> None:
    ahead.take_for_new(operation.subject["patient_id"] for operation in operations)


def _contacts_made(ahead: ReadAhead, operations: Sequence[Operation]) -> None:
    first = min(parse_instant(operation.first_sent_at or operation.created_at) for operation in operations)
    numbers = [operation.subject["patient_id"] for operation in operations]
    ahead.contacts_made(numbers, first - CLOCKS_DIFFER)


def _contacts(ahead: ReadAhead, operations: Sequence[Operation]) -> None:
    ahead.contacts_by_id(str(operation.request["contact_id"]) for operation in operations)


def _invoices(ahead: ReadAhead, operations: Sequence[Operation]) -> None:
    ahead.invoices_by_id(str(operation.request["invoice_id"]) for operation in operations)


def _invoices_made(ahead: ReadAhead, operations: Sequence[Operation]) -> None:
    """Those without a number of ours are looked up one by one."""
    numbers = (operation.prepared.get("number") for operation in operations)
    ahead.invoices_numbered(str(number) for number in numbers if number is not None)


@dataclass(frozen=True)
class Together:
    """What is read in a few calls before the operations are prepared, and before they are looked up."""

    before_preparing: Reading
    before_looking_up: Reading


#: In the order in which they are sent: an invoice needs its contact, an approval its invoice, a payment its approval.
BATCHED: dict[str, Together] = {
    "contact_create": Together(_no_contacts, _contacts_made),
    "contact_update": Together(_contacts, _nothing),
    "invoice_create": Together(_nothing, _invoices_made),
    "invoice_approve": Together(_invoices, _invoices),
    "payment_create": Together(_invoices, _invoices),
}


def composed(bodies: Sequence[str]) -> str:
    """One body of the elements of all, in order: ``{"Invoices":[...]}``, as ``wire`` writes each. ValueError for one of
    another kind."""
    opening, closing = bodies[0][: bodies[0].index("[") + 1], "]}"
    if not all(body.startswith(opening) and body.endswith(closing) for body in bodies):
        raise ValueError("these bodies are not of one kind")
    return opening + ",".join(body[len(opening) : -len(closing)] for body in bodies) + closing
