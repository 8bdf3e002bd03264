"""A period held against Xero: counts, totals by everything a bookkeeper asks for, and each difference by its kind."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.functions.edges import wrong
from tests.product import Product

DAY = "/xero/completeness/?first=2026-11-24&last=2026-11-24"


def completeness(product: Product, first: str = "2026-11-24", last: str = "2026-11-24") -> dict[str, Any]:
    return dict(product.ok("GET", f"/xero/completeness/?first={first}&last={last}", "bookkeeper"))


def groups(seen: dict[str, Any], name: str) -> dict[str, tuple[str, str, str]]:
    return {
        row["key"]: (row["clinic"]["total"], row["xero"]["total"], row["difference"])
        for row in seen["by"][name]
    }


def test_a_whole_day_has_no_difference(product: Product) -> None:
    """With every appointment invoiced, both sides count and total the same and the list is empty."""
    product.ready()
    product.appointment("a-2", starts_at="2026-11-24T23:30:00+11:00")
    product.appointment("a-3", starts_at="2026-11-25T00:30:00+11:00")
    for appointment_id in ("a-1", "a-2", "a-3"):
        assert product.invoice(appointment_id).status_code == 201
    seen = completeness(product)
    assert (seen["clinic"], seen["xero"]) == (
        {"count": 2, "total": "220.00"},
        {"count": 2, "total": "220.00"},
    )
    assert (seen["difference"], seen["items"], seen["whole"], seen["kinds"]) == ("0.00", [], True, {})


def test_totals_by_day_tax_rate_account_clinic_and_currency(product: Product) -> None:
    """On both sides with the difference of each; the parts of each add up to the whole."""
    product.ready()
    free = {
        "description": "Consult",
        "unit_amount": "90.00",
        "account_code": "201",
        "tax_type": "EXEMPTOUTPUT",
    }
    taxed = {"description": "Tape", "unit_amount": "12.50", "account_code": "202", "tax_type": "OUTPUT"}
    product.appointment("a-2", clinic_id="north", line_items=[free, taxed])
    product.appointment("a-3", starts_at="2026-11-25T09:00:00+11:00", clinic_id="south", line_items=[free])
    assert product.invoice("a-1").status_code == product.invoice("a-2").status_code == 201
    seen = completeness(product, last="2026-11-25")
    assert groups(seen, "day") == {
        "2026-11-24": ("213.75", "213.75", "0.00"),
        "2026-11-25": ("90.00", "0.00", "90.00"),
    }
    assert groups(seen, "tax_rate") == {
        "EXEMPTOUTPUT": ("180.00", "90.00", "90.00"),
        "OUTPUT": ("123.75", "123.75", "0.00"),
    }
    assert groups(seen, "account") == {
        "200": ("110.00", "110.00", "0.00"),
        "201": ("180.00", "90.00", "90.00"),
        "202": ("13.75", "13.75", "0.00"),
    }
    assert groups(seen, "clinic")["south"] == ("90.00", "0.00", "90.00")
    assert groups(seen, "currency") == {"AUD": ("303.75", "213.75", "90.00")}
    assert (seen["difference"], seen["kinds"]) == ("90.00", {"not_sent": 1})
    (account,) = [row for row in seen["by"]["account"] if row["key"] == "202"]
    assert account["clinic"] == {"count": 1, "net": "12.50", "tax": "1.25", "total": "13.75"}


def test_each_way_of_not_being_whole_is_named(product: Product) -> None:
    """Not sent, deleted there, changed there, cancelled here: each is one difference of its own kind."""
    product.ready()
    for number in (2, 3, 4):
        product.appointment(f"a-{number}")
    sent = {name: product.invoice(name).json["invoice_id"] for name in ("a-2", "a-3", "a-4")}
    product.by_hand(f"invoices/{sent['a-2']}/void")
    line = {"Description": "More", "Quantity": "1", "UnitAmount": "120.00", "AccountCode": "200"}
    product.by_hand(f"invoices/{sent['a-3']}/edit", LineItems=[line])
    product.appointment("a-4", status="cancelled")
    seen = product.ok("GET", DAY, "bookkeeper")
    kinds = {item["appointment_id"]: item["kind"] for item in seen["items"]}
    assert kinds == {"a-1": "not_sent", "a-2": "deleted_there", "a-3": "amount", "a-4": "cancelled_here"}
    assert all(item["repair"] and item["sentence"] for item in seen["items"])
    product.reconcile()  # what came back does not hide that the amount is not the one that was sent
    again = product.ok("GET", DAY, "bookkeeper")
    assert "amount" in {item["kind"] for item in again["items"]}


def test_what_waits_or_failed_is_named_with_its_reason(product: Product) -> None:
    """The difference leads to the operation, with the reason in words and its code."""
    product.ready()
    line = {"description": "x", "unit_amount": 1, "account_code": "nope"}
    assert product.invoice(line_items=[line]).status_code == 422
    product.appointment("a-2")
    product.simulator.fault("status", method="PUT", path="/api.xro/2.0/Invoices", status=503, count=1)
    assert product.invoice("a-2").status_code == 202
    product.appointment("a-3", line_items=[{"description": "x", "unit_amount": 1}])
    product.advance(600)
    failed, waiting, unmapped = completeness(product)["items"]
    assert (failed["kind"], failed["waits_code"]) == ("not_sent", "account_invalid")
    assert product.ok("GET", f"/xero/operations/{failed['operation_id']}/")["status"] == "failed"
    assert (waiting["kind"], bool(waiting["waits_code"])) == ("not_sent", True)
    assert (unmapped["operation_id"], unmapped["clinic_total"]) == (None, None)
    assert "no account" in unmapped["sentence"]
    assert completeness(product)["unknown"] == 1


def _another_price(product: Product) -> None:
    product.appointment(line_items=[{"description": "x", "unit_amount": "120.00", "account_code": "200"}])


def _another_account(product: Product) -> None:
    product.appointment(line_items=[{"description": "x", "unit_amount": "100.00", "account_code": "260"}])


def _another_day(product: Product) -> None:
    product.appointment(starts_at="2026-11-23T08:00:00+11:00")


def _another_payer(product: Product) -> None:
    product.appointment(payer={"name": "Health Fund"})


@pytest.mark.parametrize(
    ("change", "kind", "changes"),
    [
        (_another_price, "amount", {"total", "lines"}),
        (_another_account, "changed_here", {"lines"}),
        (_another_day, "changed_here", {"date"}),
        (_another_payer, "changed_here", {"contact"}),
    ],
)
def test_an_appointment_changed_after_invoicing_shows(
    product: Product, change: Callable[[Product], None], kind: str, changes: set[str]
) -> None:
    """The clinic's side is the appointment as it is now, not only what was sent; the sentence says who changed."""
    product.ready()
    product.invoice()
    change(product)
    (item,) = completeness(product, first="2026-11-23")["items"]
    assert (item["kind"], set(item["changes"])) == (kind, changes)
    assert "appointment was changed" in item["sentence"]


