"""What a document comes to, reckoned three ways that share nothing: ours, the simulator's over HTTP, a reference's."""

from __future__ import annotations

import itertools
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.invoices import InvoiceDocument
from shared.domain.money import line_amount
from shared.domain.records import LineItem
from tests.money import reference
from tests.money.conftest import Xero
from tests.money.documents import PAPERS, RATES, Paper
from tests.money.reckoning import document_of, foretold

Rows = list[tuple[str, str, str, str, str]]
#: Xero takes each invoice number once.
NUMBERS = itertools.count(1)


def items_of(rows: Rows) -> tuple[LineItem, ...]:
    made = []
    for quantity, price, _, discount, tax_type in rows:
        rate, amount = (discount[:-1], "") if discount.endswith("%") else ("", discount)
        made.append(
            LineItem(
                description="Visit",
                quantity=Decimal(quantity),
                unit_amount=Decimal(price),
                tax_type=tax_type,
                discount_rate=Decimal(rate) if rate else None,
                discount_amount=Decimal(amount) if amount else None,
            )
        )
    return tuple(made)


def ours(rows: Rows, way: str) -> tuple[str, ...]:
    rates = {row[4]: Decimal(row[2]) for row in rows}
    return tuple(f"{value:.2f}" for value in foretold(as_sent(rows, way, "a-1"), rates))


def referees(rows: Rows, way: str) -> tuple[str, ...]:
    return tuple(map(reference.as_text, reference.document_cents([row[:4] for row in rows], way)))


def as_sent(rows: Rows, way: str, number: str) -> InvoiceDocument:
    return document_of(items_of(rows), way, number)


def xeros_own(answer: Any) -> tuple[str, ...]:
    return tuple(f"{answer[name]:.2f}" for name in ("SubTotal", "TotalTax", "Total"))


def test_the_table_has_every_kind() -> None:
    """Sixty documents and more, in three countries and all three ways, none of them twice."""
    assert len(PAPERS) >= 60
    assert len({paper.name for paper in PAPERS}) == len(PAPERS)
    assert min(Counter(paper.country for paper in PAPERS).values()) >= 10
    assert min(Counter(paper.way for paper in PAPERS).values()) >= 8
    used = {(paper.country, row[4]) for paper in PAPERS for row in paper.rows()}
    assert used == {(country, tax) for country, rates in RATES.items() for tax in rates}


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_three_ways_of_reckoning_agree(xeros: dict[str, Xero], paper: Paper) -> None:
    """SubTotal, TotalTax and Total of a real PUT are ours and the reference's, to the cent."""
    rows = paper.rows()
    answer = xeros[paper.country].put_invoice(as_sent(rows, paper.way, paper.name))
    assert ours(rows, paper.way) == referees(rows, paper.way) == xeros_own(answer)
    if paper.known:
        assert f"{answer['Total']:.2f}" == paper.known
    assert [line["LineAmount"] for line in answer["LineItems"]] == [line_amount(i) for i in items_of(rows)]


def test_the_reference_stands_alone() -> None:
    """It imports nothing but the standard library, or it would be no second opinion."""
    assert reference.__file__
    source = Path(reference.__file__).read_text(encoding="utf-8").splitlines()
    imports = [line.split()[1] for line in source if line.startswith(("import ", "from "))]
    assert imports == ["__future__", "collections.abc"]


def numbers(least: int, most: int, places: int) -> st.SearchStrategy[str]:
    """Decimals as people type them; halves of a cent come up often."""
    plain = st.integers(least, most).map(lambda n: str(Decimal(n).scaleb(-places)))
    halves = (
        st.integers(max(least // 100, -9999), 9999)
        .map(lambda n: f"{Decimal(n) * 10 + 5:f}")
        .map(lambda text: str(Decimal(text).scaleb(-3)))
    )
    return plain if places < 3 else plain | halves


DISCOUNTS = st.one_of(
    st.just(""), st.integers(0, 1_000_000).map(lambda n: f"{Decimal(n).scaleb(-4):f}%"), numbers(0, 99_99, 2)
)


@st.composite
def documents(draw: st.DrawFn, *, negative: bool) -> tuple[str, Rows]:
    """A country's document of up to eight lines."""
    country = draw(st.sampled_from(sorted(RATES)))
    rows: Rows = []
    for _ in range(draw(st.integers(1, 8))):
        tax_type = draw(st.sampled_from(sorted(RATES[country])))
        quantity = f"{Decimal(draw(st.integers(1, 500_000))).scaleb(-4):f}"
        price = draw(numbers(-9_999_9999 if negative else 0, 99_999_9999, 4))
        price = f"{Decimal(price):f}"
        discount = draw(DISCOUNTS) if negative or price != "0" else ""
        rows.append((quantity, price, RATES[country][tax_type], discount, tax_type))
    return country, rows


WAYS = st.sampled_from(["exclusive", "inclusive", "no_tax"])


@settings(max_examples=2000, deadline=None, database=None)
@given(documents(negative=True), WAYS)
def test_ours_is_the_references(document: tuple[str, Rows], way: str) -> None:
    """For whatever a clinic may type."""
    _, rows = document
    assert ours(rows, way) == referees(rows, way)


@settings(max_examples=250, deadline=None, database=None)
@given(documents(negative=False), WAYS)
def test_ours_is_xeros(xeros: dict[str, Xero], document: tuple[str, Rows], way: str) -> None:
    """What we foretell is what a PUT answers; a document that comes to less than nothing Xero would refuse."""
    country, rows = document
    foretold = ours(rows, way)
    if Decimal(foretold[2]) >= 0:
        answer = xeros[country].put_invoice(as_sent(rows, way, f"any-{next(NUMBERS)}"))
        assert xeros_own(answer) == foretold
