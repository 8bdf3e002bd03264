"""Amounts as Xero computes them.

Xero multiplies quantity, unit price and discount, rounds each line to cents, computes the tax of each line, rounds
that to cents, and only then sums. (Xero's guide "Rounding in Xero": 25.06 + 25.61 + 25.63 at 15 % has a tax of
3.76 + 3.84 + 3.84 = 11.44, not the 11.45 of the total.) Halves go up.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from shared.domain.records import LineItem

CENT = Decimal("0.01")
HUNDRED = Decimal(100)
#: Xero's own limit of a line: "LineAmount <= 9,999,999,999.99".
LARGEST_LINE = Decimal("9999999999.99")


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def line_amount(line: LineItem) -> Decimal:
    """Quantity times unit price less the discount, to cents."""
    gross = line.quantity * line.unit_amount
    if line.discount_rate is not None:
        gross = gross * (HUNDRED - line.discount_rate) / HUNDRED
    if line.discount_amount is not None:
        gross -= line.discount_amount
    return cents(gross)


def line_tax(amount: Decimal, rate_percent: Decimal, amounts: str) -> Decimal:
    """The tax of one line: on top (``exclusive``), contained (``inclusive``) or none (``no_tax``)."""
    if amounts == "no_tax":
        return Decimal("0.00")
    if amounts == "inclusive":
        return cents(amount * rate_percent / (HUNDRED + rate_percent))
    return cents(amount * rate_percent / HUNDRED)
