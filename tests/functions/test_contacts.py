"""The contacts function: a patient becomes one contact, and stays it."""

from __future__ import annotations

from typing import Any

from shared.services import paths
from tests.functions.edges import check_problem, wrong
from tests.product import Product
from tests.traces import traces

SYNC = "/xero/contacts/sync_patient/"


def sync(product: Product, patient_id: str = "p-1", practice: str = "demo", **fields: Any) -> Any:
    return product.call("POST", SYNC, "reception", practice, json={"patient_id": patient_id, **fields})


def contacts(product: Product, practice: str = "demo") -> list[dict[str, Any]]:
    """Those that are ours: with a number."""
    return [c for c in product.books(practice)["contacts"] if c.get("ContactNumber")]


def writes(product: Product) -> list[dict[str, Any]]:
    return [c for c in product.xero_calls(path="/api.xro/2.0/Contacts") if c["method"] in ("PUT", "POST")]


def test_a_patient_becomes_a_contact(product: Product) -> None:
    """201 the first time, with the contact's id, name and link; reading it shows the same."""
    product.ready()
    product.patient(
        "p-1", email="anna@example.com", phone="0400", address={"line1": "1 St", "city": "Sydney"}
    )
    created = sync(product)
    assert created.status_code == 201, created.get_data(as_text=True)
    body = created.json
    assert (body["patient_id"], body["name"], body["state"], body["changed"]) == (
        "p-1",
        "Anna Lee p-1",
        "linked",
        True,
    )
    assert body["contact_id"] in body["xero_url"]
    assert "!hS7aC" in body["xero_url"]  # the organisation's short code: the link opens the right one
    (made,) = contacts(product)
    assert (made["ContactID"], made["ContactNumber"]) == (body["contact_id"], "p-1")
    assert made["EmailAddress"] == "anna@example.com"
    assert product.ok("GET", "/xero/contacts/p-1/") == body | {"changed": False}


def test_unchanged_patient_makes_no_call(product: Product) -> None:
    """A second time is 200 and asks Xero nothing at all."""
    product.ready()
    sync(product)
    before = len(product.xero_calls())
    again = sync(product)
    assert (again.status_code, again.json["changed"]) == (200, False)
    assert len(product.xero_calls()) == before


def test_changed_details_update_the_contact(product: Product) -> None:
    """One POST by ContactID with the new details, and then silence again."""
    product.ready()
    created = sync(product).json
    product.patient("p-1", email="new@example.com")
    updated = sync(product)
    assert (updated.status_code, updated.json["changed"]) == (200, True)
    assert updated.json["contact_id"] == created["contact_id"]
    (made,) = contacts(product)
    assert made["EmailAddress"] == "new@example.com"
    assert sync(product).json["changed"] is False


def test_back_and_forth_is_sent_each_time(product: Product) -> None:
    """A, B, A within Xero's memory of keys: the last one is what Xero has."""
    product.ready()
    for email in ("a@example.com", "b@example.com", "a@example.com"):
        product.patient("p-1", email=email)
        sync(product)
    (made,) = contacts(product)
    assert made["EmailAddress"] == "a@example.com"


def test_details_taken_away_are_blanked(product: Product) -> None:
    """What the clinic no longer knows, Xero does not keep either."""
    product.ready()
    product.patient("p-1", email="a@example.com", phone="0400 222", address={"line1": "1 St"})
    sync(product)
    product.patient("p-1")
    sync(product)
    (made,) = contacts(product)
    assert made.get("EmailAddress", "") == ""
    assert not traces(("0400 222", "1 St"), made)


def test_force_update_sends_anyway(product: Product) -> None:
    """Somebody edited the contact in Xero: ``force_update`` puts the clinic's details back."""
    product.ready()
    created = sync(product).json
    product.by_hand(f"contacts/{created['contact_id']}/edit", EmailAddress="edited@example.com")
    assert sync(product).json["changed"] is False
    assert sync(product, force_update=True).json["changed"] is True
    (made,) = contacts(product)
    assert made.get("EmailAddress", "") == ""


