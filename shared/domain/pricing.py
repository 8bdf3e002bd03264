"""What a document comes to before it is sent, reckoned with the organisation's own tax rates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shared.domain.booked import ZERO, Booked, line_of
from shared.domain.errors import FieldError
from shared.domain.invoices import DocumentLine, InvoiceDocument
from shared.domain.money import line_amount, line_tax

Row = Mapping[str, Any]
NO_RATE = "not a tax rate of the organisation"
NO_ITEM = (
    "its item, and so its tax, is not known; GET /xero/products/?refresh=1 fetches the organisation's items"
)


@dataclass(frozen=True)
class Chart:
    """The organisation's lists as they are cached (``xero_lists``), by code."""

    accounts: Mapping[str, Row] = field(default_factory=dict)
    tax_rates: Mapping[str, Row] = field(default_factory=dict)
    items: Mapping[str, Row] = field(default_factory=dict)

    @classmethod
    def of(cls, accounts: Iterable[Row], tax_rates: Iterable[Row], items: Iterable[Row]) -> Chart:
        return cls(
            {str(row["code"]): row for row in accounts if row["code"]},
            {str(row["tax_type"]): row for row in tax_rates},
            {str(row["code"]): row for row in items},
        )

    def tax_type_of(self, line: DocumentLine) -> str | None:
        """A line without one gets, in Xero, its item's and else its account's; None where that is not known."""
        if line.item.tax_type or self.lacks_item_of(line):
            return line.item.tax_type
        item, account = self.items.get(line.item_code or ""), self.accounts.get(line.item.account_code or "")
        defaults = (item or {}).get("tax_type"), (account or {}).get("tax_type")
        return next((found for found in defaults if found), None)

    def lacks_item_of(self, line: DocumentLine) -> bool:
        return bool(line.item_code) and line.item_code not in self.items


def price(
    document: InvoiceDocument, chart: Chart, contact_id: str | None, base_currency: str | None
) -> tuple[Booked | None, list[FieldError]]:
    """The document as it will stand in the books; or, when a rate is not known, why that cannot be said."""
    lines, problems = [], []
    for index, line in enumerate(document.lines):
        tax_type = chart.tax_type_of(line)
        rate = chart.tax_rates.get(tax_type or "")
        if rate is None and document.amounts != "no_tax":
            lacking = not tax_type and chart.lacks_item_of(line)
            problems.append(FieldError(f"line_items[{index}].tax_type", NO_ITEM if lacking else NO_RATE))
            continue
        amount = line_amount(line.item)
        percent = Decimal(rate["rate"]) if rate else ZERO
        tax = line_tax(amount, percent, document.amounts)
        options = [place.tracking_option_id for place in line.tracking if place.tracking_option_id]
        lines.append(line_of(line.item.account_code, tax_type, amount, tax, document.amounts, options))
    if problems:
        return None, problems
    total = sum((line.total for line in lines), ZERO)
    currency = document.currency or base_currency
    return Booked(document.date, currency, contact_id, total, tuple(lines)), []
