"""The arithmetic of a document, for whatever amounts a clinic may enter."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.money import CENT, LARGEST_LINE, line_amount, line_tax
from shared.domain.records import LineItem
from tests.money.reckoning import reckoned

#: A busy machine is no failure, and no test leaves files behind.
QUIET = settings(deadline=None, database=None)


def decimals(least: str, most: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(least), Decimal(most), allow_nan=False, allow_infinity=False, places=places)


LINES = st.builds(
    LineItem,
    description=st.just("Visit"),
    quantity=decimals("0.0001", "1000000", 4),
    unit_amount=decimals("-9999", "9999", 4),
    discount_rate=st.none() | decimals("0", "100", 4),
)
RATES = st.sampled_from([Decimal(0), Decimal(5), Decimal(10), Decimal(15), Decimal("12.5"), Decimal(20)])
DOCUMENTS = st.lists(st.tuples(LINES, RATES), min_size=1, max_size=8)
WAYS = st.sampled_from(["exclusive", "inclusive", "no_tax"])


def exact_cents(value: Fraction) -> Decimal:
    """Halves away from zero, computed with integers only."""
    doubled = abs(value) * 200
    whole = (doubled.numerator // doubled.denominator + 1) // 2
    return (Decimal(whole) if value >= 0 else Decimal(-whole)) * CENT


@QUIET
@given(LINES)
def test_a_line_is_exact_to_the_cent(line: LineItem) -> None:
    """No digit is lost before the one rounding: the amount equals that of exact fractions."""
    rate = Fraction(line.discount_rate or 0)
    exact = Fraction(line.quantity) * Fraction(line.unit_amount) * (100 - rate) / 100
    assert line_amount(line) == exact_cents(exact)


@QUIET
@given(st.decimals(-LARGEST_LINE, LARGEST_LINE, places=2), RATES, WAYS)
def test_tax_is_exact_to_the_cent(amount: Decimal, rate: Decimal, way: str) -> None:
    """The tax on any line up to Xero's largest equals that of exact fractions."""
    a, r = Fraction(amount), Fraction(rate)
    exact = {"exclusive": a * r / 100, "inclusive": a * r / (100 + r), "no_tax": Fraction(0)}[way]
    assert line_tax(amount, rate, way) == exact_cents(exact)


@QUIET
@given(DOCUMENTS, WAYS)
def test_the_parts_make_the_total(document: list[tuple[LineItem, Decimal]], way: str) -> None:
    """Total is SubTotal plus TotalTax; inclusive amounts add up to the total, the others to the subtotal."""
    lines, rates = [item for item, _ in document], [rate for _, rate in document]
    sub_total, total_tax, total = computed = reckoned(lines, rates, way)
    summed = sum(map(line_amount, lines), Decimal(0))
    assert total == sub_total + total_tax
    assert (total if way == "inclusive" else sub_total) == summed
    assert total_tax == sum((line_tax(line_amount(i), r, way) for i, r in document), Decimal(0))
    for value in computed:
        assert value == value.quantize(CENT, rounding=ROUND_HALF_UP)
        assert f"{value:.2f}" != "-0.00"


@QUIET
@given(DOCUMENTS.flatmap(lambda document: st.tuples(st.just(document), st.permutations(document))))
def test_the_order_of_lines_does_not_matter(
    both: tuple[list[tuple[LineItem, Decimal]], list[tuple[LineItem, Decimal]]],
) -> None:
    """The same lines in another order give the same totals."""
    one, other = (reckoned([i for i, _ in d], [r for _, r in d], "inclusive") for d in both)
    assert one == other
