"""Somebody else than the patient pays; and how much of a patient goes to Xero."""

from __future__ import annotations

from typing import Any

import pytest

from tests.product import Product
from tests.traces import traces

INSURER = {"name": "Harbour Health Fund", "email": "claims@harbour.example"}


def sent(product: Product, number: int = -1) -> dict[str, Any]:
    return product.invoices()[number]


def contact_of(product: Product, invoice: dict[str, Any]) -> dict[str, Any]:
    contacts = {one["ContactID"]: one for one in product.books()["contacts"]}
    return contacts[invoice["Contact"]["ContactID"]]


def ours(product: Product) -> list[dict[str, Any]]:
    return [one for one in product.books()["contacts"] if one.get("ContactNumber")]


def mia(product: Product, **fields: Any) -> None:
    product.patient("p-child", first_name="Mia", last_name="Lee", reference="LEE02", **fields)


def test_a_parent_pays(product: Product) -> None:
    """The invoice goes to the parent's contact; the child is there by code only, and gets no contact."""
    product.ready()
    mia(product)
    product.appointment("a-2", "p-child", payer="p-1")
    assert product.invoice("a-2").status_code == 201
    invoice = sent(product)
    assert contact_of(product, invoice)["ContactNumber"] == "p-1"
    assert invoice["Reference"] == "a-2"
    assert invoice["LineItems"][0]["Description"] == "Consultation (patient LEE02)"
    assert "Mia" not in str(product.books())
    assert [one["ContactNumber"] for one in ours(product)] == ["p-1"]


def test_an_insurer_pays_for_many(product: Product) -> None:
    """One insurer, one contact, however it is written; each line says for whom."""
    product.ready()
    mia(product, payer=INSURER)
    product.appointment("a-2", "p-child")
    product.appointment(
        "a-3", "p-1", payer={"name": " harbour  health FUND", "email": "Claims@Harbour.example"}
    )
    for appointment in ("a-2", "a-3"):
        assert product.invoice(appointment).status_code == 201
    first, second = product.invoices()
    assert contact_of(product, first) == contact_of(product, second)
    assert contact_of(product, first)["Name"] == "Harbour Health Fund"
    assert [one["LineItems"][0]["Description"] for one in (first, second)] == [
        "Consultation (patient LEE02)",
        "Consultation (patient p-1)",
    ]


def test_the_appointments_payer_comes_before_the_patients(product: Product) -> None:
    """An employer for this visit, although an insurer usually pays; the patient itself pays without a code."""
    product.ready()
    mia(product, payer=INSURER)
    product.appointment("a-2", "p-child", payer={"name": "Wharf Works Pty Ltd"})
    product.appointment("a-3", "p-child", payer="p-child")
    product.invoice("a-2")
    product.invoice("a-3")
    employer, itself = product.invoices()
    assert contact_of(product, employer)["Name"] == "Wharf Works Pty Ltd"
    assert contact_of(product, itself)["Name"] == "Mia Lee"
    assert itself["LineItems"][0]["Description"] == "Consultation"


def test_preview_says_so(product: Product) -> None:
    """The rule behind the description names the reason for the code."""
    product.ready()
    mia(product, payer="p-1")
    product.appointment("a-2", "p-child")
    body = {"appointment_id": "a-2"}
    shown = product.ok("POST", "/xero/invoices/preview/", json=body)
    assert shown["document"]["LineItems"][0]["Description"] == "Consultation (patient LEE02)"
    assert "somebody else pays" in shown["rules"]["lines"][0]["description"]


DETAILS: dict[str, Any] = {
    "first_name": "Anna",
    "last_name": "Lee",
    "reference": "LEE01",
    "email": "anna@example.com",
    "phone": "0400 000 000",
    "address": {"line1": "1 Short St", "city": "Sydney"},
}
SECRETS = ("Anna", "Lee ", "anna@", "0400 ", "Short St", "Sydney")


