"""A period's totals on both sides: by day, tax rate, account, clinic and currency, with the difference of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shared.domain.booked import ZERO, Booked

#: What a total may be by; ``currency`` last, because all the others are of the base currency alone.
GROUPS = ("day", "tax_rate", "account", "clinic", "currency")
CLINIC, XERO = 0, 1


@dataclass
class Sum:
    count: int = 0  # documents for day, clinic and currency; lines for tax rate and account
    net: Decimal = ZERO
    tax: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.net + self.tax

    def add(self, net: Decimal, tax: Decimal) -> None:
        self.count, self.net, self.tax = self.count + 1, self.net + net, self.tax + tax

    def shown(self) -> dict[str, Any]:
        return {
            "count": self.count,
            "net": f"{self.net:.2f}",
            "tax": f"{self.tax:.2f}",
            "total": f"{self.total:.2f}",
        }


@dataclass
class PeriodTotals:
    """``base_currency`` None takes every document for one of the base currency.

    ``unknown`` counts the clinic's documents whose total cannot be told; they are in the counts, not in the sums.
    """

    base_currency: str | None
    overall: tuple[Sum, Sum] = field(default_factory=lambda: (Sum(), Sum()))
    by: dict[str, dict[str, tuple[Sum, Sum]]] = field(default_factory=lambda: {name: {} for name in GROUPS})
    unknown: int = 0

    def add(self, side: int, booked: Booked | None, clinic_id: str | None) -> None:
        if booked is None:
            self.unknown += 1
            self.overall[side].count += 1
            return
        net, tax = booked.total - booked.tax, booked.tax
        currency = booked.currency or self.base_currency or ""
        self._group("currency", currency, side).add(net, tax)
        if currency != (self.base_currency or currency):
            self.overall[side].count += 1
            return
        self.overall[side].add(net, tax)
        self._group("day", booked.date.isoformat() if booked.date else "", side).add(net, tax)
        self._group("clinic", clinic_id or "", side).add(net, tax)
        for line in booked.balanced_lines():
            self._group("account", line.account_code or "", side).add(line.net, line.tax)
            self._group("tax_rate", line.tax_type or "", side).add(line.net, line.tax)

    def _group(self, name: str, key: str, side: int) -> Sum:
        return self.by[name].setdefault(key, (Sum(), Sum()))[side]

    @property
    def difference(self) -> Decimal:
        """The clinic's total less Xero's, in the base currency."""
        return self.overall[CLINIC].total - self.overall[XERO].total

    def rows(self) -> Iterator[tuple[str, str, Sum, Sum]]:
        """(group, key, clinic, xero), ordered."""
        for name in GROUPS:
            for key, (clinic, xero) in sorted(self.by[name].items()):
                yield name, key, clinic, xero

    def shown(self) -> dict[str, Any]:
        groups: dict[str, list[dict[str, Any]]] = {name: [] for name in GROUPS}
        for name, key, clinic, xero in self.rows():
            row = {"key": key, "clinic": clinic.shown(), "xero": xero.shown()}
            groups[name].append(row | {"difference": f"{clinic.total - xero.total:.2f}"})
        return groups
