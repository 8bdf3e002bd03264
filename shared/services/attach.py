"""A practice takes hold of the organisation that was chosen, and lets go of the one it had.

Tenant, connection and log entry are one write: a practice never believes in an organisation that believes in another.
"""

from __future__ import annotations

from typing import Any

from shared.domain.errors import Conflict, Paused, StoreUnavailable, XeroError
from shared.domain.times import instant
from shared.ports import Ports
from shared.ports.accounting import Connection
from shared.ports.store import AlreadyExists, Create, Document, Update, VersionChanged, Write
from shared.services import paths
from shared.services.activity_log import Entry, entry_write
from shared.services.connections import pause, paused_until, read_connection
from shared.services.documents import ATTEMPTS
from shared.services.drain import requeue_waiting
from shared.services.drain_tasks import wake_pull
from shared.services.organisation_facts import known_facts, read_facts
from shared.services.tokens import access_token, drop_unused


def attach(ports: Ports, practice_id: str, grant_id: str, chosen: Connection, person: dict[str, str]) -> str:
    """Connect; what waited flows by itself. Gives the organisation's name; Conflict when another practice has it."""
    refuse_taken(ports, practice_id, ports.store.get(paths.tenant(chosen.tenant_id)))
    facts = _facts(ports, practice_id, grant_id, chosen)
    data = {
        "status": "connected",
        "tenant_id": chosen.tenant_id,
        "connection_id": chosen.connection_id,
        "grant_id": grant_id,
        "connected_by": person,
        "connected_at": instant(ports.clock.now()),
        **facts,
    }
    before = _write(ports, practice_id, data)
    # Replaced token sets are destroyed but not revoked: revoking removes all connections of that person, the new
    # one too.
    for old in {before.get("grant_id"), before.get("choice_grant_id")} - {None, grant_id}:
        drop_unused(ports, old)
    requeue_waiting(ports, practice_id)
    wake_pull(ports.tasks, chosen.tenant_id, ports.clock.now())
    return str(facts["tenant_name"])


def refuse_taken(ports: Ports, practice_id: str, tenant: Document | None) -> None:
    """A tenant has a grant from connecting to disconnecting, also while the connection is broken."""
    owner = tenant.data.get("practice_id") if tenant else None
    if tenant is not None and owner not in (None, practice_id) and tenant.data.get("grant_id"):
        raise Conflict(
            "This organisation is already connected by another practice; disconnect it there first",
            code="organisation_taken",
        )


def _write(ports: Ports, practice_id: str, data: dict[str, Any]) -> dict[str, Any]:
    """Gives the connection as it was before."""
    for _ in range(ATTEMPTS):
        connection = ports.store.get(paths.connection(practice_id))
        tenant = ports.store.get(paths.tenant(data["tenant_id"]))
        refuse_taken(ports, practice_id, tenant)
        before = connection.data if connection else {}
        moves = before.get("tenant_id") != data["tenant_id"]
        mine = {name: data[name] for name in ("grant_id", "connection_id")} | {"practice_id": practice_id}
        writes = [
            _changed(paths.connection(practice_id), connection, data),
            _changed(paths.tenant(data["tenant_id"]), tenant, (tenant.data if tenant else {}) | mine),
            *(let_go(ports, practice_id, before.get("tenant_id")) if moves else []),
            entry_write(ports, practice_id, _entry(before, data)),
        ]
        try:
            ports.store.batch(writes)
            return before
        except (AlreadyExists, VersionChanged):
            continue
    raise StoreUnavailable("the connection kept changing while it was being written")


def _changed(path: str, document: Document | None, data: dict[str, Any]) -> Write:
    return Update(path, data, document.version) if document else Create(path, data)


def let_go(ports: Ports, practice_id: str, tenant_id: str | None) -> list[Write]:
    """The tenant is nobody's any more, if it was this practice's. Cursors and limits stay, they are the
    organisation's own."""
    document = ports.store.get(paths.tenant(tenant_id)) if tenant_id else None
    if document is None or document.data.get("practice_id") != practice_id:
        return []
    mine = ("practice_id", "grant_id", "connection_id")
    return [
        Update(document.path, {k: v for k, v in document.data.items() if k not in mine}, document.version)
    ]


def _entry(before: dict[str, Any], data: dict[str, Any]) -> Entry:
    return Entry(
        "connection.connected",
        f"Connected to {data['tenant_name']}",
        data["connected_by"],
        before={"tenant_id": before.get("tenant_id"), "status": before.get("status", "disconnected")},
        after={"tenant_id": data["tenant_id"], "status": "connected"},
    )


def _facts(ports: Ports, practice_id: str, grant_id: str, chosen: Connection) -> dict[str, Any]:
    """What is known of the organisation; of one that rests, or does not answer just now, what was known before."""
    if paused_until(ports, chosen.tenant_id) is None:
        try:
            accounting = ports.xero.accounting(chosen.tenant_id, access_token(ports, grant_id))
            return read_facts(accounting, ports.clock.now())
        except Paused as limit:
            pause(ports, chosen.tenant_id, limit.problem, limit.retry_after)
        except XeroError:
            pass  # the next pull asks again
    before = read_connection(ports, practice_id)
    known = known_facts(before.data) if before.tenant_id == chosen.tenant_id else {}
    return {"tenant_name": chosen.tenant_name} | known
