"""The activity function: who did what, what waits, what needs a person."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.functions.edges import check_problem, wrong
from tests.product import TENANTS, Product
from tests.traces import traces

LOGS = "/xero/logs/"


def log(product: Product, query: str = "", role: str = "reception") -> list[dict[str, Any]]:
    return list(product.ok("GET", f"{LOGS}?{query}", role)["items"])


def day(product: Product) -> dict[str, Any]:
    """Settings, an invoice, a payment by hand seen by asking, a refusal; gives the invoice."""
    product.ready()
    created = dict(product.invoice().json)
    product.by_hand(f"invoices/{created['invoice_id']}/pay", amount="10.00")
    product.ok("POST", "/xero/invoices/a-1/sync_status/", "reception", json={})
    product.appointment("a-2")
    line = {"description": "x", "unit_amount": 1, "account_code": "nope"}
    assert product.invoice("a-2", line_items=[line]).status_code == 422
    return created


def test_every_change_has_its_entry(product: Product) -> None:
    """Who, when, what before and after, which document in Xero, how long it took, how many calls are left."""
    created = day(product)
    entries = {entry["action"]: entry for entry in reversed(log(product)) if entry["outcome"] == "ok"}
    assert {"connection.connected", "settings.change", "contact.create", "invoice.create"} <= set(entries)
    made = entries["invoice.create"]
    assert (made["actor"]["role"], made["actor"]["name"]) == ("reception", "Rosa Reception")
    assert (made["xero_id"], made["after"]["invoice_number"]) == (created["invoice_id"], "CL-a-1")
    assert made["after"]["total"] == "110.00"
    assert made["duration_ms"] >= 0
    assert 0 <= made["calls_left_minute"] < 60
    assert made["calls_left_day"] > 0
    assert made["at"].endswith("Z")
    assert made["request_id"]
    (moved,) = [e for e in log(product) if e.get("before", {}).get("amount_paid") == "0.00"]
    assert (moved["after"]["amount_paid"], moved["xero_id"]) == ("10.00", created["invoice_id"])
    (failed,) = [e for e in log(product) if e["outcome"] == "failed"]
    assert (failed["action"], failed["code"], failed["appointment_id"]) == (
        "invoice.create",
        "account_invalid",
        "a-2",
    )


def test_filters(product: Product) -> None:
    """Each filter alone and two together; a filter that fits nothing is an empty list."""
    day(product)
    everything = log(product, "limit=200")
    for name in ("action", "outcome", "appointment_id", "patient_id", "operation_id", "actor_subject"):
        for value in {entry[name] for entry in everything if name in entry}:
            found = log(product, f"limit=200&{name}={quote(value)}")
            assert found == [entry for entry in everything if entry.get(name) == value]
            assert found
    both = log(product, "action=invoice.create&outcome=failed")
    assert [entry["appointment_id"] for entry in both] == ["a-2"]
    assert log(product, "action=nothing") == []


def test_period(product: Product) -> None:
    """From an instant on, up to another one, with an offset or not at all."""
    day(product)
    everything = log(product, "limit=200")
    middle = everything[len(everything) // 2]["at"]
    assert log(product, f"limit=200&since={middle}") == [e for e in everything if e["at"] >= middle]
    assert log(product, f"limit=200&until={middle}") == [e for e in everything if e["at"] < middle]
    first, last = everything[-1]["at"], everything[0]["at"]
    between = [e for e in everything if first <= e["at"] < last]
    assert log(product, f"limit=200&since={first}&until={last}") == between
    assert between
    assert log(product, "since=2199-01-01T00:00:00Z") == []
    assert set(wrong(product.call("GET", LOGS + "?since=2026-11-24T00:00:00"))) == {"since"}
    assert set(wrong(product.call("GET", LOGS + "?since=1795500000"))) == {"since"}


def test_pages_join(product: Product) -> None:
    """Newest first, in pages of any size, without gap or repeat."""
    day(product)
    everything = log(product, "limit=200")
    assert [e["at"] for e in everything] == sorted((e["at"] for e in everything), reverse=True)
    for size in (1, 3):
        seen: list[str] = []
        query = f"limit={size}"
        while True:
            page = product.ok("GET", f"{LOGS}?{query}", "reception")
            assert len(page["items"]) <= size
            seen += [entry["id"] for entry in page["items"]]
            if not page["next_cursor"]:
                break
            query = f"limit={size}&cursor={page['next_cursor']}"
        assert seen == [entry["id"] for entry in everything]


def test_wrong_outcome(product: Product) -> None:
    """A filter's value that cannot occur is named."""
    assert set(wrong(product.call("GET", LOGS + "?outcome=good"))) == {"outcome"}


