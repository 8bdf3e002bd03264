"""What an invoice puts into the books: day, contact, total, and its lines by account, tax and tracking.

One shape for three things that are held against one another: what the clinic would invoice now, what was sent,
and what Xero has. Wording and quantities are left out: they move no money.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from shared.domain.money import cents
from shared.domain.xero_records import InvoiceSnapshot

ZERO = Decimal("0.00")
#: Xero's own tax type of a document without tax.
NO_TAX = "NONE"
#: The account of what a document's total says more or less than its lines, as a person may enter in Xero.
ROUNDING = "(rounding)"


@dataclass(frozen=True)
class BookedLine:
    account_code: str | None
    tax_type: str | None
    net: Decimal  # without tax
    tax: Decimal
    tracking: tuple[str, ...] = ()  # TrackingOptionIDs, sorted

    @property
    def total(self) -> Decimal:
        return self.net + self.tax

    @property
    def place(self) -> tuple[Any, ...]:
        return self.account_code, self.tax_type, self.tracking


def line_of(
    account_code: str | None,
    tax_type: str | None,
    amount: Decimal,
    tax: Decimal,
    amounts: str,
    tracking: Iterable[str] = (),
) -> BookedLine:
    """``amount`` as it stands on the line: with its tax in a document that is ``inclusive``, without it else."""
    net = amount - tax if amounts == "inclusive" else amount
    tax_type = NO_TAX if amounts == "no_tax" else tax_type
    return BookedLine(account_code, tax_type, net, tax, tuple(sorted(tracking)))


@dataclass(frozen=True)
class Booked:
    """``total`` includes tax, in ``currency`` (None: not known). ``contact_id`` None: not known."""

    date: dt.date | None
    currency: str | None
    contact_id: str | None
    total: Decimal
    lines: tuple[BookedLine, ...]

    @property
    def tax(self) -> Decimal:
        return sum((line.tax for line in self.lines), ZERO)

    def balanced_lines(self) -> tuple[BookedLine, ...]:
        """The lines and, where they do not add up to the total, one more for the rest."""
        rest = self.total - sum((line.total for line in self.lines), ZERO)
        return (*self.lines, BookedLine(ROUNDING, NO_TAX, rest, ZERO)) if rest else self.lines

    def to_data(self) -> dict[str, Any]:
        lines = [
            {
                "account_code": line.account_code,
                "tax_type": line.tax_type,
                "net": f"{line.net:.2f}",
                "tax": f"{line.tax:.2f}",
                "tracking": list(line.tracking),
            }
            for line in self.lines
        ]
        day = self.date.isoformat() if self.date else None
        return {
            "date": day,
            "currency": self.currency,
            "contact_id": self.contact_id,
            "total": f"{self.total:.2f}",
            "lines": lines,
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Booked:
        lines = tuple(
            BookedLine(
                line["account_code"],
                line["tax_type"],
                Decimal(line["net"]),
                Decimal(line["tax"]),
                tuple(line["tracking"]),
            )
            for line in data["lines"]
        )
        day = date.fromisoformat(data["date"]) if data["date"] else None
        return cls(day, data["currency"], data["contact_id"], Decimal(data["total"]), lines)


def booked_in_xero(invoice: InvoiceSnapshot) -> Booked:
    """Lines as Xero has them; a line of words only carries no amount and is left out."""
    amounts = {"Inclusive": "inclusive", "NoTax": "no_tax"}.get(invoice.line_amount_types or "", "exclusive")
    lines = [
        line_of(
            raw.get("AccountCode"),
            raw.get("TaxType"),
            _amount(raw.get("LineAmount")),
            _amount(raw.get("TaxAmount")),
            amounts,
            [str(t["TrackingOptionID"]) for t in raw.get("Tracking") or [] if t.get("TrackingOptionID")],
        )
        for raw in invoice.line_items
        if raw.get("LineAmount") is not None
    ]
    return Booked(invoice.date, invoice.currency, invoice.contact_id, cents(invoice.total), tuple(lines))


def _amount(value: Any) -> Decimal:
    return cents(Decimal(str(value or 0)))


def changes(expected: Booked, found: Booked) -> tuple[str, ...]:
    """What differs: ``total``, ``date``, ``currency``, ``contact``, ``lines`` (sums by account, tax and tracking)."""
    pairs = {
        "total": (expected.total, found.total),
        "date": (expected.date, found.date),
        "currency": _known(expected.currency, found.currency),
        "contact": _known(expected.contact_id, found.contact_id),
        "lines": (_sums(expected), _sums(found)),
    }
    return tuple(name for name, (ours, theirs) in pairs.items() if ours != theirs)


def _known(ours: str | None, theirs: str | None) -> tuple[str | None, str | None]:
    return (ours, theirs) if ours and theirs else (None, None)


def _sums(booked: Booked) -> dict[tuple[Any, ...], tuple[Decimal, Decimal]]:
    """One line split in two of the same place, or a line of nothing, changes no books."""
    sums: dict[tuple[Any, ...], tuple[Decimal, Decimal]] = {}
    for line in booked.lines:
        net, tax = sums.get(line.place, (ZERO, ZERO))
        sums[line.place] = net + line.net, tax + line.tax
    return {place: sum_ for place, sum_ in sums.items() if any(sum_)}


def on_contact(booked: Booked, contact_id: str | None) -> Booked:
    return replace(booked, contact_id=contact_id)
