"""Operations that wait without a time are due once what they wait for has come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from shared.domain.operations import Operation
from shared.domain.times import instant
from shared.ports import Ports
from shared.ports.store import VersionChanged, Where
from shared.services import paths
from shared.services.documents import each_document


def make_due(
    ports: Ports, practice_id: str, where: Sequence[Where], waits_for_it: Callable[[Operation], bool]
) -> None:
    """Of those that the query finds. The caller wakes the drain."""
    for document in each_document(ports.store, paths.operations(practice_id), where=where):
        operation = Operation.from_data(document.data)
        if operation.next_attempt_at is None and waits_for_it(operation):
            operation.next_attempt_at = instant(ports.clock.now())
            with suppress(VersionChanged):  # then somebody else is already at it
                ports.store.update(document.path, operation.to_data(), version=document.version)
