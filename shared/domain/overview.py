"""The figures of the overview: what was invoiced by week and by clinic, and how old what is due has become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from shared.domain.links import APPROVED, OVER, UNAPPROVED, InvoiceLink

WEEKS = 12
#: Days past the due date up to which a bucket reaches; None is everything older.
AGEING: tuple[tuple[str, int | None], ...] = (
    ("not_due", 0),
    ("1_30", 30),
    ("31_60", 60),
    ("61_90", 90),
    ("older", None),
)
ZERO = Decimal("0.00")


def first_week(today: date) -> date:
    """The Monday on which the oldest week shown begins."""
    return today - timedelta(days=today.weekday(), weeks=WEEKS - 1)


@dataclass
class Sums:
    """``paid`` includes what was credited, so that invoiced = paid + outstanding; ``draft`` is not in the books yet."""

    invoiced: Decimal = ZERO
    paid: Decimal = ZERO
    outstanding: Decimal = ZERO
    draft: Decimal = ZERO

    def add(self, link: InvoiceLink) -> None:
        total, due = Decimal(link.total), Decimal(link.amount_due)
        if link.status in UNAPPROVED:
            self.draft += total
        elif link.status in APPROVED:
            self.invoiced += total
            self.outstanding += due
            self.paid += total - due

    def shown(self) -> dict[str, str]:
        return {name: f"{amount:.2f}" for name, amount in vars(self).items()}


def by_week(links: Iterable[InvoiceLink], today: date) -> list[dict[str, Any]]:
    """Twelve weeks, oldest first, each from its Monday; by the invoice's date."""
    first = first_week(today)
    weeks = [first + timedelta(weeks=number) for number in range(WEEKS)]
    sums = {week: Sums() for week in weeks}
    for link in links:
        if link.date:
            day = date.fromisoformat(link.date)
            week = day - timedelta(days=day.weekday())
            if week in sums:
                sums[week].add(link)
    return [{"week": week.isoformat(), **sums[week].shown()} for week in weeks]


def by_clinic(links: Iterable[InvoiceLink], clinics: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """``clinics``: appointment -> clinic. The largest first; ``clinic_id`` None is without a clinic."""
    sums: dict[str | None, Sums] = {}
    for link in links:
        if link.status not in OVER:
            sums.setdefault(clinics.get(link.appointment_id), Sums()).add(link)
    ordered = sorted(sums.items(), key=lambda item: (-item[1].invoiced, item[0] or ""))
    return [{"clinic_id": clinic, **total.shown()} for clinic, total in ordered]


def ageing(links: Iterable[InvoiceLink], today: date) -> list[dict[str, Any]]:
    """What is due of approved invoices, by the days since each was due."""
    amounts = {name: ZERO for name, _ in AGEING}
    counts = dict.fromkeys(amounts, 0)
    for link in links:
        due = Decimal(link.amount_due)
        if link.status == "AUTHORISED" and due > 0:
            name = _bucket(link, today)
            amounts[name] += due
            counts[name] += 1
    return [{"bucket": name, "amount": f"{amounts[name]:.2f}", "count": counts[name]} for name, _ in AGEING]


def _bucket(link: InvoiceLink, today: date) -> str:
    late = (today - date.fromisoformat(link.due_date)).days if link.due_date else 0
    return next(name for name, reach in AGEING if reach is None or late <= reach)
