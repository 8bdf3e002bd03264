"""What of a patient goes to Xero, in every mode; taking it back; and what never goes there at all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.settings import ROOT
from tests.functions.edges import check_problem
from tests.product import Product
from tests.traces import traces

DOCUMENT = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
MODES = ("full", "initials", "code")
ANNA = {
    "first_name": "Anna",
    "last_name": "Lee",
    "reference": "LEE01",
    "email": "anna@example.com",
    "phone": "0400 000 001",
    "address": {"line1": "1 Short St", "city": "Wagga"},
}
DETAILS = ("Anna", "Lee", "anna@", "0400 ", "Short St", "Wagga")
#: What the table says in words.
MEANT = {
    "the patient's id": "p-2",
    "the appointment's id": "a-2",
    "the e-mail": "anna@example.com",
    "the phone": "0400 000 001",
    "the address": "1 Short St, Wagga",
    "the billing label": "Standard visit",
    "nothing": "",
}
WORDING = "Anna's sore knee"
#: Each its own check digit, none anybody's.
IDENTIFIERS = {
    "a Medicare": ["2123 45670 1", "2123456701", "2123456701/2"],
    "an IHI": ["8003 6081 6669 0503", "8003608166690503"],
    "an NHI": ["ZAC5361", "zzz0016", "ALU18KZ", "ZZZ00AX"],
    "an NHS": ["943 476 5919", "9434765919", "943-476-5919"],
}
ALL = [(kind, number) for kind, numbers in IDENTIFIERS.items() for number in numbers]


def table(heading: str) -> Iterator[list[str]]:
    """The rows of the first table under a heading of the document."""
    section = DOCUMENT.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| ")]
    yield from ([cell.strip() for cell in row] for row in rows[2:])


def sent_bodies(product: Product) -> list[dict[str, Any]]:
    return [json.loads(call["body"]) for call in product.xero_calls() if call["method"] in ("PUT", "POST")]


def sync(product: Product, patient_id: str = "p-2", **fields: Any) -> Any:
    body = {"patient_id": patient_id, **fields}
    return product.call("POST", "/xero/contacts/sync_patient/", "reception", json=body)


def erase(product: Product, patient_id: str = "p-2", role: str = "bookkeeper") -> Any:
    return product.call("POST", f"/xero/contacts/{patient_id}/erase/", role, json={})


def contact_of(product: Product, patient_id: str = "p-2") -> dict[str, Any]:
    (found,) = [c for c in product.books()["contacts"] if c.get("ContactNumber") == patient_id]
    return found


def everything_stored(product: Product, *collections: str) -> str:
    return str(
        [
            document.data
            for collection in collections
            for document in product.ports.store.query(f"practices/demo/{collection}", limit=500).items
        ]
    )


def played(product: Product, mode: str) -> dict[str, str]:
    """A contact and three lines are sent; gives what Xero got, named as the document's table names it."""
    product.connect()
    product.settings(invoice_status="AUTHORISED", privacy_mode=mode)
    product.patient("p-2", **ANNA)
    product.patient("p-1")
    label = {"service_code": "std", "account_code": "200", "description": "Standard visit"}
    product.ok("PUT", "/xero/items/", "bookkeeper", json={"items": [label]})
    own = {"description": WORDING, "unit_amount": "10.00", "account_code": "200", "service_code": "knee"}
    product.appointment("a-2", "p-2", line_items=[{**own, "service_code": "std"}, own])
    product.appointment("a-3", "p-2", line_items=[own], payer={"name": "Fund"})
    for appointment_id in ("a-2", "a-3"):
        assert product.invoice(appointment_id).status_code == 201
    bodies = sent_bodies(product)
    (contact,) = [
        b["Contacts"][0] for b in bodies if b.get("Contacts", [{}])[0].get("ContactNumber") == "p-2"
    ]
    invoices = {b["Invoices"][0]["Reference"]: b["Invoices"][0] for b in bodies if "Invoices" in b}
    lines = invoices["a-2"]["LineItems"]
    street = contact["Addresses"][0]
    got = {
        f"contact: `{name}`": contact[name]
        for name in ("ContactNumber", "Name", "FirstName", "LastName", "EmailAddress")
    }
    return got | {
        "contact: `Phones`": contact["Phones"][0]["PhoneNumber"],
        "contact: `Addresses`": ", ".join(
            v for k, v in street.items() if k in ("AddressLine1", "City") and v
        ),
        "invoice: `Reference`": invoices["a-2"]["Reference"],
        "invoice: `Description`, service with a billing label": lines[0]["Description"],
        "invoice: `Description`, service without one": lines[1]["Description"],
        "invoice: `Description`, somebody else pays": invoices["a-3"]["LineItems"][0]["Description"],
    }


