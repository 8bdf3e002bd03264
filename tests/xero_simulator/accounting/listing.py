"""Lists: filtered, ordered and cut into pages the way Xero's list endpoints do it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import unquote

from ..interface import Call, Reply
from .bodies import is_guid
from .dates import read_since
from .replies import Refused, envelope, validation
from .where import Fields, ordering, where

R = TypeVar("R")
PAGE_SIZE, LARGEST_PAGE = 100, 1000


class Query:
    """A call's query: names in any case, lists separated by commas, switches ``true``."""

    def __init__(self, call: Call) -> None:
        self._values: Mapping[str, str] = {name.lower(): value for name, value in call.query.items()}
        self.refusal = call.refusal
        self.since = read_since(call.headers.get("if-modified-since", ""))

    def get(self, name: str) -> str:
        return self._values.get(name.lower(), "")

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.get(name).strip().lower()
        return default if value == "" else value == "true"

    def values(self, name: str) -> list[str] | None:
        """A comma-separated list, or None when the parameter is absent."""
        if not self.get(name):
            return None
        return [unquote(one).strip().strip('"') for one in self.get(name).split(",") if one.strip()]

    def ids(self, name: str) -> set[str] | None:
        values = self.values(name)
        return None if values is None else {one.lower() for one in values if is_guid(one)}

    @property
    def paged(self) -> bool:
        return "page" in self._values or "pagesize" in self._values

    @property
    def page(self) -> int:
        return max(1, self._number("page", 1))

    @property
    def page_size(self) -> int:
        size = self._number("pageSize", PAGE_SIZE)
        if not 1 <= size <= LARGEST_PAGE:
            raise Refused(
                validation([{"ValidationErrors": [{"Message": "pageSize must be between 1 and 1000"}]}])
            )
        return size

    def _number(self, name: str, default: int) -> int:
        value = self.get(name).strip()
        if value == "":
            return default
        if not value.lstrip("-").isdigit():
            message = f"The value '{value}' is not valid for {name}"
            raise Refused(validation([{"ValidationErrors": [{"Message": message}]}]))
        return int(value)


class Listing(Generic[R]):
    """How one kind of record is listed: the fields a clause may name, and when a record last changed."""

    def __init__(self, type_name: str, fields: Fields[R], updated: Callable[[R], datetime]) -> None:
        self.type_name = type_name
        self.fields = fields
        self.updated = updated

    def select(self, rows: Iterable[R], query: Query) -> list[R]:
        """Everything modified since, matching the where clause, in order (by last change unless told)."""
        if since := query.since:
            rows = [row for row in rows if self.updated(row) >= since]
        if clause := query.get("where"):
            matches = where(clause, self.fields, self.type_name)
            rows = [row for row in rows if matches(row)]
        found = sorted(rows, key=self.updated)
        if clause := query.get("order"):
            found = ordering(clause, self.fields, self.type_name)(found)
        return found

    def reply(
        self,
        plural: str,
        found: list[R],
        query: Query,
        now: datetime,
        view: Callable[[R], dict[str, Any]],
    ) -> Reply:
        if not query.paged:
            return envelope(plural, [view(row) for row in found], now)
        page, size = query.page, query.page_size
        shown = found[(page - 1) * size : page * size]
        pagination = {
            "page": page,
            "pageSize": size,
            "pageCount": -(-len(found) // size),
            "itemCount": len(found),
        }
        return envelope(plural, [view(row) for row in shown], now, pagination=pagination)
