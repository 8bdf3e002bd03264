"""Store: what data may be, and that they come back as they were, on every backend."""

from __future__ import annotations

import enum
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.ports.store import Store


def test_every_kind_of_json_ready_value_comes_back_unchanged(store: Store, place: str) -> None:
    """str, int, bool, None, list and dict come back as they went in, with their types."""
    data: dict[str, Any] = {
        "text": "Zoë 患者 🦷 \u0000 \t\n\"\\/'",
        "empty": "",
        "amount": "150.00",
        "int": -(2**63),
        "big": 2**63 - 1,
        "zero": 0,
        "yes": True,
        "no": False,
        "none": None,
        "list": [1, "1", True, None, {"deep": [{"deeper": []}]}],
        "map": {"a b": {"ü": {}}},
        "odd.field`name": 1,
    }
    store.create(f"{place}/d", data)
    found = store.get(f"{place}/d")
    assert found is not None
    assert found.data == data
    assert {name: type(v) for name, v in found.data.items()} == {name: type(v) for name, v in data.items()}


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        1.0,
        float("nan"),
        Decimal("1.50"),
        datetime(2026, 1, 1, tzinfo=UTC),
        date(2026, 1, 1),
        b"x",
        {1},
        (1,),
    ],
    ids=repr,
)
def test_what_is_not_json_ready_is_refused(store: Store, place: str, value: Any) -> None:
    """Floats above all: an amount must never become one. TypeError, at any depth, and nothing is written."""
    for data in ({"amount": value}, {"lines": [{"amount": value}]}, {"map": {"amount": value}}):
        for write in (store.create, store.put):
            with pytest.raises(TypeError):
                write(f"{place}/d", data)
    assert store.get(f"{place}/d") is None


def test_impossible_shapes_of_data_are_refused(store: Store, place: str) -> None:
    """What one backend cannot keep, none takes: no dict, odd keys, lists in lists, huge numbers, depth and size."""
    bad: list[tuple[Any, type[Exception]]] = [
        (None, TypeError),
        ([], TypeError),
        ({1: "x"}, TypeError),
        ({"x": [[1]]}, TypeError),
        ({"": 1}, ValueError),
        ({"__x__": 1}, ValueError),
        ({"_n": 1}, ValueError),
        ({"x": 2**63}, ValueError),
        ({"x": "\ud800"}, ValueError),
        ({"x": "y" * 1_048_577}, ValueError),
    ]
    deep: dict[str, Any] = {}
    for _ in range(30):
        deep = {"x": deep}
    bad.append((deep, ValueError))
    for data, error in bad:
        with pytest.raises(error):
            store.put(f"{place}/d", data)
    assert store.get(f"{place}/d") is None


def test_enumerations_of_text_are_stored_as_text(store: Store, place: str) -> None:
    """A StrEnum member goes in, plain text comes out."""

    class State(enum.StrEnum):
        PENDING = "pending"

    assert type(store.put(f"{place}/d", {"state": State.PENDING}).data["state"]) is str
    assert [d.id for d in store.query(place, order_by="state").items] == ["d"]


def test_given_and_returned_data_are_copies(store: Store, place: str) -> None:
    """Changing what was given or what came back changes nothing in the store."""
    given: dict[str, Any] = {"list": [1], "map": {"a": 1}}
    written = store.create(f"{place}/d", given)
    given["list"].append(2)
    written.data["map"]["a"] = 2
    first = store.get(f"{place}/d")
    assert first is not None
    first.data["list"].clear()
    store.query(place).items[0].data.clear()
    again = store.get(f"{place}/d")
    assert again is not None
    assert again.data == {"list": [1], "map": {"a": 1}}
