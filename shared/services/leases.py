"""Single flight: at most one holder of a name at a time, for a bounded time.

A lease is a document with an owner and an expiry, written with preconditions. Whoever takes one, and whoever fails
to, reads its subject again: in between somebody may have finished the work.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from shared.domain.times import instant, parse_instant
from shared.ports import Ports
from shared.ports.store import AlreadyExists, VersionChanged
from shared.services import paths


@contextmanager
def lease(ports: Ports, name: str, seconds: int) -> Iterator[bool]:
    """True while we hold it. It is given back at the end, and ends by itself after ``seconds``."""
    owner = uuid.uuid4().hex
    held = _take(ports, name, owner, seconds)
    try:
        yield held
    finally:
        if held:
            _give_back(ports, name, owner)


def _take(ports: Ports, name: str, owner: str, seconds: int) -> bool:
    now = ports.clock.now()
    data = {"owner": owner, "until": instant(now + timedelta(seconds=seconds))}
    path = paths.lease(name)
    try:
        existing = ports.store.get(path)
        if existing is None:
            ports.store.create(path, data)
        elif now < parse_instant(existing.data["until"]):
            return False
        else:
            ports.store.update(path, data, version=existing.version)
    except (AlreadyExists, VersionChanged):
        return False
    return True


def _give_back(ports: Ports, name: str, owner: str) -> None:
    path = paths.lease(name)
    document = ports.store.get(path)
    if document and document.data["owner"] == owner:
        try:
            ports.store.delete(path, version=document.version)
        except VersionChanged:
            return  # it had ended and somebody else took it
