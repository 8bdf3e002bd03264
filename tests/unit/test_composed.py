"""Bodies of single operations put together into the body of a batch."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.domain import wire
from shared.services.writes.batched import composed

ELEMENTS: list[dict[str, Any]] = [
    {"Reference": "b-1", "LineItems": [{"UnitAmount": Decimal("100.00"), "Description": 'a "]}" and a [ '}]},
    {"Reference": "", "LineItems": []},
    {"Contact": {"Name": "Zoë \u2028 O'Neil"}, "Tracking": [{"Option": "A]}"}]},
]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_elements_in_order_and_as_they_were(size: int) -> None:
    bodies = [wire.dumps({"Invoices": [element]}) for element in ELEMENTS[:size]]
    assert composed(bodies) == wire.dumps({"Invoices": ELEMENTS[:size]})


def test_of_one_kind() -> None:
    """A contact's body never lands among invoices."""
    with pytest.raises(ValueError, match="not of one kind"):
        composed([wire.dumps({"Invoices": [{}]}), wire.dumps({"Contacts": [{}]})])
