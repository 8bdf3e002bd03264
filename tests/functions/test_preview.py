"""Before anything is sent: the exact document, and everything that stands in its way. For one, and for a period."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from shared import bootstrap
from shared.adapters.store_records import StoreClinicRecords
from tests.functions.edges import wrong
from tests.product import Product

PERIOD = {"first": "2026-11-01", "last": "2026-11-30"}


def preview(product: Product, appointment_id: str = "a-1", **fields: Any) -> dict[str, Any]:
    body = {"appointment_id": appointment_id, **fields}
    return dict(product.ok("POST", "/xero/invoices/preview/", "reception", json=body))


def preview_all(product: Product, **fields: Any) -> dict[str, Any]:
    return dict(product.ok("POST", "/xero/invoices/preview_all/", "reception", json=PERIOD | fields))


def fetch_lists(product: Product) -> None:
    """As the settings page does; then nothing has to be asked of Xero."""
    preview(product)


def fields(problems: list[dict[str, str]]) -> set[str]:
    return {problem["field"] for problem in problems}


def test_every_part_says_where_it_comes_from(product: Product) -> None:
    """Fields and lines by their rules; contact and totals by their source."""
    product.ready()
    product.patient("p-2", payer={"name": "Plan Manager", "email": "plan@example.com"})
    product.appointment("a-2", "p-2")
    product.appointment("a-3", payer={"name": "Health Fund"})
    sources = [preview(product, f"a-{number}")["sources"] for number in (1, 2, 3)]
    assert [source["contact"] for source in sources] == [
        "the patient",
        "the patient's payer",
        "the appointment's payer",
    ]
    assert "rounded to cents" in sources[0]["totals"]


def _locked(product: Product) -> None:
    product.by_hand("organisation", period_lock_date="2026-11-24")
    product.advance(86_401)
    product.reconcile()


def _year_locked(product: Product) -> None:
    product.by_hand("organisation", end_of_year_lock_date="2026-12-31")
    product.advance(86_401)
    product.reconcile()


def _archived(product: Product) -> None:
    product.appointment("a-2")
    contact_id = product.invoice("a-2").json["contact_id"]
    product.by_hand(f"contacts/{contact_id}/archive")
    product.reconcile()


def _erased(product: Product) -> None:
    product.patient("p-1", erased=True)


def _foreign(product: Product) -> None:
    product.appointment(currency="USD")


def _plan_limit(product: Product) -> None:
    product.by_hand("organisation", plan="EARLY")
    for number in range(20):
        product.appointment(f"b-{number}")
        assert product.invoice(f"b-{number}").status_code == 201
        product.advance(5)


def _archived_account(product: Product) -> None:
    product.by_hand("organisation", account={"Code": "200", "Status": "ARCHIVED"})


@pytest.mark.parametrize(
    ("happens", "field", "says"),
    [
        (_locked, "date", "2026-11-25"),
        (_year_locked, "date", "2027-01-01"),
        (_archived, "contact", "restore it"),
        (_erased, "contact", "erased"),
        (_foreign, "currency", "USD"),
        (_plan_limit, "status", "plan"),
        (_archived_account, "line_items[0].account_code", "archived"),
    ],
)
def test_what_stands_in_the_way_is_named_before_anything_is_sent(
    product: Product, happens: Callable[[Product], None], field: str, says: str
) -> None:
    """For one, and in the period's list; the period costs no call to Xero."""
    product.ready()
    happens(product)
    shown = preview(product)
    assert [p["field"] for p in shown["problems"]] == [field]
    assert says in shown["problems"][0]["message"]
    before = len(product.xero_calls())
    (item,) = [item for item in preview_all(product)["items"] if item["appointment_id"] == "a-1"]
    assert item["problems"] == shown["problems"]
    assert len(product.xero_calls()) == before


def test_a_currency_that_the_organisation_uses_is_no_problem(product: Product) -> None:
    """Subscribed to in Xero: the total is in it, and it is summed apart."""
    product.ready()
    product.by_hand("organisation", multicurrency=True)
    product.appointment("a-2", currency="USD")
    assert preview(product, "a-2")["problems"] == []
    ready = preview_all(product)["sums"]["ready"]
    assert ready == {"count": 2, "totals": {"AUD": "110.00", "USD": "110.00"}}


def test_notices_do_not_stand_in_the_way(product: Product) -> None:
    """A name that is taken, a number that is taken, no e-mail for the e-mail after approval, asked for already."""
    product.ready(email_after_approval=True)
    product.patient("p-2", first_name="Anna", last_name="Lee p-1")
    product.appointment("a-2", "p-2", reference="a-1")
    assert product.invoice().status_code == 201
    shown = preview(product, "a-2")
    assert shown["problems"] == []
    assert [n["field"] for n in shown["notices"]] == ["contact", "contact", "invoice_number"]
    assert "e-mail" in shown["notices"][0]["message"]
    assert "(p-2)" in shown["notices"][1]["message"]
    created = product.invoice("a-2").json
    assert created["invoice_number"] == "CL-a-1-2"
    product.appointment("a-3", line_items=[{"description": "x", "unit_amount": 1, "account_code": "nope"}])
    product.invoice("a-3")
    assert "asked for already (failed)" in str(preview(product, "a-3")["notices"])


