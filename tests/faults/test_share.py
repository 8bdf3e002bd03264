"""A share of the fault suites is a fair one: an even part of the large tables, and all of the rest."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import pytest

from tests.faults.share import FEW, chosen


@pytest.mark.parametrize("share", [2, 6])
def test_an_even_share(share: int) -> None:
    """In whatever order they come: a share of the large table, the same one; guards and small tables whole."""
    large = [f"t.py::test_large[{number:03}]" for number in range(120)]
    whole = ["t.py::test_alone", *(f"t.py::test_small[{number}]" for number in range(FEW))]
    items: Any = [SimpleNamespace(nodeid=each) for each in large + whole]
    played, left_out = chosen(items, share)
    numbers = [int(item.nodeid[-4:-1]) for item in played if "large" in item.nodeid]
    assert len(numbers) == 120 // share
    assert {after - before for before, after in itertools.pairwise(numbers)} == {share}
    assert {item.nodeid for item in played} >= set(whole)
    assert len(played) + len(left_out) == len(items)
    again, _ = chosen(items[::-1], share)
    assert {item.nodeid for item in again} == {item.nodeid for item in played}
