"""create_invoice: an appointment becomes one invoice, or the caller learns what to mend, and nothing is kept."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.functions.edges import check_problem, wrong
from tests.product import Product

CREATE = "/xero/invoices/create_invoice/"
FIELDS = {
    "appointment_id", "invoice_id", "invoice_number", "contact_id", "status", "currency", "total", "amount_due",
    "amount_paid", "amount_credited", "date", "due_date", "xero_url", "updated_at", "rules",
    "amount_refunded", "expected_total", "total_differs", "emailed_at", "online_invoice_url", "difference", "sentence",
}  # fmt: skip


def lines(**fields: Any) -> list[dict[str, Any]]:
    return [{"description": "Visit", "unit_amount": "100.00", "account_code": "200", **fields}]


def only(product: Product) -> dict[str, Any]:
    (invoice,) = product.invoices()
    return invoice


def post(product: Product, raw: str) -> TestResponse:
    return product.call("POST", CREATE, "reception", data=raw)


def nothing_kept(product: Product) -> None:
    """No operation, no call that writes, no invoice."""
    assert product.ok("GET", "/xero/operations/")["items"] == []
    assert [c for c in product.xero_calls() if c["method"] != "GET"] == []
    assert product.invoices() == []


def test_created_and_given_back_ever_after(product: Product) -> None:
    """201 with every field that callers rely on, then 200 with the same; the amounts are strings."""
    product.ready()
    created = product.invoice()
    assert created.status_code == 201
    body = created.json
    assert set(body) == FIELDS
    assert (body["appointment_id"], body["invoice_number"], body["status"]) == ("a-1", "CL-a-1", "AUTHORISED")
    assert (body["total"], body["amount_due"], body["amount_paid"], body["amount_credited"]) == (
        "110.00", "110.00", "0.00", "0.00",
    )  # fmt: skip
    assert (body["date"], body["due_date"], body["currency"]) == ("2026-11-24", "2026-12-08", "AUD")
    assert "!hS7aC" in body["xero_url"]
    again = product.invoice()
    assert (again.status_code, again.json) == (200, body)
    assert len(product.invoices()) == 1


def test_the_invoices_contact_is_its_id_alone(product: Product) -> None:
    """Any other field of the contact in an invoice would change the contact in Xero."""
    product.ready()
    product.invoice()
    (sent,) = product.xero_calls("PUT", "/api.xro/2.0/Invoices")
    (document,) = json.loads(sent["body"])["Invoices"]
    assert set(document["Contact"]) == {"ContactID"}


def test_the_contact_is_synced_on_the_way(product: Product) -> None:
    """The patient had no contact: one request makes both, the contact first."""
    product.ready()
    product.invoice()
    writes = [c["path"].rsplit("/", 1)[1] for c in product.xero_calls() if c["method"] in ("PUT", "POST")]
    assert writes == ["Contacts", "Invoices"]
    assert product.ok("GET", "/xero/contacts/p-1/")["contact_id"] == only(product)["Contact"]["ContactID"]


def test_changed_details_reach_the_contact_before_the_invoice(product: Product) -> None:
    """A new e-mail address is in Xero before the next invoice goes there."""
    product.ready()
    product.invoice()
    product.patient("p-1", email="new@example.com")
    product.appointment("a-2")
    assert product.invoice("a-2").status_code == 201
    (contact,) = (c for c in product.books()["contacts"] if c.get("ContactNumber") == "p-1")
    assert contact["EmailAddress"] == "new@example.com"


def test_unchanged_patient_costs_one_call(product: Product) -> None:
    """The second invoice of an unchanged patient is one request to Xero."""
    product.ready()
    product.invoice()
    product.appointment("a-2")
    before = len(product.xero_calls())
    product.invoice("a-2")
    assert len(product.xero_calls()) - before == 1


@pytest.mark.parametrize("start", ["2026-11-24T08:00:00+11:00", "2026-11-24T23:30:00+11:00"])
def test_dated_the_clinics_day(product: Product, start: str) -> None:
    """Invoice dated the previous day: 08:00 and 23:30 in Sydney are both 24 November in Xero."""
    product.ready()
    product.appointment("a-1", starts_at=start)
    assert product.invoice().json["date"] == "2026-11-24"
    assert only(product)["DateString"].startswith("2026-11-24")


def test_per_line_tax(product: Product) -> None:
    """25.06, 25.61, 25.63 at 15 % come to 87.74, in the answer and in the books."""
    product.ready("other")
    given = [
        {"description": "Visit", "unit_amount": amount, "account_code": "202", "tax_type": "OUTPUT2"}
        for amount in ("25.06", "25.61", "25.63")
    ]
    assert product.invoice(practice="other", line_items=given).json["total"] == "87.74"


def test_discount_with_quantity(product: Product) -> None:
    """3 x 19.99 less 10 % is 53.97 by Xero's formula, whatever rounding the unit price would give."""
    product.ready()
    given = lines(unit_amount="19.99", quantity=3, discount_rate="10", tax_type="EXEMPTOUTPUT")
    assert product.invoice(line_items=given).json["total"] == "53.97"


