"""The control API under ``/_simulator/``: what tests and a curious developer do to the simulator.

JSON in, JSON out, no sign-in; the server listens on the loopback address only. A path that is not there is
404, a request that makes no sense 400 with ``{"error": "..."}``.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

from .courier import intent_to_receive
from .messages import Request, Response, json_response
from .organisations import NoSuchPath, organisations, revoke
from .world import World

if TYPE_CHECKING:
    from .server import Simulator

BRIEF = ("n", "at", "method", "path", "status", "fault")


def control(simulator: Simulator, world: World, request: Request) -> Response:
    try:
        return _route(simulator, world, request)
    except (ValueError, TypeError) as error:
        return json_response(400, {"error": str(error)})
    except NoSuchPath as error:
        return json_response(404, {"error": f"not found: {error}"})
    except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer
        traceback.print_exc()
        return json_response(500, {"error": f"the simulator itself failed: {error}"})


def _route(simulator: Simulator, world: World, request: Request) -> Response:
    method, path = request.method, request.segments[1:]
    given = request.json if method in ("POST", "DELETE") else {}
    match method, path:
        case "GET", ("health",):
            return json_response(200, {"status": "ok", "now": world.clock.now().isoformat()})
        case "POST", ("reset",):
            simulator.reset()
            return json_response(200, {"status": "ok"})
        case (("GET" | "POST"), ("clock",)):
            return _clock(world, given)
        case "GET", ("requests",):
            after = int(request.query.get("after") or 0)
            found = world.recorder.after(after)
            if request.query.get("brief"):  # a soak asks for thousands and counts them
                found = [{name: each[name] for name in BRIEF} for each in found]
            return json_response(200, {"requests": found})
        case _, ("faults",):
            return _faults(world, method, given)
        case _, ("webhooks",):
            return _webhooks(world, method, given)
        case "POST", ("webhooks", "intent_to_receive"):
            return _intent_to_receive(world)
        case "POST", ("revoke",):
            return json_response(200, revoke(world, given.get("tenantId") or given.get("tenant_id")))
        case _, ("tenants", *rest):
            response = organisations(world, method, tuple(rest), given)
            if response is not None:
                return response
    raise NoSuchPath(f"{method} {request.path}")


def _clock(world: World, given: dict[str, Any]) -> Response:
    if "advance_seconds" in given:
        world.advance(float(given["advance_seconds"]))
    return json_response(200, {"now": world.clock.now().isoformat(), "offset_seconds": world.clock.offset})


def _faults(world: World, method: str, given: dict[str, Any]) -> Response:
    if method == "POST":
        return json_response(201, {"planned": world.faults.plan(given)})
    if method == "DELETE":
        world.faults.clear()
    return json_response(200, {"faults": world.faults.pending()})


def _webhooks(world: World, method: str, given: dict[str, Any]) -> Response:
    if method == "POST":
        work = world.work()
        world.webhooks.configure(given.get("mode"), given.get("url"), given.get("key"), work)
        work.commit()
    return json_response(200, world.webhooks.state())


def _intent_to_receive(world: World) -> Response:
    url, key = world.webhooks.target
    if not url:
        raise ValueError("no webhook URL is configured")
    outcome = intent_to_receive(url, key)
    if outcome["ok"]:
        work = world.work()
        world.webhooks.enable(work)
        work.commit()
    return json_response(200, outcome)
