"""A refused element as Xero sends it back: the values as it understood them, with what it has against them."""

from __future__ import annotations

from typing import Any

from .dates import iso_date, ms_date, read_date
from .money import amount
from .replies import Invalid, errors

NUMBERS = frozenset(
    "Quantity UnitAmount LineAmount TaxAmount DiscountRate DiscountAmount Amount BankAmount CurrencyRate "
    "SubTotal TotalTax Total AmountDue AmountPaid AmountCredited".split()
)
DATES = frozenset({"Date", "DueDate", "ExpectedPaymentDate", "PlannedPaymentDate", "FullyPaidOnDate"})


def echo(
    raw: dict[str, Any], id_key: str, known_id: str, error_flag: str, problem: Invalid
) -> dict[str, Any]:
    """Messages stand on the element; those of a line are on the line too."""
    found = {id_key: known_id} | understood(raw) | {error_flag: True}
    if problem.lines:
        for place, line in enumerate(found["LineItems"]):
            line["ValidationErrors"] = errors(problem.lines.get(place, []))
    return found | {"ValidationErrors": errors(problem.messages)}


def understood(raw: dict[str, Any]) -> dict[str, Any]:
    """Numbers that came as text become numbers, days become Xero's; what is neither is dropped."""
    found: dict[str, Any] = {}
    for key, value in raw.items():
        if value is None:
            continue
        if key in NUMBERS:
            number = amount(value)
            if number is not None:
                found[key] = number
        elif key in DATES:
            if day := read_date(value):
                found |= {key: ms_date(day)}
                if key in ("Date", "DueDate"):
                    found[f"{key}String"] = iso_date(day)
        elif isinstance(value, dict):
            found[key] = understood(value)
        elif isinstance(value, list):
            found[key] = [understood(one) if isinstance(one, dict) else one for one in value]
        else:
            found[key] = value
    return found
