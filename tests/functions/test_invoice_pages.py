"""The rest of the invoices function: preview, lists, bulk, and what people do with an invoice."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from shared.domain.errors import StoreUnavailable
from shared.services import paths
from tests.functions.edges import check_problem, wrong
from tests.product import Product


def preview(product: Product, appointment_id: str = "a-1", **fields: Any) -> dict[str, Any]:
    body = {"appointment_id": appointment_id, **fields}
    return dict(product.ok("POST", "/xero/invoices/preview/", "reception", json=body))


def everything(product: Product) -> list[tuple[str, Any]]:
    """All documents that the store holds of the practice, but for lists fetched from Xero and their mark of change."""
    found = []
    for collection in ("config", "patients", "appointments", "payers", "contact_links", "invoice_links",
                       "operations", "jobs", "log"):  # fmt: skip
        page = product.ports.store.query(f"practices/demo/{collection}", limit=500)
        found += [(d.path, copy.deepcopy(d.data)) for d in page.items if d.id != "setup"]
    return found


def test_preview_shows_the_exact_document(product: Product) -> None:
    """What would be sent is what is then sent, and the totals are Xero's."""
    product.ready()
    product.appointment("a-1", payer={"name": "Health Fund"}, amounts="inclusive")
    shown = preview(product)
    assert shown["problems"] == []
    assert shown["document"]["Contact"] == {"ContactID": "(a new contact)"}
    assert shown["document"]["LineItems"][0]["UnitAmount"] == "100.00"
    assert shown["totals"] == {"sub_total": "90.91", "total_tax": "9.09", "total": "100.00"}
    assert "Australia/Sydney" in shown["rules"]["date"]
    assert shown["rules"]["lines"][0]["account_code"] == "the appointment"
    created = product.invoice().json
    assert created["total"] == shown["totals"]["total"]
    assert created["rules"] == shown["rules"]


def test_preview_keeps_nothing(product: Product) -> None:
    """No operation, no contact, no payer, no log entry, and no call that writes."""
    product.ready()
    product.appointment("a-1", payer={"name": "Health Fund"})
    before = everything(product)
    preview(product)
    assert everything(product) == before
    assert [c for c in product.xero_calls() if c["method"] != "GET"] == []


def test_preview_names_every_problem_at_once(product: Product) -> None:
    """200 with the list of what is missing: cancelled, tracking, account, patient."""
    product.ready()
    line = {"description": "Visit", "unit_amount": 1, "service_code": "PHYSIO"}
    product.appointment("a-2", "nobody", status="cancelled", line_items=[line])
    shown = preview(product, "a-2", use_clinic_tracking=True)
    assert shown["document"] is None
    assert {p["field"] for p in shown["problems"]} == {
        "appointment_id",
        "use_clinic_tracking",
        "line_items[0].account_code",
    }
    assert any("nobody" in p["message"] for p in shown["problems"])


def test_preview_checks_account_and_tax_against_xero(product: Product) -> None:
    """A code that the organisation does not have is named before anything is sent."""
    product.ready()
    lines = [
        {"description": "A", "unit_amount": 1, "account_code": "nope"},
        {"description": "B", "unit_amount": 1, "account_code": "200", "tax_type": "OUTPUT9"},
    ]
    shown = preview(product, line_items=lines)
    assert {p["field"] for p in shown["problems"]} == {
        "line_items[0].account_code",
        "line_items[0].tax_type",
        "line_items[1].tax_type",
    }
    assert shown["totals"] is None


def test_preview_of_what_is_invoiced(product: Product) -> None:
    """Says so; after a void it shows the next number instead."""
    product.ready()
    product.invoice()
    assert "already invoiced as CL-a-1" in preview(product)["problems"][0]["message"]
    product.ok("POST", "/xero/invoices/a-1/void/", "bookkeeper", json={})
    again = preview(product)
    assert (again["problems"], again["document"]["InvoiceNumber"]) == ([], "CL-a-1-2")


def test_preview_without_a_connection(product: Product) -> None:
    """The document and its rules are shown all the same; only the totals need the organisation."""
    product.patient()
    product.appointment()
    shown = preview(product)
    assert shown["document"]["InvoiceNumber"] == "CL-a-1"
    assert [p["field"] for p in shown["problems"]] == ["totals"]


