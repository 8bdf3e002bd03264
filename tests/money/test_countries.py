"""A clinic's day in Australia, New Zealand and the United Kingdom; and currencies that are not the organisation's."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from tests.functions.edges import check_problem
from tests.money.conftest import COUNTRIES
from tests.product import TENANTS, Product

PATH = "/xero/invoices/a-1/"


@dataclass(frozen=True)
class Day:
    """A consultation at 95.00 and an insole at 33.33 three times, with the country's own taxes."""

    country: str
    currency: str
    starts_at: str
    date: str
    total: str
    tax: str


DAYS = [
    # 95.00 without GST; 99.99 + 10.00
    Day("AU", "AUD", "2026-11-24T07:30:00+11:00", "2026-11-24", "204.99", "10.00"),
    # 95.00 + 14.25; 99.99 + 15.00
    Day("NZ", "NZD", "2026-11-24T08:00:00+13:00", "2026-11-24", "224.24", "29.25"),
    # 95.00 exempt; 99.99 + 20.00
    Day("UK", "GBP", "2026-07-01T00:30:00+01:00", "2026-07-01", "214.99", "20.00"),
]


@pytest.fixture
def clinic(product: Product, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Product:
    """The practice ``demo``, connected to the organisation of the day's country."""
    day: Day = request.getfixturevalue("day")
    monkeypatch.setitem(TENANTS, "demo", COUNTRIES[day.country])
    product.connect()
    product.settings(payment_accounts={"card": "880"}, contact_details="email")
    product.patient(email="p@example.com")
    return product


@pytest.mark.parametrize("day", DAYS, ids=lambda day: day.country)
def test_a_day(clinic: Product, day: Day) -> None:
    """Draft, approved, e-mailed, part paid at the desk, the rest in Xero, part given back; to the cent throughout."""
    lines = [
        {"description": "Consultation", "unit_amount": "95.00", "account_code": "201"},
        {"description": "Insole", "quantity": "3", "unit_amount": "33.33", "account_code": "202"},
    ]
    clinic.appointment(starts_at=day.starts_at, line_items=lines)
    previewed = clinic.ok("POST", "/xero/invoices/preview/", json={"appointment_id": "a-1"})
    assert (previewed["totals"]["total"], previewed["totals"]["total_tax"]) == (day.total, day.tax)
    made = clinic.invoice().json
    assert (made["total"], made["currency"], made["date"]) == (day.total, day.currency, day.date)
    assert (made["status"], made["total_differs"]) == ("DRAFT", None)

    def act(action: str, role: str = "bookkeeper", **body: Any) -> Any:
        return clinic.ok("POST", f"{PATH}{action}/", role, json=body)

    act("approve")
    act("email", "reception")
    assert (
        act("payments", "reception", method="card", reference="t-1", amount="100.01")["amount_paid"]
        == "100.01"
    )
    clinic.by_hand(f"invoices/{made['invoice_id']}/pay")
    clinic.advance(5)
    clinic.reconcile()
    paid = clinic.ok("GET", PATH)
    assert (paid["status"], paid["amount_due"], paid["amount_paid"]) == ("PAID", "0.00", day.total)
    assert act("refund", method="card", reference="r-1", amount="50.00")["amount_refunded"] == "50.00"

    (invoice,) = clinic.invoices()
    assert (f"{Decimal(str(invoice['TotalTax'])):.2f}", invoice["SentToContact"]) == (day.tax, True)
    (note,) = clinic.books()["credit_notes"]
    assert (note["Total"], note["CurrencyCode"], note["RemainingCredit"]) == (50.0, day.currency, 0)
    period = f"first={day.date}&last={day.date}"
    whole = clinic.ok("GET", f"/xero/completeness/?{period}", "bookkeeper")
    assert (whole["difference"], whole["items"]) == ("0.00", [])


def foreign(product: Product, currency: str = "USD") -> Any:
    """Appointment a-2 in another currency; the raw answer to invoicing it."""
    product.appointment("a-2", currency=currency)
    return product.invoice("a-2")


def test_a_currency_that_is_not_used(product: Product) -> None:
    """Told before anything is sent, with what to do; and the next one with no call at all."""
    product.ready()
    assert product.invoice().status_code == 201
    before = len(product.xero_calls("PUT", "/api.xro/2.0/Invoices"))
    body = check_problem(foreign(product), 422, "currency_not_enabled")
    assert "USD" in body["detail"]
    assert "Settings, Currencies" in body["detail"]
    assert len(product.xero_calls("PUT", "/api.xro/2.0/Invoices")) == before
    calls = len(product.xero_calls())
    product.appointment("a-3", currency="EUR")
    check_problem(product.invoice("a-3"), 422, "currency_not_enabled")
    assert len(product.xero_calls()) == calls
    (entry,) = product.ok("GET", "/xero/attention/")["items"]
    assert (entry["cause"], entry["count"]) == ("currency_not_enabled", 2)


def test_the_currency_was_added(product: Product) -> None:
    """A person turned it on in Xero: asked again, the invoice is made, paid and given back in that currency."""
    product.ready(payment_accounts={"card": "880"})
    check_problem(foreign(product), 422, "currency_not_enabled")
    product.by_hand("organisation", multicurrency=True)
    product.advance(20)
    made = product.invoice("a-2")
    assert made.status_code == 201
    assert (made.json["currency"], made.json["total"]) == ("USD", "110.00")
    body = {"method": "card", "reference": "t-1"}
    assert product.ok("POST", "/xero/invoices/a-2/payments/", json=body)["status"] == "PAID"
    product.ok("POST", "/xero/invoices/a-2/refund/", json=body | {"amount": "10.00"})
    assert [one["CurrencyCode"] for one in product.books()["credit_notes"]] == ["USD"]


def test_a_credit_note_has_its_invoices_currency(product: Product) -> None:
    """Or Xero could not apply it to the invoice."""
    product.ready()
    product.by_hand("organisation", multicurrency=True)
    assert foreign(product).status_code == 201
    shown = product.ok("POST", "/xero/invoices/a-2/credit/", "bookkeeper", json={})
    assert (shown["amount_credited"], shown["amount_due"]) == ("110.00", "0.00")


def test_xero_itself_refuses(product: Product) -> None:
    """The list still has a currency that a person has just taken out: Xero's refusal has the same code."""
    product.ready()
    product.by_hand("organisation", multicurrency=True)
    assert foreign(product).status_code == 201
    product.by_hand("organisation", multicurrency=False)
    product.appointment("a-3", currency="USD")
    body = check_problem(product.invoice("a-3"), 422, "currency_not_enabled")
    assert "USD" in body["detail"]


def test_the_base_currency_named_costs_nothing(product: Product) -> None:
    """An appointment in the organisation's own currency needs no list of currencies."""
    product.ready()
    assert foreign(product, "AUD").status_code == 201
    assert product.xero_calls("GET", "/api.xro/2.0/Currencies") == []
