"""The clinic's own lists, joined with what became of each in Xero: appointments and patients."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functions.edges import check_problem
from tests.product import Product

DAY = "first=2026-11-24&last=2026-11-24"


def appointments(product: Product, query: str = "", role: str = "reception") -> dict[str, Any]:
    return dict(product.ok("GET", f"/xero/appointments/?{DAY}&{query}", role))


def ids(product: Product, query: str = "") -> list[str]:
    return [row["appointment_id"] for row in appointments(product, query)["items"]]


def row(product: Product, appointment_id: str) -> dict[str, Any]:
    return next(r for r in appointments(product)["items"] if r["appointment_id"] == appointment_id)


def patients(product: Product, query: str = "", role: str = "reception") -> list[dict[str, Any]]:
    return list(product.ok("GET", f"/xero/contacts/?{query}", role)["items"])


def a_day(product: Product) -> None:
    """Each state of an appointment once."""
    product.ready()
    product.patient("p-2", first_name="Zoë", last_name="García", reference="ZG7")
    product.appointment("a-2", "p-2", clinic_id="north", practitioner_id="tan")
    product.appointment("a-3", status="cancelled", clinic_id="north")
    product.appointment("a-4", status="no_show")
    for number in (5, 6, 7):
        product.appointment(f"a-{number}")
        product.invoice(f"a-{number}")
    paid = product.ok("GET", "/xero/invoices/a-6/")
    product.by_hand(f"invoices/{paid['invoice_id']}/pay")
    product.ok("POST", "/xero/invoices/a-6/sync_status/", json={})
    product.ok("POST", "/xero/invoices/a-7/void/", "bookkeeper", json={})
    product.settings(invoice_status="DRAFT")
    product.appointment("a-8")
    product.invoice("a-8")


def test_each_state_is_found(product: Product) -> None:
    """The filter finds what the row says."""
    a_day(product)
    states = {
        "not_invoiced": ["a-1", "a-2"],
        "nothing_to_invoice": ["a-3", "a-4"],
        "draft": ["a-8"],
        "due": ["a-5"],
        "paid": ["a-6"],
        "cancelled": ["a-7"],
        "waiting": [],
        "needs_you": [],
    }
    assert {state: sorted(ids(product, f"state={state}")) for state in states} == states
    shown = {r["appointment_id"]: r["state"] for r in appointments(product)["items"]}
    assert shown == {each: state for state, found in states.items() for each in found}
    assert ids(product, "clinic_id=north&state=not_invoiced") == ["a-2"]
    assert ids(product, "practitioner_id=tan") == ["a-2"]


@pytest.mark.parametrize("text", ["zoe", "GARC", "zg7", "zoe garc", "p-2", "a-2"])
def test_search_in_names_codes_and_ids(product: Product, text: str) -> None:
    """Case and accents apart; every word must be there."""
    product.ready()
    product.patient("p-2", first_name="Zoë", last_name="García", reference="ZG7")
    product.appointment("a-2", "p-2")
    assert ids(product, f"search={text}") == ["a-2"]
    assert ids(product, f"search={text}%20nobody") == []


def test_a_number_is_found_whatever_its_day(product: Product) -> None:
    """The patient at the desk has the invoice of last month in hand."""
    product.ready()
    product.appointment("older", starts_at="2026-10-01T09:00:00+10:00")
    number = product.invoice("older").json["invoice_number"]
    assert ids(product, f"search={number}") == ["older"]
    assert ids(product, "search=older") == ["older"]
    assert ids(product, "search=a-1") == ["a-1"]  # of this day: once


def test_what_waits_and_what_needs_a_person(product: Product) -> None:
    """The operation tells why, and when it goes on; asked again, it is the row's own."""
    product.ready()
    product.simulator.fault("rate_limit", retry_after=30, limit="minute", path="/api.xro/2.0/")
    assert product.invoice("a-1").status_code == 202
    waiting = row(product, "a-1")
    assert (waiting["state"], waiting["needs_you"]) == ("not_invoiced", False)
    assert waiting["operation"]["kind"] == "invoice_create"
    assert waiting["operation"]["next_attempt_at"]
    assert (ids(product, "state=waiting"), ids(product, "state=not_invoiced")) == (["a-1"], [])
    product.settle(120)
    assert row(product, "a-1")["operation"] is None
    contact = product.ok("GET", "/xero/contacts/p-1/")
    product.by_hand(f"contacts/{contact['contact_id']}/archive")
    product.appointment("a-2")
    assert product.invoice("a-2").status_code == 422
    needs = row(product, "a-2")
    assert needs["needs_you"]
    assert needs["operation"]["reason_code"] == "contact_archived"
    assert ids(product, "state=needs_you") == ["a-2"]


