"""A second opinion on what a document comes to: whole numbers only, and nothing of the product's.

Written from Xero's guide "Rounding in Xero" and its description of line items:

- "LineAmount = Quantity * UnitAmount * ((100 - DiscountRate) / 100)", to two decimals; a discount amount is taken off
  instead;
- "tax is calculated on each line and rounded to two decimals", then the lines are added up: 25.06 + 25.61 + 25.63 at
  15 % carries 3.76 + 3.84 + 3.84 = 11.44 of tax, 87.74 in all, where 15 % of the sum would be 11.45;
- with tax-inclusive amounts the tax is the part of the line that is tax: amount * rate / (100 + rate).

Everything is counted in ten-thousandths and hundred-millionths, so that no digit is lost, and rounded by dividing
integers.
"""

from __future__ import annotations

from collections.abc import Iterable

#: (quantity, unit price, tax in percent, discount): the discount "10%" or "12.34" or "".
Row = tuple[str, str, str, str]


def scaled(number: str, places: int) -> int:
    """``"-1.5"`` to four places is -15000. A digit beyond the places would be lost, so it is refused."""
    sign = -1 if number.startswith("-") else 1
    whole, _, fraction = number.lstrip("-").partition(".")
    if fraction[places:].strip("0"):
        raise ValueError(f"{number} has more than {places} decimals")
    return sign * int((whole or "0") + fraction[:places].ljust(places, "0"))


def nearest(numerator: int, denominator: int) -> int:
    """The nearest whole number; a half goes away from zero."""
    whole, rest = divmod(abs(numerator), denominator)
    whole += 2 * rest >= denominator
    return whole if numerator >= 0 else -whole


def row_cents(row: Row) -> int:
    """A line in cents. Quantity and price have four decimals each, so their product counts 1e-8; a cent is 1e6."""
    quantity, price, _, discount = row
    product = scaled(quantity, 4) * scaled(price, 4)
    if discount.endswith("%"):
        left = 100 * 10**4 - scaled(discount[:-1], 4)
        return nearest(product * left, 10**6 * 100 * 10**4)
    taken_off = scaled(discount or "0", 2) * 10**6
    return nearest(product - taken_off, 10**6)


def tax_cents(cents: int, percent: str, way: str) -> int:
    rate, hundred = scaled(percent, 4), 100 * 10**4
    if way == "no_tax":
        return 0
    return nearest(cents * rate, hundred + rate if way == "inclusive" else hundred)


def document_cents(rows: Iterable[Row], way: str) -> tuple[int, int, int]:
    """SubTotal, TotalTax, Total in cents."""
    stated = taxed = 0
    for row in rows:
        line = row_cents(row)
        stated += line
        taxed += tax_cents(line, row[2], way)
    return (stated - taxed, taxed, stated) if way == "inclusive" else (stated, taxed, stated + taxed)


def as_text(cents: int) -> str:
    """-5 is ``-0.05``."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{rest:02d}"
