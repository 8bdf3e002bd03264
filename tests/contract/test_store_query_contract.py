"""Store.query: filters, order and cursors, on every backend."""

from __future__ import annotations

import base64
import json
import threading
from typing import Any

import pytest

from shared.ports.store import Create, Document, Put, Store, Where


def fill(store: Store, place: str, values: dict[str, Any]) -> None:
    """One document per id, its value in the field ``v``."""
    store.batch([Put(f"{place}/{document_id}", {"v": value}) for document_id, value in values.items()])


def ids(documents: list[Document]) -> str:
    return "".join(d.id for d in documents)


def all_pages(store: Store, place: str, **query: Any) -> list[Document]:
    found: list[Document] = []
    cursor = None
    while True:
        page = store.query(place, cursor=cursor, **query)
        assert len(page.items) <= query.get("limit", 100)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("collection", ["", "a/b", "a/b/c/d", "/a", "a/b/", "a//c", "a/b/__c__", "a/../c"])
def test_impossible_collection_paths_are_refused(store: Store, collection: str) -> None:
    """A collection path has an odd number of segments; anything else raises ValueError."""
    with pytest.raises(ValueError):
        store.query(collection)


def test_a_field_that_nobody_was_to_ask_for(store: Store) -> None:
    """Of the product's own collections only declared fields have an index; another is a ValueError everywhere."""
    with pytest.raises(ValueError, match="queried_fields"):
        store.query("practices/p/patients", where=[Where("email", "==", "x")])
    with pytest.raises(ValueError, match="queried_fields"):
        store.query("practices/p/patients", order_by="last_name")


def test_a_query_names_exactly_one_collection(store: Store, place: str) -> None:
    """Neither collections below, nor those whose path begins alike, nor same-named ones elsewhere are seen."""
    fill(store, place, {"a": 1})
    for other in (f"{place}2", f"{place}/a/things", f"{place}x/a/y", place.replace("things", "thing")):
        store.put(f"{other}/z", {"v": 1})
    assert ids(store.query(place).items) == "a"
    assert ids(store.query(place, where=[Where("v", "==", 1)]).items) == "a"
    assert ids(store.query(place, order_by="v").items) == "a"
    assert store.query(f"{place}/none/here").items == []


def test_without_an_order_field_the_order_is_by_id(store: Store, place: str) -> None:
    """By code point, upwards only; documents without any field are there too."""
    for document_id in ["b", "a", "Z", "é", "10", "9", "🦷", "ｚ"]:
        store.put(f"{place}/{document_id}", {})
    assert [d.id for d in store.query(place).items] == ["10", "9", "Z", "a", "b", "é", "ｚ", "🦷"]
    with pytest.raises(ValueError):
        store.query(place, descending=True)


def test_ties_are_broken_by_id(store: Store, place: str) -> None:
    """In the direction of the order."""
    fill(store, place, {"c": 1, "a": 1, "b": 0, "d": 1})
    assert ids(store.query(place, order_by="v").items) == "bacd"
    assert ids(store.query(place, order_by="v", descending=True).items) == "dcab"


def test_documents_without_the_order_field_are_left_out(store: Store, place: str) -> None:
    """A field that is null is there, a field that is missing or holds no plain value is not."""
    fill(store, place, {"a": 1, "b": None, "d": [], "e": ["x"], "f": {"x": 1}, "g": {}})
    store.put(f"{place}/c", {"w": 1, "nested": {"v": 1}})
    for limit in (1, 10):
        assert ids(all_pages(store, place, order_by="v", limit=limit)) == "ba"
        assert ids(all_pages(store, place, order_by="v", limit=limit, descending=True)) == "ab"


@pytest.mark.parametrize("field", ["odd.field`name", "a b", "ü", "1", "where", "back\\slash"])
def test_any_field_can_be_ordered_and_filtered_by(store: Store, place: str, field: str) -> None:
    """A name is one field, whatever characters it has."""
    store.batch([Put(f"{place}/{n}", {field: n, "same": 1}) for n in range(3)])
    assert ids(all_pages(store, place, order_by=field, descending=True, limit=1)) == "210"
    assert ids(store.query(place, where=[Where(field, "==", 1)]).items) == "1"


def test_an_order_follows_the_latest_write(store: Store, place: str) -> None:
    """Changed, removed and deleted values leave nothing behind in an order or a filter."""
    fill(store, place, {"a": 1, "b": 2, "c": 3})
    store.put(f"{place}/a", {"v": 9})
    store.put(f"{place}/b", {"other": 2})
    store.delete(f"{place}/c")
    assert ids(store.query(place, order_by="v").items) == "a"
    assert [ids(store.query(place, where=[Where("v", "==", n)]).items) for n in (1, 2, 3, 9)] == [
        "",
        "",
        "",
        "a",
    ]