def test_preview_of_an_unknown_appointment(product: Product) -> None:
    """422 by name, as for creating."""
    product.ready()
    response = product.call("POST", "/xero/invoices/preview/", "reception", json={"appointment_id": "nobody"})
    assert set(wrong(response)) == {"appointment_id"}


def test_void_then_issue_again(product: Product) -> None:
    """A deleted draft's number is never used again: the second invoice has a new one, nothing is overwritten."""
    product.ready()
    product.settings(invoice_status="DRAFT")
    product.invoice()
    gone = product.ok("POST", "/xero/invoices/a-1/void/", "bookkeeper", json={})
    assert gone["status"] == "DELETED"
    again = product.invoice()
    assert (again.status_code, again.json["invoice_number"]) == (201, "CL-a-1-2")
    assert {i["InvoiceNumber"]: i["Status"] for i in product.invoices()} == {
        "CL-a-1": "DELETED",
        "CL-a-1-2": "DRAFT",
    }


def test_either_id_finds_the_invoice(product: Product) -> None:
    """By the appointment's id and by Xero's InvoiceID."""
    product.ready()
    created = product.invoice().json
    for either in ("a-1", created["invoice_id"]):
        assert product.ok("GET", f"/xero/invoices/{either}/", "reception") == created


def test_list_pages_and_filter(product: Product) -> None:
    """Latest change first, in pages that join without gap or repeat; filtered by status."""
    product.ready()
    for number in range(1, 8):
        product.appointment(f"a-{number}")
        product.invoice(f"a-{number}")
    product.ok("POST", "/xero/invoices/a-3/void/", "bookkeeper", json={})
    seen: list[str] = []
    query = "limit=3"
    while True:
        page = product.ok("GET", f"/xero/invoices/?{query}", "reception")
        seen += [item["appointment_id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query = f"limit=3&cursor={page['next_cursor']}"
    assert seen == ["a-3", "a-7", "a-6", "a-5", "a-4", "a-2", "a-1"]
    voided = product.ok("GET", "/xero/invoices/?status=VOIDED", "reception")["items"]
    assert [item["appointment_id"] for item in voided] == ["a-3"]


@pytest.mark.parametrize("path", ["/xero/invoices/", "/xero/operations/", "/xero/logs/"])
def test_cursors_that_are_none(product: Product, path: str) -> None:
    """A made-up, cut or foreign cursor, or a silly limit, is 422 with the field; never a crash."""
    product.ready()
    product.invoice()
    for cursor in (
        "",
        "x",
        "%00",
        "W10",
        "e30",
        "bnVsbA",
        "WzFd",
        "é",
        "A" * 1999,
        "eyJ",
        "WyJhIiwiXHVkODAwIl0",
    ):
        assert set(wrong(product.call("GET", f"{path}?cursor={cursor}"))) == {"cursor"}, cursor
    assert set(wrong(product.call("GET", f"{path}?cursor={'A' * 2001}"))) == {"cursor"}
    for limit in ("0", "-1", "201", "x", "1.5", ""):
        assert set(wrong(product.call("GET", f"{path}?limit={limit}"))) == {"limit"}, limit


def test_create_all_walks_a_period(product: Product) -> None:
    """Half-open period, not the cancelled; a second run makes nothing more; other clinics stay out."""
    product.ready()
    for day in range(10, 15):
        product.appointment(
            f"d-{day}", starts_at=f"2026-11-{day}T09:00:00+11:00", clinic_id="c-1" if day < 13 else "c-2"
        )
    product.appointment("d-11", starts_at="2026-11-11T09:00:00+11:00", clinic_id="c-1", status="cancelled")
    period = {"starts_from": "2026-11-10T00:00:00+11:00", "starts_before": "2026-11-14T00:00:00+11:00"}
    for body, counts in (
        (period | {"dry_run": True}, (3, 3, 0)),
        (period | {"clinic_id": "c-1"}, (2, 2, 0)),
        (period, (3, 1, 2)),
    ):
        started = product.call("POST", "/xero/invoices/create_all/", "reception", json=body)
        assert started.status_code == 202
        product.run_tasks()
        job = product.ok("GET", f"/xero/jobs/{started.json['job_id']}/", "reception")
        assert (job["status"], (job["seen"], job["done"], job["skipped"])) == ("done", counts), job
    assert sorted(i["Reference"] for i in product.invoices()) == ["d-10", "d-12", "d-13"]


def test_create_all_reports_what_failed(product: Product) -> None:
    """One appointment that cannot be invoiced is named with its reason; the others are made."""
    product.ready()
    product.appointment("a-2", line_items=[{"description": "x", "unit_amount": 1}])
    period = {"starts_from": "2026-11-24T00:00:00+11:00", "starts_before": "2026-11-25T00:00:00+11:00"}
    started = product.ok("POST", "/xero/invoices/create_all/", "reception", json=period)
    product.run_tasks()
    job = product.ok("GET", f"/xero/jobs/{started['job_id']}/", "reception")
    assert (job["done"], job["failed"]) == (1, 1)
    (problem,) = job["problems"]
    assert (problem["id"], "account_code" in problem["reason"]) == ("a-2", True)


WRONG_PERIODS: list[tuple[dict[str, Any], str]] = [
    ({"starts_from": 1700000000, "starts_before": "2026-11-25T00:00:00+11:00"}, "starts_from"),
    ({"starts_from": "2026-11-24T00:00:00", "starts_before": "2026-11-25T00:00:00+11:00"}, "starts_from"),
    ({"starts_from": "2026-11-24", "starts_before": "2026-11-25T00:00:00+11:00"}, "starts_from"),
    ({"starts_from": "2026-11-24T00:00:00+11:00"}, "starts_before"),
    (
        {"starts_from": "2026-11-24T00:00:00Z", "starts_before": "0001-01-01T00:00:00+14:00"},
        "starts_before",
    ),
    ({"starts_from": "2026-11-24T00:00:00Z", "starts_before": "2026-11-24T00:00:00Z"}, "(body)"),
]


def test_create_all_wrong_periods(product: Product) -> None:
    """Each wrong moment is named; a period that ends before it begins is refused."""
    for body, field in WRONG_PERIODS:
        answer = product.call("POST", "/xero/invoices/create_all/", "reception", json=body)
        assert set(wrong(answer)) == {field}, body


def test_a_draft_is_approved_once(product: Product) -> None:
    """Approving makes it AUTHORISED; again changes nothing; reception may not."""
    product.ready()
    product.settings(invoice_status="DRAFT")
    product.invoice()
    check_problem(
        product.call("POST", "/xero/invoices/a-1/approve/", "reception", json={}), 403, "not_allowed"
    )
    for _ in range(2):
        assert (
            product.ok("POST", "/xero/invoices/a-1/approve/", "bookkeeper", json={})["status"] == "AUTHORISED"
        )
    assert len([c for c in product.xero_calls("POST", "/api.xro/2.0/Invoices") if c["status"] == 200]) == 1


def test_payments_at_the_desk(product: Product) -> None:
    """Part and rest; the same reference is the same payment; the account is the method's own."""
    product.ready(payment_accounts={"card": "880"})
    product.invoice()
    pay = "/xero/invoices/a-1/payments/"
    part = {"method": "card", "reference": "r-1", "amount": "60.00"}
    for _ in range(2):
        assert product.ok("POST", pay, "reception", json=part)["amount_due"] == "50.00"
    rest = product.ok("POST", pay, "reception", json={"method": "card", "reference": "r-2"})
    assert (rest["status"], rest["amount_paid"], rest["amount_due"]) == ("PAID", "110.00", "0.00")
    assert len(product.books()["payments"]) == 2


WRONG_PAYMENTS: list[tuple[dict[str, Any], str]] = [
    ({"method": "cash", "reference": "r-1"}, "method"),
    ({"method": "card"}, "reference"),
    ({"method": "card", "reference": "r 1"}, "reference"),
    ({"method": "card", "reference": "r-1", "amount": "0"}, "amount"),
    ({"method": "card", "reference": "r-1", "amount": "-5"}, "amount"),
    ({"method": "card", "reference": "r-1", "amount": "110.01"}, "amount"),
    ({"method": "card", "reference": "r-1", "amount": "1.001"}, "amount"),
    ({"method": "card", "reference": "r-1", "amount": "NaN"}, "amount"),
]


def test_wrong_payments(product: Product) -> None:
    """Named; no payment is made and no account is guessed."""
    product.ready(payment_accounts={"card": "880"})
    product.invoice()
    for body, field in WRONG_PAYMENTS:
        answer = product.call("POST", "/xero/invoices/a-1/payments/", "reception", json=body)
        assert set(wrong(answer)) == {field}, body
    assert product.books()["payments"] == []


def test_paid_invoice_is_corrected_by_credit_only(product: Product) -> None:
    """Voiding a paid invoice is refused with what to do instead; nothing is edited."""
    product.ready(payment_accounts={"card": "880"})
    product.invoice()
    product.ok(
        "POST", "/xero/invoices/a-1/payments/", "reception", json={"method": "card", "reference": "r-1"}
    )
    refused = product.call("POST", "/xero/invoices/a-1/void/", "bookkeeper", json={})
    assert refused.status_code in (409, 422)
    assert "credit note" in check_problem(refused, refused.status_code)["detail"]
    assert product.invoices()[0]["Status"] == "PAID"


def test_credit_settles_what_is_due(product: Product) -> None:
    """A credit note over the whole, applied: nothing is due any more."""
    product.ready()
    product.invoice()
    credited = product.ok("POST", "/xero/invoices/a-1/credit/", "bookkeeper", json={})
    assert (credited["amount_credited"], credited["amount_due"]) == ("110.00", "0.00")


def test_actions_on_unknown_invoices(product: Product) -> None:
    """404 for each, by either id, and nothing is asked of Xero."""
    product.ready()
    before = len(product.xero_calls())
    for action in ("sync_status", "approve", "void", "email", "credit"):
        for either in ("nobody", "6b2cf8b4-4a3f-4b4e-9d62-0a8f0e9a1234"):
            check_problem(
                product.call("POST", f"/xero/invoices/{either}/{action}/", json={}), 404, "not_found"
            )
    body = {"method": "card", "reference": "r-1"}
    check_problem(product.call("POST", "/xero/invoices/nobody/payments/", json=body), 404, "not_found")
    check_problem(product.call("GET", "/xero/invoices/nobody/"), 404, "not_found")
    assert len(product.xero_calls()) == before


def test_a_pause_says_how_long(product: Product) -> None:
    """503 while Xero's day limit lasts: Retry-After and paused_until tell the same, truly long, time."""
    product.ready()
    product.invoice()
    product.simulator.fault("rate_limit", path="/api.xro/", problem="day", retry_after=73451, count=1)
    for _ in range(2):
        response = product.call("POST", "/xero/invoices/a-1/sync_status/", "reception", json={})
        body = check_problem(response, 503, "xero_paused")
        assert 73400 < int(response.headers["Retry-After"]) <= 73451
        assert body["paused_until"].endswith("Z")


def test_an_invoice_in_another_organisation(product: Product) -> None:
    """It is still shown, but its link opens no wrong organisation, and it is not acted on from here."""
    product.ready()
    product.invoice()
    document = product.ports.store.get(paths.invoice_link("demo", "a-1"))
    assert document is not None
    product.ports.store.put(document.path, document.data | {"tenant_id": "another"})
    shown = product.ok("GET", "/xero/invoices/a-1/")
    assert "shortcode" not in shown["xero_url"]
    check_problem(product.call("POST", "/xero/invoices/a-1/sync_status/", json={}), 409)


def test_a_job_survives_our_own_storage_failing(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is no fault of the record: the page is tried again, and nothing is reported as failed."""
    product.ready()
    started = product.ok("POST", "/xero/contacts/sync_all/", "reception", json={})
    original, failures = product.ports.store.get, [2]

    def get(path: str) -> Any:
        if "/contact_links/" in path and failures[0]:
            failures[0] -= 1
            raise StoreUnavailable
        return original(path)

    monkeypatch.setattr(product.ports.store, "get", get)
    product.settle(120)
    job = product.ok("GET", f"/xero/jobs/{started['job_id']}/", "reception")
    assert failures == [0]
    assert (job["status"], job["seen"], job["done"], job["failed"]) == ("done", 1, 1, 0)
