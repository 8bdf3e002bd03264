"""The activity log sealed in blocks: each block holds its entries' hashes and the hash of the block before it.

    genesis ◄── block 1 ◄── block 2 ◄── … ◄── head

An entry, once sealed, cannot be changed, removed or slipped in without a hash that no longer fits. Hashes are SHA-256
over JSON with sorted keys and no blanks, so that anybody can compute them again from an export.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from shared.domain.times import parse_instant

#: An entry is written within a request of its time, and clocks differ by minutes: later than this nothing is expected.
CLOSED_AFTER = timedelta(minutes=15)
#: How far back the next block looks for entries that came later still.
LOOK_BACK = timedelta(hours=1)


def digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def genesis(practice_id: str) -> str:
    """What the first block of a practice has in place of a block before it."""
    return digest({"log": practice_id})


def entry_hash(entry_id: str, data: Mapping[str, Any]) -> str:
    return digest({"id": entry_id, "data": data})


def block_hash(stored: Mapping[str, Any]) -> str:
    """Of everything that a block is stored with, but for the hash itself."""
    return digest({name: value for name, value in stored.items() if name != "hash"})


@dataclass(frozen=True)
class Block:
    """Stored under ``log_blocks/{number}``. Entries from ``since`` (included) to ``until`` (excluded), by time and id,
    and before them those of earlier windows that came too late for their own block."""

    practice_id: str
    number: int  # from 1
    previous: str
    since: str  # "" in the first block
    until: str
    sealed_at: str
    entries: int
    leaves: str  # "id hash" a line: one text, because an index over a list would cost more than the block
    late: int  # how many of them, from the top, came late

    def to_data(self) -> dict[str, Any]:
        data = asdict(self)
        return data | {"hash": block_hash(data)}


def is_instant(text: Any) -> bool:
    try:
        return bool(parse_instant(text))
    except (TypeError, ValueError):
        return False


def has_a_window(stored: Mapping[str, Any]) -> bool:
    """Its times and counts can be read; a block that was changed need not have any."""
    since, until, late = stored.get("since"), stored.get("until"), stored.get("late")
    return (since == "" or is_instant(since)) and is_instant(until) and isinstance(late, int)


def leaves_of(entries: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    return "\n".join(f"{entry_id} {entry_hash(entry_id, data)}" for entry_id, data in entries)


def read_leaves(stored: Mapping[str, Any]) -> dict[str, str]:
    """id -> hash, in the block's order; what is no leaf any more is left out."""
    lines = str(stored.get("leaves", "")).splitlines()
    return {
        parts[0]: parts[1] for parts in (line.split(" ") for line in lines) if len(parts) == 2 and parts[0]
    }


@dataclass(frozen=True)
class Chain:
    """Where the chain stands; stored under ``config/log_seal`` and written together with each new block."""

    number: int  # of the head
    hash: str  # the head's
    until: str  # sealed up to here, excluded
    first: int  # the first block that retention has kept
    before: str  # the hash of the block before that one
    sealed_at: str

    def to_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Chain | None:
        """None for what no job of ours has written."""
        known: dict[str, Any] = {name: data.get(name) for name in cls.__dataclass_fields__}
        numbers = all(isinstance(known[name], int) for name in ("number", "first"))
        texts = all(
            isinstance(value, str) for name, value in known.items() if name not in ("number", "first")
        )
        return cls(**known) if numbers and texts and is_instant(known["until"]) else None
