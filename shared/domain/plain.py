"""JSON-ready copies of values: amounts become decimal strings, tuples lists. Money never becomes a float."""

from __future__ import annotations

from decimal import Decimal
from typing import Any


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return format(value, "f") if isinstance(value, Decimal) else value
