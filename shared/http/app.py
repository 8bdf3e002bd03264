"""One function's HTTP edge: its table of routes, and what happens around every handler.

    App("invoices", [Route("POST", "/xero/invoices/preview/", preview, RECEPTION, body=PreviewRequest, ...)])

Around a handler: request id, CORS, route, sign-in, reading and checking the body and the query, the handler itself,
then the answer or a problem (RFC 9457). Expected failures are answers; an unexpected one is a plain 500 that tells
nothing, and a log line that tells where.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Request, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule

from shared.bootstrap import get_config, get_ports, get_sign_in
from shared.domain.errors import LedgerError, NotAllowed, NotFound, NotSignedIn
from shared.domain.people import APP, BOOKKEEPER, OWNER, Person
from shared.domain.people import RECEPTION as RECEPTION_ROLE
from shared.http import logs
from shared.http.answers import Answer, WrongMethod, add_headers, json_response, problem
from shared.http.cors import add_cors, preflight
from shared.http.reading import check_path_arguments, discard_rest, read_body, read_query, take_request_id
from shared.ports import Ports
from shared.services.rate_limit import spend

#: Who may call. The clinic's app may do what reception may, and keeps the records.
ANYONE_SIGNED_IN = frozenset({RECEPTION_ROLE, BOOKKEEPER, OWNER, APP})
RECEPTION = ANYONE_SIGNED_IN
BOOKKEEPING = frozenset({BOOKKEEPER, OWNER})
OWNERS = frozenset({OWNER})
CLINIC_APP = frozenset({APP})
TASKS = frozenset({"tasks"})
PUBLIC: frozenset[str] = frozenset()

DEFAULT_BODY_LIMIT = 1_000_000


@dataclass
class Call:
    """What a handler gets. ``person`` raises NotSignedIn on a route for machines or everybody."""

    request: Request
    arguments: dict[str, str]
    body: Any
    query: Any
    signed_in: Person | None

    @property
    def person(self) -> Person:
        if self.signed_in is None:
            raise NotSignedIn()
        return self.signed_in

    @property
    def practice_id(self) -> str:
        return self.person.practice_id

    @property
    def ports(self) -> Ports:
        return get_ports()


Handler = Callable[[Call], "Answer | Response"]


@dataclass(frozen=True)
class Route:
    """``path`` in werkzeug's form (``/xero/contacts/<patient_id>/``); answers both with and without the last slash.

    ``answers``: status -> the model of that answer, for the interface description. ``body`` a pydantic model, or
    "raw" for a handler that reads the bytes itself. ``files``: the content types of a 200 that is a file instead.
    ``costly``: each person may ask only so often, see ``services/rate_limit.py``.
    """

    method: str
    path: str
    handler: Handler
    access: frozenset[str]
    summary: str = ""
    body: Any = None
    query: Any = None
    answers: dict[int, Any] = field(default_factory=dict)
    body_limit: int = DEFAULT_BODY_LIMIT
    files: tuple[str, ...] = ()
    costly: bool = False


class App:
    def __init__(self, name: str, routes: Sequence[Route]) -> None:
        self.name, self.routes = name, tuple(routes)
        rules = [Rule(route.path, methods=[route.method], endpoint=i) for i, route in enumerate(routes)]
        self._map = Map(rules, strict_slashes=False, merge_slashes=False, redirect_defaults=False)

    def handle(self, request: Request) -> Response:
        started = time.monotonic()
        take_request_id(request)
        logs.set_up(get_config()["LOG_LEVEL"])
        logs.begin(self.name)
        try:
            response = preflight(request) or self._answer(request)
        except LedgerError as error:
            response = problem(error)
        except Exception as error:  # noqa: BLE001 - the last line of defence: nothing of it may reach the caller
            logs.crash(error)
            response = problem(LedgerError("Something went wrong here; the request id finds it in the log"))
        discard_rest(request)
        add_headers(response)
        add_cors(request, response)
        logs.request_done(request.method, response.status_code, time.monotonic() - started)
        return response

    def _answer(self, request: Request) -> Response:
        route, arguments = self._match(request)
        logs.note(route=route.path)
        person = self._sign_in(route, request)
        if person:
            logs.note(practice_id=person.practice_id)
        check_path_arguments(arguments)
        if route.costly and person:
            spend(get_ports(), person, route.handler.__name__)
        call = Call(
            request=request,
            arguments=arguments,
            query=read_query(request, route.query),
            body=read_body(request, route.body, route.body_limit),
            signed_in=person,
        )
        answer = route.handler(call)
        return answer if isinstance(answer, Response) else json_response(answer)

    def _match(self, request: Request) -> tuple[Route, dict[str, str]]:
        adapter = self._map.bind("localhost", path_info=request.path)
        try:
            endpoint, arguments = adapter.match(method="GET" if request.method == "HEAD" else request.method)
        except MethodNotAllowed as error:
            raise WrongMethod(error.valid_methods or []) from None
        except HTTPException:
            raise NotFound("There is nothing at this address") from None
        return self.routes[endpoint], {name: str(value) for name, value in arguments.items()}

    def _sign_in(self, route: Route, request: Request) -> Person | None:
        if route.access == PUBLIC:
            return None
        header = request.headers.get("Authorization")
        if route.access == TASKS:
            get_sign_in().task(header)
            return None
        person = get_sign_in().person(header)
        if person.role not in route.access:
            needed = " or ".join(sorted(route.access))
            raise NotAllowed(f"This needs the role {needed}; you are signed in as {person.role}")
        return person
