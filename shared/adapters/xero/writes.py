"""The writes: which of the SDK's methods carries out which kind, and what its answer says.

PUT creates and refuses a name or number that exists; POST without an id would silently overwrite what has
it, so POST is used with an id only. ``summarizeErrors`` is always sent: Xero's documents and its behaviour
disagree about the default, and without it errors come inside a 200.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shared.adapters.xero.errors import json_of
from shared.adapters.xero.reading import CONTACT, CREDIT_NOTE, INVOICE, PAYMENT, Kind, read_one
from shared.adapters.xero.rejections import rejection, validation_messages
from shared.adapters.xero.transport import Answer
from shared.domain.errors import AnswerLost
from shared.ports.accounting import WriteRequest


@dataclass(frozen=True)
class How:
    """One method of ``AccountingApi``: the keywords for body and target, and further ones."""

    method: str
    body: str
    target: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    gives: Kind[Any] | None = None


SUMMARIZE = {"summarize_errors": True}
FOUR_DECIMALS = {"unitdp": 4}  # unit prices keep four decimals; without it Xero rounds them to two

WRITES: dict[str, How] = {
    "contact_create": How("create_contacts", "contacts", options=SUMMARIZE, gives=CONTACT),
    "contact_update": How("update_contact", "contacts", "contact_id", gives=CONTACT),
    "invoice_create": How("create_invoices", "invoices", options=SUMMARIZE | FOUR_DECIMALS, gives=INVOICE),
    "invoice_update": How("update_invoice", "invoices", "invoice_id", FOUR_DECIMALS, INVOICE),
    "invoice_email": How("email_invoice", "request_empty", "invoice_id"),
    "invoice_note": How("create_invoice_history", "history_records", "invoice_id"),
    "payment_create": How("create_payments", "payments", options=SUMMARIZE, gives=PAYMENT),
    "credit_note_create": How(
        "create_credit_notes", "credit_notes", options=SUMMARIZE | FOUR_DECIMALS, gives=CREDIT_NOTE
    ),
    "credit_note_allocate": How("create_credit_note_allocation", "allocations", "credit_note_id", SUMMARIZE),
}


def arguments(write: WriteRequest) -> tuple[str, dict[str, Any]]:
    """The SDK method and its keyword arguments; ValueError for a write that was put together wrongly.

    Keywords only: Xero has inserted parameters in the middle before, and a flag landed in the key's place.
    """
    how = WRITES.get(write.kind)
    if how is None:
        raise ValueError(f"{write.kind!r} is not a kind of write")
    if (how.target is None) != (write.target_id is None):
        raise ValueError(f"{write.kind} takes {'no' if how.target is None else 'a'} target")
    named = keywords(how, write.body, write.key)
    if how.target is not None:
        named[how.target] = write.target_id
    return how.method, named


def keywords(how: How, body: str, key: str) -> dict[str, Any]:
    if not 1 <= len(key) <= 128 or not (key.isascii() and key.isprintable()):
        raise ValueError("an Idempotency-Key has 1 to 128 printable ASCII characters")
    return {how.body: body.encode(), "idempotency_key": key, **how.options}


def outcome(write: WriteRequest, answer: Answer) -> Any:
    """The snapshot in a successful answer, None for kinds without one.

    Raises Rejected when the answer carries a refusal after all, AnswerLost when it does not say what was
    made.
    """
    how = WRITES[write.kind]
    if how.gives is None and not answer.body.strip():
        return None  # an e-mail is answered with 204
    document = json_of(answer)
    if any(is_refused(element) for element in _elements(document)):
        raise rejection(document, answer.status)
    if how.gives is None:
        return None
    snapshot = read_one(how.gives, document)
    if snapshot is None:
        raise AnswerLost("Xero's answer does not say what was made", answered=True, http_status=answer.status)
    return snapshot


def _elements(document: Any) -> list[Any]:
    lists = document.values() if isinstance(document, dict) else ()
    return [element for each in lists if isinstance(each, list) for element in each]


def is_refused(element: Any) -> bool:
    """An element with ``StatusAttributeString`` ERROR, or with errors flagged and told."""
    if not isinstance(element, dict):
        return False
    flagged = element.get("HasErrors") is True or element.get("HasValidationErrors") is True
    return element.get("StatusAttributeString") == "ERROR" or (flagged and any(validation_messages(element)))