def test_an_action_that_failed_is_on_its_row(product: Product) -> None:
    """Voiding an invoice that was paid meanwhile: the row says so beside what it is."""
    product.ready()
    invoice = product.invoice().json
    product.by_hand(f"invoices/{invoice['invoice_id']}/pay", amount="10.00")
    check_problem(product.call("POST", "/xero/invoices/a-1/void/", "bookkeeper", json={}), 422)
    shown = row(product, "a-1")
    assert (shown["state"], shown["needs_you"]) == ("due", True)
    assert shown["operation"]["kind"] == "invoice_void"


def test_a_changed_appointment_needs_a_person(product: Product) -> None:
    """The difference comes with its proposal; a person decides."""
    product.ready()
    product.invoice()
    product.appointment("a-1", status="cancelled")
    shown = row(product, "a-1")
    assert shown["needs_you"]
    assert shown["invoice"]["difference"]["proposal"] == "void"
    assert ids(product, "state=needs_you") == ["a-1"]


def test_pages_of_a_filtered_list(product: Product) -> None:
    """Every match once, in order, whatever the page's size, also where most rows do not match."""
    product.ready()
    for number in range(40):
        name = {"last_name": "Rare"} if number % 9 == 0 else {}
        product.patient(f"q-{number:02}", **name)
        product.appointment(
            f"b-{number:02}", f"q-{number:02}", starts_at=f"2026-11-24T10:{number:02}:00+11:00"
        )
    expected = [f"b-{number:02}" for number in range(0, 40, 9)]
    for limit in (1, 2, 3, 200):
        found, query = [], f"search=rare&limit={limit}"
        while True:
            page = appointments(product, query)
            assert len(page["items"]) <= limit
            found += [r["appointment_id"] for r in page["items"]]
            if page["next_cursor"] is None:
                break
            query = f"search=rare&limit={limit}&cursor={page['next_cursor']}"
        assert found == expected
    check_problem(product.call("GET", f"/xero/appointments/?{DAY}&cursor=nonsense", "reception"), 422)