def test_a_new_mapping_makes_no_old_invoice_wrong(product: Product) -> None:
    """What was sent under the old one stays right as long as the appointment is the same."""
    product.ready()
    mapping = {"service_code": "S", "account_code": "200", "tax_type": "OUTPUT"}
    product.ok("PUT", "/xero/items/", "bookkeeper", json={"items": [mapping]})
    product.appointment(line_items=[{"description": "x", "unit_amount": "50.00", "service_code": "S"}])
    product.invoice()
    product.ok("PUT", "/xero/items/", "bookkeeper", json={"items": [mapping | {"account_code": "260"}]})
    seen = completeness(product)
    assert (seen["whole"], groups(seen, "account")) == (True, {"200": ("55.00", "55.00", "0.00")})


def test_lines_given_by_hand_are_what_the_clinic_expects(product: Product) -> None:
    """The desk charged something else than the record says: that is what was meant, until the record changes."""
    product.ready()
    line = {"description": "Late fee", "unit_amount": "30.00", "account_code": "200"}
    product.invoice(line_items=[line])
    assert completeness(product)["whole"] is True


def test_a_merged_contact_is_no_difference(product: Product) -> None:
    """Merged in Xero and followed here: the invoice is the same person's."""
    product.ready()
    contact_id = product.invoice().json["contact_id"]
    (other,) = [c for c in product.books()["contacts"] if c["Name"] == "Mary Jones"]
    product.by_hand(f"contacts/{contact_id}/merge", into=other["ContactID"])
    product.reconcile()
    assert completeness(product)["items"] == []


