"""The simulator as a whole: a world behind an HTTP server on the loopback address.

In a test::

    with Simulator(redirect_uris=("http://localhost:9/callback",)).running() as simulator:
        requests.get(simulator.url + "/connections")
"""

from __future__ import annotations

import threading
import traceback
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from . import api, consent, identity
from .access import Refused
from .applications import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, WEBHOOK_KEY, Application
from .control import control
from .faults import Fault
from .limits import DAY
from .messages import DropConnection, Request, Response, text_response
from .persistence import SqliteStore, Store, Work
from .transport import Server
from .world import BooksFactory, Settings, World


class Simulator:
    """A stateful stand-in for Xero's login, identity and API hosts, all on one origin."""

    def __init__(
        self,
        *,
        port: int = 0,
        state: str | None = None,
        client_id: str = CLIENT_ID,
        client_secret: str = CLIENT_SECRET,
        redirect_uris: Sequence[str] = (REDIRECT_URI,),
        webhook_url: str = "",
        webhook_key: str = WEBHOOK_KEY,
        day_limit: int = DAY,
        make_books: BooksFactory | None = None,
    ) -> None:
        application = Application(client_id, client_secret, tuple(redirect_uris))
        self.settings = Settings(application, webhook_url, webhook_key, day_limit)
        self._port = port
        self._make_books = make_books or demo_books
        self._store: Store = SqliteStore(state) if state else Store()
        self._server: Server | None = None
        self.world = World(self.settings, self._store, self._make_books)

    @property
    def url(self) -> str:
        if self._server is None:
            raise RuntimeError("the simulator is not running")
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """Listen, and answer from threads of its own."""
        self._server = Server(self._port, self.answer)
        threading.Thread(
            target=self._server.serve_forever, args=(0.01,), name="simulator", daemon=True
        ).start()
        self.world.courier.start()

    def stop(self) -> None:
        """Close every connection and forget what is not in the state file."""
        self.world.courier.stop()
        if self._server is not None:
            self._server.close_everything()
            self._server = None
        self._store.close()

    @contextmanager
    def running(self) -> Iterator[Simulator]:
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def reset(self) -> None:
        """The demo organisations as new; everything else is forgotten, work under way included."""
        self.world.courier.stop()
        self._store.clear()
        self.world = World(self.settings, self._store, self._make_books)
        if self._server is not None:
            self.world.courier.start()

    def advance(self, seconds: float) -> None:
        self.world.advance(seconds)

    def requests(self, after: int = 0) -> list[dict[str, Any]]:
        """What the recorder has."""
        return self.world.recorder.after(after)

    def fault(self, kind: str, **plan: Any) -> None:
        """Plan a fault, as through the control API."""
        self.world.faults.plan({"kind": kind, **plan})

    def answer(self, request: Request) -> Response:
        """Every request comes through here; DropConnection when a fault wants the socket closed."""
        world = self.world
        if request.segments[:1] == ("_simulator",):
            return control(self, world, request)
        at, fault = world.clock.now(), world.faults.pick(request)
        response: Response | None
        with world.recorder.under_way():
            try:
                response = _answer(world, request, fault)
                response.headers.setdefault("Xero-Correlation-Id", str(uuid.uuid4()))
            except DropConnection:
                response = None
            world.recorder.add(at, request, response, fault.kind if fault else None)
        if response is None:
            raise DropConnection
        return response


def demo_books(now: Any) -> Any:
    """The demo organisations; imported late, so that other books can be tried without them."""
    from .accounting.demo import demo_books as make

    return make(now)


def _answer(world: World, request: Request, fault: Fault | None) -> Response:
    early = fault.before() if fault else None
    if early is not None:
        return early
    try:
        response = _route(world, request, world.work(), fault)
    except Refused as refusal:
        response = refusal.response
    except Exception:  # noqa: BLE001 - whatever it is, the client gets an answer and the terminal the trace
        traceback.print_exc()
        response = text_response(500, "the simulator itself failed")
    return fault.on_the_way_back(response) if fault else response


def _route(world: World, request: Request, work: Work, fault: Fault | None) -> Response:
    path = tuple(part.lower() for part in request.segments)
    if path[:2] == ("api.xro", "2.0"):
        return api.call(world, request, work, fault)
    if fault is not None:
        fault.hold("before")
    response = _identity(world, request, path, work)
    if fault is not None:
        fault.hold("after")
        response = fault.outcome(response)
    return response


def _identity(world: World, request: Request, path: tuple[str, ...], work: Work) -> Response:
    match request.method, path:
        case "GET", ("identity", "connect", "authorize"):
            return consent.authorize(world, request, work)
        case "POST", ("connect", "token"):
            return identity.token(world, request, work)
        case "POST", ("connect", "revocation"):
            return identity.revocation(world, request, work)
        case _, ("connections", *_):
            return identity.connections(world, request, work)
    return text_response(404, "Not Found")