def test_values_of_different_types_are_ordered_by_type_first(store: Store, place: str) -> None:
    """null, then booleans, numbers, text."""
    fill(store, place, {"a": "1", "b": 2, "c": None, "d": True, "e": "", "f": False, "g": -5, "h": 10})
    assert ids(store.query(place, order_by="v").items) == "cfdgbhea"
    assert ids(store.query(place, order_by="v", descending=True).items) == "aehbgdfc"


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        ("==", 1, "a"),
        ("==", "1", "b"),
        ("==", True, "c"),
        ("==", False, "d"),
        ("==", None, "e"),
        ("==", 0, "f"),
        ("==", "", "g"),
        ("==", "none", ""),
        (">", 0, "a"),
        (">=", 0, "af"),
        ("<", 1, "f"),
        ("<=", 1, "af"),
        (">", "", "b"),
        (">=", "", "bg"),
        ("<", "2", "bg"),
        ("<", "1", "g"),
        (">", False, "c"),
        ("<=", True, "cd"),
        ("in", ["1", 0], "bf"),
        ("in", [1, 1], "a"),
        ("in", [True, "", 7], "cg"),
        ("in", ["nothing"], ""),
    ],
)
def test_filters_never_mix_types(store: Store, place: str, op: Any, value: Any, expected: str) -> None:
    """A string never equals a number, true is not 1, and a range holds values of its own type only."""
    fill(
        store,
        place,
        {"a": 1, "b": "1", "c": True, "d": False, "e": None, "f": 0, "g": "", "h": [1], "i": {"x": 1}},
    )
    store.put(f"{place}/j", {"w": 1})
    for order_by in ("v",) if op[0] in "<>" else (None, "v"):
        found = store.query(place, where=[Where("v", op, value)], order_by=order_by).items
        assert "".join(sorted(ids(found))) == expected


def test_all_filters_must_hold(store: Store, place: str) -> None:
    """Several filters, on the same or on different fields, narrow each other down."""
    store.batch([Put(f"{place}/{n}", {"n": n, "even": n % 2 == 0, "third": f"r{n % 3}"}) for n in range(10)])

    def found(*where: Where, **more: Any) -> str:
        return ids(store.query(place, where=where, **more).items)

    assert found(Where("even", "==", True), Where("third", "==", "r0")) == "06"
    assert found(Where("n", ">=", 3), Where("n", "<", 7), order_by="n") == "3456"
    assert found(Where("n", ">=", 3), Where("n", "<", 7), order_by="n", descending=True) == "6543"
    assert found(Where("third", "in", ["r1", "r2"]), Where("even", "==", False), order_by="n") == "157"
    assert found(Where("even", "==", True), Where("n", ">", 4), order_by="n") == "68"
    assert found(Where("even", "==", True), Where("third", "in", ["r0", "r2"]), order_by="third") == "0628"
    assert found(Where("even", "==", True), Where("even", "==", False)) == ""


def test_instants_as_text_are_in_time_order(store: Store, place: str) -> None:
    """Fixed-width UTC text: a range over text is a range over time."""
    fill(
        store,
        place,
        {"c": "2026-11-24T21:00:00.000001Z", "a": "2026-11-24T09:00:00.000000Z", "b": "2025-12-31"},
    )
    window = [Where("v", ">=", "2026-11-24T00:00:00.000000Z"), Where("v", "<", "2026-11-24T21:00:00.000001Z")]
    assert ids(store.query(place, order_by="v").items) == "bac"
    assert ids(store.query(place, where=window, order_by="v").items) == "a"


def test_text_is_compared_whole(store: Store, place: str) -> None:
    """Also beyond a NUL, in any script, with quotes and wildcards."""
    values = ["a\u0000b", "a\u0000c", "a", "%", "a'", 'a"', "é", "🦷", "\uffff", "A"]
    fill(store, place, dict(zip("0123456789", values, strict=True)))
    for number, value in enumerate(values):
        assert ids(store.query(place, where=[Where("v", "==", value)]).items) == str(number)
    assert [d.data["v"] for d in store.query(place, order_by="v").items] == sorted(values)


def test_limit(store: Store, place: str) -> None:
    """At most that many, 100 when not said; less than 1 raises ValueError."""
    store.batch([Create(f"{place}/{n:03}", {"v": n}) for n in range(101)])
    page = store.query(place)
    assert len(page.items) == 100
    assert page.next_cursor is not None
    assert len(store.query(place, limit=101).items) == 101
    assert len(store.query(place, limit=1).items) == 1
    for limit in (0, -1):
        with pytest.raises(ValueError):
            store.query(place, limit=limit)


