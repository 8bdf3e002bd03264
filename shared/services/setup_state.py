"""A mark that changes whenever a practice's settings, mappings or cached lists do, and what waits for such a change.

``practices/{p}/config/setup``
    revision   another one with every change; written in the same batch as the change itself
    released   True once everything that waited for an earlier revision has been made due
    stale      what settings and mappings name that is archived or gone; missing until it was worked out

An operation that names something archived waits without a time and remembers the revision it was checked against. Any
later revision makes it due again, once; without one it costs nothing.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any

from shared.domain.operations import Operation
from shared.ports import Ports
from shared.ports.store import Put, VersionChanged, Where
from shared.services import paths
from shared.services.due_again import make_due

#: The reason code of an operation that waits because something it names is archived or gone.
MAPPING_ARCHIVED = "mapping_archived"
#: Under this name an operation remembers, among its notes, what it was checked against.
CHECKED = "setup_revision"


def changed(practice_id: str) -> Put:
    """The write that goes with every change; the caller wakes the drain after it."""
    return Put(paths.setup(practice_id), {"revision": uuid.uuid4().hex})


def revision(ports: Ports, practice_id: str) -> str | None:
    """Read it before what is checked: a change in between then counts as a later one."""
    document = ports.store.get(paths.setup(practice_id))
    return document.data["revision"] if document else None


def is_held(operation: Operation, current: str | None) -> bool:
    """Whether it waits for a change of the set-up, and there has been none since it was checked."""
    checked = operation.prepared.get(CHECKED)
    return operation.reason_code == MAPPING_ARCHIVED and checked == current


def release_held(ports: Ports, practice_id: str) -> None:
    """What waits for a change of the set-up is due, if there has been one; one read when there has not."""
    state = ports.store.get(paths.setup(practice_id))
    if state is None or state.data.get("released"):
        return
    now_set_up = state.data["revision"]
    make_due(ports, practice_id, held(), lambda operation: not is_held(operation, now_set_up))
    with suppress(VersionChanged):  # it changed again: the drain that this woke does it over
        ports.store.update(state.path, state.data | {"released": True}, version=state.version)


def held() -> list[Where]:
    """The query for operations that wait for a change of the set-up."""
    return [Where("state", "==", "pending"), Where("reason_code", "==", MAPPING_ARCHIVED)]


def keep_stale(ports: Ports, practice_id: str, revision: str, stale: list[dict[str, Any]]) -> None:
    """Remember what was worked out for this revision."""
    document = ports.store.get(paths.setup(practice_id))
    if document and document.data["revision"] == revision:
        with suppress(VersionChanged):
            ports.store.update(document.path, document.data | {"stale": stale}, version=document.version)
