"""What the product foretells for some lines, by the code that it uses before sending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from shared.domain.invoices import InvoiceDocument, Mappings, build_invoice
from shared.domain.pricing import Chart, price
from shared.domain.records import Appointment, LineItem
from shared.domain.settings import PracticeSettings
from shared.domain.times import parse_instant


def document_of(items: Sequence[LineItem], way: str, number: str = "a-1") -> InvoiceDocument:
    """The document that the product would send."""
    appointment = Appointment(number, "p-1", parse_instant("2026-11-24T08:00:00+11:00"), amounts=way)
    document, errors = build_invoice(
        appointment,
        lines=tuple(items),
        settings=PracticeSettings(invoice_status="AUTHORISED", default_account_code="202"),
        mappings=Mappings(),
    )
    assert document is not None, errors
    return document


def foretold(document: InvoiceDocument, rates: dict[str, Decimal]) -> tuple[Decimal, Decimal, Decimal]:
    """SubTotal, TotalTax, Total; ``rates`` in percent by tax type, as the organisation's list has them."""
    rows = [{"tax_type": name, "rate": str(rate)} for name, rate in rates.items()]
    booked, problems = price(document, Chart.of((), rows, ()), None, "AUD")
    assert booked is not None, problems
    nothing = Decimal("0.00")
    net, tax = (sum((getattr(line, part) for line in booked.lines), nothing) for part in ("net", "tax"))
    return net, tax, booked.total


def reckoned(
    items: Sequence[LineItem], rates: Sequence[Decimal], way: str
) -> tuple[Decimal, Decimal, Decimal]:
    """The same with the rate of each line beside it."""
    taxed = [replace(item, tax_type=f"R{rate}") for item, rate in zip(items, rates, strict=True)]
    return foretold(document_of(taxed, way), {f"R{rate}": rate for rate in rates})
