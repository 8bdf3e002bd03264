"""Queries over the field index.

Rows come in the order of (type rank, value, id), which the index already has, so a page costs what it shows.
When a filter leaves only a few documents, it is cheaper to read those, and they are put in order here.
"""

from __future__ import annotations

import json
import operator
import sqlite3
from collections.abc import Sequence
from typing import Any

from shared.adapters.embedded.field_index import is_indexed, key
from shared.adapters.store_cursor import decode_cursor, encode_cursor
from shared.ports.store import Data, Document, Page, Where

FEW = 500
COMPARED = {"==": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
#: Where a page ended: the document's id, and its value of the order field.
_Place = tuple[str, Any]
_Terms = list[tuple[str, list[Any]]]


def run_query(
    connection: sqlite3.Connection,
    collection: str,
    where: Sequence[Where],
    order_by: str | None,
    descending: bool,
    limit: int,
    cursor: str | None,
) -> Page:
    """One page; the arguments are ``Store.query``'s, already checked. ValueError for a malformed cursor."""
    beyond = decode_cursor(order_by, cursor) if cursor is not None else None
    first = _few(connection, collection, where)
    if first is not None:
        items = _picked(_of_few(connection, collection, first), where, order_by, descending, beyond)
    else:
        items = _in_order(connection, collection, where, order_by, descending, limit + 1, beyond)
    more, items = len(items) > limit, items[:limit]
    return Page(items, encode_cursor(order_by, items[-1].data, items[-1].id) if more else None)


def _in_order(
    connection: sqlite3.Connection,
    collection: str,
    where: Sequence[Where],
    order_by: str | None,
    descending: bool,
    limit: int,
    beyond: _Place | None,
) -> list[Document]:
    """Along the index of the order field."""
    after, direction = ("<", "DESC") if descending else (">", "ASC")
    terms: _Terms = [] if beyond is None else [_beyond(order_by, beyond, after)]
    for condition in where:
        ordered = condition.field == order_by
        terms.append(_holds("o", condition) if ordered else _exists(collection, condition))
    if order_by is None:
        source, values, columns = "documents d WHERE d.collection = ?", [collection], ["d.id"]
    else:
        # CROSS JOIN: SQLite keeps the order of the tables as written.
        source = (
            "fields o CROSS JOIN documents d ON d.collection = ? AND d.id = o.id"
            " WHERE o.collection = ? AND o.field = ?"
        )
        values, columns = [collection, collection, order_by], ["o.type_rank", "o.value", "o.id"]
    filters = "".join(f" AND {sql}" for sql, _ in terms)
    order = ", ".join(f"{column} {direction}" for column in columns)
    rows = connection.execute(
        f"SELECT d.path, d.data, d.version FROM {source}{filters} ORDER BY {order} LIMIT ?",
        [*values, *(value for _, values_of in terms for value in values_of), limit],
    )
    return _documents(rows)


def _documents(rows: sqlite3.Cursor) -> list[Document]:
    return [Document(path, json.loads(data), version) for path, data, version in rows.fetchall()]


def _of_few(connection: sqlite3.Connection, collection: str, first: Where) -> list[Document]:
    sql, values = _holds("s", first)
    rows = connection.execute(
        "SELECT d.path, d.data, d.version FROM fields s"
        " CROSS JOIN documents d ON d.collection = ? AND d.id = s.id"
        f" WHERE s.collection = ? AND s.field = ? AND {sql}",
        [collection, collection, first.field, *values],
    )
    return _documents(rows)


def _picked(
    few: list[Document],
    where: Sequence[Where],
    order_by: str | None,
    descending: bool,
    beyond: _Place | None,
) -> list[Document]:
    """Those of them that are asked for, in order."""

    def place(document: Document) -> tuple[Any, ...]:
        return (document.id,) if order_by is None else (*key(document.data[order_by]), document.id)

    def wanted(document: Document) -> bool:
        return all(
            _has(document.data, condition.field) and _meets(document.data, condition) for condition in where
        )

    found = [d for d in few if wanted(d) and (order_by is None or _has(d.data, order_by))]
    if beyond is not None:
        document_id, value = beyond
        last = (document_id,) if order_by is None else (*key(value), document_id)
        found = [d for d in found if (place(d) < last if descending else place(d) > last)]
    return sorted(found, key=place, reverse=descending)


def _has(data: Data, field: str) -> bool:
    return field in data and is_indexed(data[field])


def _meets(data: Data, condition: Where) -> bool:
    """As ``_holds`` has it; values of another type never do."""
    found = key(data[condition.field])
    if condition.op == "in":
        return any(found == key(value) for value in condition.value)
    (rank, value), (found_rank, found_value) = key(condition.value), found
    return rank == found_rank and COMPARED[condition.op](found_value, value)


def _few(connection: sqlite3.Connection, collection: str, where: Sequence[Where]) -> Where | None:
    """The filter that leaves fewest documents, if that is fewer than ``FEW``."""
    best, fewest = None, FEW
    for condition in where:
        if condition.op not in ("==", "in"):
            continue
        sql, values = _holds("s", condition)
        select = f"SELECT 1 FROM fields s WHERE s.collection = ? AND s.field = ? AND {sql} LIMIT ?"
        count = len(connection.execute(select, [collection, condition.field, *values, fewest]).fetchall())
        if count < fewest:
            best, fewest = condition, count
    return best


def _holds(table: str, condition: Where) -> tuple[str, list[Any]]:
    if condition.op == "in":
        by_rank: dict[int, list[Any]] = {}
        for rank, value in map(key, condition.value):
            by_rank.setdefault(rank, []).append(value)
        parts = [
            f"{table}.type_rank = ? AND {table}.value IN ({_marks(values)})" for values in by_rank.values()
        ]
        return f"({' OR '.join(parts)})", [
            part for rank, values in by_rank.items() for part in (rank, *values)
        ]
    op = "=" if condition.op == "==" else condition.op
    return f"{table}.type_rank = ? AND {table}.value {op} ?", list(key(condition.value))


def _exists(collection: str, condition: Where) -> tuple[str, list[Any]]:
    sql, values = _holds("f", condition)
    match = f"f.collection = ? AND f.field = ? AND f.id = d.id AND {sql}"
    return f"EXISTS (SELECT 1 FROM fields f WHERE {match})", [collection, condition.field, *values]


def _marks(values: list[Any]) -> str:
    return ", ".join("?" * len(values))


def _beyond(order_by: str | None, beyond: _Place, after: str) -> tuple[str, list[Any]]:
    document_id, value = beyond
    if order_by is None:
        return f"d.id {after} ?", [document_id]
    return f"(o.type_rank, o.value, o.id) {after} (?, ?, ?)", [*key(value), document_id]