def test_tax_free_and_taxed_lines_in_one_invoice(product: Product) -> None:
    """A GST-free consultation and a taxable product keep their own tax types, from their mappings."""
    product.ready()
    items = [
        {"service_code": "CONSULT", "account_code": "201", "tax_type": "EXEMPTOUTPUT"},
        {"service_code": "INSOLE", "account_code": "202", "tax_type": "OUTPUT"},
    ]
    product.ok("PUT", "/xero/items/", "bookkeeper", json={"items": items})
    given = [
        {"description": "Visit", "unit_amount": "95.00", "service_code": "CONSULT"},
        {"description": "Insole", "unit_amount": "220.00", "service_code": "INSOLE"},
    ]
    assert product.invoice(line_items=given).json["total"] == "337.00"
    assert [part["TaxType"] for part in only(product)["LineItems"]] == ["EXEMPTOUTPUT", "OUTPUT"]


def test_numbers_in_json_are_read_exactly(product: Product) -> None:
    """0.1 + 0.2 never happens: a number in the request goes to Xero digit by digit."""
    product.ready()
    raw = (
        '{"appointment_id":"a-1","line_items":[{"description":"x","account_code":"200","quantity":1.1,'
        '"unit_amount":0.3},{"description":"y","account_code":"200","unit_amount":2.675}]}'
    )
    assert post(product, raw).status_code == 201
    (sent,) = product.xero_calls("PUT", "/api.xro/2.0/Invoices")
    (document,) = json.loads(sent["body"], parse_float=Decimal)["Invoices"]
    assert [(str(p["Quantity"]), str(p["UnitAmount"])) for p in document["LineItems"]] == [
        ("1.1", "0.3"),
        ("1", "2.675"),
    ]


WRONG_LINES = [
    ("quantity", "0"),
    ("quantity", "-1"),
    ("quantity", '"-0.5"'),
    ("quantity", "1000001"),
    ("quantity", "1.00005"),
    ("quantity", "true"),
    ("quantity", "null"),
    ("quantity", "{}"),
    ("unit_amount", '"NaN"'),
    ("unit_amount", '"Infinity"'),
    ("unit_amount", '"1e3"'),
    ("unit_amount", '"1_000"'),
    ("unit_amount", '"1,000.00"'),
    ("unit_amount", '"$10"'),
    ("unit_amount", '""'),
    ("unit_amount", "1e400"),
    ("unit_amount", "1e99999999999999999999"),
    ("unit_amount", "-1e99999999999999999999"),
    ("unit_amount", "9" * 5000),
    ("unit_amount", "1." + "0" * 40 + "1"),
    ("unit_amount", "1e-30"),
    ("unit_amount", "99999999999"),
    ("unit_amount", "[1]"),
    ("discount_rate", "101"),
    ("discount_rate", "-1"),
    ("discount_amount", "0.001"),
    ("description", '""'),
    ("description", '" \\u200b "'),
    ("description", '"' + "x" * 4001 + '"'),
    ("service_code", '"a/b"'),
    ("account_code", '"' + "2" * 11 + '"'),
    ("amount", "1"),
]


