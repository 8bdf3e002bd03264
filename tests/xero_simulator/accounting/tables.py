"""Tables of records with indexes, and an undo log: a batch that breaks a rule leaves no trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, Protocol, TypeVar


class Kept(Protocol):
    @property
    def id(self) -> str: ...


R = TypeVar("R", bound=Kept)
Keys = Callable[[R], Iterable[str]]


class Table(Generic[R]):
    def __init__(self, name: str, indexes: dict[str, Keys[R]]) -> None:
        self.name = name
        self._rows: dict[str, R] = {}
        self._last_place = 0
        self.places: dict[str, int] = {}  # by id: the order in which records came to be
        self._keys = indexes
        self._indexes: dict[str, dict[str, dict[str, None]]] = {index: {} for index in indexes}
        self._undo: list[tuple[str, R | None]] = []
        self.dirty: dict[str, None] = {}  # ids, in the order of their first change

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[R]:
        return iter(self._rows.values())

    def get(self, record_id: str) -> R | None:
        return self._rows.get(record_id.lower())

    def find(self, index: str, key: str) -> list[R]:
        """Every record with this key, the oldest first."""
        return [self._rows[one] for one in self._indexes[index].get(key.casefold(), ())]

    def put(self, record: R) -> R:
        old = self._rows.get(record.id)
        self._undo.append((record.id, old))
        self._write(record.id, record)
        return record

    def mark(self) -> int:
        return len(self._undo)

    def back_to(self, mark: int) -> None:
        while len(self._undo) > mark:
            record_id, old = self._undo.pop()
            self._write(record_id, old)

    def forget_undo(self) -> None:
        self.dirty.update((record_id, None) for record_id, _ in self._undo)
        self._undo.clear()

    def replace_all(self, records: Iterable[tuple[int, R]]) -> None:
        """Other records, each with its place, instead of all there are."""
        self._rows, self.places, self._last_place = {}, {}, 0
        self._indexes = {index: {} for index in self._keys}
        for place, record in sorted(records, key=lambda one: one[0]):
            self._last_place = place - 1
            self._write(record.id, record)
        self._undo.clear()
        self.dirty.clear()

    def _write(self, record_id: str, record: R | None) -> None:
        old = self._rows.get(record_id)
        for index, keys in self._keys.items():
            entries = self._indexes[index]
            before = {key.casefold() for key in keys(old)} if old is not None else set()
            after = {key.casefold() for key in keys(record)} if record is not None else set()
            for key in before - after:
                entries[key].pop(record_id, None)
                if not entries[key]:
                    del entries[key]
            for key in after - before:
                entries.setdefault(key, {})[record_id] = None
        if record is None:
            self._rows.pop(record_id, None)
            self.places.pop(record_id, None)
        else:
            self._rows[record_id] = record
            if record_id not in self.places:
                self._last_place += 1
                self.places[record_id] = self._last_place


def keys(*values: Any) -> list[str]:
    """Index keys out of optional texts: an empty one is not indexed."""
    return [value for value in values if value]