def test_no_patient_details_in_the_log(product: Product) -> None:
    """Ids only: no name, e-mail or phone number of a patient or payer in any entry."""
    product.ready()
    details = {
        "first_name": "Wilhelmina",
        "last_name": "Quartz",
        "email": "mina@quartz.example",
        "phone": "0499 123 456",
    }
    product.patient("p-1", **details)
    product.appointment("a-1", payer={"name": "Zephyr Fund", "email": "claims@zephyr.example"})
    product.invoice()
    product.appointment("a-2")
    product.invoice("a-2")
    product.patient("p-1", **details | {"phone": "0499 999 999"})
    product.ok("POST", "/xero/contacts/sync_patient/", json={"patient_id": "p-1"})
    entries = log(product, "limit=200")
    assert "p-1" in str(entries)
    told = ("Wilhelmina", "Quartz", "quartz.example", "0499 ", "Zephyr", "zephyr.example")
    assert not traces(told, entries)


def test_attention_groups_by_cause(product: Product) -> None:
    """Three invoices, one cause: a sentence, a remedy, a count; the connection comes first when it is lost."""
    product.ready()
    line = {"description": "x", "unit_amount": 1, "account_code": "nope"}
    for number in range(1, 4):
        product.appointment(f"a-{number}")
        product.invoice(f"a-{number}", line_items=[line])
    (cause,) = product.ok("GET", "/xero/attention/", "reception")["items"]
    assert (cause["cause"], cause["count"]) == ("account_invalid", 3)
    assert cause["sentence"]
    assert cause["remedy"]
    assert {o["subject"]["appointment_id"] for o in cause["operations"]} == {"a-1", "a-2", "a-3"}
    assert all(set(o) == {"operation_id", "kind", "subject", "reason"} for o in cause["operations"])


def test_operations_are_listed_and_shown(product: Product) -> None:
    """Latest first, by status, one by one; without the body that was sent, which names the patient."""
    day(product)
    listed = product.ok("GET", "/xero/operations/", "reception")["items"]
    assert {o["kind"] for o in listed} == {"contact_create", "invoice_create"}
    failed = product.ok("GET", "/xero/operations/?status=failed", "reception")["items"]
    assert [o["subject"]["appointment_id"] for o in failed] == ["a-2"]
    shown = product.ok("GET", f"/xero/operations/{failed[0]['operation_id']}/", "reception")
    assert shown == failed[0]
    assert "body" not in shown
    assert set(wrong(product.call("GET", "/xero/operations/?status=lost"))) == {"status"}


def test_what_is_done_is_not_tried_again(product: Product) -> None:
    """409 for an operation that ended well, for retry and for cancel."""
    product.ready()
    product.invoice()
    for operation in product.ok("GET", "/xero/operations/?status=done")["items"]:
        for action in ("retry", "cancel"):
            answer = product.call("POST", f"/xero/operations/{operation['operation_id']}/{action}/", json={})
            check_problem(answer, 409, "conflict")
    assert len(product.invoices()) == 1


def test_cancelling_what_waits(product: Product) -> None:
    """A refused operation is cancelled: out of the attention list, in the log with who, never sent again."""
    day(product)
    (failed,) = product.ok("GET", "/xero/operations/?status=failed")["items"]
    cancelled = product.ok("POST", f"/xero/operations/{failed['operation_id']}/cancel/", "reception", json={})
    assert cancelled["status"] == "cancelled"
    assert product.ok("GET", "/xero/attention/")["items"] == []
    (entry,) = log(product, "action=operation.cancel")
    assert (entry["operation_id"], entry["actor"]["role"]) == (failed["operation_id"], "reception")
    product.settle(120)
    assert len(product.invoices()) == 1


def test_a_retry_is_in_the_log(product: Product) -> None:
    """With who asked."""
    day(product)
    (failed,) = product.ok("GET", "/xero/operations/?status=failed")["items"]
    product.ok("POST", f"/xero/operations/{failed['operation_id']}/retry/", "bookkeeper", json={})
    (entry,) = log(product, "action=operation.retry")
    assert entry["actor"]["role"] == "bookkeeper"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/xero/jobs/nobody/"),
        ("GET", "/xero/operations/nobody/"),
        ("POST", "/xero/operations/nobody/retry/"),
        ("POST", "/xero/operations/nobody/cancel/"),
    ],
)
def test_unknown_ids(product: Product, method: str, path: str) -> None:
    """404 and no entry in the log: nothing happened."""
    check_problem(product.call(method, path, json={} if method == "POST" else None), 404, "not_found")
    assert log(product) == []


def test_lost_connection_needs_attention_first(product: Product) -> None:
    """Disconnected in Xero: the first cause says that an owner connects again."""
    product.ready()
    product.invoice()
    product.appointment("a-2")
    product.simulator.fault(
        "status",
        path="/api.xro/",
        status=403,
        body={"Type": None, "Title": "Forbidden", "Status": 403, "Detail": "AuthenticationUnsuccessful"},
        count=9,
    )
    product.simulator.fault("status", path="/connections", status=200, body=[], count=9)
    assert product.invoice("a-2").status_code == 202
    first = product.ok("GET", "/xero/attention/")["items"][0]
    assert first["cause"].startswith("connection.")
    assert "An owner connects again" in first["remedy"]
    assert TENANTS["demo"] not in first["sentence"]
