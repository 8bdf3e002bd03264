"""Asking Xero something on a person's behalf, outside an operation: what goes wrong is recorded, then raised."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from shared.domain.errors import ConnectionLost, Paused
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.services.connections import known_tenant, note_usage, open_accounting, pause, recover_or_lose

T = TypeVar("T")


def using_xero(ports: Ports, practice_id: str, ask: Callable[[Accounting], T]) -> T:
    """``ask`` gets a client of the practice's organisation. A limit pauses the organisation, a refusal says what it
    means for the connection; either way the XeroError goes on to the caller."""
    tenant_id = str(known_tenant(ports, practice_id).tenant_id)
    try:
        accounting = open_accounting(ports, practice_id)
        answer = ask(accounting)
    except Paused as paused:
        if paused.until is None:
            paused.until = pause(ports, tenant_id, paused.problem, paused.retry_after)
        raise
    except ConnectionLost as lost:
        recover_or_lose(ports, practice_id, lost)
        raise
    note_usage(ports, tenant_id, accounting.usage)
    return answer