@pytest.mark.parametrize(
    ("mode", "details", "name", "told"),
    [
        ("full", None, "Anna Lee", {"anna@", "0400 ", "Short St"}),
        ("full", "email", "Anna Lee", {"anna@"}),
        ("full", "none", "Anna Lee", set()),
        ("initials", None, "A. L. (LEE01)", set()),
        ("initials", "email", "A. L. (LEE01)", {"anna@"}),
        ("code", None, "Patient LEE01", set()),
        ("code", "all", "Patient LEE01", {"anna@", "0400 ", "Short St"}),
    ],
)
def test_what_a_contact_carries(
    product: Product, mode: str, details: str | None, name: str, told: set[str]
) -> None:
    """Name, e-mail, phone and address as the practice's settings have it, and nothing beyond."""
    product.ready(privacy_mode=mode, contact_details=details)
    product.patient("p-2", **DETAILS)
    product.ok("POST", "/xero/contacts/sync_patient/", "reception", json={"patient_id": "p-2"})
    (contact,) = ours(product)
    assert contact["Name"] == name
    assert set(traces(("anna@", "0400 ", "Short St"), contact)) == told
    if mode == "code":
        assert (contact.get("FirstName", ""), contact.get("LastName", "")) == ("", "")


@pytest.mark.parametrize(
    ("mode", "descriptions"),
    [
        ("full", ["Standard visit", "Anna's sore knee", "Tape"]),
        ("initials", ["Standard visit", "Service knee", "Service"]),
        ("code", ["Standard visit", "Service knee", "Service"]),
    ],
)
def test_what_a_document_says(product: Product, mode: str, descriptions: list[str]) -> None:
    """Billing labels in every mode; the clinic's own wording only with the full name."""
    product.ready(privacy_mode=mode)
    product.patient("p-2", **DETAILS)
    label = {"service_code": "std", "account_code": "200", "description": "Standard visit"}
    product.ok("PUT", "/xero/items/", "bookkeeper", json={"items": [label]})
    lines = [("Anna's first visit", "std"), ("Anna's sore knee", "knee"), ("Tape", None)]
    items = [
        {"description": text, "unit_amount": "10.00", "account_code": "200"}
        | ({"service_code": code} if code else {})
        for text, code in lines
    ]
    product.appointment("a-2", "p-2", line_items=items)
    assert product.invoice("a-2").status_code == 201
    assert [line["Description"] for line in sent(product)["LineItems"]] == descriptions
    if mode != "full":
        assert not traces(SECRETS, product.invoices(), ours(product))


def test_a_stricter_mode_reaches_who_is_sent_again(product: Product) -> None:
    """The next time a patient is sent, the contact in Xero loses what it may no longer have; then there is no call."""
    product.ready()
    product.patient("p-2", **DETAILS)

    def send() -> None:
        product.ok("POST", "/xero/contacts/sync_patient/", "reception", json={"patient_id": "p-2"})

    send()
    product.settings(privacy_mode="code")
    assert ours(product)[0]["Name"] == "Anna Lee"
    send()
    (contact,) = ours(product)
    assert (contact["Name"], contact["EmailAddress"]) == ("Patient LEE01", "")
    assert not traces(SECRETS, contact)
    calls = len(product.xero_calls())
    send()
    assert len(product.xero_calls()) == calls


def test_same_initials_stay_apart(product: Product) -> None:
    """Anna Lee and Amy Long are two contacts, told apart by the clinic's codes."""
    product.ready(privacy_mode="initials")
    product.patient("p-2", **DETAILS)
    product.patient("p-3", first_name="Amy", last_name="Long", reference="LON01")
    for patient_id in ("p-2", "p-3"):
        product.ok("POST", "/xero/contacts/sync_patient/", "reception", json={"patient_id": patient_id})
    assert sorted(one["Name"] for one in ours(product)) == ["A. L. (LEE01)", "A. L. (LON01)"]


def test_a_payer_by_name_is_whole_in_every_mode(product: Product) -> None:
    """It is who the books say owes the money; the patient it pays for stays a code."""
    product.ready(privacy_mode="code")
    mia(product, payer=INSURER)
    product.appointment("a-2", "p-child")
    product.invoice("a-2")
    contact = contact_of(product, sent(product))
    assert (contact["Name"], contact["EmailAddress"]) == (INSURER["name"], INSURER["email"])
    assert sent(product)["LineItems"][0]["Description"] == "Service (patient LEE02)"
