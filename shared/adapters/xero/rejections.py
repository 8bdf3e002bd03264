"""Xero's refusal of a document: its messages in Xero's order, without names, and a code that programs can
use.

A 400 carries ``{"Elements": [{...echo of the document..., "ValidationErrors": [{"Message"}]}]}`` with more
``ValidationErrors`` inside line items and addresses; some examples of Xero's say ``Description`` for
``Message``. The echo holds the patient's details, and some messages quote them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from shared.adapters.xero.scrubbing import personal_words, scrub
from shared.domain.errors import Rejected

CONTACT_NAME_TAKEN = "contact_name_taken"
CONTACT_NUMBER_TAKEN = "contact_number_taken"
ACCOUNT_NUMBER_TAKEN = "account_number_taken"
INVOICE_NUMBER_TAKEN = "invoice_number_taken"
INVOICE_NOT_MODIFIABLE = "invoice_not_modifiable"
HAS_PAYMENTS = "has_payments"
LOCKED_PERIOD = "locked_period"
ACCOUNT_INVALID = "account_invalid"
TAX_TYPE_INVALID = "tax_type_invalid"
TRACKING_INVALID = "tracking_invalid"
ITEM_INVALID = "item_invalid"
THEME_INVALID = "theme_invalid"
CONTACT_ARCHIVED = "contact_archived"
PLAN_LIMIT = "plan_limit"
PAYMENT_EXCEEDS_DUE = "payment_exceeds_due"
PAYMENT_NEEDS_AUTHORISED = "payment_needs_authorised"
CURRENCY_NOT_ENABLED = "currency_not_enabled"
DUE_DATE_MISSING = "due_date_missing"
KEY_REUSED = "key_reused"
XERO_REJECTED = "xero_rejected"

#: The first pattern that a message contains gives the code; the order settles messages that speak of two
#: things ("The TaxType code 'X' cannot be used with account code 'Y'"). The wordings are those that Xero's
#: description of its API and public reports show; Xero promises none of them, so an unknown one is simply
#: ``xero_rejected``.
CODES: tuple[tuple[str, str], ...] = (
    (KEY_REUSED, r"is used with a different request"),
    (CONTACT_NAME_TAKEN, r"contact name\b.*\b(already|unique)"),
    (CONTACT_NUMBER_TAKEN, r"contact ?number\b.*\b(already|unique)"),
    (ACCOUNT_NUMBER_TAKEN, r"account ?number\b.*\b(already|unique)"),
    (INVOICE_NUMBER_TAKEN, r"(invoice|credit ?note) (#|no\b|number).*\b(already|unique)"),
    (HAS_PAYMENTS, r"(payment|credit note)s?\b.*\b(allocated|applied)"),
    (PAYMENT_NEEDS_AUTHORISED, r"(payment|allocation)s? can only be (made|applied)\b.*\bauthori[sz]ed"),
    (
        PAYMENT_EXCEEDS_DUE,
        r"exceeds the (amount|balance|remaining)|(greater|more) than the .*\b(outstanding|due)",
    ),
    (
        INVOICE_NOT_MODIFIABLE,
        r"valid status for modification|cannot be (voided|deleted|edited|modified|updated)",
    ),
    (LOCKED_PERIOD, r"lock date|locked (period|date)|period\b.*\blocked"),
    (PLAN_LIMIT, r"reached the limit|limit of invoices|upgrade your"),
    (CONTACT_ARCHIVED, r"contact\b.*\b(un-?)?archived|contact\b.*\bgdpr"),
    (TRACKING_INVALID, r"tracking"),
    (ITEM_INVALID, r"\bitem code\b.*\bvalid\b"),
    (THEME_INVALID, r"branding ?theme"),
    (TAX_TYPE_INVALID, r"tax ?(type|rate)"),
    (CURRENCY_NOT_ENABLED, r"currency"),
    (DUE_DATE_MISSING, r"due ?date\b.*\b(required|empty|missing|specified|mandatory|provided|entered|valid)"),
    (
        ACCOUNT_INVALID,
        r"\baccount(s?|id) ?(?!number)(code\b|.*\b(valid|archived|exist|found|recogni[sz]ed|payments?)\b)",
    ),
)
#: In these messages the quoted part is the clinic's own setting, and knowing it is the remedy.
QUOTES_MATTER = (
    TAX_TYPE_INVALID,
    ACCOUNT_INVALID,
    TRACKING_INVALID,
    ITEM_INVALID,
    THEME_INVALID,
    CURRENCY_NOT_ENABLED,
)

_CODES = tuple((code, re.compile(pattern, re.IGNORECASE | re.DOTALL)) for code, pattern in CODES)
#: More messages than a person reads; the rest of a batch says the same again.
MOST_MESSAGES = 20
#: No message of Xero's is longer; beyond it only the patterns would take their time.
LONGEST_RAW = 2000


def rejection(payload: Any, http_status: int) -> Rejected:
    """The refusal that a JSON answer tells of; ``payload`` None when the answer was not JSON."""
    raw = list(dict.fromkeys(validation_messages(payload)))[:MOST_MESSAGES] or _outer_message(payload)
    codes = [code_of(message) for message in raw]
    words = personal_words(payload)
    texts = (
        scrub(message, words, keep_quotes=code in QUOTES_MATTER)
        for message, code in zip(raw, codes, strict=True)
    )
    known = [code for code in codes if code != XERO_REJECTED]
    return Rejected(
        list(dict.fromkeys(texts)),
        code=known[0] if known else XERO_REJECTED,
        http_status=http_status,
    )


def code_of(message: str) -> str:
    return next((code for code, pattern in _CODES if pattern.search(message)), XERO_REJECTED)


def validation_messages(payload: Any) -> Iterator[str]:
    """Every validation message in the document, in the document's order, however deep."""
    todo = [payload]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            children = []
            for key, value in node.items():
                if key == "ValidationErrors":
                    children += [_Message(text) for text in _texts(value)]
                else:
                    children.append(value)
            todo += reversed(children)
        elif isinstance(node, list):
            todo += reversed(node)
        elif isinstance(node, _Message):
            yield str(node)


class _Message(str):
    """A validation message on the walk's stack, told apart from the document's own texts."""


def _texts(errors: Any) -> Iterator[str]:
    for error in errors if isinstance(errors, list) else [errors]:
        text = (error.get("Message") or error.get("Description")) if isinstance(error, dict) else error
        if isinstance(text, str) and text.strip():
            yield text.strip()[:LONGEST_RAW]


def _outer_message(payload: Any) -> list[str]:
    """What the envelope itself says when no element says more: ``Message``, or a problem's ``Detail``."""
    if isinstance(payload, dict):
        for key in ("Message", "Detail", "message", "detail", "Title", "title"):
            text = payload.get(key)
            if isinstance(text, str) and text.strip():
                return [text.strip()[:LONGEST_RAW]]
    return []
