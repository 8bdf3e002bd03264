"""Which organisations a person has connected to which app, and ``/connections`` that tells it.

From Xero's identity description: ``id`` is the connection's own id; ``authEventId`` is shared by what was
authorised at the same time; ``updatedDateUtc`` is the most recent connect and differs from
``createdDateUtc`` after a disconnect and reconnect.
"""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from .clock import Clock
from .persistence import Store, Work


@dataclass
class Connection:
    """One person, one app, one organisation; kept when disconnected, for the date it was first made."""

    id: str
    client_id: str
    user_id: str
    tenant_id: str
    auth_event_id: str
    created: float
    updated: float
    live: bool = True

    @property
    def key(self) -> str:
        return f"{self.client_id}|{self.user_id}|{self.tenant_id}"


class Connections:
    """All connections. Changes are made under the lock of ``Tokens``."""

    def __init__(self, clock: Clock, store: Store) -> None:
        self._clock = clock
        self._all = {key: Connection(**each) for key, each in store.load("connection").items()}

    def connect(
        self, client_id: str, user_id: str, tenant_id: str, auth_event_id: str, work: Work
    ) -> Connection:
        """Connect, or connect again: then the consent and the updated date are the new ones."""
        now = self._clock.time()
        fresh = Connection(str(uuid.uuid4()), client_id, user_id, tenant_id, auth_event_id, now, now)
        known = self._all.get(fresh.key)
        if known is not None:
            fresh.created = known.created
            fresh.id = known.id if known.live else fresh.id
        return self._save(fresh, work)

    def of(self, client_id: str, user_id: str) -> list[Connection]:
        """What this person has connected to this app, across consents, oldest first."""
        mine = [each for each in list(self._all.values()) if each.live]
        mine = [each for each in mine if (each.client_id, each.user_id) == (client_id, user_id)]
        return sorted(mine, key=lambda each: each.created)

    def covers(self, client_id: str, user_id: str, tenant_id: str) -> bool:
        connection = self._all.get(f"{client_id}|{user_id}|{tenant_id}")
        return connection is not None and connection.live

    def is_connected(self, tenant_id: str) -> bool:
        """Whether anybody has connected this organisation."""
        return any(each.live and each.tenant_id == tenant_id for each in list(self._all.values()))

    def to_tenant(self, tenant_id: str | None) -> list[Connection]:
        """The live connections to one organisation, or to all with None."""
        live = [each for each in list(self._all.values()) if each.live]
        return [each for each in live if tenant_id is None or each.tenant_id == tenant_id]

    def disconnect(self, connection: Connection, work: Work) -> None:
        gone = Connection(**{**asdict(connection), "live": False})
        self._save(gone, work)

    def _save(self, connection: Connection, work: Work) -> Connection:
        self._all[connection.key] = connection
        work.put("connection", connection.key, asdict(connection))
        return connection


def as_xero_shows(connection: Connection, tenant_name: str) -> dict[str, Any]:
    return {
        "id": connection.id,
        "authEventId": connection.auth_event_id,
        "tenantId": connection.tenant_id,
        "tenantType": "ORGANISATION",
        "tenantName": tenant_name,
        "createdDateUtc": _date(connection.created),
        "updatedDateUtc": _date(connection.updated),
    }


def _date(seconds: float) -> str:
    """Seven digits after the second and no zone, as Xero's identity service writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0"