def test_a_date_changed_by_hand_shows_in_both_months(product: Product) -> None:
    """Moved out of one period into another: named in both, counted by Xero where it is now."""
    product.ready()
    invoice_id = product.invoice().json["invoice_id"]
    product.by_hand(f"invoices/{invoice_id}/edit", Date="2026-12-02", DueDate="2026-12-16")
    here = completeness(product)
    (item,) = here["items"]
    assert (item["kind"], item["changes"]) == ("changed_there", ["date"])
    assert (here["clinic"]["count"], here["xero"]["count"], here["difference"]) == (1, 0, "110.00")
    there = completeness(product, "2026-12-02", "2026-12-02")
    assert (there["clinic"]["count"], there["xero"]["count"], there["difference"]) == (0, 1, "-110.00")
    assert [item["kind"] for item in there["items"]] == ["changed_there"]


def test_a_date_that_a_person_accepted_counts_where_the_invoice_is(product: Product) -> None:
    """The appointment's own month is locked; its invoice counts in the month it bears, on both sides."""
    product.ready()
    product.by_hand("organisation", period_lock_date="2026-11-30")
    assert product.invoice(date="2026-12-01").status_code == 201
    assert completeness(product)["clinic"]["count"] == 0
    december = completeness(product, "2026-12-01", "2026-12-31")
    assert (december["clinic"]["count"], december["xero"]["count"], december["whole"]) == (1, 1, True)


def test_nobody_came(product: Product) -> None:
    """A no-show is charged only where the practice does so, or where a person did it for this one."""
    product.ready()
    product.appointment(status="no_show")
    assert completeness(product)["clinic"]["count"] == 0
    product.settings(invoice_no_shows=True)
    assert completeness(product)["kinds"] == {"not_sent": 1}
    product.settings(invoice_no_shows=False)
    assert product.invoice().status_code == 201
    seen = completeness(product)
    assert (seen["clinic"]["count"], seen["xero"]["count"], seen["whole"]) == (1, 1, True)


def test_bulk_invoicing_and_completeness_choose_alike(product: Product) -> None:
    """After create_all over the period nothing is left to send, with no-shows or without."""
    product.ready()
    product.appointment("a-2", status="no_show")
    product.appointment("a-3", status="cancelled")
    period = {"starts_from": "2026-11-24T00:00:00+11:00", "starts_before": "2026-11-25T00:00:00+11:00"}
    for no_shows, count in ((False, 1), (True, 2)):
        product.settings(invoice_no_shows=no_shows)
        product.ok("POST", "/xero/invoices/create_all/", "reception", json=period)
        product.settle(120)
        seen = completeness(product)
        assert (seen["clinic"]["count"], seen["xero"]["count"], seen["whole"]) == (count, count, True)


def test_cancelled_and_credited_is_settled_on_both_sides(product: Product) -> None:
    """Our credit note over the whole of a cancelled appointment's invoice: nothing is left to look at."""
    product.ready()
    product.invoice()
    product.appointment(status="cancelled")
    product.ok("POST", "/xero/invoices/a-1/credit/", "bookkeeper", json={})
    product.settle(60)
    seen = completeness(product)
    assert (seen["items"], seen["difference"], seen["xero"]["count"]) == ([], "0.00", 0)


def test_a_corrected_invoice_counts_once(product: Product) -> None:
    """Credit note and new invoice: the former one is neither an orphan nor counted twice."""
    product.ready()
    invoice_id = product.invoice().json["invoice_id"]
    product.by_hand(f"invoices/{invoice_id}/pay")
    product.reconcile()
    product.appointment(line_items=[{"description": "x", "unit_amount": "120.00", "account_code": "200"}])
    product.call("POST", "/xero/invoices/a-1/correct/", "bookkeeper", json={})
    product.settle(300)
    seen = completeness(product)
    assert (seen["items"], seen["clinic"]["total"], seen["xero"]["total"]) == ([], "132.00", "132.00")


def test_an_invoice_of_the_organisation_before_is_none_here(product: Product) -> None:
    """Connected to another organisation since: the appointment has no invoice in this one."""
    product.ready()
    product.invoice()
    path = "practices/demo/invoice_links/a-1"
    data = product.ports.store.get(path).data  # type: ignore[union-attr]
    product.ports.store.put(path, data | {"tenant_id": "another"})
    assert [item["kind"] for item in completeness(product)["items"]] == [
        "orphan"
    ]  # it is in this one all the same


