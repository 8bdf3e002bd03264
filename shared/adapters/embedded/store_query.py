"""Queries over the field index.

Rows come in the order of (type rank, value, id), which the index already has, so a page costs what it shows.
When a filter leaves only a few documents, it is cheaper to start from those and sort them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from shared.adapters.embedded.field_index import key
from shared.adapters.store_cursor import decode_cursor, encode_cursor
from shared.ports.store import Document, Page, Where

FEW = 500
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
    terms: _Terms = []
    after = "<" if descending else ">"
    if cursor is not None:
        terms.append(_beyond(order_by, cursor, after))
    first = _few(connection, collection, where)
    for condition in where:
        if condition is first:
            continue
        if condition.field == order_by:
            terms.append(_holds("o", condition))
        else:
            terms.append(_exists(collection, condition))
    source, source_values = _source(collection, first, order_by)
    filters = "".join(f" AND {sql}" for sql, _ in terms)
    direction = "DESC" if descending else "ASC"
    columns = ("d.id",) if order_by is None else ("o.type_rank", "o.value", "o.id")
    order = ", ".join(f"{column} {direction}" for column in columns)
    rows = connection.execute(
        f"SELECT d.path, d.id, d.data, d.version FROM {source}{filters} ORDER BY {order} LIMIT ?",
        [*source_values, *(value for _, values in terms for value in values), limit + 1],
    ).fetchall()
    items = [Document(path, json.loads(data), version) for path, _, data, version in rows[:limit]]
    more = len(rows) > limit
    return Page(items, encode_cursor(order_by, items[-1].data, items[-1].id) if more else None)


def _source(collection: str, first: Where | None, order_by: str | None) -> tuple[str, list[Any]]:
    # CROSS JOIN: SQLite keeps the order of the tables as written.
    document = "documents d ON d.collection = ? AND d.id ="
    ordered = "fields o ON o.collection = ? AND o.field = ?"
    if first is not None:
        sql, values = _holds("s", first)
        tables = f"fields s CROSS JOIN {document} s.id"
        joined: list[Any] = [collection]
        if order_by is not None:
            tables += f" CROSS JOIN {ordered} AND o.id = s.id"
            joined += [collection, order_by]
        return f"{tables} WHERE s.collection = ? AND s.field = ? AND {sql}", [
            *joined,
            collection,
            first.field,
            *values,
        ]
    if order_by is None:
        return "documents d WHERE d.collection = ?", [collection]
    return (
        f"fields o CROSS JOIN {document} o.id WHERE o.collection = ? AND o.field = ?",
        [collection, collection, order_by],
    )


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


def _beyond(order_by: str | None, cursor: str, after: str) -> tuple[str, list[Any]]:
    document_id, value = decode_cursor(order_by, cursor)
    if order_by is None:
        return f"d.id {after} ?", [document_id]
    return f"(o.type_rank, o.value, o.id) {after} (?, ?, ?)", [*key(value), document_id]
