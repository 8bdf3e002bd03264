"""Holding the activity log against its seals, block by block: what was changed, removed or slipped in is named."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from shared.domain.log_blocks import LOOK_BACK, Chain, block_hash, entry_hash, has_a_window, read_leaves
from shared.domain.times import instant, parse_instant
from shared.ports import Ports
from shared.ports.store import Document, Where
from shared.services import paths
from shared.services.seal_log import (
    QUIET,
    blocks_before,
    entries_within,
    read_block,
    read_chain,
)

#: What one call looks at, at most a block more.
BLOCKS, ENTRIES = 50, 2000
#: The hourly job seals what is a quarter of an hour old; a day later something is wrong with it.
OVERDUE = QUIET + timedelta(hours=3)


@dataclass(frozen=True)
class Problem:
    """``kind``: entry_changed, entry_removed, entry_inserted, block_changed, block_missing, block_added, chain_broken,
    not_sealed."""

    kind: str
    sentence: str
    block: int | None = None
    entry: str | None = None


@dataclass
class Verified:
    """One call's part. ``late``: entries that came after their window was sealed, each with the block that has it;
    normal after trouble, worth a look otherwise. ``next_block`` None: that was all."""

    chain: Chain | None
    blocks: int = 0
    entries: int = 0
    problems: list[Problem] = field(default_factory=list)
    late: list[dict[str, Any]] = field(default_factory=list)
    next_block: int | None = None

    @property
    def is_overdue(self) -> bool:
        return any(problem.kind == "not_sealed" for problem in self.problems)

    def problem(self, kind: str, sentence: str, block: int | None = None, entry: str | None = None) -> None:
        self.problems.append(Problem(kind, sentence, block, entry))


def verify_log(
    ports: Ports, practice_id: str, from_block: int | None = None, expected: tuple[int, str] | None = None
) -> Verified:
    """From a block on, or from the first that is kept. ``expected``: a block's number and hash, noted elsewhere at the
    time (the deployment's log has every one); who can change the whole store cannot change that."""
    chain, state = read_chain(ports, practice_id)
    found = Verified(chain)
    if chain is None:
        _without_a_chain(ports, practice_id, found, changed=state is not None)
        return found
    number = max(from_block or chain.first, chain.first)
    if number == chain.first:
        _before_the_first(ports, practice_id, chain, found)
        if expected:
            _hold_against(ports, practice_id, expected, chain, found)
    while number <= chain.number:
        if found.blocks >= BLOCKS or found.entries >= ENTRIES:
            found.next_block = number
            return found
        _check(ports, practice_id, chain, number, found)
        number += 1
    _check_head(ports, practice_id, chain, found)
    return found


def _check(ports: Ports, practice_id: str, chain: Chain, number: int, found: Verified) -> None:
    found.blocks += 1
    block = read_block(ports, practice_id, number)
    if block is None:
        if not _is_leaving(ports, practice_id, number):
            found.problem(
                "block_missing", f"Block {number} is gone, and with it the seal on its entries", number
            )
        return
    data = block.data
    if block_hash(data) != data.get("hash") or data.get("number") != number:
        found.problem("block_changed", f"Block {number} was changed after it was sealed", number)
    before = chain.before if number == chain.first else _hash_of(ports, practice_id, number - 1)
    if before is not None and data.get("previous") != before:
        found.problem("chain_broken", f"Block {number} does not follow from block {number - 1}", number)
    if has_a_window(data):
        _check_entries(ports, practice_id, chain, block, number, found)


def _check_entries(
    ports: Ports, practice_id: str, chain: Chain, block: Document, number: int, found: Verified
) -> None:
    leaves, since, until = read_leaves(block.data), block.data["since"], block.data["until"]
    there = {entry.id: entry for entry in entries_within(ports, practice_id, since, until)}
    elsewhere = [f"{paths.log(practice_id)}/{entry_id}" for entry_id in leaves if entry_id not in there]
    sealed = there | {entry.id: entry for entry in ports.store.get_many(elsewhere).values()}
    if len(sealed) < len(leaves) and _is_leaving(ports, practice_id, number):
        return
    found.entries += len(leaves)
    for entry_id, hashed in leaves.items():
        if entry_id not in sealed:
            found.problem("entry_removed", f"Entry {entry_id} of block {number} is gone", number, entry_id)
        elif entry_hash(entry_id, sealed[entry_id].data) != hashed:
            sentence = f"Entry {entry_id} of block {number} is not what it was when it was sealed"
            found.problem("entry_changed", sentence, number, entry_id)
    late = list(leaves)[: block.data["late"]]
    found.late += [{"block": number, "entry": entry_id} for entry_id in late]
    strangers = {entry_id for entry_id in there if entry_id not in leaves}
    for entry_id in sorted(_in_no_later_block(ports, practice_id, chain, number, until, strangers)):
        sentence = f"Entry {entry_id} lies in the time of block {number}, but no block has it"
        found.problem("entry_inserted", sentence, number, entry_id)


def _in_no_later_block(
    ports: Ports, practice_id: str, chain: Chain, number: int, until: str, entries: set[str]
) -> set[str]:
    """An entry may have come late; then one of the next blocks has it."""
    left, bound = set(entries), instant(parse_instant(until) + LOOK_BACK)
    while left and number < chain.number:
        number += 1
        block = read_block(ports, practice_id, number)
        if block is None:
            continue
        left -= set(read_leaves(block.data))
        if str(block.data.get("since")) > bound:
            break
    return left


def _is_leaving(ports: Ports, practice_id: str, number: int) -> bool:
    """Retention has taken the block since we read where the chain begins."""
    chain, _ = read_chain(ports, practice_id)
    return chain is not None and number < chain.first


def _before_the_first(ports: Ports, practice_id: str, chain: Chain, found: Verified) -> None:
    """Retention has taken what is older, or is about to; anything else there was slipped in."""
    first = read_block(ports, practice_id, chain.first)
    if first is None or not has_a_window(first.data) or not first.data["since"]:
        return
    since = first.data["since"]
    leaving = {leaf for block in blocks_before(ports, practice_id, chain) for leaf in read_leaves(block.data)}
    there = {entry.id for entry in entries_within(ports, practice_id, "", since)}
    strangers = there - leaving
    for entry_id in sorted(_in_no_later_block(ports, practice_id, chain, chain.first - 1, since, strangers)):
        sentence = f"Entry {entry_id} lies before the first block that is kept, but no block has it"
        found.problem("entry_inserted", sentence, None, entry_id)


def _check_head(ports: Ports, practice_id: str, chain: Chain, found: Verified) -> None:
    if _hash_of(ports, practice_id, chain.number) not in (chain.hash, None):
        found.problem(
            "chain_broken", f"The chain ends in another block {chain.number} than was sealed", chain.number
        )
    where = [Where("number", ">", chain.number)]
    for block in ports.store.query(paths.log_blocks(practice_id), where=where, order_by="number").items:
        found.problem("block_added", f"Block {block.id} is beyond the end of the chain")
    if ports.clock.now() - parse_instant(chain.until) > OVERDUE:
        found.problem("not_sealed", f"Nothing was sealed since {chain.until}: is the hourly job running?")


def _without_a_chain(ports: Ports, practice_id: str, found: Verified, *, changed: bool) -> None:
    if changed or ports.store.query(paths.log_blocks(practice_id), limit=1).items:
        found.problem("chain_broken", "There are blocks, but where their chain ends was changed or is gone")
        return
    old = instant(ports.clock.now() - OVERDUE)
    if ports.store.query(paths.log(practice_id), where=[Where("at", "<", old)], order_by="at", limit=1).items:
        found.problem(
            "not_sealed", "Entries are older than a day and were never sealed: is the hourly job running?"
        )


def _hold_against(
    ports: Ports, practice_id: str, expected: tuple[int, str], chain: Chain, found: Verified
) -> None:
    number, hashed = expected
    if chain.first <= number and _hash_of(ports, practice_id, number) != hashed:
        found.problem("chain_broken", f"Block {number} is not the one that was noted elsewhere", number)


def _hash_of(ports: Ports, practice_id: str, number: int) -> str | None:
    block = read_block(ports, practice_id, number)
    return str(block.data.get("hash")) if block else None
