"""The opaque cursor of a query: where the page before it ended."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

Scalar = str | int | bool | None


def encode_cursor(order_by: str | None, data: dict[str, Any], document_id: str) -> str:
    """After this document: its order value (when the query has an order field) and its id."""
    position = [document_id] if order_by is None else [document_id, data[order_by]]
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def decode_cursor(order_by: str | None, cursor: str) -> tuple[str, Scalar]:
    """The id and the order value (None without an order field). ValueError when it is no cursor of this query."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        position = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (AttributeError, binascii.Error, ValueError, RecursionError) as error:
        raise ValueError("not a cursor") from error
    if not isinstance(position, list) or len(position) != (1 if order_by is None else 2):
        raise ValueError("not a cursor of this query")
    document_id, value = position[0], position[-1] if order_by is not None else None
    fits = isinstance(value, str) or value is None or (isinstance(value, int) and -(2**63) <= value < 2**63)
    if not isinstance(document_id, str) or not fits:
        raise ValueError("not a cursor of this query")
    try:
        f"{document_id}{value}".encode()
    except UnicodeEncodeError as error:
        raise ValueError("not a cursor of this query") from error
    return document_id, value
