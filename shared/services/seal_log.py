"""Sealing the activity log: every hour what is old enough goes into the next block; whole blocks leave after years.

``practices/{p}/log_blocks/{number}`` and ``practices/{p}/config/log_seal``; see ``domain/log_blocks.py``. A block
and the new state of the chain are one write with preconditions, so a job that dies, or two at once, leave neither a gap
nor a block too many. Nothing of this is in the way of whoever writes an entry.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from shared.domain.log_blocks import (
    CLOSED_AFTER,
    LOOK_BACK,
    Block,
    Chain,
    block_hash,
    genesis,
    leaves_of,
    read_leaves,
)
from shared.domain.times import instant, parse_instant
from shared.ports import Ports
from shared.ports.store import AlreadyExists, Create, Delete, Document, Update, VersionChanged, Where, Write
from shared.services import paths
from shared.services.build_invoice import read_settings
from shared.services.documents import each_document

#: Entries of one block; its leaves stay far below the mebibyte that a document may have.
BLOCK_SIZE = 1000
BLOCKS_A_RUN = 5
#: A quiet practice's log is sealed too, so that nothing can be slipped into a quiet week.
QUIET = timedelta(days=1)
DELETES = 400

_log = logging.getLogger("clinic_ledger.activity")


def seal(ports: Ports, practice_id: str) -> dict[str, Any]:
    """``more``: there is enough left for another run at once."""
    blocks = 0
    while blocks < BLOCKS_A_RUN and _seal_next(ports, practice_id):
        blocks += 1
    return {"blocks": blocks, "more": blocks == BLOCKS_A_RUN, "expired": expire(ports, practice_id)}


def read_chain(ports: Ports, practice_id: str) -> tuple[Chain | None, Document | None]:
    document = ports.store.get(paths.log_seal(practice_id))
    return (Chain.from_data(document.data) if document else None), document


def read_block(ports: Ports, practice_id: str, number: int) -> Document | None:
    return ports.store.get(paths.log_block(practice_id, number))


def entries_within(ports: Ports, practice_id: str, since: str, until: str) -> list[Document]:
    """From ``since`` (included) to ``until`` (excluded), by time and id."""
    where = [Where("at", ">=", since), Where("at", "<", until)]
    return list(each_document(ports.store, paths.log(practice_id), where=where, order_by="at", page_size=500))


def _seal_next(ports: Ports, practice_id: str) -> bool:
    """False when there is nothing to seal yet, or somebody else sealed at this moment."""
    now = ports.clock.now()
    chain, document = read_chain(ports, practice_id)
    since, closed = chain.until if chain else "", instant(now - CLOSED_AFTER)
    if document and chain is None:
        return False  # somebody changed the state; ``verify`` says so
    late = _late(ports, practice_id, chain) if chain else []
    fresh, until = _window(ports, practice_id, since, closed)
    quiet = chain is not None and parse_instant(closed) - parse_instant(chain.until) >= QUIET
    if closed <= since or not (late or fresh or quiet):
        return False
    block = Block(
        practice_id=practice_id,
        number=chain.number + 1 if chain else 1,
        previous=chain.hash if chain else genesis(practice_id),
        since=since,
        until=until,
        sealed_at=instant(now),
        entries=len(late) + len(fresh),
        leaves=leaves_of([(entry.id, entry.data) for entry in (*late, *fresh)]),
        late=len(late),
    )
    data = block.to_data()
    after = Chain(
        number=block.number,
        hash=data["hash"],
        until=until,
        first=chain.first if chain else 1,
        before=chain.before if chain else genesis(practice_id),
        sealed_at=block.sealed_at,
    ).to_data()
    path = paths.log_seal(practice_id)
    state: Write = Update(path, after, document.version) if document else Create(path, after)
    try:
        ports.store.batch([Create(paths.log_block(practice_id, block.number), data), state])
    except (AlreadyExists, VersionChanged):
        return False
    # The one copy that nobody with the store alone can change: ``verify`` can be held against it.
    fields = {"practice_id": practice_id, "block": block.number, "hash": data["hash"]}
    _log.info("log sealed", extra={"fields": fields})
    return True


def _window(ports: Ports, practice_id: str, since: str, closed: str) -> tuple[list[Document], str]:
    """The next entries and where they end. Entries of one instant are never parted: the next window begins there."""
    entries: list[Document] = []
    where = [Where("at", ">=", since), Where("at", "<", closed)]
    for entry in each_document(
        ports.store, paths.log(practice_id), where=where, order_by="at", page_size=500
    ):
        if len(entries) >= BLOCK_SIZE and entry.data["at"] != entries[-1].data["at"]:
            return entries, str(entry.data["at"])
        entries.append(entry)
    return entries, closed


def _late(ports: Ports, practice_id: str, chain: Chain) -> list[Document]:
    """Entries of windows that are sealed already, which no block has."""
    since = instant(parse_instant(chain.until) - LOOK_BACK)
    known: set[str] = set()
    for number in range(chain.number, chain.first - 1, -1):
        block = read_block(ports, practice_id, number)
        if block is None:
            break  # ``verify`` says so
        known |= set(read_leaves(block.data))
        if str(block.data.get("since", "")) <= since:
            break
    return [e for e in entries_within(ports, practice_id, since, chain.until) if e.id not in known]


def expire(ports: Ports, practice_id: str) -> int:
    """Blocks older than the practice keeps its log, with their entries; gives how many. The chain is told first where
    it begins now, so that what is being deleted is not taken for missing; a run that dies is finished by the next."""
    days = read_settings(ports, practice_id).log_retention_days
    cutoff, count = instant(ports.clock.now() - timedelta(days=days)), 0
    for _ in range(BLOCKS_A_RUN):
        chain, document = read_chain(ports, practice_id)
        if chain is None or document is None:
            return count
        _purge_left(ports, practice_id, chain)
        oldest = read_block(ports, practice_id, chain.first)
        if oldest is None or chain.first >= chain.number or oldest.data["until"] > cutoff:
            return count
        if block_hash(oldest.data) != oldest.data["hash"] or oldest.data["previous"] != chain.before:
            return count  # changed by somebody: what it lists is not ours to delete
        after = chain.to_data() | {"first": chain.first + 1, "before": oldest.data["hash"]}
        try:
            ports.store.update(document.path, after, version=document.version)
        except VersionChanged:
            return count
        _purge(ports, practice_id, oldest)
        count += 1
    return count


def _purge_left(ports: Ports, practice_id: str, chain: Chain) -> None:
    for block in blocks_before(ports, practice_id, chain):
        _purge(ports, practice_id, block)


def blocks_before(ports: Ports, practice_id: str, chain: Chain) -> list[Document]:
    """Those that retention is just deleting."""
    where = [Where("number", "<", chain.first)]
    return ports.store.query(paths.log_blocks(practice_id), where=where, order_by="number").items


def _purge(ports: Ports, practice_id: str, block: Document) -> None:
    gone = [Delete(f"{paths.log(practice_id)}/{entry_id}") for entry_id in read_leaves(block.data)]
    for start in range(0, len(gone), DELETES):
        ports.store.batch(gone[start : start + DELETES])
    ports.store.delete(block.path)