@pytest.mark.parametrize(
    ("order_by", "descending"), [(None, False), ("v", False), ("v", True), ("tie", False), ("tie", True)]
)
@pytest.mark.parametrize("limit", [1, 3, 7, 20, 21])
def test_pages_join_to_the_whole(
    store: Store, place: str, order_by: str, descending: bool, limit: int
) -> None:
    """Following next_cursor gives every document once, in order; a last page that is full ends without a cursor."""
    odd = [None, False, True, -3, 0, 2**60, "", "x", "x", "é\u0000", "🦷"]
    store.batch(
        [
            Put(f"{place}/{n:02}", {"v": odd[n % len(odd)], "tie": "same", "few": n < 20, "n": n})
            for n in range(21)
        ]
    )
    query: dict[str, Any] = {"order_by": order_by, "descending": descending}
    whole = store.query(place, **query).items
    assert len(whole) == 21
    assert all_pages(store, place, limit=limit, **query) == whole
    where = [Where("few", "==", True), Where("tie", "==", "same")]
    assert all_pages(store, place, limit=limit, where=where, **query) == [d for d in whole if d.id != "20"]


def test_a_cursor_is_only_given_when_there_is_more(store: Store, place: str) -> None:
    """next_cursor None means the end."""
    fill(store, place, {"a": 1, "b": 2})
    assert store.query(place, limit=2).next_cursor is None
    assert store.query(place, limit=1).next_cursor is not None
    assert store.query(f"{place}2").next_cursor is None


def test_a_cursor_outlives_the_document_it_came_from(store: Store, place: str) -> None:
    """Deleting where a page ended moves nothing."""
    fill(store, place, {"a": 1, "b": 2, "c": 3})
    for order_by in (None, "v"):
        page = store.query(place, limit=2, order_by=order_by)
        store.delete(page.items[-1].path)
        assert ids(store.query(place, limit=2, order_by=order_by, cursor=page.next_cursor).items) == "c"
        fill(store, place, {"b": 2})


def _b64(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


BAD_POSITIONS: list[Any] = [None, [], {}, ["a", 1, 2], [1], [1, 1], ["a", [1]], ["a", 1.5], ["a", 2**63]]
BAD_POSITIONS += [["a", "\ud800"], ["\ud800"], "a", ["a", {}]]


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "!!!!", "é", "AAAA", "W" * 5000, *map(_b64, BAD_POSITIONS)],
)
def test_a_malformed_cursor_is_refused(store: Store, place: str, cursor: str) -> None:
    """ValueError, whatever the text."""
    fill(store, place, {"a": 1})
    for order_by in (None, "v"):
        with pytest.raises(ValueError):
            store.query(place, order_by=order_by, cursor=cursor)


def test_a_cursor_of_a_query_in_another_order_is_refused(store: Store, place: str) -> None:
    """A cursor by id does not fit an order field, nor the reverse."""
    fill(store, place, {"a": 1, "b": 2})
    for one, other in ((None, "v"), ("v", None)):
        cursor = store.query(place, order_by=one, limit=1).next_cursor
        with pytest.raises(ValueError):
            store.query(place, order_by=other, cursor=cursor)


@pytest.mark.parametrize(
    ("condition", "error"),
    [
        (Where("v", "!=", 1), ValueError),  # type: ignore[arg-type]
        (Where("v", "in", []), ValueError),
        (Where("v", "in", list(range(31))), ValueError),
        (Where("v", "in", "text"), ValueError),
        (Where("v", "in", [None]), ValueError),
        (Where("v", "<", None), ValueError),
        (Where("v", "==", 1.5), TypeError),
        (Where("v", "==", [1]), TypeError),
        (Where("", "==", 1), ValueError),
        (Where("__name__", "==", "a"), ValueError),
        (Where("_n", "==", "a"), ValueError),
        (Where("v", ">", 1), ValueError),  # not ordered by it
    ],
    ids=str,
)
def test_impossible_filters_are_refused(
    store: Store, place: str, condition: Where, error: type[Exception]
) -> None:
    """What one backend does not answer, none answers."""
    with pytest.raises(error):
        store.query(place, where=[condition], order_by="w")


@pytest.mark.parametrize("order_by", [None, "v"])
def test_paging_while_others_insert_loses_and_repeats_nothing(
    store: Store, place: str, order_by: str
) -> None:
    """Every document that was there before the first page comes exactly once, wherever new ones land."""
    store.batch([Create(f"{place}/{n:03}-old", {"v": f"{n:03}"}) for n in range(120)])
    stop = threading.Event()

    def insert() -> None:
        for n in range(3000):
            if stop.is_set():
                return
            store.put(f"{place}/{n * 37 % 120:03}-new{n}", {"v": f"{n * 37 % 120:03}"})

    inserting = threading.Thread(target=insert)
    inserting.start()
    try:
        seen = all_pages(store, place, order_by=order_by, limit=7)
    finally:
        stop.set()
        inserting.join()
    assert len({d.id for d in seen}) == len(seen)
    assert [d.id for d in seen if d.id.endswith("-old")] == [f"{n:03}-old" for n in range(120)]
