"""An amount that is given back, split over the lines it came from."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.refunds import shares

QUIET = settings(deadline=None, database=None)
PARTS = st.lists(st.integers(-50_000, 500_000), min_size=1, max_size=12).filter(lambda cents: sum(cents) > 0)


def money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


@QUIET
@given(PARTS, st.integers(1, 1000))
def test_shares_add_up_and_are_fair(cents: list[int], per_mille: int) -> None:
    """To the cent, whatever the amount; no line is further than a few cents from its exact share."""
    amount = max(1, sum(cents) * per_mille // 1000)
    given_back = shares([money(one) for one in cents], money(amount))
    assert sum(given_back) == money(amount)
    for part, share in zip(cents, given_back, strict=True):
        exact = Fraction(amount) * part / sum(cents)
        assert abs(Fraction(share) * 100 - exact) <= 2
        assert share == share.quantize(Decimal("0.01"))


@QUIET
@given(PARTS)
def test_all_of_it_is_each_line(cents: list[int]) -> None:
    """The whole amount gives each line back whole."""
    parts = [money(one) for one in cents]
    assert shares(parts, sum(parts, Decimal(0))) == parts
