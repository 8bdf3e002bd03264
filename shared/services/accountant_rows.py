"""A period's completeness as rows of a table, for the accountant: codes, dates and amounts, nobody's name."""

from __future__ import annotations

from datetime import date
from typing import Any

from shared.domain.booked import ZERO, Booked
from shared.ports import Ports
from shared.services.comparison import Comparison, Row
from shared.services.completeness import add_up

DOCUMENT_COLUMNS = (
    "date",
    "clinic_id",
    "appointment_id",
    "appointment_status",
    "invoice_number",
    "invoice_status",
    "currency",
    "clinic_net",
    "clinic_tax",
    "clinic_total",
    "xero_net",
    "xero_tax",
    "xero_total",
    "difference",
    "kind",
    "changes",
    "waits_code",
)
TOTAL_COLUMNS = (
    "by",
    "key",
    "clinic_count",
    "clinic_net",
    "clinic_tax",
    "clinic_total",
    "xero_count",
    "xero_net",
    "xero_tax",
    "xero_total",
    "difference",
)


def document_rows(ports: Ports, practice_id: str, first: date, last: date) -> list[dict[str, Any]]:
    """One for each appointment that is charged, invoiced or different, and for each invoice of ours without one."""
    rows: list[dict[str, Any]] = []

    def keep(row: Row) -> None:
        if row.charged or row.booked_there or row.difference is not None:
            rows.append(_document_row(row))

    add_up(Comparison(ports, practice_id, first, last), keep)
    return rows


def total_rows(ports: Ports, practice_id: str, first: date, last: date) -> list[dict[str, Any]]:
    """The whole period first (its documents in the base currency), then each group."""
    totals = add_up(Comparison(ports, practice_id, first, last), lambda row: None)
    return [
        {"by": name, "key": key, "difference": f"{clinic.total - xero.total:.2f}"}
        | {f"clinic_{part}": value for part, value in clinic.shown().items()}
        | {f"xero_{part}": value for part, value in xero.shown().items()}
        for name, key, clinic, xero in [("all", totals.base_currency or "", *totals.overall), *totals.rows()]
    ]


def _document_row(row: Row) -> dict[str, Any]:
    ours = row.clinic.booked if row.clinic and row.charged else None
    theirs = row.xero.booked if row.xero and row.booked_there else None
    booked, found, link = ours or theirs, row.difference, row.clinic.link if row.clinic else None
    day = row.clinic.day if row.clinic else booked.date if booked else None
    rest = (ours.total if ours else ZERO) - (theirs.total if theirs else ZERO)
    return {
        "date": day.isoformat() if day else None,
        "clinic_id": row.clinic_id,
        "appointment_id": row.appointment.id if row.appointment else None,
        "appointment_status": row.appointment.status if row.appointment else None,
        "invoice_number": row.xero.number if row.xero else link.invoice_number if link else None,
        "invoice_status": row.xero.status if row.xero else None,
        "currency": booked.currency if booked else None,
        **_amounts("clinic", ours),
        **_amounts("xero", theirs),
        "difference": f"{rest:.2f}",
        "kind": found.kind if found else None,
        "changes": " ".join(found.changes) if found else None,
        "waits_code": found.waits_code if found else None,
    }


def _amounts(side: str, booked: Booked | None) -> dict[str, str | None]:
    if booked is None:
        return {f"{side}_net": None, f"{side}_tax": None, f"{side}_total": None}
    return {
        f"{side}_net": f"{booked.total - booked.tax:.2f}",
        f"{side}_tax": f"{booked.tax:.2f}",
        f"{side}_total": f"{booked.total:.2f}",
    }
