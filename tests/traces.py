"""Words of a patient looked for in records, answers and logs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

#: What ids, dates and amounts are written with: such a word stands in one of them by chance, sooner or later.
BY_CHANCE = re.compile(r"[0-9a-fA-F.:-]*")


def traces(words: Iterable[str], *places: Any) -> list[str]:
    """Which of ``words`` stand anywhere in ``places`` (as text). A word that a random id may hold is refused."""
    wanted = list(words)
    for word in wanted:
        assert not BY_CHANCE.fullmatch(word), f"{word!r} may be part of a random id: look for more of it"
    text = "\n".join(map(str, places))
    return [word for word in wanted if word in text]
