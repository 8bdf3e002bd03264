"""Whether an invoice in Xero already says what we would send, and which of its lines can stay as they are.

Xero deletes and makes anew every line that is sent without its LineItemID; with it, fields left out keep their old
value. So only a line that is the same in every field keeps its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from shared.domain.xero_records import InvoiceSnapshot

TEXTS = ("Description", "AccountCode", "ItemCode")
AMOUNTS = ("Quantity", "UnitAmount", "DiscountRate", "DiscountAmount")


def with_ids(ours: Sequence[dict[str, Any]], theirs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Our lines, those that Xero has already with their LineItemID; each id once."""
    left = list(theirs)
    lines = []
    for line in ours:
        match = next((one for one in left if one.get("LineItemID") and same_line(line, one)), None)
        if match is not None:
            left.remove(match)
        lines.append({"LineItemID": match["LineItemID"]} | line if match else line)
    return lines


def says(invoice: InvoiceSnapshot, body: dict[str, Any]) -> bool:
    """Whether the invoice has the body's contact, dates, kind of amounts and lines, in this order."""
    told = {
        "ContactID": (invoice.contact_id, body["Contact"]["ContactID"]),
        "Date": (invoice.date.isoformat() if invoice.date else None, body["Date"]),
        "DueDate": (invoice.due_date.isoformat() if invoice.due_date else None, body["DueDate"]),
        "LineAmountTypes": (invoice.line_amount_types, body["LineAmountTypes"]),
        "CurrencyCode": (invoice.currency, body.get("CurrencyCode", invoice.currency)),
    }
    ours = body["LineItems"]
    return (
        all(theirs == wanted for theirs, wanted in told.values())
        and len(ours) == len(invoice.line_items)
        and all(same_line(a, b) for a, b in zip(ours, invoice.line_items, strict=True))
    )


def same_line(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """A tax type that we do not send is the account's own, whatever Xero made of it."""
    return (
        all((ours.get(name) or "") == (theirs.get(name) or "") for name in TEXTS)
        and all(_amount(ours, name) == _amount(theirs, name) for name in AMOUNTS)
        and ours.get("TaxType") in (None, theirs.get("TaxType"))
        and _options(ours) == _options(theirs)
    )


def _amount(line: dict[str, Any], name: str) -> Decimal:
    return Decimal(line.get(name) or 0)


def _options(line: dict[str, Any]) -> set[str]:
    return {str(t["TrackingOptionID"]) for t in line.get("Tracking") or [] if t.get("TrackingOptionID")}
