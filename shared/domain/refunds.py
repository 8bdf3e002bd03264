"""How much of an amount that is given back falls on each line of its invoice.

Each line gives its share, tax included, so that every account and tax rate gives back in proportion; odd cents go to
the largest shares, and the shares add up to the amount, to the cent.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any

from shared.domain.money import CENT

ZERO = Decimal("0.00")


def shares(parts: Sequence[Decimal], amount: Decimal) -> list[Decimal]:
    """``amount`` in proportion to ``parts``, whose sum is not nothing; in cents, adding up exactly."""
    whole = sum(parts, ZERO)
    exact = [amount * part / whole for part in parts]
    cut = [share.quantize(CENT, rounding=ROUND_DOWN) for share in exact]
    odd = int((amount - sum(cut, ZERO)) / CENT)
    step = CENT if odd > 0 else -CENT
    by_size = sorted(range(len(parts)), key=lambda index: abs(exact[index]), reverse=True)
    for turn in range(abs(odd)):
        cut[by_size[turn % len(by_size)]] += step
    return cut


def charged(line: dict[str, Any], line_amount_types: str) -> Decimal:
    """What a line of Xero's comes to with its tax; nothing for a line of words only."""
    amount, tax = (Decimal(str(line.get(name) or 0)) for name in ("LineAmount", "TaxAmount"))
    return amount + tax if line_amount_types == "Exclusive" else amount
