"""How alike two names are, to suggest a mapping, never more than that; and whether a person looks for one."""

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


def is_found(search: str, texts: Iterable[str | None]) -> bool:
    """Each word that is looked for stands somewhere in the texts, case and accents apart: ``zoe gar``."""
    everything = " ".join(_letters(text) for text in texts if text)
    return all(word in everything for word in _letters(search).split())


def _plain(name: str) -> str:
    """``dr-ruiz`` and ``Dr. Ruiz`` are the same."""
    return " ".join(re.findall(r"\w+", _letters(name).replace("_", " ")))


def _letters(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in letters if not unicodedata.combining(c))
