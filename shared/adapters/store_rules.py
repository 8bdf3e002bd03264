"""What every Store refuses, whatever keeps the documents: the stricter rule of the backends holds for all.

A path or datum that only one backend would take is found on a developer's machine, not in the cloud.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from shared.adapters.queried_fields import queried
from shared.ports.store import Data, Where, Write

MAX_WRITES = 500
MAX_SEGMENT_BYTES = 1500
MAX_DOCUMENT_BYTES = 1_048_576
MAX_DEPTH = 20
MAX_IN_VALUES = 30
#: What an adapter may add to a document; nobody else's data or query has it.
WRITE_FIELD = "_n"
_INT64 = 2**63
_RANGE = {"<", "<=", ">", ">="}


def _is_reserved(name: str) -> bool:
    """``__name__`` belongs to Firestore itself."""
    return name.startswith("__") and name.endswith("__") and len(name) >= 4


def _check_segments(path: str) -> list[str]:
    if not isinstance(path, str):
        raise TypeError(f"a path is text, not {type(path).__name__}")
    segments = path.split("/")
    for segment in segments:
        if segment in ("", ".", "..") or _is_reserved(segment):
            raise ValueError(f"{path!r}: {segment!r} cannot be part of a path")
        if len(segment.encode()) > MAX_SEGMENT_BYTES:
            raise ValueError(f"{path[:60]!r}...: a segment is longer than {MAX_SEGMENT_BYTES} bytes")
    return segments


@lru_cache(maxsize=4096)
def check_document_path(path: str) -> tuple[str, str]:
    """The collection and the id of a document's path; ValueError when it is none."""
    segments = _check_segments(path)
    if len(segments) % 2:
        raise ValueError(f"{path!r} names a collection, not a document")
    return "/".join(segments[:-1]), segments[-1]


def check_collection_path(path: str) -> str:
    """The path itself; ValueError when it is none of a collection."""
    if len(_check_segments(path)) % 2 == 0:
        raise ValueError(f"{path!r} names a document, not a collection")
    return path


def encode_data(data: Data) -> str:
    """The document as JSON text. TypeError: not JSON-ready (floats above all, money must never become one)."""
    return encoded(data)[0]


def encoded(data: Data) -> tuple[str, Data]:
    """The same, and the document as it will be read back: an enumeration of texts is text by then."""
    if not isinstance(data, dict):
        raise TypeError(f"a document is a dict, not {type(data).__name__}")
    plain = _check_value(data, "", 0)
    if WRITE_FIELD in data:
        raise ValueError(f"{WRITE_FIELD!r} cannot be a field name")
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > MAX_DOCUMENT_BYTES:
        raise ValueError(f"a document is at most {MAX_DOCUMENT_BYTES} bytes")
    return text, dict(data) if plain else json.loads(text)


def _check_value(value: Any, where: str, depth: int, *, in_list: bool = False) -> bool:
    """Whether all of it comes back from JSON as the very types it has."""
    plain = True
    if value is None or isinstance(value, (str, bool)):
        return not isinstance(value, str) or type(value) is str
    if isinstance(value, int):
        if not -_INT64 <= value < _INT64:
            raise ValueError(f"{where}: {value} does not fit 64 bits; keep it as text")
    elif depth > MAX_DEPTH:
        raise ValueError(f"{where}: nested deeper than {MAX_DEPTH} levels")
    elif isinstance(value, dict):
        _check_names(tuple(value), where)
        for key, inner in value.items():
            if inner is not None and type(inner) is not str:  # most are text: no call, no name put together
                plain &= _check_value(inner, f"{where}.{key}" if where else key, depth + 1)
    elif isinstance(value, list):
        if in_list:  # Firestore keeps none
            raise TypeError(f"{where}: a list directly inside a list")
        for position, inner in enumerate(value):
            plain &= _check_value(inner, f"{where}[{position}]", depth + 1, in_list=True)
    else:
        raise TypeError(
            f"{where or 'data'}: a {type(value).__name__} is not JSON-ready; amounts and times are text"
        )
    return plain and type(value) in (int, dict, list)


@lru_cache(maxsize=1024)  # documents of one kind have the same few sets of names
def _check_names(names: tuple[Any, ...], where: str) -> None:
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"{where}: the key {name!r} is not text")
        if name == "" or _is_reserved(name):
            raise ValueError(f"{where}: {name!r} cannot be a field name")


def check_batch(writes: Sequence[Write]) -> None:
    """ValueError: too many writes, or one path twice."""
    if len(writes) > MAX_WRITES:
        raise ValueError(f"{len(writes)} writes; a batch takes {MAX_WRITES}")
    if len({write.path for write in writes}) < len(writes):
        raise ValueError("a batch writes each path once")


def check_query(
    collection: str, where: Sequence[Where], order_by: str | None, descending: bool, limit: int
) -> None:
    """ValueError or TypeError for what no backend answers."""
    check_collection_path(collection)
    if descending and order_by is None:
        raise ValueError("ids are read upwards only")
    known = queried(collection)
    for field in [w.field for w in where] + ([] if order_by is None else [order_by]):
        if not isinstance(field, str) or field in ("", WRITE_FIELD) or _is_reserved(field):
            raise ValueError(f"{field!r} cannot be a field name")
        if known is not None and field not in known:
            raise ValueError(f"{collection}: nobody was to ask for {field!r}; see queried_fields.py")
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ValueError("limit is at least 1")
    for condition in where:
        _check_condition(condition)
        if condition.op in _RANGE and condition.field != order_by:  # Firestore would order by it first
            raise ValueError(f"{condition.field}: a range is of the order field")


def _check_condition(condition: Where) -> None:
    op, value = condition.op, condition.value
    if op == "in":
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= MAX_IN_VALUES:
            raise ValueError(f"{condition.field}: `in` takes a list of 1 to {MAX_IN_VALUES} values")
    elif op != "==" and op not in _RANGE:
        raise ValueError(f"{condition.field}: no operator {op!r}")
    for one in value if op == "in" else [value]:
        if one is None and op != "==":
            raise ValueError(f"{condition.field}: null is compared by == only")
        if not (one is None or isinstance(one, str | int)):
            raise TypeError(f"{condition.field}: a {type(one).__name__} cannot be compared")
        _check_value(one, condition.field, 0)