@pytest.mark.parametrize("mode", MODES)
def test_the_document_says_what_is_sent(product: Product, mode: str) -> None:
    """Every row of the table, and no field on the contact that the table does not name."""
    got = played(product, mode)
    said = {row[0]: row[1 + MODES.index(mode)] for row in table("What is sent")}
    meant = {
        name: MEANT.get(cell, cell.replace("the clinic's wording", WORDING)) for name, cell in said.items()
    }
    assert got == meant
    (contact,) = [
        b["Contacts"][0]
        for b in sent_bodies(product)
        if "LEE01" in str(b) or "Anna" in str(b)
        if "Contacts" in b
    ]
    named = {re.findall("`(.+)`", name)[0] for name in said if name.startswith("contact")}
    assert set(contact) == named
    if mode != "full":
        assert not traces(DETAILS, sent_bodies(product))


def test_switching_reaches_every_contact_on_request(product: Product) -> None:
    """Nothing changes in Xero by itself; sync_all brings all to the new mode, once."""
    product.connect()
    for patient_id in ("p-2", "p-3"):
        product.patient(
            patient_id, **ANNA | {"reference": f"C-{patient_id}", "last_name": f"Lee {patient_id}"}
        )
        assert sync(product, patient_id).status_code == 201
    product.settings(privacy_mode="code")
    assert "Anna" in str(contact_of(product))

    def sync_all() -> int:
        before = len(sent_bodies(product))
        product.ok("POST", "/xero/contacts/sync_all/", "reception", json={})
        product.settle(60)
        return len(sent_bodies(product)) - before

    assert sync_all() == 1  # one batch
    for patient_id in ("p-2", "p-3"):
        contact = contact_of(product, patient_id)
        assert contact["Name"] == f"Patient C-{patient_id}"
        assert not traces(DETAILS, contact)
    assert sync_all() == 0


@pytest.mark.parametrize(
    ("country", "mode"),
    [
        ("AU", "full"),
        ("NZ", "full"),
        ("GB", "initials"),
        ("DE", "initials"),
        ("US", "code"),
        ("SG", "initials"),
    ],
)
def test_the_country_decides_until_the_practice_does(product: Product, country: str, mode: str) -> None:
    """The settings say which mode counts and why, and what is sent follows; then the practice's own choice counts."""
    product.connect()
    store, path = product.ports.store, "practices/demo/config/connection"
    connection = store.get(path)
    assert connection
    store.put(path, connection.data | {"country_code": country})
    shown = product.ok("GET", "/xero/settings/")
    assert (shown["settings"]["privacy_mode"], shown["privacy"]["mode"]) == (mode, mode)
    assert not shown["privacy"]["chosen"]
    assert len(shown["privacy"]["reason"]) > 20
    product.patient("p-2", **ANNA)
    sync(product)
    names = {"full": "Anna Lee", "initials": "A. L. (LEE01)", "code": "Patient LEE01"}
    assert contact_of(product)["Name"] == names[mode]
    other = "full" if mode != "full" else "code"
    chosen = product.ok("PUT", "/xero/settings/", "bookkeeper", json={"privacy_mode": other})
    assert chosen["privacy"] == {
        "mode": other,
        "chosen": True,
        "default_mode": mode,
        "reason": "the practice's own choice",
    }
    assert chosen["changes"] == [{"field": "privacy_mode", "before": mode, "after": other}]
    back = product.ok("PUT", "/xero/settings/", "bookkeeper", json={"privacy_mode": None})
    assert back["privacy"]["mode"] == mode


def test_a_country_that_is_not_known_is_not_the_loosest(product: Product) -> None:
    """Connected, but Xero has not said yet where the organisation is."""
    product.connect()
    store, path = product.ports.store, "practices/demo/config/connection"
    connection = store.get(path)
    assert connection
    store.put(path, {k: v for k, v in connection.data.items() if k != "country_code"})
    assert product.ok("GET", "/xero/settings/")["privacy"]["mode"] == "initials"


# -- erasing -------------------------------------------------------------------------------------------------