def test_wrong_lines_are_named_and_nothing_is_kept(product: Product) -> None:
    """The second line's field is named by its place; no operation is kept and Xero hears nothing."""
    product.ready()
    good = '{"description":"x","unit_amount":1,"account_code":"200"}'
    for field, raw in WRONG_LINES:
        values = {"description": '"x"', "unit_amount": "1", "account_code": '"200"', field: raw}
        bad = "{" + ",".join(f'"{name}":{value}' for name, value in values.items()) + "}"
        found = wrong(post(product, f'{{"appointment_id":"a-1","line_items":[{good},{bad}]}}'))
        assert set(found) == {f"line_items[1].{field}"}, raw[:50]
    nothing_kept(product)


WRONG_REQUESTS: list[tuple[dict[str, Any], str]] = [
    ({}, "appointment_id"),
    ({"appointment_id": "nobody"}, "appointment_id"),
    ({"appointment_id": "a/1"}, "appointment_id"),
    ({"appointment_id": "a-1", "line_items": {}}, "line_items"),
    ({"appointment_id": "a-1", "line_items": []}, "line_items"),
    ({"appointment_id": "a-1", "line_items": [None]}, "line_items[0]"),
    ({"appointment_id": "a-1", "line_items": [{"unit_amount": 1}]}, "line_items[0].description"),
    ({"appointment_id": "a-1", "line_items": lines() * 201}, "line_items"),
    ({"appointment_id": "a-1", "use_clinic_tracking": "x"}, "use_clinic_tracking"),
    ({"appointment_id": "a-1", "use_clinic_tracking": True}, "use_clinic_tracking"),
    ({"appointment_id": "a-1", "line_items": lines(account_code=None)}, "line_items[0].account_code"),
    ({"appointment_id": "a-1", "line_items": lines(discount_rate=1, discount_amount=1)}, "line_items[0]"),
    (
        {"appointment_id": "a-1", "line_items": lines(unit_amount="9999999999", quantity=2)},
        "line_items[0]",
    ),
]


def test_wrong_requests_are_named_and_nothing_is_kept(product: Product) -> None:
    """422 names the field with the remedy; nothing is created and nothing kept."""
    product.ready()
    for body, field in WRONG_REQUESTS:
        assert set(wrong(product.call("POST", CREATE, "reception", json=body))) == {field}, body
    nothing_kept(product)


def test_negative_lines_are_taken(product: Product) -> None:
    """A gap already paid is a line below zero."""
    product.ready()
    given = lines() + lines(description="Gap paid", unit_amount="-30.00")
    assert product.invoice(line_items=given).json["total"] == "77.00"


def test_missing_mapping_is_named(product: Product) -> None:
    """The service to map and the place to map it; after mapping, the same request succeeds."""
    product.ready()
    given = [{"description": "Visit", "unit_amount": "95.00", "service_code": "PHYSIO"}]
    found = wrong(product.invoice(line_items=given))
    assert "map service 'PHYSIO' at /xero/items/" in found["line_items[0].account_code"]
    nothing_kept(product)
    product.ok(
        "PUT",
        "/xero/items/",
        "bookkeeper",
        json={"items": [{"service_code": "PHYSIO", "account_code": "201"}]},
    )
    assert product.invoice(line_items=given).status_code == 201


def test_use_clinic_tracking(product: Product) -> None:
    """Without a mapping 422 names the clinic; with one, each line carries clinic and practitioner."""
    product.ready()
    product.appointment("a-1", clinic_id="1", practitioner_id="1")
    found = wrong(product.invoice(use_clinic_tracking=True))
    assert "clinic '1'" in found["use_clinic_tracking"]
    categories = product.ok("GET", "/xero/tracking/", "bookkeeper")["available"]
    items = [
        {
            "id": "1",
            "kind": kind,
            "tracking_category_id": category["category_id"],
            "tracking_option_id": category["options"][0]["option_id"],
        }
        for kind, category in zip(("clinic", "practitioner"), categories, strict=True)
    ]
    product.ok("PUT", "/xero/tracking/", "bookkeeper", json={"items": items})
    assert product.invoice(use_clinic_tracking=True).status_code == 201
    (line,) = only(product)["LineItems"]
    assert [t["TrackingOptionID"] for t in line["Tracking"]] == [i["tracking_option_id"] for i in items]
    product.appointment("a-2", clinic_id="1")
    product.invoice("a-2")
    (second,) = (i for i in product.invoices() if i["Reference"] == "a-2")
    assert not second["LineItems"][0]["Tracking"]


