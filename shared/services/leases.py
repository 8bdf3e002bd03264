"""Single flight: at most one holder of a name at a time, for a bounded time.

A lease is a document with an owner and an expiry, written with preconditions. Whoever takes one, and whoever fails
to, reads its subject again: in between somebody may have finished the work.

The expiry is by the holder's clock. Where two holders would do harm, ``skew`` says by how much clocks may disagree:
then a lease is over for others that much later, or when one process has itself seen it unchanged for its whole length.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from shared.domain.times import instant, parse_instant
from shared.ports import Ports
from shared.ports.clock import Clock
from shared.ports.store import AlreadyExists, Document, VersionChanged
from shared.services import paths

#: Others' leases that this process met, by its clock: path -> version and when it was first seen.
_met: WeakKeyDictionary[Clock, dict[str, tuple[str, datetime]]] = WeakKeyDictionary()


@contextmanager
def lease(ports: Ports, name: str, seconds: int, *, skew: timedelta = timedelta()) -> Iterator[bool]:
    """True while we hold it. It is given back at the end, and ends by itself after ``seconds``, by clocks that differ
    by no more than ``skew``."""
    owner = uuid.uuid4().hex
    held = _take(ports, name, owner, timedelta(seconds=seconds), skew)
    try:
        yield held
    finally:
        if held:
            _give_back(ports, name, owner)


def _take(ports: Ports, name: str, owner: str, length: timedelta, skew: timedelta) -> bool:
    now = ports.clock.now()
    data = {"owner": owner, "until": instant(now + length)}
    path = paths.lease(name)
    try:
        existing = ports.store.get(path)
        if existing is None:
            ports.store.create(path, data)
        elif now < parse_instant(existing.data["until"]) + skew and _seen_for(ports, existing) < length:
            return False
        else:
            ports.store.update(path, data, version=existing.version)
    except (AlreadyExists, VersionChanged):
        return False
    return True


def _seen_for(ports: Ports, lease: Document) -> timedelta:
    """How long this process has seen the lease as it is: that time has passed whatever the holder's clock says."""
    met, now = _met.setdefault(ports.clock, {}), ports.clock.now()
    if lease.path not in met or met[lease.path][0] != lease.version:
        met[lease.path] = lease.version, now
    return now - met[lease.path][1]


def _give_back(ports: Ports, name: str, owner: str) -> None:
    path = paths.lease(name)
    document = ports.store.get(path)
    if document and document.data["owner"] == owner:
        try:
            ports.store.delete(path, version=document.version)
        except VersionChanged:
            return  # it had ended and somebody else took it
