"""Load on one HTTP server: so many connections, each with one request at a time."""

from __future__ import annotations

import itertools
import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Load:
    seconds: float
    waits: list[float] = field(default_factory=list)  # seconds from a request to its whole answer
    statuses: set[int] = field(default_factory=set)

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.waits) / self.seconds

    @property
    def p99(self) -> float:
        return sorted(self.waits)[int(len(self.waits) * 0.99)]


@dataclass
class _Connection:
    socket: socket.socket
    sent_at: float = 0.0
    answer: bytes = b""


def request(path: str, body: bytes, **headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def load(port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Load:
    """The requests in turn, again and again, for so long."""
    result, each = Load(seconds), itertools.cycle(requests)
    with selectors.DefaultSelector() as selector:
        opened = [_Connection(socket.create_connection(("127.0.0.1", port))) for _ in range(connections)]
        try:
            end = time.perf_counter() + seconds
            for connection in opened:
                selector.register(connection.socket, selectors.EVENT_READ, connection)
                _send(connection, next(each))
            while (now := time.perf_counter()) < end:
                for key, _ in selector.select(timeout=end - now):
                    connection = key.data
                    if _answered(connection, result):
                        _send(connection, next(each))
        finally:
            for connection in opened:
                connection.socket.close()
    return result


def _send(connection: _Connection, message: bytes) -> None:
    connection.answer, connection.sent_at = b"", time.perf_counter()
    connection.socket.sendall(message)


def _answered(connection: _Connection, result: Load) -> bool:
    """Whether the answer is whole; only such with a length are understood."""
    part = connection.socket.recv(65536)
    if not part:
        raise ConnectionError("the server closed a connection under load")
    connection.answer += part
    head, end, body = connection.answer.partition(b"\r\n\r\n")
    if not end or len(body) < _length(head):
        return False
    result.waits.append(time.perf_counter() - connection.sent_at)
    result.statuses.add(int(head.split(b" ", 2)[1]))
    return True


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
