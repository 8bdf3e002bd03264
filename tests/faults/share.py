"""How much of the fault suites is played: all of it, or an even share that is the same every time.

``FAULT_SHARE=6`` plays every sixth case of the large tables and every sixth moment of death; guards and whatever has
few cases are always played. ``make firestore`` does so on Firestore's emulator, where everything takes over an hour.
"""

from __future__ import annotations

import os
import zlib
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

SHARE = int(os.environ.get("FAULT_SHARE") or 1)
#: A table of at most so many cases is played whole.
FEW = 12


def chosen(items: list[pytest.Item], share: int = SHARE) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """What is played and what is left out, both in the given order."""
    tables: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        tables[item.nodeid.partition("[")[0]].append(item)
    played: set[str] = set()
    for table, cases in tables.items():
        few = len(cases) <= FEW
        in_order = sorted(case.nodeid for case in cases)
        played |= set(in_order if few else in_order[zlib.crc32(table.encode()) % share :: share])
    return [i for i in items if i.nodeid in played], [i for i in items if i.nodeid not in played]
