"""Loopback ports: whether one is free, and waiting for what a killed run may still hold for a moment."""

from __future__ import annotations

import socket
import time

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server could listen there and nobody answers already, on this or on all addresses."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        if probe.connect_ex((LOOPBACK, port)) == 0:
            return False
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # old closed connections do not matter
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def wait_until_free(port: int, seconds: float) -> bool:
    """True as soon as the port is free, False when it is still taken after so many seconds."""
    until = time.monotonic() + seconds
    while not is_free(port):
        if time.monotonic() >= until:
            return False
        time.sleep(0.1)
    return True


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        return int(listener.getsockname()[1])
