"""Amounts on the wire: any decimal goes out as an equal JSON number and comes back as the same decimal."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain import wire

#: A busy machine is no failure, and no test leaves files behind.
QUIET = settings(deadline=None, database=None)

AMOUNTS = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places), st.integers(-(10**12), 10**12), st.integers(2, 4)
)


@QUIET
@given(AMOUNTS)
def test_an_amount_is_an_equal_number_on_the_wire(amount: Decimal) -> None:
    """0.30 is 0.30 and never 0.30000000000000004, with no exponent and no quotes."""
    text = wire.dumps({"UnitAmount": amount})
    number = text.removeprefix('{"UnitAmount":').removesuffix("}")
    assert Decimal(number) == amount
    assert set(number) <= set("-.0123456789")
    assert wire.loads(text) == {"UnitAmount": amount}


@QUIET
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15))
def test_any_decimal_comes_back_equal(amount: Decimal) -> None:
    """Whatever exponent a decimal carries, JSON's number for it has the same value."""
    assert wire.loads(wire.dumps([amount])) == [amount]


@QUIET
@given(st.floats())
def test_floats_have_no_place(value: float) -> None:
    """A float is refused wherever it hides."""
    for hidden in (value, [value], {"a": ({"b": [value]},)}):
        with pytest.raises(TypeError):
            wire.dumps(hidden)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity")])
def test_no_number_is_no_amount(value: Decimal) -> None:
    """NaN and infinities are not JSON."""
    with pytest.raises(ValueError):
        wire.dumps([value])


@pytest.mark.parametrize("value", [{1: "a"}, {None: 1}, {"a": object()}, {"a": {1, 2}}])
def test_what_json_has_no_word_for_is_refused(value: Any) -> None:
    """Nothing is turned into text in silence."""
    with pytest.raises(TypeError):
        wire.dumps(value)


@QUIET
@given(st.dictionaries(st.text(), st.text() | st.integers() | st.booleans() | st.none()))
def test_texts_come_back_and_keys_keep_their_order(document: dict[str, Any]) -> None:
    """Compact, in order, in plain UTF-8, and readable by any other parser."""
    text = wire.dumps(document)
    assert json.loads(text.encode("utf-8")) == document == wire.loads(text)
    assert list(wire.loads(text)) == list(document)


def test_half_a_surrogate_pair_cannot_stop_a_request() -> None:
    """A broken emoji in a name goes out as a replacement character; a whole one stays."""
    assert wire.dumps("a\ud800b😀") == '"a\ufffdb😀"'


@pytest.mark.parametrize("text", ["", "{", "NaN", "[Infinity]", "[" * 100_000, b"\xff", "9" * 5000, "'a'"])
def test_what_is_not_json_is_a_value_error(text: str | bytes) -> None:
    """One kind of error for all of it."""
    with pytest.raises(ValueError):
        wire.loads(text)


def test_reading_keeps_decimals_and_takes_a_byte_order_mark() -> None:
    """150.00 keeps its zeros; whole numbers stay whole."""
    assert str(wire.loads(b"\xef\xbb\xbf[150.00, 7]")) == "[Decimal('150.00'), 7]"