def test_a_lost_connection_is_a_notice(product: Product) -> None:
    """What is known is shown all the same; it says that sending waits for an owner."""
    product.ready()
    fetch_lists(product)
    product.ok("POST", "/xero/oauth/disconnect/", json={})
    shown = preview(product)
    assert shown["totals"]["total"] == "110.00"
    assert "connection" in fields(shown["notices"])


def test_a_period_is_shown_with_totals_and_problems(product: Product) -> None:
    """What bulk invoicing would send: not what is invoiced, cancelled or not attended; sums by what can be sent."""
    product.ready()
    product.appointment("a-2", line_items=[{"description": "x", "unit_amount": 1}])
    product.appointment("a-3", status="cancelled")
    product.appointment("a-4", status="no_show")
    product.appointment("a-5", starts_at="2026-12-01T00:30:00+11:00")
    product.appointment("a-6", clinic_id="north")
    product.invoice("a-6")
    product.appointment("a-7", clinic_id="north")
    shown = preview_all(product)
    assert [(i["appointment_id"], i["total"]) for i in shown["items"]] == [
        ("a-1", "110.00"),
        ("a-2", None),
        ("a-7", "110.00"),
    ]
    assert (
        shown["items"][0] | {"problems": [], "notices": [], "invoice_number": "CL-a-1"} == shown["items"][0]
    )
    assert fields(shown["items"][1]["problems"]) == {"line_items[0].account_code"}
    assert shown["sums"] == {
        "ready": {"count": 2, "totals": {"AUD": "220.00"}},
        "with_problems": {"count": 1, "totals": {}},
        "invoiced": {"count": 1},
    }
    north = preview_all(product, clinic_id="north")
    assert [i["appointment_id"] for i in north["items"]] == ["a-7"]


def test_the_shown_totals_are_what_xero_then_computes(product: Product) -> None:
    """Mixed tax, discounts and four decimals, with and without tax included."""
    product.ready()
    whole = {"description": "A", "quantity": "3", "unit_amount": "19.99", "discount_rate": "10"}
    parts = {"description": "B", "quantity": "1.333", "unit_amount": "87.4501", "tax_type": "EXEMPTOUTPUT"}
    less = {"description": "C", "unit_amount": "-5.05", "tax_type": "OUTPUT"}
    lines = [line | {"account_code": "200"} for line in (whole, parts, less)]
    for number, amounts in enumerate(("exclusive", "inclusive", "no_tax"), start=2):
        product.appointment(f"a-{number}", line_items=lines, amounts=amounts)
    fetch_lists(product)
    foretold = {item["appointment_id"]: item["total"] for item in preview_all(product)["items"]}
    for number in (2, 3, 4):
        assert product.invoice(f"a-{number}").json["total"] == foretold[f"a-{number}"]


def test_pages_join(product: Product) -> None:
    """In pages of any size, without gap or repeat; a cursor of something else is refused by name."""
    product.ready()
    for number in range(2, 8):
        product.appointment(f"a-{number}", starts_at=f"2026-11-2{number}T08:00:00+11:00")
    fetch_lists(product)
    everything = [item["appointment_id"] for item in preview_all(product)["items"]]
    assert len(everything) == 7
    seen: list[str] = []
    total, cursor = Decimal(0), None
    while True:
        page = preview_all(product, limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [item["appointment_id"] for item in page["items"]]
        total += sum((Decimal(t) for t in page["sums"]["ready"]["totals"].values()), Decimal(0))
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert (seen, total) == (everything, Decimal("770.00"))
    answer = product.call("POST", "/xero/invoices/preview_all/", json=PERIOD | {"cursor": "nonsense"})
    assert set(wrong(answer)) == {"cursor"}


class ReadOnly:
    """A store that refuses every write but one: how often somebody asks is counted."""

    def __init__(self, store: Any) -> None:
        self.get, self.get_many, self.query, self._store = store.get, store.get_many, store.query, store

    def __getattr__(self, name: str) -> Any:
        def write(path: Any, *arguments: Any, **options: Any) -> Any:
            if "/rate_limits/" in str(path):
                return getattr(self._store, name)(path, *arguments, **options)
            raise AssertionError(f"a preview has no business with {name}")

        return write


def test_a_period_is_previewed_without_a_single_write(product: Product) -> None:
    """Neither here nor in Xero: the store refuses writes, the queue too, and Xero is not asked anything."""
    product.ready()
    product.appointment("a-2", payer={"name": "Health Fund"})
    fetch_lists(product)
    product.advance(3 * 3600)  # past the access token's life: no renewal either
    before = len(product.simulator.requests())
    store: Any = ReadOnly(product.ports.store)
    ports = replace(product.ports, store=store, records=StoreClinicRecords(store), tasks=store)
    bootstrap.install(ports, product.sign_in)
    try:
        assert preview_all(product)["sums"]["ready"]["count"] == 2
    finally:
        bootstrap.install(product.ports, product.sign_in)
    assert len(product.simulator.requests()) == before


def test_a_period_without_known_lists_says_what_to_fetch(product: Product) -> None:
    """Nothing is fetched behind anybody's back: the total is left open with the way to get it."""
    product.ready()
    (item,) = preview_all(product)["items"]
    assert (item["total"], fields(item["problems"])) == (None, {"totals"})
    assert "refresh=1" in item["problems"][0]["message"]