def test_erasing(product: Product) -> None:
    """Details go here and in Xero, documents and ids stay, the log says who; asked again nothing is sent again."""
    product.connect()
    product.settings(invoice_status="AUTHORISED")
    product.patient("p-2", **ANNA, payer={"name": "Aunt Mabel", "email": "mabel@example.com"})
    product.patient("p-2", **ANNA)
    product.appointment("a-2", "p-2")
    assert product.invoice("a-2").status_code == 201
    check_problem(erase(product, role="reception"), 403, "not_allowed")
    answer = erase(product)
    assert (answer.status_code, answer.json["state"], answer.json["name"]) == (200, "erased", "Erased LEE01")
    contact = contact_of(product)
    assert contact["ContactStatus"] == "ARCHIVED"
    kept = everything_stored(
        product, "patients", "contact_links", "operations", "log", "jobs", "batches", "config"
    )
    assert not traces(DETAILS, contact, kept)
    assert "p-2" in kept
    assert "LEE01" in kept
    assert [i["Status"] for i in product.invoices()] == ["AUTHORISED"]
    assert product.ok("GET", "/xero/invoices/a-2/")["status"] == "AUTHORISED"
    (entry,) = product.ok("GET", "/xero/logs/?action=patient.erase")["items"]
    assert (entry["patient_id"], entry["actor"]["role"]) == ("p-2", "bookkeeper")
    calls = len(product.xero_calls())
    again = erase(product)
    assert (again.status_code, again.json["state"], again.json["changed"]) == (200, "erased", False)
    assert len(product.xero_calls()) == calls
    assert len(product.ok("GET", "/xero/logs/?action=patient.erase")["items"]) == 1


def test_an_erased_patient_stays_erased(product: Product) -> None:
    """No sync, no invoice, no record and no import brings anything back; each is told plainly."""
    product.connect()
    product.patient("p-2", **ANNA)
    sync(product)
    assert erase(product).status_code == 200
    body = check_problem(sync(product), 409, "patient_erased")
    assert "erased" in body["detail"]
    product.appointment("a-2", "p-2")
    check_problem(product.invoice("a-2"), 422)
    check_problem(product.call("PUT", "/clinic/patients/p-2", "app", json=ANNA), 409, "patient_erased")
    line = json.dumps({"kind": "patient", "id": "p-2", **ANNA})
    other = json.dumps({"kind": "patient", "id": "p-3", **ANNA})
    product.ok("POST", "/clinic/import", "app", data=f"{line}\n{other}")
    stored = product.ports.store.get("practices/demo/patients/p-2")
    assert stored
    assert not traces(DETAILS, stored.data)
    assert product.ports.store.get("practices/demo/patients/p-3")
    (entry,) = product.ok("GET", "/xero/logs/?action=records.import")["items"]
    assert "1 patients" in entry["sentence"]


def test_an_import_on_its_way_does_not_bring_an_erased_patient_back(product: Product) -> None:
    """It read the record before it was erased, and writes after."""
    product.connect()
    product.patient("p-2", **ANNA)
    store, raced = product.ports.store, []
    original = store.get_many

    def get_many(paths: Any) -> Any:
        found = original(paths)
        if "practices/demo/patients/p-2" in paths and not raced:
            raced.append(True)
            assert erase(product).status_code == 200
        return found

    store.get_many = get_many  # type: ignore[method-assign]
    line = json.dumps({"kind": "patient", "id": "p-2", **ANNA | {"phone": "0400 999"}})
    product.ok("POST", "/clinic/import", "app", data=line)
    assert raced
    kept = store.get("practices/demo/patients/p-2")
    assert kept
    assert kept.data["erased"]
    assert not traces(DETAILS, kept.data)


def test_what_the_app_marks_as_erased_is_kept_without_details(product: Product) -> None:
    """``erased`` on the record itself erases as well."""
    product.connect()
    product.patient("p-2", **ANNA)
    sync(product)
    product.ok("PUT", "/clinic/patients/p-2", "app", json=ANNA | {"erased": True})
    assert not traces(DETAILS, everything_stored(product, "patients"))
    assert sync(product).json["state"] == "erased"


def test_erasing_while_xero_is_away(product: Product) -> None:
    """Erased here at once; the clearing waits like any other write and happens by itself."""
    product.connect()
    product.patient("p-2", **ANNA)
    sync(product)
    product.by_hand("organisation", offline=True)
    assert erase(product).status_code == 202
    assert not traces(DETAILS, everything_stored(product, "patients"))
    product.by_hand("organisation", offline=False)
    product.settle(900, step=30)
    contact = contact_of(product)
    assert contact["ContactStatus"] == "ARCHIVED"
    assert not traces(DETAILS, contact)


