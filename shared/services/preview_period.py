"""What bulk invoicing of a period would send and meet, page by page. Nothing is written, here or in Xero."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from shared.domain.booked import ZERO
from shared.domain.pricing import Chart
from shared.domain.selection import is_to_be_invoiced
from shared.ports import Ports
from shared.services.comparison import period_bounds
from shared.services.documents import foreign_cursor
from shared.services.foresight import Foreseen, Foresight, named
from shared.services.practice_books import cached_chart, read_practice_books

NO_LISTS = (
    "cannot be told: the organisation's lists are not known, or old; GET /xero/accounts/?refresh=1 and "
    "/xero/tax_rates/?refresh=1 fetch them"
)


def preview_period(
    ports: Ports,
    practice_id: str,
    first: date,
    last: date,
    *,
    clinic_id: str | None,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """``{"items", "sums", "next_cursor"}``: what is to be invoiced and has no invoice yet, by start.

    ``sums`` are this page's: ``ready`` and ``with_problems`` by currency, and how many are ``invoiced`` already. A page
    may be shorter than ``limit``, even empty, with more to follow.
    """
    chart = cached_chart(ports, practice_id)
    books = read_practice_books(ports, practice_id, chart or Chart())
    try:
        page, following = ports.records.appointments(
            practice_id, **period_bounds(books, first, last), limit=limit, cursor=cursor
        )
    except ValueError:
        raise foreign_cursor() from None
    wanted = [
        appointment
        for appointment in page
        if first <= books.day_of(appointment) <= last
        and clinic_id in (None, appointment.clinic_id)
        and is_to_be_invoiced(appointment, invoice_no_shows=books.settings.invoice_no_shows)
    ]
    foreseen = Foresight(books).look_at(wanted, {})
    open_ones = [seen for seen in foreseen if seen.link is None]
    if chart is None:
        for seen in open_ones:
            seen.problem("totals", NO_LISTS)
    return {
        "items": [_shown(seen, books.day_of(seen.appointment), books.base_currency) for seen in open_ones],
        "sums": {
            "ready": _sums([seen for seen in open_ones if not seen.problems], books.base_currency),
            "with_problems": _sums([seen for seen in open_ones if seen.problems], books.base_currency),
            "invoiced": {"count": len(foreseen) - len(open_ones)},
        },
        "next_cursor": following,
    }


def _shown(seen: Foreseen, day: date, base_currency: str | None) -> dict[str, Any]:
    document, booked = seen.document, seen.booked
    return {
        "appointment_id": seen.appointment.id,
        "date": (document.date if document else day).isoformat(),
        "currency": seen.appointment.currency or base_currency,
        "total": f"{booked.total:.2f}" if booked else None,
        "invoice_number": document.number if document else None,
        "problems": named(seen.problems),
        "notices": named(seen.notices),
    }


def _sums(foreseen: Sequence[Foreseen], base_currency: str | None) -> dict[str, Any]:
    totals: dict[str, Any] = {}
    for seen in foreseen:
        if seen.booked is not None:
            currency = seen.booked.currency or base_currency or ""
            totals[currency] = totals.get(currency, ZERO) + seen.booked.total
    return {"count": len(foreseen), "totals": {name: f"{total:.2f}" for name, total in totals.items()}}