def test_two_patients_of_one_name_get_two_contacts(product: Product) -> None:
    """Two John Smiths (11, 22) with an invoice each: two contacts, the second told apart in its name."""
    product.ready()
    for patient_id in ("11", "22"):
        product.patient(patient_id, first_name="John", last_name="Smith")
        product.appointment(f"a-{patient_id}", patient_id)
        assert product.invoice(f"a-{patient_id}").status_code == 201
    made = {c["ContactNumber"]: c for c in contacts(product)}
    assert (made["11"]["Name"], made["22"]["Name"]) == ("John Smith", "John Smith (22)")
    billed = {i["Reference"]: i["Contact"]["ContactID"] for i in product.invoices()}
    assert billed == {"a-11": made["11"]["ContactID"], "a-22": made["22"]["ContactID"]}


def test_a_contact_made_by_hand_is_not_taken_over(product: Product) -> None:
    """ "Adam Brown" exists in Xero without our number: the patient of that name gets a contact of his own."""
    product.ready()
    product.patient("p-7", first_name="Adam", last_name="Brown")
    body = sync(product, "p-7")
    assert (body.status_code, body.json["name"]) == (201, "Adam Brown (p-7)")
    by_hand = [c for c in product.books()["contacts"] if c["Name"] == "Adam Brown"]
    assert len(by_hand) == 1
    assert not by_hand[0].get("ContactNumber")


def test_an_archived_contact_says_restore(product: Product) -> None:
    """An archived holder of our number is named as the cause; there is no endless retry, and others go on."""
    product.ready()
    created = sync(product).json
    product.by_hand(f"contacts/{created['contact_id']}/archive")
    product.patient("p-1", email="new@example.com")
    body = check_problem(sync(product), 422, "contact_archived")
    assert "restore it" in body["detail"]
    product.patient("p-2")
    assert sync(product, "p-2").status_code == 201
    causes = {c["cause"]: c for c in product.ok("GET", "/xero/attention/")["items"]}
    assert causes["contact_archived"]["count"] == 1


def test_an_archived_holder_of_our_number(product: Product) -> None:
    """The number is taken while lists show nobody: found by number, named as archived, and asked once."""
    product.ready()
    created = sync(product).json
    product.by_hand(f"contacts/{created['contact_id']}/archive")
    store = product.ports.store
    for document in store.query("practices/demo/operations").items:
        store.delete(document.path)
    store.delete(paths.contact_link("demo", "p-1"))
    check_problem(sync(product), 422, "contact_archived")
    look_ups = len(product.xero_calls("GET", "/api.xro/2.0/Contacts/p-1"))
    product.settle(120)
    assert look_ups == len(product.xero_calls("GET", "/api.xro/2.0/Contacts/p-1")) > 0
    assert len(contacts(product)) == 1


def test_an_archived_contact_blocks_only_its_own_invoice(product: Product) -> None:
    """The invoice says whose contact to restore; other patients' invoices go; restored, trying again makes it."""
    product.ready()
    created = sync(product).json
    product.by_hand(f"contacts/{created['contact_id']}/archive")
    product.patient("p-2")
    product.appointment("a-2", "p-2")
    body = check_problem(product.invoice(), 422, "contact_archived")
    assert "restore it" in body["detail"]
    assert product.invoice("a-2").status_code == 201
    (cause,) = product.ok("GET", "/xero/attention/")["items"]
    assert cause["operations"][0]["subject"]["patient_id"] == "p-1"
    product.by_hand(f"contacts/{created['contact_id']}/edit", ContactStatus="ACTIVE")
    assert product.invoice().status_code == 201


def test_erasure_reaches_xero(product: Product) -> None:
    """An erased patient's contact is archived and every detail of it blanked."""
    product.ready()
    product.patient("p-1", email="anna@example.com", phone="0400 111", address={"line1": "1 Short St"})
    sync(product)
    product.patient("p-1", email="anna@example.com", erased=True)
    erased = sync(product)
    assert (erased.status_code, erased.json["state"]) == (200, "erased")
    (made,) = contacts(product)
    assert made["ContactStatus"] == "ARCHIVED"
    assert not traces(("Anna", "Lee", "anna@", "0400 111", "Short"), made)


def test_a_patient_erased_before_ever_being_sent(product: Product) -> None:
    """Nothing is in Xero, so nothing is sent there."""
    product.ready()
    product.patient("p-9", erased=True)
    check_problem(sync(product, "p-9"), 409, "patient_erased")
    assert writes(product) == []


