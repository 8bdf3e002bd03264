"""``/api.xro/2.0/``: bearer, organisation, scope, limits, idempotency, then the organisation's books.

Limits come before idempotency: a replayed answer counts too. What the books changed, the events it caused
and the answer kept under the idempotency key are written in one transaction before the answer leaves.
"""

from __future__ import annotations

from . import access, idempotency
from .faults import Fault
from .interface import Call
from .messages import Request, Response, text_response
from .persistence import Work
from .tokens import Grant
from .world import World, response_of


def call(world: World, request: Request, work: Work, fault: Fault | None) -> Response:
    grant = access.authenticate(request, world.tokens)
    tenant_id = access.tenant(request, grant, world.connections)
    access.check_scope(request.method, request.segments[2:], grant)
    headers = world.limits.enter(grant.client_id, tenant_id)
    try:
        if fault is not None:
            fault.hold("before")
        response = _once(world, request, work, fault, grant, tenant_id)
        if fault is not None:
            fault.hold("after")
    finally:
        world.limits.leave(grant.client_id, tenant_id)
    response.headers |= headers
    return response


def _once(
    world: World, request: Request, work: Work, fault: Fault | None, grant: Grant, tenant_id: str
) -> Response:
    """The idempotency key's first answer, or the work itself."""
    key = idempotency.key_of(request)
    if not key:
        return _work(world, request, work, fault, grant, tenant_id)
    if len(key) > idempotency.LONGEST_KEY:
        return idempotency.refusal("The idempotency key must not be longer than 128 characters")
    with world.idempotency.alone(grant.client_id, key):
        known = world.idempotency.answer(grant.client_id, key, request)
        if known is not None:
            return fault.outcome(known) if fault else known
        return _work(world, request, work, fault, grant, tenant_id, key)


def _work(
    world: World,
    request: Request,
    work: Work,
    fault: Fault | None,
    grant: Grant,
    tenant_id: str,
    key: str = "",
) -> Response:
    """Let the books answer, alone in their organisation, and write everything down."""
    organisation = world.organisations[tenant_id]
    with organisation.lock:
        if organisation.books.offline:
            return text_response(503, "The Organisation is offline")
        now = world.clock.now()
        reply = organisation.books.handle(
            Call(
                method=request.method,
                path=request.segments[2:],
                query=request.query,
                headers=request.headers,
                body=request.body,
                now=now,
                client_id=grant.client_id,
                **({"refusal": fault.refusal} if fault is not None else {}),
            )
        )
        response = response_of(reply)
        if fault is not None:
            response = fault.outcome(response)
        if key:
            world.idempotency.remember(grant.client_id, key, request, response, now.timestamp(), work)
        world.collect(organisation, work)
        work.commit()
    world.webhooks.wake()
    return response