def test_a_page_costs_a_few_reads(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one read for each row: twenty rows cost as many calls of the store as one."""
    product.ready()
    for number in range(20):
        product.appointment(f"b-{number:02}", product.patient(f"q-{number:02}"))
    asked: list[str] = []
    store = type(product.ports.store)
    for name in ("get", "get_many", "query"):
        real = getattr(store, name)

        def counted(self: Any, *args: Any, real: Any = real, **named: Any) -> Any:
            asked.append("x")
            return real(self, *args, **named)

        monkeypatch.setattr(store, name, counted)
    counts = []
    for query in ("limit=1", "limit=50"):
        asked.clear()
        appointments(product, query)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_bookkeeper_sees_what_the_books_say(product: Product) -> None:
    """Names are for those who meet the patients; searching does not tell them either."""
    product.ready(privacy_mode="initials")
    product.patient("p-1", first_name="Zoë", last_name="García", reference="ZG7")
    names = {role: appointments(product, role=role)["items"][0]["patient_name"] for role in
             ("reception", "owner", "bookkeeper")}  # fmt: skip
    assert names == {"reception": "Zoë García", "owner": "Zoë García", "bookkeeper": "Z. G. (ZG7)"}
    assert appointments(product, "search=garcia", "bookkeeper")["items"] == []
    assert appointments(product, "search=zg7", "bookkeeper")["items"]
    assert patients(product, role="bookkeeper")[0]["patient_name"] == "Z. G. (ZG7)"
    assert patients(product, "search=garcia", "bookkeeper") == []


def test_patients_and_their_contacts(product: Product) -> None:
    """Same name, archived, changed since, not sent, erased: each is told, and found by its filter."""
    product.ready()
    for patient_id in ("11", "22"):
        product.patient(patient_id, first_name="John", last_name="Smith")
        product.ok("POST", "/xero/contacts/sync_patient/", json={"patient_id": patient_id})
    contact = product.ok("POST", "/xero/contacts/sync_patient/", json={"patient_id": "p-1"})
    found = {p["patient_id"]: p for p in patients(product)}
    assert (found["11"]["same_name"], found["22"]["same_name"]) == (False, True)
    assert not any(p["behind"] for p in found.values())
    product.patient("11", first_name="John", last_name="Smith", email="new@example.com")
    product.patient("33", last_name="New")
    product.by_hand(f"contacts/{contact['contact_id']}/archive")
    product.settle(60)
    found = {p["patient_id"]: p for p in patients(product)}
    assert found["11"]["behind"]
    assert {state: [p["patient_id"] for p in patients(product, f"state={state}")]
            for state in ("linked", "not_sent", "archived")} == {
        "linked": ["11", "22"], "not_sent": ["33"], "archived": ["p-1"]}  # fmt: skip
    assert [p["patient_id"] for p in patients(product, "search=john%20smi")] == ["11", "22"]
    product.patient("p-1", email="a@example.com")
    product.call("POST", "/xero/contacts/sync_patient/", json={"patient_id": "p-1"})
    (needs,) = patients(product, "state=needs_you")
    assert (needs["patient_id"], needs["operation"]["reason_code"]) == ("p-1", "contact_archived")


def test_a_merged_contact_says_so(product: Product) -> None:
    """Also after it was sent again."""
    product.ready()
    made = product.ok("POST", "/xero/contacts/sync_patient/", json={"patient_id": "p-1"})
    product.patient("p-2", last_name="Other")
    other = product.ok("POST", "/xero/contacts/sync_patient/", json={"patient_id": "p-2"})
    product.by_hand(f"contacts/{made['contact_id']}/merge", into=other["contact_id"])
    product.settle(60)
    merged = {p["patient_id"]: p["merged"] for p in patients(product)}
    assert merged == {"p-1": True, "p-2": False}
    product.ok("POST", "/xero/contacts/sync_patient/", json={"patient_id": "p-1", "force_update": True})
    assert patients(product, "search=p-1")[0]["merged"]


def test_chosen_appointments_as_a_job(product: Product) -> None:
    """Exactly those that were chosen, more than one step takes; what cannot be made is told."""
    product.ready()
    chosen = [product.appointment(f"b-{number:03}") for number in range(104)]
    product.appointment("b-003", status="cancelled")
    job = product.ok("POST", "/xero/invoices/create_all/", "reception", json={"appointment_ids": chosen})
    product.settle(240)
    done = product.ok("GET", f"/xero/jobs/{job['job_id']}/")
    assert (done["status"], done["seen"], done["done"], done["failed"]) == ("done", 104, 103, 1)
    assert [problem["id"] for problem in done["problems"]] == ["b-003"]
    assert sorted(i["Reference"] for i in product.invoices() if i["Reference"]) == sorted(
        set(chosen) - {"b-003"}
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"appointment_ids": []},
        {"starts_from": "2026-11-24T00:00:00Z"},
        {"appointment_ids": ["a-1"], "clinic_id": "north"},
        {
            "appointment_ids": ["a-1"],
            "starts_from": "2026-11-24T00:00:00Z",
            "starts_before": "2026-11-25T00:00:00Z",
        },
    ],
)
def test_a_job_names_a_period_or_appointments(product: Product, body: dict[str, Any]) -> None:
    """One or the other, whole."""
    product.ready()
    check_problem(product.call("POST", "/xero/invoices/create_all/", "reception", json=body), 422)
