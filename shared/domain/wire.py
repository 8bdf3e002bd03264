"""JSON as it goes over the wire: amounts are decimals in both directions, never floats.

``dumps(obj) -> str`` keeps the order of keys and adds no blanks, so the same document is the same text
every time. ``loads(text) -> Any`` reads ``150.00`` as ``Decimal("150.00")``; whole numbers stay ``int``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

import simplejson


def dumps(obj: Any) -> str:
    """Compact JSON text, readable by any UTF-8 encoder.

    TypeError for a float anywhere (0.1 + 0.2 would go out as 0.30000000000000004), for a key that is not
    text and for whatever JSON has no word for; ValueError for NaN and infinities. Half of a surrogate pair,
    which no UTF-8 text can carry, becomes U+FFFD.
    """
    text: str = simplejson.dumps(
        _ready(obj), use_decimal=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def loads(text: str | bytes) -> Any:
    """The value of a JSON text; ValueError for anything that is not JSON, NaN and hopeless nesting
    included."""
    if isinstance(text, bytes):
        text = text.decode("utf-8-sig")
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except RecursionError:
        # Raised anew outside of the deep stack, as the plain "not JSON" that callers expect.
        raise ValueError("nested too deeply") from None


#: Most of a document by far.
_AS_THEY_ARE = frozenset({str, int, bool, type(None)})


def _ready(value: Any) -> Any:
    """The value with decimals in plain notation (``1E+2`` is 100 to JSON, but not to every reader of it)."""
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, float):
        raise TypeError("a float has no place on the wire: use Decimal")
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("only finite amounts have a place on the wire")
        return simplejson.RawJSON(format(value, "f"))
    if type(value) is dict or isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("keys on the wire are text")
        return {key: _ready(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_ready(item) for item in value]
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
