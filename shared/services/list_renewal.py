"""The organisation's lists read again without anybody looking: nightly, and at once when somebody mended something.

Only lists that were fetched before: what nobody chose from and nothing was checked against costs no call.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from shared.domain.errors import LedgerError, StoreUnavailable
from shared.ports import Ports
from shared.services import paths
from shared.services.budget import deferred_until
from shared.services.connections import read_connection
from shared.services.drain_tasks import wake_lists
from shared.services.xero_calls import using_xero
from shared.services.xero_lists import READERS, RENEW_AT, fetch, is_young


def renew_lists_at_night(ports: Ports, practice_id: str) -> None:
    """A task, when one of the lists is nearly a day old; the scheduled sweep asks this every hour."""
    if _due(ports, practice_id, RENEW_AT):
        wake_lists(ports.tasks, practice_id, ports.clock.now())


def renew_lists(ports: Ports, practice_id: str, older_than: timedelta = RENEW_AT) -> int:
    """One call for each list that is as old; gives how many were read. What cannot be had now is left to the next
    sweep, and the calls kept back for people are left alone."""
    tenant_id, count = read_connection(ports, practice_id).tenant_id, 0
    for kind in _due(ports, practice_id, older_than):
        if tenant_id is None or deferred_until(ports, tenant_id):
            break
        try:
            using_xero(ports, practice_id, partial(fetch, ports, practice_id, tenant_id, kind))
        except StoreUnavailable:
            raise
        except LedgerError:
            break
        count += 1
    return count


def _due(ports: Ports, practice_id: str, older_than: timedelta) -> list[str]:
    connection, now = read_connection(ports, practice_id), ports.clock.now()
    if connection.status != "connected":
        return []
    found = ports.store.get_many([paths.xero_list(practice_id, kind) for kind in READERS])
    known = {document.id: document for document in found.values()}
    return [kind for kind in known if not is_young(known[kind], connection.tenant_id, now, older_than)]