@pytest.mark.parametrize("invoices", [3, 7])
def test_xero_is_asked_once_for_a_thousand_invoices(
    product: Product, invoices: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ceil(n / page) calls for a period of any length, one more when links lead out of it; with pages of three here."""
    monkeypatch.setattr("shared.services.comparison.XERO_PAGE", 3)
    monkeypatch.setattr("shared.services.comparison.PAGE", 2)
    product.ready()
    for number in range(1, invoices + 1):
        product.appointment(f"a-{number}")
        assert product.invoice(f"a-{number}").status_code == 201
    completeness(product)  # the lists are cached now
    before = len(product.xero_calls())
    seen = completeness(product, "2026-01-01", "2026-12-31")
    assert (seen["clinic"]["count"], seen["whole"]) == (invoices, True)
    assert len(product.xero_calls()) - before == -(-invoices // 3)
    product.by_hand(
        f"invoices/{product.invoices()[0]['InvoiceID']}/edit", Date="2027-01-02", DueDate="2027-02-02"
    )
    before = len(product.xero_calls())
    assert completeness(product, "2026-01-01", "2026-12-31")["kinds"] == {"changed_there": 1}
    assert len(product.xero_calls()) - before == -(-(invoices - 1) // 3) + 1


def table(product: Product, query: str, **options: Any) -> list[dict[str, str]]:
    answer = product.call("GET", DAY + query, "bookkeeper", **options)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    raw = answer.get_data()
    assert raw.startswith(b"\xef\xbb\xbf")  # or Excel takes it for its own old code page
    assert raw.count(b"\r\n") == raw.count(b"\n")
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def test_the_accountants_file(product: Product) -> None:
    """One row for each appointment and each invoice without one; amounts add up to the answer's totals; no names."""
    product.ready()
    product.patient("p-2", first_name="Wilhelmina", last_name="Quartz")
    product.appointment("a-2", "p-2", clinic_id="north")
    product.appointment("a-3", status="cancelled")
    product.invoice("a-1")
    for rows in (table(product, "&format=csv"), table(product, "", headers={"Accept": "text/csv"})):
        assert [(row["appointment_id"], row["invoice_number"], row["kind"]) for row in rows] == [
            ("a-1", "CL-a-1", ""),
            ("a-2", "", "not_sent"),
        ]
        assert [(row["clinic_total"], row["xero_total"], row["difference"]) for row in rows] == [
            ("110.00", "110.00", "0.00"),
            ("110.00", "", "110.00"),
        ]
        assert "Quartz" not in str(rows)
    totals = table(product, "&format=csv&table=totals")
    assert totals[0] | {"by": "all"} == totals[0]
    assert (totals[0]["clinic_total"], totals[0]["xero_total"], totals[0]["difference"]) == (
        "220.00",
        "110.00",
        "110.00",
    )
    for name in ("day", "tax_rate", "account", "clinic", "currency"):
        assert sum(Decimal(row["clinic_total"]) for row in totals if row["by"] == name) == 220
    assert "items" in product.ok("GET", DAY + "&format=json", "bookkeeper", headers={"Accept": "text/csv"})


def test_the_file_runs_no_formula(product: Product) -> None:
    """A number that somebody typed in Xero and that begins like a formula comes as text; amounts stay numbers."""
    product.ready()
    invoice_id = product.invoice().json["invoice_id"]
    product.by_hand(f"invoices/{invoice_id}/edit", InvoiceNumber='=HYPERLINK("x")', Reference="@sum")
    product.ports.store.delete("practices/demo/invoice_links/a-1")
    product.appointment(status="cancelled")
    (row,) = table(product, "&format=csv")
    assert (row["kind"], row["invoice_number"], row["difference"]) == (
        "orphan",
        '\'=HYPERLINK("x")',
        "-110.00",
    )


@pytest.mark.parametrize(
    ("query", "field"),
    [("&format=xml", "format"), ("&table=patients", "table"), ("&last=2028-01-01", "(body)")],
)
def test_a_wrong_question_is_refused(product: Product, query: str, field: str) -> None:
    """422 names what is wrong."""
    product.connect()
    base = "/xero/completeness/?first=2026-11-24"
    query = query if "last" in query else "&last=2026-11-24" + query
    assert set(wrong(product.call("GET", base + query))) == {field}


def test_a_period_back_to_front_is_refused(product: Product) -> None:
    """422 names the query."""
    product.connect()
    answer = product.call("GET", "/xero/completeness/?first=2026-11-24&last=2026-11-01")
    assert answer.status_code == 422
    assert "last" in answer.json["detail"]
