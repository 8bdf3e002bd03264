"""Amounts come out to the cent as Xero computes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import simplejson

from shared.domain import wire
from shared.domain.invoices import LINE_AMOUNT_TYPES
from shared.domain.money import cents, line_amount, line_tax
from shared.domain.pricing import Chart, price
from shared.domain.records import LineItem
from tests.money.reckoning import document_of, foretold, reckoned
from tests.simulator.desk import Desk

AUSTRALIA, NEW_ZEALAND = 0, 1
RATES = {"OUTPUT": Decimal(10), "OUTPUT2": Decimal(15), "EXEMPTOUTPUT": Decimal(0), "ZERORATED": Decimal(0)}


def line(unit: str, quantity: str = "1", **fields: Any) -> LineItem:
    decimals = {
        name: Decimal(fields.pop(name)) for name in ("discount_rate", "discount_amount") if name in fields
    }
    return LineItem("Visit", Decimal(quantity), Decimal(unit), **decimals, **fields)


def test_tax_is_rounded_line_by_line() -> None:
    """Xero's published example: 25.06 + 25.61 + 25.63 at 15 % is 87.74, where the tax of the sum gives 87.75."""
    lines = [line("25.06"), line("25.61"), line("25.63")]
    assert reckoned(lines, [Decimal(15)] * 3, "exclusive") == (
        Decimal("76.30"),
        Decimal("11.44"),
        Decimal("87.74"),
    )


def test_inclusive_amounts_contain_their_tax() -> None:
    """2 x 33.33 including 10 % is 66.66 with 6.06 of tax in it."""
    assert reckoned([line("33.33", "2")], [Decimal(10)], "inclusive") == (
        Decimal("60.60"),
        Decimal("6.06"),
        Decimal("66.66"),
    )


def test_no_tax_has_none_whatever_the_rate() -> None:
    """``no_tax`` ignores the tax rate of the line."""
    assert reckoned([line("115.00")], [Decimal(15)], "no_tax") == (
        Decimal("115.00"),
        Decimal("0.00"),
        Decimal("115.00"),
    )


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (line("19.99", "3", discount_rate="10"), "53.97"),  # 59.97 less 10 %, not 3 x 17.99
        (line("87.45", "1.333"), "116.57"),  # 116.57085
        (line("100.00", discount_amount="12.34"), "87.66"),
        (line("0.005"), "0.01"),  # halves go up
        (line("-0.005"), "-0.01"),  # away from zero
        (line("1.3335", "3", discount_rate="10"), "3.60"),
        (line("50.00", discount_rate="100"), "0.00"),
        (line("0.01", "0.0001"), "0.00"),
    ],
)
def test_a_line_is_quantity_times_price_less_discount(item: LineItem, expected: str) -> None:
    """The whole line is rounded once, after the discount."""
    assert line_amount(item) == Decimal(expected)


def test_halves_go_away_from_zero_in_tax_too() -> None:
    """0.05 at 10 % has a tax of 0.01, and -0.05 one of -0.01."""
    assert line_tax(Decimal("0.05"), Decimal(10), "exclusive") == Decimal("0.01")
    assert line_tax(Decimal("-0.05"), Decimal(10), "exclusive") == Decimal("-0.01")
    assert cents(Decimal("2.675")) == Decimal("2.68")


def test_every_line_needs_its_rate() -> None:
    """A rate that is not known is no tax of zero: the total cannot be told."""
    document = document_of([line("1", tax_type="OUTPUT")], "exclusive")
    assert price(document, Chart(), None, "AUD")[0] is None


#: Documents as clinics make them: (organisation, lines with their tax).
DOCUMENTS: list[tuple[int, list[LineItem]]] = [
    (NEW_ZEALAND, [line(a, tax_type="OUTPUT2") for a in ("25.06", "25.61", "25.63")]),
    (AUSTRALIA, [line("33.33", "2", tax_type="OUTPUT")]),
    (AUSTRALIA, [line("19.99", "3", discount_rate="10", tax_type="OUTPUT")]),
    (AUSTRALIA, [line("87.45", "1.333", tax_type="OUTPUT")]),
    (AUSTRALIA, [line("150.00", tax_type="EXEMPTOUTPUT"), line("220.00", tax_type="OUTPUT")]),
    (AUSTRALIA, [line("0.05", tax_type="OUTPUT"), line("0.15", tax_type="OUTPUT")]),
    (AUSTRALIA, [line("100.00", tax_type="OUTPUT"), line("-30.05", tax_type="OUTPUT")]),
    (AUSTRALIA, [line("1.3335", "3", discount_rate="12.5", tax_type="OUTPUT")]),
    (AUSTRALIA, [line("99.95", discount_amount="10.01", tax_type="OUTPUT")]),
    (NEW_ZEALAND, [line("0.0333", "7.25", tax_type="OUTPUT2"), line("10.10", tax_type="ZERORATED")]),
    (NEW_ZEALAND, [line("95.00", "0.3333", tax_type="OUTPUT2")] * 7),
    (AUSTRALIA, [line("9999999.99", "99", tax_type="OUTPUT")]),
]


@pytest.mark.parametrize("amounts", ["exclusive", "inclusive", "no_tax"])
@pytest.mark.parametrize("number", range(len(DOCUMENTS)))
def test_the_books_agree(number: int, amounts: str) -> None:
    """What we foretell is what PUT Invoices answers, for a dozen documents in all three ways of stating amounts."""
    organisation, lines = DOCUMENTS[number]
    document = document_of(lines, amounts, f"a-{number}")
    desk = Desk(organisation)
    body = wire.dumps({"Invoices": [document.body(desk.contact()["ContactID"])]}).encode()
    answered = desk.one("PUT", "Invoices", body, unitdp="4")
    seen = tuple(Decimal(str(answered[name])) for name in ("SubTotal", "TotalTax", "Total"))
    assert seen == foretold(document, RATES)
    assert answered["LineAmountTypes"] == LINE_AMOUNT_TYPES[amounts]
    assert [Decimal(str(sent["LineAmount"])) for sent in answered["LineItems"]] == [
        line_amount(item) for item in lines
    ]
    assert simplejson.loads(body, use_decimal=True)["Invoices"][0]["LineItems"][0].get("LineAmount") is None
