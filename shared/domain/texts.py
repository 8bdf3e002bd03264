"""Text that came from people, made fit for Xero: no control characters, nothing that cannot be seen."""

from __future__ import annotations

import re

#: Control characters but for tab and line break; Xero's side of the wire knows no way to carry them.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def without_control(text: str) -> str:
    """Each control character becomes a space; tabs and line breaks stay."""
    return CONTROL.sub(" ", text.replace("\r\n", "\n")).strip()


def is_readable(text: str) -> bool:
    """Whether a person would see anything at all."""
    return any(c.isprintable() and not c.isspace() for c in text)
