"""Lock dates of the organisation: told before anything is sent, with the first open day, and never a moved date."""

from __future__ import annotations

from typing import Any

import pytest

from shared.services import paths
from tests.functions.edges import check_problem, wrong
from tests.functions.test_invoice_life import MORE, act, proposal, writes
from tests.product import Product

LOCK = "2026-11-24"  # the appointment's own day
OPEN = "2026-11-25"


def lock(product: Product, day: str | None = LOCK, *, noticed: bool = True, which: str = "period") -> None:
    """As a bookkeeper does in Xero; ``noticed``: the next day's pull has read it."""
    product.by_hand("organisation", **{f"{which}_lock_date": day})
    if noticed:
        product.advance(25 * 3600)
        product.reconcile()


def refused(product: Product, what: str, role: str = "bookkeeper", **body: Any) -> str:
    """The detail of a refusal for a locked period."""
    answer = product.call("POST", f"/xero/invoices/{what}/", role, json=body)
    return str(check_problem(answer, 422, "locked_period")["detail"])


@pytest.mark.parametrize("which", ["period", "end_of_year"])
def test_creating_in_a_locked_period(product: Product, which: str) -> None:
    """Refused before anything is kept, naming the field and the open day; a person accepts that day, and it is used."""
    product.ready()
    lock(product, which=which)
    answer = product.invoice()
    (error,) = check_problem(answer, 422, "locked_period")["errors"]
    assert error["field"] == "date"
    assert LOCK in error["message"]
    assert OPEN in error["message"]
    assert product.ok("GET", "/xero/operations/")["items"] == []
    assert writes(product, "PUT") == []
    made = product.invoice(date=OPEN).json
    assert (made["date"], made["due_date"]) == (OPEN, "2026-12-09")
    assert "accepted by a person" in made["rules"]["date"]
    assert product.invoice().json["invoice_id"] == made["invoice_id"]
    assert made["difference"] is None


def test_a_day_later_is_still_locked(product: Product) -> None:
    """A day given by a person is checked like any other."""
    product.ready()
    lock(product, "2026-11-30")
    assert product.invoice(date="2026-11-30").json["code"] == "locked_period"
    assert set(wrong(product.invoice(date="tomorrow"))) == {"date"}
    assert product.invoice(date="2026-12-01").status_code == 201


def test_opened_a_moment_ago(product: Product) -> None:
    """What we know says locked, Xero says open by now: it is asked again, and nobody waits for a day."""
    product.ready()
    lock(product)
    assert product.invoice().status_code == 422
    product.by_hand("organisation", period_lock_date=None)
    product.advance(1)
    assert product.invoice().status_code == 201


@pytest.mark.parametrize("press", ["/xero/attention/locked_period/retry/", "/xero/operations/{id}/retry/"])
def test_trying_again_at_once_after_unlocking(product: Product, press: str) -> None:
    """Xero refused it and the lock date was read a moment ago: a person's press reads it anew."""
    product.ready()
    product.invoice()
    product.appointment("a-2")
    lock(product, noticed=False)
    (error,) = check_problem(product.invoice("a-2"), 422, "locked_period")["errors"]
    assert error["field"] == "date"
    assert OPEN in error["message"]
    (failed,) = product.ok("GET", "/xero/operations/?status=failed")["items"]
    product.by_hand("organisation", period_lock_date=None)
    product.advance(1)
    product.ok("POST", press.format(id=failed["operation_id"]), json={})
    product.settle(seconds=20)
    assert product.ok("GET", "/xero/attention/")["items"] == []
    assert product.ok("GET", "/xero/invoices/a-2/")["date"] == LOCK


def test_locked_a_moment_ago(product: Product) -> None:
    """What we know says open: Xero refuses, the lock date is read again and told with the way out."""
    product.ready()
    product.settings(invoice_status="AUTHORISED")
    product.invoice()
    product.appointment("a-2")
    lock(product, noticed=False)
    detail = check_problem(product.invoice("a-2"), 422, "locked_period")["detail"]
    assert LOCK in detail
    assert OPEN in detail
    (cause,) = product.ok("GET", "/xero/attention/")["items"]
    assert (cause["cause"], cause["count"]) == ("locked_period", 1)
    assert product.invoice("a-2", date=OPEN).json["date"] == OPEN
    assert product.ok("GET", "/xero/attention/")["items"] == []


