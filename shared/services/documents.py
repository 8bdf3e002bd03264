"""Changing one stored document without losing anybody else's change."""

from __future__ import annotations

from collections.abc import Callable

from shared.domain.errors import StoreUnavailable
from shared.ports.store import AlreadyExists, Data, Document, Store, VersionChanged

ATTEMPTS = 12


def modify(store: Store, path: str, change: Callable[[Data], Data | None]) -> Document | None:
    """Read, change, write if nobody wrote in between; else again. ``change`` gets {} for a missing document
    and gives the new data, or None to leave it. The document as it then stands, None if there is none."""
    for _ in range(ATTEMPTS):
        document = store.get(path)
        data = change(dict(document.data) if document else {})
        if data is None:
            return document
        try:
            if document is None:
                return store.create(path, data)
            return store.update(path, data, version=document.version)
        except (AlreadyExists, VersionChanged):
            continue
    raise StoreUnavailable(f"a document changed {ATTEMPTS} times while it was being written")
