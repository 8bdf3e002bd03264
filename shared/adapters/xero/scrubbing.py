"""Takes patients' details out of Xero's messages.

Two ways, because either alone misses some: whatever the answer's echo of the document holds in a personal
field is taken out wherever it appears, and so is what known wordings quote.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

GONE = "…"
LONGEST_MESSAGE = 300

#: Fields of contacts, addresses, phones and lines whose text is somebody's.
PERSONAL_FIELDS = frozenset(
    {"Name", "FirstName", "LastName", "EmailAddress", "SkypeUserName", "TaxNumber", "BankAccountDetails"}
    | {"CompanyNumber", "AddressLine1", "AddressLine2", "AddressLine3", "AddressLine4", "AttentionTo"}
    | {"PhoneNumber", "Description", "Details"}
)
#: Below these, ``Name`` is the clinic's own setting.
IMPERSONAL_BRANCHES = frozenset({"Tracking", "TrackingCategories", "ValidationErrors", "Warnings"})

#: "The contact name Anna Lee is already assigned to another contact.", "The contact Anna Lee is archived".
_CONTACT = re.compile(
    r"(?is)(\bcontact(?: name| number)?\s+)(?!(?:must|is|was|has|already|cannot|could|name|number)\b)"
    r"(.+?)(?=\s+(?:is|has|was|already|must|cannot)\b)"
)
_EMAIL = re.compile(r"[^\s'\"<>(),;]+@[^\s'\"<>(),;]+")
_QUOTED = re.compile(r"(?s)(?<!\w)(['\"]).+?\1(?!\w)|[“‘].+?[”’](?!\w)")


def scrub(message: str, words: Sequence[str] = (), *, keep_quotes: bool = False) -> str:
    """The message with ``words``, e-mail addresses, quoted names and (unless told) everything quoted
    replaced."""
    for word in words:
        message = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", GONE, message, flags=re.IGNORECASE)
    message = _CONTACT.sub(rf"\g<1>{GONE}", message)
    message = _EMAIL.sub(GONE, message)
    if not keep_quotes:
        message = _QUOTED.sub(GONE, message)
    message = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    return message if len(message) <= LONGEST_MESSAGE else message[: LONGEST_MESSAGE - 1] + GONE


def personal_words(payload: Any) -> list[str]:
    """The texts of personal fields anywhere in the answer, longest first."""
    found: set[str] = set()
    todo = [payload]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo += node
        elif isinstance(node, dict):
            for key, value in node.items():
                if key in PERSONAL_FIELDS and isinstance(value, str):
                    found.add(value.strip())
                elif key not in IMPERSONAL_BRANCHES:
                    todo.append(value)
    # A single letter would tear every sentence apart and gives nobody away.
    return sorted((word for word in found if len(word) > 1), key=len, reverse=True)