def test_an_open_period_costs_no_call(product: Product) -> None:
    """The organisation is not asked for each document."""
    product.ready()
    product.invoice()
    product.appointment("a-2")
    before = len(product.xero_calls(path="/api.xro/2.0/Organisation"))
    product.invoice("a-2")
    assert len(product.xero_calls(path="/api.xro/2.0/Organisation")) == before


@pytest.mark.parametrize("noticed", [True, False])
def test_voiding_in_a_locked_period(product: Product, noticed: bool) -> None:
    """Proposes a credit note dated later; the credit, dated today, goes through."""
    product.ready()
    product.invoice()
    lock(product, noticed=noticed)
    product.appointment("a-1", status="cancelled")
    detail = refused(product, "a-1/void")
    assert "credit note" in detail
    assert OPEN in detail
    assert proposal(product) == "credit"
    product.advance(24 * 3600)
    assert act(product, "credit")["amount_due"] == "0.00"


@pytest.mark.parametrize("noticed", [True, False])
def test_changing_in_a_locked_period(product: Product, noticed: bool) -> None:
    """Proposes the correction, and that asks for a day of the new invoice."""
    product.ready()
    product.invoice()
    lock(product, noticed=noticed)
    product.appointment("a-1", line_items=MORE)
    assert "credit note and a new invoice" in refused(product, "a-1/update", date="2026-11-27")
    assert proposal(product) == "correct"
    product.advance(48 * 3600)
    assert OPEN in refused(product, "a-1/correct")
    assert product.books()["credit_notes"] == []
    corrected = act(product, "correct", date="2026-11-27")
    assert (corrected["date"], corrected["total"], corrected["difference"]) == ("2026-11-27", "165.00", None)
    assert act(product, "correct")["invoice_id"] == corrected["invoice_id"]


def test_moved_into_a_locked_period(product: Product) -> None:
    """The new day of the appointment is locked, the invoice's own is not: refused with the open day."""
    product.ready()
    product.appointment("a-1", starts_at="2026-11-27T08:00:00+11:00")
    product.invoice()
    lock(product)
    product.appointment("a-1")
    assert OPEN in refused(product, "a-1/update")
    assert act(product, "update", date=OPEN)["date"] == OPEN


def test_a_draft_is_deleted_whatever_is_locked(product: Product) -> None:
    """A draft is in nobody's books."""
    product.ready()
    product.settings(invoice_status="DRAFT")
    product.invoice()
    lock(product)
    assert "2026-11-25" in refused(product, "a-1/approve")
    assert act(product, "void")["status"] == "DELETED"


def test_paying_and_crediting_when_today_is_locked(product: Product) -> None:
    """Nothing is dated into a locked period, and nothing is dated otherwise by us."""
    product.ready(payment_accounts={"card": "880"})
    product.invoice()
    lock(product, "2026-12-31")
    assert "2027-01-01" in refused(product, "a-1/payments", method="card", reference="till-1")
    assert "2027-01-01" in refused(product, "a-1/credit")
    assert product.books()["payments"] == product.books()["credit_notes"] == []


def test_facts_of_an_earlier_version_are_read_again(product: Product) -> None:
    """A connection that was kept without lock dates: the next document knows them."""
    product.ready()
    product.by_hand("organisation", period_lock_date=LOCK)
    path = paths.connection("demo")
    document = product.ports.store.get(path)
    assert document is not None
    known = {k: v for k, v in document.data.items() if "lock_date" not in k and k != "facts_at"}
    product.ports.store.put(path, known)
    assert product.invoice().json["code"] == "locked_period"
    assert writes(product, "PUT") == []


def test_old_facts_do_not_stop_payments_from_coming_back(product: Product) -> None:
    """The organisation cannot be read on that day: the pull goes on with what is known."""
    product.ready()
    made = product.invoice().json
    product.by_hand(f"invoices/{made['invoice_id']}/pay")
    product.advance(25 * 3600)
    product.simulator.fault("garbage", variant="html", path="/api.xro/2.0/Organisation", count=5)
    product.reconcile()
    assert product.ok("GET", "/xero/invoices/a-1/")["status"] == "PAID"
