"""The arithmetic: line amounts, discounts, taxes, rounding and totals."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
import simplejson
from hypothesis import given
from hypothesis import strategies as st

from tests.simulator.desk import Desk, line
from tests.xero_simulator.accounting.money import rounded, tax_on

NEW_ZEALAND, BRITAIN = 1, 2


def totals(invoice: dict[str, Any]) -> tuple[str, str, str]:
    return str(invoice["SubTotal"]), str(invoice["TotalTax"]), str(invoice["Total"])


@pytest.mark.parametrize(
    ("organisation", "types", "lines", "expected"),
    [
        # Xero's own example: tax 3.76 + 3.84 + 3.84, where the tax of the sum would be 11.45
        (
            NEW_ZEALAND,
            "Exclusive",
            [("25.06", "OUTPUT2"), ("25.61", "OUTPUT2"), ("25.63", "OUTPUT2")],
            ("76.30", "11.44", "87.74"),
        ),
        (NEW_ZEALAND, "Inclusive", [("115.00", "OUTPUT2")], ("100.00", "15.00", "115.00")),
        (NEW_ZEALAND, "Inclusive", [("10.00", "OUTPUT2"), ("0.01", "OUTPUT2")], ("8.71", "1.30", "10.01")),
        (NEW_ZEALAND, "NoTax", [("115.00", "OUTPUT2")], ("115.00", "0.00", "115.00")),
        (
            NEW_ZEALAND,
            "Exclusive",
            [("100.00", "ZERORATED"), ("100.00", "OUTPUT2")],
            ("200.00", "15.00", "215.00"),
        ),
        (0, "Exclusive", [("150.00", "EXEMPTOUTPUT"), ("220.00", "OUTPUT")], ("370.00", "22.00", "392.00")),
        (0, "Inclusive", [("150.00", "EXEMPTOUTPUT"), ("220.00", "OUTPUT")], ("350.00", "20.00", "370.00")),
        (0, "Exclusive", [("0.05", "OUTPUT")], ("0.05", "0.01", "0.06")),
        (0, "Exclusive", [("100.00", "OUTPUT"), ("-30.00", "OUTPUT")], ("70.00", "7.00", "77.00")),
        (0, "Exclusive", [("100.00", "OUTPUT"), ("-0.05", "OUTPUT")], ("99.95", "9.99", "109.94")),
        (BRITAIN, "Exclusive", [("99.99", "OUTPUT2"), ("10.10", "RROUTPUT")], ("110.09", "20.51", "130.60")),
        (
            BRITAIN,
            "Inclusive",
            [("99.99", "OUTPUT2"), ("10.10", "EXEMPTOUTPUT")],
            ("93.42", "16.67", "110.09"),
        ),
    ],
)
def test_tax_is_rounded_per_line_and_then_summed(
    organisation: int, types: str, lines: list[tuple[str, str]], expected: tuple[str, str, str]
) -> None:
    """SubTotal, TotalTax and Total in three countries and all three ways of stating amounts."""
    sent = [line(amount, TaxType=tax, AccountCode="202") for amount, tax in lines]
    assert totals(Desk(organisation).invoice(LineAmountTypes=types, LineItems=sent)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Quantity": 3, "UnitAmount": "19.99", "DiscountRate": 10}, "53.97"),
        ({"Quantity": 3, "UnitAmount": "19.99", "DiscountRate": "33.33"}, "39.98"),
        ({"Quantity": 3, "UnitAmount": "19.99", "DiscountAmount": "5.00"}, "54.97"),
        ({"Quantity": "1.5", "UnitAmount": "33.33"}, "50.00"),
        ({"Quantity": "0.3333", "UnitAmount": "100"}, "33.33"),
        ({"Quantity": 1, "UnitAmount": "0.125"}, "0.13"),  # the price is rounded first, half up
        ({"Quantity": 8, "UnitAmount": "0.125"}, "1.04"),
        ({"Quantity": 4, "LineAmount": "10.00"}, "10.00"),
        ({"Quantity": 3, "LineAmount": "10.00"}, "10.00"),
        ({"Quantity": 3, "UnitAmount": "19.99", "LineAmount": "59.97"}, "59.97"),
        ({"UnitAmount": "12.34"}, "12.34"),
    ],
)
def test_line_amounts(fields: dict[str, Any], expected: str) -> None:
    """Quantity x UnitAmount less the discount, to the cent."""
    sent = {"Description": "x", "AccountCode": "201", **fields}
    (shown,) = Desk().invoice(LineItems=[sent])["LineItems"]
    assert str(shown["LineAmount"]) == expected


def test_four_decimals_are_kept_when_asked_for() -> None:
    """unitdp=4 on the write keeps the price, unitdp=4 on the read shows it; totals stay at two places."""
    desk = Desk()
    contact = desk.contact()
    fine = {"Type": "ACCREC", "Contact": contact, "LineItems": [line("0.1255", Quantity=100)]}
    two = desk.one("PUT", "Invoices", fine)
    four = desk.one("PUT", "Invoices", fine, unitdp="4")
    assert (str(two["LineItems"][0]["UnitAmount"]), two["Total"]) == ("0.13", 13)
    assert (str(four["LineItems"][0]["UnitAmount"]), four["Total"]) == ("0.1255", Decimal("12.55"))
    path = f"Invoices/{four['InvoiceID']}"
    assert str(desk.one("GET", path)["LineItems"][0]["UnitAmount"]) == "0.13"
    assert str(desk.one("GET", path, unitdp="4")["LineItems"][0]["UnitAmount"]) == "0.1255"


def test_a_tax_amount_that_is_sent_overrides_the_computed_one() -> None:
    """Certification asks not to send it, but it counts."""
    invoice = Desk().invoice(LineItems=[line("100", AccountCode="202", TaxAmount="9.98")])
    assert totals(invoice) == ("100.00", "9.98", "109.98")


def test_a_total_that_is_sent_is_ignored() -> None:
    """The lines decide."""
    assert Desk().invoice(Total=1, SubTotal=1, AmountDue=1)["Total"] == 100


def test_the_discount_is_totalled() -> None:
    """TotalDiscount and IsDiscounted tell what was taken off."""
    lines = [line("19.99", Quantity=3, DiscountRate=10), line("10", DiscountAmount="2.50")]
    invoice = Desk().invoice(LineItems=lines)
    assert (str(invoice["TotalDiscount"]), invoice["IsDiscounted"]) == ("8.50", True)


def test_changing_only_the_way_amounts_are_stated_taxes_the_lines_again() -> None:
    """From exclusive to inclusive the line stays and the total shrinks."""
    desk = Desk()
    invoice = desk.invoice(LineItems=[line("110", AccountCode="202")])
    changed = desk.one("POST", f"Invoices/{invoice['InvoiceID']}", {"LineAmountTypes": "Inclusive"})
    assert totals(changed) == ("100.00", "10.00", "110.00")


def test_numbers_go_over_the_wire_as_decimals() -> None:
    """No binary float is ever written: 0.1 three times is 0.30."""
    desk = Desk()
    sold = b'{"Description": "x", "Quantity": 3, "UnitAmount": 0.10}'
    body = b'{"Type": "ACCREC", "Contact": {"Name": "Adam Brown"}, "LineItems": [' + sold + b"]}"
    invoice = desk.one("PUT", "Invoices", body)
    assert '"Total": 0.30,' in simplejson.dumps(invoice)


@given(
    st.decimals("0.00", "9999.99", places=2),
    st.sampled_from(["10", "15", "20", "5", "12.5"]),
)
def test_inclusive_and_exclusive_tax_agree(net: Decimal, rate: str) -> None:
    """Adding the tax and taking it out of the sum again gives the same tax."""
    tax = tax_on(net, Decimal(rate), "Exclusive")
    assert tax_on(net + tax, Decimal(rate), "Inclusive") == tax


@given(st.decimals("-99999", "99999", places=6))
def test_rounding_is_half_up_away_from_zero(value: Decimal) -> None:
    """The same as the decimal module's own, and never more than half a cent off."""
    assert rounded(value) == value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    assert abs(rounded(value) - value) <= Decimal("0.005")
