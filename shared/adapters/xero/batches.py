"""Batches: several documents in one request, each answered by itself.

With ``summarizeErrors=false`` Xero answers 200 and gives the elements in the request's order, each with its own
``StatusAttributeString`` and ``ValidationErrors``. The order is what ties an answer to its element, so it is not taken
on trust: an answer that names another document than the element sent is no answer to it.
"""

from __future__ import annotations

from typing import Any

from shared.adapters.xero import writes
from shared.adapters.xero.errors import json_of
from shared.adapters.xero.fields import Unreadable
from shared.adapters.xero.reading import CONTACT, INVOICE, PAYMENT, Kind, raw_list
from shared.adapters.xero.rejections import rejection
from shared.adapters.xero.transport import Answer
from shared.adapters.xero.writes import FOUR_DECIMALS, How
from shared.domain import wire
from shared.domain.errors import AnswerLost
from shared.ports.accounting import BatchRequest, ElementAnswer

EACH = {"summarize_errors": False}

#: kind -> (how it is sent, what each answer is)
BATCHES: dict[str, tuple[How, Kind[Any]]] = {
    "contact_create": (How("create_contacts", "contacts", options=EACH), CONTACT),
    "contact_update": (How("update_or_create_contacts", "contacts", options=EACH), CONTACT),
    "invoice_create": (How("create_invoices", "invoices", options=EACH | FOUR_DECIMALS), INVOICE),
    "invoice_update": (How("update_or_create_invoices", "invoices", options=EACH | FOUR_DECIMALS), INVOICE),
    "payment_create": (How("create_payments", "payments", options=EACH), PAYMENT),
}
#: POST without an id would silently overwrite whatever has the number or the name.
NEEDS_ID = {"contact_update": "ContactID", "invoice_update": "InvoiceID"}
#: Where both the element and its answer have one of these, they must agree.
NAMES = ("ContactID", "ContactNumber", "InvoiceID", "InvoiceNumber", "Reference")


def arguments(batch: BatchRequest) -> tuple[str, dict[str, Any]]:
    """The SDK method and its keyword arguments; ValueError for a batch that was put together wrongly."""
    if batch.kind not in BATCHES:
        raise ValueError(f"{batch.kind!r} is not sent in batches")
    needed = NEEDS_ID.get(batch.kind)
    if needed and not all(element.get(needed) for element in _elements(batch)):
        raise ValueError(f"each element of {batch.kind} names its {needed}")
    how, _ = BATCHES[batch.kind]
    return how.method, writes.keywords(how, batch.body, batch.key)


def outcomes(batch: BatchRequest, answer: Answer) -> list[ElementAnswer]:
    """One answer for each element. AnswerLost when the list is not about these elements."""
    _, kind = BATCHES[batch.kind]
    sent, answered = _elements(batch), raw_list(json_of(answer), kind.list_field)
    if len(sent) != len(answered) or not all(map(_about_the_same, sent, answered)):
        raise AnswerLost("Xero's answer is not about what was sent", answered=True, http_status=answer.status)
    return [_outcome(kind, raw, answer.status) for raw in answered]


def _elements(batch: BatchRequest) -> list[dict[str, Any]]:
    (elements,) = wire.loads(batch.body).values()
    return list(elements)


def _about_the_same(sent: dict[str, Any], answered: Any) -> bool:
    if not isinstance(answered, dict):
        return False
    pairs = ((sent.get(name), answered.get(name)) for name in NAMES)
    return all(str(ours).casefold() == str(theirs).casefold() for ours, theirs in pairs if ours and theirs)


def _outcome(kind: Kind[Any], raw: dict[str, Any], status: int) -> ElementAnswer:
    if writes.is_refused(raw):
        return rejection(raw, status)
    try:
        return kind.read(raw)
    except Unreadable:
        return AnswerLost("Xero's answer does not say what was made", answered=True, http_status=status)
