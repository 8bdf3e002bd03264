"""Our own total of a document, before Xero computes its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shared.domain.invoices import DocumentLine, InvoiceDocument
from shared.domain.pricing import Chart, price
from shared.domain.times import parse_instant
from shared.ports import Ports
from shared.services.shared_reads import once
from shared.services.writes.kinds import Refuse
from shared.services.xero_lists import xero_list

#: What the lists do not know may be new in Xero: they are read again, but not for every one of many documents.
FRESH = timedelta(minutes=5)


def must_expect(ports: Ports, practice_id: str, document: InvoiceDocument) -> str:
    """The total as text, by the organisation's lists of at most a day ago.

    Refuses a document whose total cannot be foretold: with nothing to hold Xero's answer against, a wrong amount
    would go out unseen. Raises the XeroError when the lists are not known and cannot be had.
    """
    chart = _chart(ports, practice_id, document)
    booked, unknown = price(document, chart, None, None)
    if booked is None and _stale(ports, practice_id):
        chart = _chart(ports, practice_id, document, refresh=True)
        booked, unknown = price(document, chart, None, None)
    if booked is not None:
        return f"{booked.total:.2f}"
    strange = [line.item.account_code for line in document.lines if not _has_tax(chart, line)]
    if strange:
        raise Refuse("account_invalid", f"{strange[0]!r} is not an account of the organisation")
    raise Refuse("tax_type_invalid", "; ".join(f"{each.field}: {each.message}" for each in unknown))


def _has_tax(chart: Chart, line: DocumentLine) -> bool:
    return bool(line.item.tax_type) or line.item.account_code in chart.accounts


def _chart(ports: Ports, practice_id: str, document: InvoiceDocument, *, refresh: bool = False) -> Chart:
    def rows(kind: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = xero_list(ports, practice_id, kind, refresh=refresh)["items"]
        return items

    by_item = any(line.item_code and not line.item.tax_type for line in document.lines)

    def chart() -> Chart:
        return Chart.of(rows("accounts"), rows("tax_rates"), rows("items") if by_item else ())

    return chart() if refresh else once(ports, ("chart", practice_id, "items" if by_item else ""), chart)


def _stale(ports: Ports, practice_id: str) -> bool:
    fetched_at = xero_list(ports, practice_id, "accounts")["fetched_at"]
    return ports.clock.now() - parse_instant(fetched_at) > FRESH
