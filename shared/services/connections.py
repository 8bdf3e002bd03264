"""Which organisation a practice is connected to, and whether that still holds.

``practices/{p}/config/connection``
    status         connected | choosing | needs_reconnect | disconnected
    tenant_id      kept after a disconnect, so that what waits goes to the same organisation and no other
    grant_id, connection_id, tenant_name, short_code, time_zone, base_currency, connected_by, connected_at
    choices, choice_grant_id   while a choice is open: [{tenant_id, tenant_name, connection_id}]

``tenants/{t}``  practice_id, grant_id, cursors, paused_until, calls left, last webhook and pull
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.domain.errors import Busy, ConnectionLost, NotConnected, NotFound, Paused, XeroError
from shared.domain.times import instant, parse_instant
from shared.domain.xero_records import Usage
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.services import paths
from shared.services.activity_log import SYSTEM, Entry, record
from shared.services.documents import modify
from shared.services.tokens import access_token, mark_lost, read_grant

#: How long a tenant rests when Xero gives no Retry-After, by X-Rate-Limit-Problem; an unknown word rests a minute.
DEFAULT_PAUSE_SECONDS = {"concurrent": 5, "minute": 60, "appminute": 60, "day": 3600, "offline": 300}


@dataclass(frozen=True)
class PracticeConnection:
    practice_id: str
    status: str
    data: dict[str, Any]

    @property
    def tenant_id(self) -> str | None:
        return self.data.get("tenant_id")

    @property
    def grant_id(self) -> str | None:
        return self.data.get("grant_id")


def read_connection(ports: Ports, practice_id: str) -> PracticeConnection:
    document = ports.store.get(paths.connection(practice_id))
    data = document.data if document else {}
    return PracticeConnection(practice_id, data.get("status", "disconnected"), data)


def known_tenant(ports: Ports, practice_id: str) -> PracticeConnection:
    """The connection, working or broken, of a practice that has been connected before; else NotConnected."""
    connection = read_connection(ports, practice_id)
    if not connection.tenant_id:
        raise NotConnected(
            "Connect the practice to its Xero organisation first: an owner opens /xero/oauth/connect/"
        )
    return connection


def read_tenant(ports: Ports, tenant_id: str) -> dict[str, Any]:
    document = ports.store.get(paths.tenant(tenant_id))
    return document.data if document else {}


def practice_of(ports: Ports, tenant_id: str) -> str:
    """The practice a tenant belongs to; NotFound for one that is not ours."""
    practice_id = read_tenant(ports, tenant_id).get("practice_id")
    if not practice_id:
        raise NotFound("no practice is connected to this organisation")
    return str(practice_id)


def open_accounting(ports: Ports, practice_id: str) -> Accounting:
    """A client for the practice's organisation; Paused, ConnectionLost, NotConnected or Busy when it may not be used.

    The tenant comes from the practice's own connection and the bearer from that connection's grant; both end in one
    object that nobody else gets.
    """
    connection = known_tenant(ports, practice_id)
    if connection.status != "connected":
        raise ConnectionLost(connection.data.get("reason") or connection.status)
    tenant_id, grant_id = str(connection.tenant_id), str(connection.grant_id)
    until = paused_until(ports, tenant_id)
    if until:
        problem = read_tenant(ports, tenant_id).get("pause_reason", "unknown")
        raise Paused(problem, until=until)
    return ports.xero.accounting(tenant_id, access_token(ports, grant_id))


def paused_until(ports: Ports, tenant_id: str) -> datetime | None:
    text = read_tenant(ports, tenant_id).get("paused_until")
    until = parse_instant(text) if text else None
    return until if until and until > ports.clock.now() else None


def pause(ports: Ports, tenant_id: str, problem: str, retry_after: int | None) -> datetime:
    """Rest the whole tenant, not the one call; gives until when. Never shortens a pause."""
    seconds = retry_after if retry_after is not None else DEFAULT_PAUSE_SECONDS.get(problem, 60)
    until = ports.clock.now() + timedelta(seconds=seconds)

    def longer(data: dict[str, Any]) -> dict[str, Any] | None:
        if data.get("paused_until", "") >= instant(until):
            return None
        return data | {"paused_until": instant(until), "pause_reason": problem}

    document = modify(ports.store, paths.tenant(tenant_id), longer)
    return parse_instant(document.data["paused_until"]) if document else until


def lose_connection(ports: Ports, practice_id: str, reason: str) -> None:
    """A person must reconnect. An expired access token alone is not that: the next use refreshes it."""
    connection = read_connection(ports, practice_id)
    if connection.status != "connected":
        return
    lost = {"status": "needs_reconnect", "reason": reason, "lost_at": instant(ports.clock.now())}

    def unless_ended(data: dict[str, Any]) -> dict[str, Any] | None:
        same = data.get("status") == "connected" and data.get("grant_id") == connection.grant_id
        return data | lost if same else None

    modify(ports.store, paths.connection(practice_id), unless_ended)
    if reason == "revoked" and connection.grant_id:
        mark_lost(ports, connection.grant_id, reason)
    sentence = "Xero no longer accepts the connection; what waits goes on after connecting again"
    entry = Entry("connection.lost", sentence, dict(SYSTEM), outcome="failed", code=reason)
    record(ports, practice_id, entry)


def note_usage(ports: Ports, tenant_id: str, usage: Usage) -> None:
    """Calls left, and since when the minute they are counted in has been seen to run: more calls left than before
    means a new one. Taken for later than it began, never for earlier."""
    if usage.minute is None and usage.day is None:
        return
    now = ports.clock.now()

    def seen(data: dict[str, Any]) -> dict[str, Any]:
        before, began = data.get("calls_left_minute"), data.get("minute_began_at")
        fresh = before is None or began is None or usage.minute is None or usage.minute > before
        fresh = fresh or now - parse_instant(str(began)) >= timedelta(minutes=1)
        return data | {
            "calls_left_minute": usage.minute,
            "calls_left_day": usage.day,
            "calls_seen_at": instant(now),
            "minute_began_at": instant(now) if fresh else began,
        }

    modify(ports.store, paths.tenant(tenant_id), seen)


def recover_or_lose(ports: Ports, practice_id: str, lost: ConnectionLost) -> bool:
    """What a refused call means: True when the call may be repeated in a few seconds.

    An expired token is renewed, and the organisation must still be among those of the grant: a tenant that was
    removed in Xero never falls to another one. Everything else needs a person.
    """
    connection = read_connection(ports, practice_id)
    if connection.status != "connected":
        return False
    if lost.reason in ("revoked", "disconnected") and _grant_works(ports, connection):
        return True  # that was said of the grant before this one: somebody has connected again meanwhile
    if lost.reason != "expired_token":
        lose_connection(ports, practice_id, lost.reason)
        return False
    try:
        bearer = access_token(ports, str(connection.grant_id), force=True)
        tenants = {row.tenant_id for row in ports.xero.identity.connections(bearer)}
    except ConnectionLost as final:
        lose_connection(ports, practice_id, final.reason if final.reason != "expired_token" else "revoked")
        return False
    except (Busy, XeroError):
        return True  # somebody else is renewing it, or Xero cannot be asked just now: nothing is known to be lost
    if connection.tenant_id not in tenants:
        lose_connection(ports, practice_id, "wrong_organisation")
        return False
    return True


def _grant_works(ports: Ports, connection: PracticeConnection) -> bool:
    try:
        return read_grant(ports, str(connection.grant_id)).status == "active"
    except NotConnected:
        return False
