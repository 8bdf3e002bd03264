"""The part of the control API that plays a person at work in Xero's own pages, and looks at the books."""

from __future__ import annotations

from typing import Any

from .messages import Response, json_response
from .world import Organisation, World, response_of


class NoSuchPath(Exception):
    """Nothing answers this method and path."""


def organisations(world: World, method: str, path: tuple[str, ...], given: dict[str, Any]) -> Response | None:
    """``/_simulator/tenants/...``; None where nothing answers."""
    if method == "GET" and not path:
        return json_response(200, {"tenants": [_shown(world, each) for each in world.organisations.values()]})
    if not path:
        return None
    organisation = world.organisations.get(path[0].lower())
    if organisation is None:
        raise NoSuchPath(f"organisation {path[0]}")
    match method, path[1:]:
        case "GET", ("books",):
            with organisation.lock:
                return json_response(200, organisation.books.snapshot())
        case "POST", ("limits",):
            wanted = {name: int(given[name]) for name in ("minute", "day", "concurrent") if name in given}
            return json_response(200, world.limits.change(organisation.books.tenant_id, **wanted))
        case "POST", ("organisation",):
            return _by_hand(world, organisation, "organisation", "", "edit", given)
        case "POST", (kind, resource_id, action):
            return _by_hand(world, organisation, kind, resource_id, action, given)
    return None


def revoke(world: World, tenant_id: str | None) -> dict[str, Any]:
    """As if a person removed the app in Xero, from one organisation or from all.

    The connections go; a person left without any connection has no working token either.
    """
    work = world.work()
    with world.tokens.lock:
        removed = world.connections.to_tenant(tenant_id.lower() if tenant_id else None)
        for connection in removed:
            world.connections.disconnect(connection, work)
        people = {(each.client_id, each.user_id) for each in removed}
        revoked = 0
        for grant in world.tokens.grants():
            person = (grant.client_id, grant.user_id)
            if tenant_id is None or (person in people and not world.connections.of(*person)):
                world.tokens.revoke(grant, work)
                revoked += 1
        work.commit()
    return {"connections": len(removed), "grants": revoked}


def _by_hand(
    world: World,
    organisation: Organisation,
    kind: str,
    resource_id: str,
    action: str,
    fields: dict[str, Any],
) -> Response:
    work = world.work()
    with organisation.lock:
        reply = organisation.books.by_hand(kind, resource_id, action, fields, world.clock.now())
        world.collect(organisation, work)
        work.commit()
    world.webhooks.wake()
    return response_of(reply)


def _shown(world: World, organisation: Organisation) -> dict[str, Any]:
    books = organisation.books
    return {
        "tenantId": books.tenant_id,
        "tenantName": books.name,
        "tenantType": "ORGANISATION",
        "connected": world.connections.is_connected(books.tenant_id),
        "offline": books.offline,
    }
