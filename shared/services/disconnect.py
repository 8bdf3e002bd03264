"""Ending a connection, here and in Xero, and renewing one on request."""

from __future__ import annotations

from shared.domain.errors import Conflict, ConnectionLost, NotConnected
from shared.domain.people import Person
from shared.domain.times import instant
from shared.ports import Ports
from shared.services import paths
from shared.services.activity_log import Entry, actor_of, record
from shared.services.connections import PracticeConnection, lose_connection, read_connection
from shared.services.documents import modify
from shared.services.tokens import Grant, access_token, drop_tokens, read_grant, refresh_token_of


def disconnect(ports: Ports, person: Person) -> None:
    """Nothing that waits is lost: it flows after connecting to the same organisation again.

    Raises NotSent or AnswerLost, with nothing changed, when Xero cannot be told.
    """
    practice_id = person.practice_id
    connection = read_connection(ports, practice_id)
    if connection.status == "disconnected":
        return
    if connection.grant_id and connection.status != "choosing":
        _tell_xero(ports, connection)
    kept = {
        k: v
        for k, v in connection.data.items()
        if k in ("tenant_id", "tenant_name", "time_zone", "short_code")
    }
    ended = {"status": "disconnected", "disconnected_at": instant(ports.clock.now())}
    ports.store.put(paths.connection(practice_id), kept | ended)
    if connection.tenant_id:
        modify(
            ports.store,
            paths.tenant(connection.tenant_id),
            lambda data: {k: v for k, v in data.items() if k not in ("grant_id", "connection_id")},
        )
    record(
        ports,
        practice_id,
        Entry(
            "connection.disconnected",
            f"Disconnected from {connection.data.get('tenant_name') or 'Xero'}",
            actor_of(person),
            before={"tenant_id": connection.tenant_id, "status": connection.status},
            after={"status": "disconnected"},
        ),
    )


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


def _tell_xero(ports: Ports, connection: PracticeConnection) -> None:
    """Revoking removes every connection of that Xero user to our app, those of sibling organisations and of other
    practices too. So with others alive only the one connection is deleted."""
    try:
        grant = read_grant(ports, str(connection.grant_id))
        bearer = access_token(ports, grant.id)
        rows = ports.xero.identity.connections(bearer)
        others = [row for row in rows if row.tenant_id != connection.tenant_id]
        mine = [row for row in rows if row.tenant_id == connection.tenant_id]
        if others:
            for row in mine:
                ports.xero.identity.delete_connection(bearer, row.connection_id)
            return
        grant = read_grant(ports, grant.id)  # the token may just have been rotated
        ports.xero.identity.revoke(refresh_token_of(ports, grant))
        drop_tokens(ports, grant)
    except (ConnectionLost, NotConnected):
        return  # Xero has already forgotten us
