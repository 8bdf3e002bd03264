"""A tiny HTTP server on a free loopback port that answers from a script, or does not answer at all."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Arrived:
    """A request as it came in; header names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What goes back. ``drop`` closes the socket instead; ``cut`` closes it after that many bytes of the body."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drop: bool = False
    cut: int | None = None


Script = Callable[[Arrived], Reply]


def json_reply(document: Any, status: int = 200, **headers: str) -> Reply:
    """A JSON answer; ``Retry_After="60"`` becomes a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    text = document if isinstance(document, str) else json.dumps(document)
    return Reply(status, text.encode(), {"Content-Type": "application/json; charset=utf-8", **named})


class Loopback:
    """The running server: ``url``, and ``arrived`` with every request so far."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.arrived: list[Arrived] = []
        self.connections = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                outer.connections += 1
                super().setup()

            def answer(self) -> None:
                parts = urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                request = Arrived(
                    self.command,
                    parts.path,
                    dict(parse_qsl(parts.query, keep_blank_values=True)),
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(length),
                )
                outer.arrived.append(request)
                outer._reply(self, outer.script(request))

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def _reply(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        time.sleep(reply.delay)
        if reply.drop:
            handler.close_connection = True
            return
        with contextlib.suppress(OSError):
            handler.send_response(reply.status)
            for name, value in reply.headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(reply.body)))
            handler.end_headers()
            handler.wfile.write(reply.body[: reply.cut])
            handler.close_connection = handler.close_connection or reply.cut is not None

    @contextlib.contextmanager
    def running(self) -> Iterator[Loopback]:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()


@contextlib.contextmanager
def serving(script: Script | Reply) -> Iterator[Loopback]:
    """A server for one test; a Reply is given to every request."""
    with Loopback(script if callable(script) else lambda _: script).running() as server:
        yield server
