"""A period's completeness: what the clinic has, what Xero has, and the list when the two are not the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

from shared.domain.completeness import SAFE_REPAIRS, Difference
from shared.domain.period_totals import CLINIC, XERO, PeriodTotals, Sum
from shared.ports import Ports
from shared.services.comparison import Comparison, Row

#: So many differences one answer lists; ``kinds`` counts all of them.
LISTED = 1000


def completeness(ports: Ports, practice_id: str, first: date, last: date) -> dict[str, Any]:
    """``{"first", "last", "whole", "clinic", "xero", "difference", "unknown", "kinds", "by", "items"}``.

    Counts what is to be invoiced on the days from first to last, both included, by the date on the invoice (that of
    the appointment where it has none). Raises the XeroError when Xero cannot be asked.
    """
    items: list[Difference] = []

    def keep(row: Row) -> None:
        if row.difference is not None:
            items.append(row.difference)

    totals = add_up(Comparison(ports, practice_id, first, last), keep)
    kinds: dict[str, int] = {}
    for item in items:
        kinds[item.kind] = kinds.get(item.kind, 0) + 1
    return {
        "first": first.isoformat(),
        "last": last.isoformat(),
        "whole": not items,
        "clinic": _side(totals.overall[CLINIC]),
        "xero": _side(totals.overall[XERO]),
        "difference": f"{totals.difference:.2f}",
        "currency": totals.base_currency,
        "unknown": totals.unknown,
        "kinds": kinds,
        "by": totals.shown(),
        "items": [shown(item) for item in items[:LISTED]],
    }


def add_up(comparison: Comparison, see: Callable[[Row], None]) -> PeriodTotals:
    """The totals of both sides; ``see`` is shown every row on the way."""
    totals = PeriodTotals(comparison.books.base_currency)
    for row in comparison.rows():
        clinic_id = row.clinic_id
        if row.clinic is not None and row.charged:
            totals.add(CLINIC, row.clinic.booked, clinic_id)
        if row.xero is not None and row.booked_there:
            totals.add(XERO, row.xero.booked, clinic_id)
        see(row)
    return totals


def _side(overall: Sum) -> dict[str, Any]:
    return {"count": overall.count, "total": f"{overall.total:.2f}"}


def shown(item: Difference) -> dict[str, Any]:
    day = item.date.isoformat() if item.date else None
    safe = item.kind in SAFE_REPAIRS
    return asdict(item) | {"date": day, "changes": list(item.changes), "repair": item.repair, "safe": safe}
