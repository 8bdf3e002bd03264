"""Amounts as Xero keeps them: decimals, halves rounded away from zero, never a binary float."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

ZERO = Decimal("0.00")
CENT = Decimal("0.01")
LARGEST = Decimal("9999999999.99")
#: How an organisation rounds tax. Xero's examples leave open what happens to an exact half, so a test may turn this.
TAX_ROUNDING = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_DOWN}


def rounded(value: Decimal, places: int = 2, rounding: str = ROUND_HALF_UP) -> Decimal:
    """Round half up, the way Xero's published examples come out (25.06 at 15 % carries 3.76 tax)."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=rounding)


def amount(value: Any) -> Decimal | None:
    """Read a JSON number, or a number written as text, as a decimal; None when it is neither."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def tax_on(line_amount: Decimal, rate: Decimal, line_amount_types: str, rounding: str = "half_up") -> Decimal:
    """Tax of one line, rounded to cents on its own; the document's tax is the sum of these."""
    if line_amount_types == "NoTax":
        return ZERO
    if line_amount_types == "Inclusive":
        return rounded(line_amount * rate / (100 + rate), rounding=TAX_ROUNDING[rounding])
    return rounded(line_amount * rate / 100, rounding=TAX_ROUNDING[rounding])