def test_before_the_first_sync(product: Product) -> None:
    """A known patient without a contact is shown as not sent."""
    product.ready()
    body = product.ok("GET", "/xero/contacts/p-1/", "reception")
    assert (body["state"], body["contact_id"], body["name"]) == ("not_sent", None, None)


def test_unknown_and_foreign_patients(product: Product) -> None:
    """Not of this practice is not there: 404, with nothing of the other practice's, and no operation kept."""
    product.ready()
    product.ready("other")
    product.patient("theirs", "other", first_name="Secretia")
    assert sync(product, "theirs", "other").status_code == 201
    for patient_id in ("theirs", "nobody"):
        for response in (sync(product, patient_id), product.call("GET", f"/xero/contacts/{patient_id}/")):
            check_problem(response, 404, "not_found")
            assert "Secretia" not in response.get_data(as_text=True)
    assert product.ok("GET", "/xero/operations/")["items"] == []


def test_not_connected_yet(product: Product) -> None:
    """409 with what an owner has to do."""
    product.patient("p-1")
    body = check_problem(sync(product), 409, "not_connected")
    assert "/xero/oauth/connect/" in body["detail"]


def test_an_answer_lost_is_accepted(product: Product) -> None:
    """202 with the operation while it is not known whether Xero did it; then one contact."""
    product.ready()
    product.simulator.fault("drop_after_commit", method="PUT", path="/api.xro/2.0/Contacts", count=1)
    waiting = sync(product)
    assert waiting.status_code == 202
    assert set(waiting.json) == {"operation_id", "status", "reason", "next_attempt_at"}
    assert waiting.json["status"] == "uncertain"
    product.settle(60)
    assert len(contacts(product)) == 1
    assert product.ok("GET", "/xero/contacts/p-1/")["state"] == "linked"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "patient_id"),
    ({"patient_id": ""}, "patient_id"),
    ({"patient_id": 7}, "patient_id"),
    ({"patient_id": "a/b"}, "patient_id"),
    ({"patient_id": "x" * 51}, "patient_id"),
    ({"patient_id": "p-1\n"}, "patient_id"),
    ({"patient_id": ["p-1"]}, "patient_id"),
    ({"patient_id": "p-1", "force_update": "perhaps"}, "force_update"),
]


def test_wrong_fields(product: Product) -> None:
    """422 names the field; nothing is kept."""
    for body, field in WRONG:
        assert set(wrong(product.call("POST", SYNC, "reception", json=body))) == {field}, body
    assert product.ok("GET", "/xero/operations/")["items"] == []


def test_sync_all_is_a_job(product: Product) -> None:
    """202 at once; the job goes through all patients, reports counts, and a second one sends nothing."""
    product.ready()
    for number in range(2, 24):
        product.patient(f"p-{number}")
    started = product.call("POST", "/xero/contacts/sync_all/", "reception", json={})
    assert started.status_code == 202
    assert (started.json["status"], started.json["kind"], started.json["seen"]) == ("running", "sync_all", 0)
    product.settle(180)
    job = product.ok("GET", f"/xero/jobs/{started.json['job_id']}/", "reception")
    assert (job["status"], job["seen"], job["done"], job["failed"]) == ("done", 23, 23, 0)
    assert len(contacts(product)) == 23
    before = len(writes(product))
    again = product.ok("POST", "/xero/contacts/sync_all/", "reception", json={})
    product.settle(180)
    job = product.ok("GET", f"/xero/jobs/{again['job_id']}/", "reception")
    assert (job["seen"], job["skipped"], len(writes(product))) == (23, 23, before)


def test_sync_all_needs_a_connection(product: Product) -> None:
    """409 rather than a job that fails patient by patient."""
    check_problem(
        product.call("POST", "/xero/contacts/sync_all/", "reception", json={}), 409, "not_connected"
    )


def test_a_contact_of_another_organisation_is_none_here(product: Product) -> None:
    """After connecting another organisation, the old link is not shown as this one's contact."""
    product.ready()
    sync(product)
    document = product.ports.store.get(paths.contact_link("demo", "p-1"))
    assert document is not None
    product.ports.store.put(document.path, document.data | {"tenant_id": "another"})
    body = product.ok("GET", "/xero/contacts/p-1/")
    assert (body["state"], body["contact_id"]) == ("not_sent", None)
