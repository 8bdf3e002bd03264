"""How alike two names are, to suggest a mapping; a suggestion is never more than that."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

#: In percent. Below it a name is more likely another one.
ALIKE = 60


def alike(names: Iterable[str], others: Iterable[str]) -> int:
    """The likeness of the closest pair in percent, case, accents and punctuation apart."""
    pairs = [(_plain(name), _plain(other)) for name in names for other in others]
    return max((_percent(name, other) for name, other in pairs if name and other), default=0)


def _percent(name: str, other: str) -> int:
    if name == other:
        return 100
    whole = SequenceMatcher(None, name, other, autojunk=False).ratio()
    return min(99, round(whole * 100))


def _plain(name: str) -> str:
    """``dr-ruiz`` and ``Dr. Ruiz`` are the same."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", letters.replace("_", " ")))