def test_erasing_survives_a_death_in_between(product: Product) -> None:
    """The process dies right after the record was erased: the clearing of the contact is kept, and done by itself."""
    product.connect()
    product.patient("p-2", **ANNA)
    sync(product)
    store = product.ports.store
    original = store.batch

    class Death(BaseException):
        pass

    def batch(writes: Any) -> Any:
        written = original(writes)
        if any(write.path.startswith("practices/demo/patients/") for write in writes):
            raise Death
        return written

    store.batch = batch  # type: ignore[method-assign]
    with pytest.raises(Death):
        erase(product)
    store.batch = original  # type: ignore[method-assign]
    product.settle(300, step=10)
    contact = contact_of(product)
    assert contact["ContactStatus"] == "ARCHIVED"
    assert not traces(DETAILS, contact)


def test_erasing_whom_nobody_knows(product: Product) -> None:
    """404; another practice's patient is nobody here; without a connection only the record is erased."""
    product.patient("theirs", "other", **ANNA)
    check_problem(erase(product, "theirs"), 404, "not_found")
    product.patient("p-2", **ANNA)
    answer = erase(product)
    assert (answer.status_code, answer.json["state"]) == (200, "not_sent")
    assert not traces(DETAILS, product.ports.store.get("practices/demo/patients/p-2"))


# -- health identifiers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "number"), ALL)
def test_a_health_identifier_on_a_line_is_refused(product: Product, kind: str, number: str) -> None:
    """Before anything is kept; the field and the kind are named, never the number; preview says the same."""
    product.ready()
    line = {"description": f"Visit, {number}", "unit_amount": "10.00", "account_code": "200"}
    plain = line | {"description": "Visit"}
    refused = product.invoice(line_items=[plain, line])
    body = check_problem(refused, 422, "invalid_input")
    (error,) = body["errors"]
    assert error["field"] == "line_items[1].description"
    assert kind in error["message"]
    assert number not in refused.get_data(as_text=True)
    preview = product.ok(
        "POST",
        "/xero/invoices/preview/",
        "reception",
        json={"appointment_id": "a-1", "line_items": [plain, line]},
    )
    assert "line_items[1].description" in [p["field"] for p in preview["problems"]]
    assert product.invoices() == []
    assert product.invoice(line_items=[plain]).status_code == 201


FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"first_name": "Anna 2123456701"}, "Name"),
    ({"address": {"line1": "NHS 943 476 5919"}}, "Addresses[0].AddressLine1"),
    ({"email": "zac5361@example.com"}, "EmailAddress"),
    ({"phone": "8003608166690503"}, "Phones[0].PhoneNumber"),
]


@pytest.mark.parametrize(("fields", "where"), FIELDS)
def test_a_health_identifier_on_a_contact_is_refused(
    product: Product, fields: dict[str, Any], where: str
) -> None:
    """The operation waits for a person under its cause; mended, it goes on."""
    product.ready()
    product.patient("p-2", **ANNA | fields)
    body = check_problem(sync(product), 422, "health_identifier")
    assert where in body["detail"]
    (cause,) = product.ok("GET", "/xero/attention/")["items"]
    assert cause["cause"] == "health_identifier"
    answers = str(body) + str(cause) + str(product.ok("GET", "/xero/logs/"))
    assert not re.search("2123456701|943 476 5919|zac5361|8003608166690503", answers)
    assert not [c for c in product.books()["contacts"] if c.get("ContactNumber") == "p-2"]
    product.patient("p-2", **ANNA)
    assert sync(product).status_code == 201


def test_an_identifier_in_a_suffix_or_a_note(product: Product) -> None:
    """Also in what a correction adds to a name that was taken, and in a person's note."""
    product.ready()
    product.patient("p-2", **ANNA | {"reference": "ZAC5361"})
    product.patient("p-3", **ANNA)
    sync(product, "p-3")
    check_problem(sync(product), 422, "health_identifier")
    assert product.invoice().status_code == 201
    note = product.call("POST", "/xero/invoices/a-1/note/", "reception", json={"text": "NHI ZAC5361"})
    check_problem(note, 422, "health_identifier")


def test_other_numbers_go(product: Product) -> None:
    """Phone numbers, ids of appointments, amounts and numbers whose check digit does not fit."""
    product.ready()
    product.patient("p-2", **ANNA | {"phone": "(415) 9434765919", "address": {"line1": "2123456711"}})
    product.appointment("2123456701", "p-2")
    assert product.invoice("2123456701").status_code == 201
