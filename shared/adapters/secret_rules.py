"""What every Secrets refuses, whatever keeps the payloads: the stricter rule of the backends holds for all."""

from __future__ import annotations

import re

MAX_PAYLOAD_BYTES = 65_536
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")


def check_name(name: str) -> None:
    """ValueError for what cannot name a secret."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot name a secret")


def check_payload(payload: bytes) -> None:
    """TypeError for what is no bytes, ValueError for none at all or over 64 KiB."""
    if not isinstance(payload, bytes):
        raise TypeError("a payload is bytes")
    if not 1 <= len(payload) <= MAX_PAYLOAD_BYTES:
        raise ValueError(f"a payload is 1 to {MAX_PAYLOAD_BYTES} bytes")