def test_cancelled_appointment(product: Product) -> None:
    """422 says to change its status; nothing is kept."""
    product.ready()
    product.appointment("a-1", status="cancelled")
    assert "cancelled" in wrong(product.invoice())["appointment_id"]
    nothing_kept(product)


def test_patient_not_known(product: Product) -> None:
    """An appointment may come before its patient, an invoice may not."""
    product.ready()
    product.appointment("a-5", "p-unknown")
    assert "/clinic/patients/p-unknown" in wrong(product.invoice("a-5"))["appointment_id"]
    nothing_kept(product)


def test_another_patient_pays(product: Product) -> None:
    """The parent gets the invoice, by id; an appointment's payer comes before the patient's."""
    product.ready()
    product.patient("parent", first_name="Pat", last_name="Lee")
    product.patient("aunt", first_name="Ada", last_name="Lee")
    product.patient("child", payer="parent")
    product.appointment("a-2", "child")
    product.appointment("a-3", "child", payer={"patient_id": "aunt"})
    product.invoice("a-2")
    product.invoice("a-3")
    assert {i["Reference"]: i["Contact"]["Name"] for i in product.invoices()} == {
        "a-2": "Pat Lee",
        "a-3": "Ada Lee",
    }


def test_an_insurer_pays(product: Product) -> None:
    """Payer other than the patient, by name: one contact for it, however capitalised, none for the patients."""
    product.ready()
    product.patient("p-2")
    product.appointment("a-1", payer={"name": "Health Fund", "email": "claims@fund.example"})
    product.appointment("a-2", "p-2", payer={"name": "HEALTH FUND", "email": "claims@fund.example"})
    for appointment in ("a-1", "a-2"):
        assert product.invoice(appointment).status_code == 201
    billed = [i["Contact"] for i in product.invoices()]
    assert {contact["Name"] for contact in billed} == {"Health Fund"}
    assert len({contact["ContactID"] for contact in billed}) == 1
    assert len([c for c in product.books()["contacts"] if c.get("ContactNumber")]) == 1
    assert len([c for c in product.xero_calls() if c["method"] in ("PUT", "POST")]) == 3


def test_unknown_payer(product: Product) -> None:
    """Named, and nothing kept."""
    product.ready()
    product.appointment("a-1", payer="nobody")
    assert "nobody" in wrong(product.invoice())["payer.patient_id"]
    nothing_kept(product)


def test_not_connected(product: Product) -> None:
    """409 before anything else of the request matters."""
    product.patient()
    product.appointment()
    check_problem(product.invoice(), 409, "not_connected")


def test_waiting_is_accepted(product: Product) -> None:
    """202 with the operation when Xero says to wait; it is made by itself later, once."""
    product.ready()
    product.invoice()
    product.appointment("a-2")
    product.simulator.fault("rate_limit", path="/api.xro/", problem="minute", retry_after=30, count=1)
    waiting = product.invoice("a-2")
    assert waiting.status_code == 202
    assert set(waiting.json) == {"operation_id", "status", "reason", "next_attempt_at"}
    assert waiting.json["status"] == "pending"
    shown = product.ok("GET", f"/xero/operations/{waiting.json['operation_id']}/", "reception")
    assert shown["subject"] == {"appointment_id": "a-2", "patient_id": "p-1"}
    product.settle(180)
    assert len(product.invoices()) == 2
    assert product.invoice("a-2").status_code == 200


def test_refused_by_xero(product: Product) -> None:
    """422 with Xero's reason and a code; mended and asked again, it is made."""
    product.ready()
    body = check_problem(product.invoice(line_items=lines(account_code="nope")), 422, "account_invalid")
    assert "nope" in body["detail"]
    assert product.ok("GET", "/xero/attention/")["items"][0]["cause"] == "account_invalid"
    assert product.invoice(line_items=lines(account_code="200")).status_code == 201
    assert product.ok("GET", "/xero/attention/")["items"] == []


def test_other_practices_appointment(product: Product) -> None:
    """An appointment of the other practice does not exist here, in no answer and in no document."""
    product.ready()
    product.patient("theirs", "other", first_name="Secretia")
    product.appointment("a-theirs", "theirs", "other")
    response = product.invoice("a-theirs")
    assert set(wrong(response)) == {"appointment_id"}
    assert "Secretia" not in response.get_data(as_text=True)
    nothing_kept(product)
