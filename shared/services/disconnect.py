"""Ending a connection, here and in Xero, and renewing one on request."""

from __future__ import annotations

from shared.domain.errors import Conflict, ConnectionLost, NotConnected, StoreUnavailable
from shared.domain.log_blocks import CLOSED_AFTER
from shared.domain.people import Person
from shared.domain.times import instant
from shared.ports import Ports
from shared.ports.store import Put, VersionChanged, Write
from shared.services import paths
from shared.services.activity_log import Entry, actor_of, entry_write, record
from shared.services.attach import let_go
from shared.services.connections import PracticeConnection, lose_connection, read_connection, read_tenant
from shared.services.documents import ATTEMPTS
from shared.services.drain_tasks import wake_seal
from shared.services.organisation_facts import known_facts
from shared.services.tokens import Grant, access_token, drop_unused, read_grant, refresh_token_of


def disconnect(ports: Ports, person: Person) -> None:
    """Nothing that waits is lost: it flows after connecting to the same organisation again.

    Raises NotSent, AnswerLost, Paused or Busy, with nothing changed here, when Xero cannot be told.
    """
    connection = read_connection(ports, person.practice_id)
    if connection.status == "disconnected":
        return
    consents = _consents(ports, connection)
    for grant_id, tenant_ids in consents.items():
        _tell_xero(ports, grant_id, tenant_ids)
    _write(ports, person, connection)
    # The sweep does not come by any more. Twice what an entry needs to be old enough to be sealed.
    wake_seal(ports.tasks, person.practice_id, ports.clock.now() + 2 * CLOSED_AFTER, "disconnected")
    for grant_id in consents:
        drop_unused(ports, grant_id)


def refresh(ports: Ports, person: Person) -> Grant:
    """Fetch a new access token now; an owner's way to see whether the connection works."""
    connection = read_connection(ports, person.practice_id)
    if not connection.grant_id or connection.status == "disconnected":
        raise NotConnected()
    if connection.status == "choosing":
        raise Conflict("Choose the organisation first", code="choosing")
    try:
        access_token(ports, connection.grant_id, force=True)
    except ConnectionLost as lost:
        lose_connection(ports, person.practice_id, lost.reason)
        raise
    record(ports, person.practice_id, Entry("connection.refreshed", "Connection renewed", actor_of(person)))
    return read_grant(ports, connection.grant_id)


def _consents(ports: Ports, connection: PracticeConnection) -> dict[str, set[str]]:
    """Grant -> the organisations of it that this practice gives up: the connected one, and those of an open choice
    that no other practice has taken."""
    consents: dict[str, set[str]] = {}
    if connection.grant_id:
        consents[connection.grant_id] = {str(connection.tenant_id)}
    if connection.data.get("choice_grant_id"):
        offered = {str(choice["tenant_id"]) for choice in connection.data.get("choices", [])}
        foreign = {t for t in offered if _is_foreign(ports, connection.practice_id, t)}
        consents[str(connection.data["choice_grant_id"])] = offered - foreign
    return consents


def _is_foreign(ports: Ports, practice_id: str, tenant_id: str) -> bool:
    return read_tenant(ports, tenant_id).get("practice_id") not in (None, practice_id)


def _write(ports: Ports, person: Person, connection: PracticeConnection) -> None:
    """Connection, tenant and log entry at once: died in between, a second press would find "disconnected" and leave
    the tenant taken, its token set kept and nothing in the log."""
    practice_id = person.practice_id
    kept = known_facts(connection.data) | {"status": "disconnected", "tenant_id": connection.tenant_id}
    kept["disconnected_at"] = instant(ports.clock.now())
    entry = Entry(
        "connection.disconnected",
        f"Disconnected from {connection.data.get('tenant_name') or 'Xero'}",
        actor_of(person),
        before={"tenant_id": connection.tenant_id, "status": connection.status},
        after={"status": "disconnected"},
    )
    for _ in range(ATTEMPTS):
        writes: list[Write] = [
            Put(paths.connection(practice_id), kept),
            entry_write(ports, practice_id, entry),
        ]
        try:
            ports.store.batch(writes + let_go(ports, practice_id, connection.tenant_id))
            return
        except VersionChanged:
            continue  # the tenant's cursors or limits were written meanwhile
    raise StoreUnavailable("the tenant kept changing while it was being released")


def _tell_xero(ports: Ports, grant_id: str, tenant_ids: set[str]) -> None:
    """Revoking removes every connection of that Xero user to our app, those of sibling organisations and of other
    practices too. So with others alive only the connections given up are deleted."""
    try:
        # Renewed first: when a fresh bearer is refused too, Xero has really forgotten us.
        bearer = access_token(ports, grant_id, force=True)
        rows = ports.xero.identity.connections(bearer)
        if any(row.tenant_id not in tenant_ids for row in rows):
            for row in rows:
                if row.tenant_id in tenant_ids:
                    ports.xero.identity.delete_connection(bearer, row.connection_id)
            return
        ports.xero.identity.revoke(refresh_token_of(ports, read_grant(ports, grant_id)))
    except (ConnectionLost, NotConnected):
        return  # Xero has already forgotten us
