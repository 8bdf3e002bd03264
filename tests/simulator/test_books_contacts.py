"""Contacts: uniqueness, names, matching, archiving and merging."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.desk import Desk, sale
from tests.xero_simulator.accounting.replies import NO_ID

NAME_TAKEN = (
    "The contact name {} is already assigned to another contact. "
    "The contact name must be unique across all active contacts."
)
ACCOUNT_TAKEN = "The Account Number already exists. Please enter a different Account Number."


def test_a_new_contact_has_an_id_and_is_announced() -> None:
    """PUT creates an active contact that is neither customer nor supplier yet."""
    desk = Desk()
    contact = desk.contact("Ann Lee", ContactNumber="p-1", EmailAddress="ann@example.com")
    assert (contact["ContactStatus"], contact["ContactNumber"]) == ("ACTIVE", "p-1")
    assert (contact["IsCustomer"], contact["IsSupplier"]) == (False, False)
    assert desk.events() == [("CONTACT", "CREATE", contact["ContactID"])]


@pytest.mark.parametrize("name", ["Adam Brown", "adam brown", "ADAM BROWN"])
def test_a_name_is_taken_in_any_case(name: str) -> None:
    """PUT with the name of an active contact fails with Xero's message."""
    assert Desk().refusal("PUT", "Contacts", {"Name": name}) == [NAME_TAKEN.format(name)]


def test_the_error_echoes_the_contact() -> None:
    """A refused contact comes back as sent, with an empty id and its messages."""
    reply = Desk().ask("PUT", "Contacts", {"Contacts": [{"Name": "Adam Brown", "FirstName": "Adam"}]})
    (element,) = reply.body["Elements"]
    assert (element["ContactID"], element["FirstName"]) == (NO_ID, "Adam")
    assert element["HasValidationErrors"] is True


def test_an_archived_contact_gives_its_name_free_but_not_its_numbers() -> None:
    """Names are unique among active contacts; ContactNumber and AccountNumber among all."""
    desk = Desk()
    old = desk.contact("Ann Lee", ContactNumber="p-1", AccountNumber="A1")
    desk.one("POST", f"Contacts/{old['ContactID']}", {"ContactStatus": "ARCHIVED"})
    assert desk.refusal("PUT", "Contacts", {"Name": "Bo", "ContactNumber": "P-1"}) == [
        "The contact number P-1 is already assigned to another contact"
    ]
    assert desk.refusal("PUT", "Contacts", {"Name": "Bo", "AccountNumber": "A1"}) == [ACCOUNT_TAKEN]
    assert desk.contact("Ann Lee")["ContactID"] != old["ContactID"]
    assert desk.refusal("POST", f"Contacts/{old['ContactID']}", {"ContactStatus": "ACTIVE"}) == [
        NAME_TAKEN.format("Ann Lee")
    ]


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({"Name": "Ann <b> Lee"}, "angle brackets"),
        ({"Name": " Ann"}, "space"),
        ({"Name": "Ann "}, "space"),
        ({"Name": "Ann  Lee"}, "double spaces"),
        ({"Name": ""}, "cannot be empty"),
        ({"Name": "x" * 256}, "maximum length of 255"),
        ({"Name": "Ann", "ContactNumber": "x" * 51}, "maximum length of 50"),
        ({"Name": "Ann", "AccountNumber": "x" * 51}, "maximum length of 50"),
        ({"Name": "Ann", "EmailAddress": "jürgen@example.com"}, "Email address must be valid."),
        ({"Name": "Ann", "EmailAddress": "ann at home"}, "Email address must be valid."),
        ({"Name": "Ann", "Phones": [{"PhoneType": "HOME", "PhoneNumber": "1"}]}, "PhoneType"),
        ({"Name": "Ann", "Phones": [{"PhoneType": "DDI", "PhoneNumber": "1" * 51}]}, "maximum length of 50"),
        (
            {"Name": "Ann", "Addresses": [{"AddressType": "STREET", "City": "x" * 256}]},
            "maximum length of 255",
        ),
        ({"Name": "Ann", "ContactPersons": [{"FirstName": "x"}] * 6}, "maximum of 5"),
        ({"ContactID": "", "FirstName": "Ann"}, "at least 1 of the following elements"),
    ],
)
def test_unclean_fields_are_refused(fields: dict[str, Any], part: str) -> None:
    """Names, lengths, addresses and persons are checked as Xero does."""
    messages = Desk().refusal("PUT", "Contacts", fields)
    assert any(part in message for message in messages), messages


def test_a_name_may_have_its_full_length() -> None:
    """255 letters are allowed."""
    assert len(Desk().contact("x" * 255)["Name"]) == 255


def test_post_updates_by_id_number_and_name() -> None:
    """POST finds an existing contact by ContactID, then ContactNumber, then Name, and updates it silently."""
    desk = Desk()
    first = desk.contact("Ann Lee", ContactNumber="p-1")
    by_id = desk.one("POST", "Contacts", {"ContactID": first["ContactID"], "FirstName": "A"})
    by_number = desk.one("POST", "Contacts", {"ContactNumber": "p-1", "Name": "Ann Smith"})
    by_name = desk.one("POST", "Contacts", {"Name": "ann smith", "LastName": "S"})
    assert {one["ContactID"] for one in (by_id, by_number, by_name)} == {first["ContactID"]}
    assert (by_name["FirstName"], by_name["Name"], by_name["LastName"]) == ("A", "ann smith", "S")


def test_post_takes_over_a_contact_entered_by_hand() -> None:
    """A new ContactNumber with the name of a numberless contact lands on that contact: the danger of POST."""
    desk = Desk()
    by_hand = next(one for one in desk.many("GET", "Contacts") if one["Name"] == "Adam Brown")
    taken = desk.one("POST", "Contacts", {"Name": "Adam Brown", "ContactNumber": "p-7"})
    assert taken["ContactID"] == by_hand["ContactID"]
    assert desk.refusal("POST", "Contacts", {"Name": "Adam Brown", "ContactNumber": "p-8"}) == [
        NAME_TAKEN.format("Adam Brown")
    ]


def test_addresses_and_phones_are_replaced_by_type_and_cleared_by_empty_text() -> None:
    """A given phone replaces the one of its type only; an empty text clears a field, null leaves it."""
    desk = Desk()
    desk.contact(
        "Ann",
        ContactNumber="p-1",
        EmailAddress="a@example.com",
        Phones=[{"PhoneType": "MOBILE", "PhoneNumber": "1"}, {"PhoneType": "FAX", "PhoneNumber": "2"}],
        Addresses=[{"AddressType": "STREET", "AddressLine1": "1 High St", "City": "Sydney"}],
    )
    desk.one(
        "POST",
        "Contacts",
        {
            "ContactNumber": "p-1",
            "EmailAddress": "",
            "FirstName": None,
            "Phones": [{"PhoneType": "MOBILE", "PhoneNumber": "9"}],
        },
    )
    found = desk.one("GET", "Contacts/p-1")
    phones = {one["PhoneType"]: one["PhoneNumber"] for one in found["Phones"]}
    assert (phones["MOBILE"], phones["FAX"], found["EmailAddress"]) == ("9", "2", "")
    assert found["Addresses"][0]["AddressLine1"] == "1 High St"


def test_contact_persons_are_replaced_as_a_whole_and_kept_when_not_sent() -> None:
    """Up to five; a list that is sent takes the place of the old one."""
    desk = Desk()
    path = f"Contacts/{desk.contact('Ann', ContactPersons=[{'FirstName': 'A'}, {'FirstName': 'B'}])['ContactID']}"
    assert len(desk.one("POST", path, {"FirstName": "x"})["ContactPersons"]) == 2
    assert len(desk.one("POST", path, {"ContactPersons": [{"FirstName": "C"}]})["ContactPersons"]) == 1


def test_one_contact_is_read_by_id_or_number() -> None:
    """Unknown ones answer 404 in plain text."""
    desk = Desk()
    contact = desk.contact("Ann", ContactNumber="p 1/2")
    assert desk.one("GET", f"Contacts/{contact['ContactID'].upper()}")["Name"] == "Ann"
    reply = desk.ask("GET", f"Contacts/{NO_ID}")
    assert (reply.status, reply.body) == (404, "The resource you're looking for cannot be found")
    assert reply.content_type.startswith("text/plain")
    assert desk.ask("GET", "Contacts/p-unknown").status == 404


def test_archived_contacts_are_hidden_from_lists_only() -> None:
    """includeArchived=true shows them; by id they are always found."""
    desk = Desk()
    contact = desk.contact("Ann", ContactNumber="p-1")
    desk.later(minutes=1)
    desk.hand("contacts", contact["ContactID"], "archive")
    assert "Ann" not in [one["Name"] for one in desk.many("GET", "Contacts")]
    assert "Ann" in [one["Name"] for one in desk.many("GET", "Contacts", includeArchived="true")]
    assert desk.one("GET", "Contacts/p-1")["ContactStatus"] == "ARCHIVED"
    assert desk.many("GET", "Contacts", IDs=contact["ContactID"]) == []
    restored = desk.one("POST", f"Contacts/{contact['ContactID']}", {"ContactStatus": "ACTIVE"})
    assert restored["ContactStatus"] == "ACTIVE"


def test_a_merged_contact_points_to_the_one_it_went_into() -> None:
    """Merging moves the invoices, archives the source and is announced for both."""
    desk = Desk()
    ann, bob = desk.contact("Ann"), desk.contact("Bob")
    invoice = desk.invoice(ann)
    desk.events()
    assert desk.hand("contacts", ann["ContactID"], "merge", into=bob["ContactID"]).status == 200
    gone = desk.one("GET", f"Contacts/{ann['ContactID']}")
    assert (gone["ContactStatus"], gone["MergedToContactID"]) == ("ARCHIVED", bob["ContactID"])
    assert desk.read(invoice)["Contact"]["ContactID"] == bob["ContactID"]
    assert {one[2] for one in desk.events()} == {ann["ContactID"], bob["ContactID"]}
    assert desk.hand("contacts", ann["ContactID"], "restore").status == 400
    listed = desk.many("GET", "Contacts", page="1", includeArchived="true")
    assert [one["ContactID"] for one in listed if "MergedToContactID" in one] == [ann["ContactID"]]


@pytest.mark.parametrize("into", ["", NO_ID, "itself"])
def test_a_merge_needs_another_active_contact(into: str) -> None:
    """The control API answers 400 with a message."""
    desk = Desk()
    ann = desk.contact("Ann")
    target = ann["ContactID"] if into == "itself" else into
    reply = desk.hand("contacts", ann["ContactID"], "merge", into=target)
    assert (reply.status, "another, active contact" in reply.body["Message"]) == (400, True)


def test_a_search_covers_names_number_and_address() -> None:
    """searchTerm ignores case and spelling of the parameter."""
    desk = Desk()
    desk.contact("Ann Lee", ContactNumber="XYZ-1", EmailAddress="someone@example.com")
    for term in ("ann", "xyz-", "SOMEONE@"):
        assert [one["Name"] for one in desk.many("GET", "Contacts", SearchTerm=term)] == ["Ann Lee"]
    assert desk.many("GET", "Contacts", searchTerm="nobody") == []


def test_balances_follow_the_invoices() -> None:
    """A contact's page shows what is outstanding and what is overdue."""
    desk = Desk()
    ann = desk.contact("Ann")
    desk.invoice(ann, DueDate="2026-11-24")
    desk.pay(desk.invoice(ann), "40")
    found = desk.one("GET", f"Contacts/{ann['ContactID']}")
    assert found["Balances"]["AccountsReceivable"] == {"Outstanding": 160, "Overdue": 100}
    assert found["IsCustomer"] is True


def test_history_keeps_notes_newest_first() -> None:
    """PUT adds a note of at most 2,500 letters without changing UpdatedDateUTC."""
    desk = Desk()
    contact = desk.contact("Ann")
    path = f"Contacts/{contact['ContactID']}"
    desk.later(minutes=5)
    desk.one("PUT", f"{path}/History", {"HistoryRecords": [{"Details": "called"}]})
    assert desk.many("GET", f"{path}/History")[0]["Details"] == "called"
    assert desk.one("GET", path)["UpdatedDateUTC"] == contact["UpdatedDateUTC"]
    assert desk.ask("PUT", f"{path}/History", {"HistoryRecords": [{"Details": "x" * 2501}]}).status == 400


def test_summary_only_leaves_the_heavy_fields_out() -> None:
    """summaryOnly=true answers without addresses, phones and persons."""
    for one in Desk().many("GET", "Contacts", summaryOnly="true"):
        assert not {"Addresses", "Phones", "ContactPersons"} & set(one)


def test_batches_fail_together_or_apart() -> None:
    """By default nothing of a failing batch is kept; summarizeErrors=false judges each element."""
    desk = Desk()
    batch = {"Contacts": [{"Name": "New One"}, {"Name": "Adam Brown"}, {"Name": "New One"}]}
    reply = desk.ask("PUT", "Contacts", batch)
    assert [one["Name"] for one in reply.body["Elements"]] == ["Adam Brown", "New One"]
    assert "New One" not in [one["Name"] for one in desk.many("GET", "Contacts")]
    assert desk.events() == []
    each = desk.many("PUT", "Contacts", batch, summarizeErrors="false")
    assert [one["StatusAttributeString"] for one in each] == ["OK", "ERROR", "ERROR"]
    assert each[1]["ValidationErrors"] == [{"Message": NAME_TAKEN.format("Adam Brown")}]
    assert len(desk.events()) == 1


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"[1]", b'{"Contacts": "x"}', b"\xff"])
def test_a_body_that_is_no_json_is_refused(body: bytes) -> None:
    """PostDataInvalidException, error number 14."""
    reply = Desk().ask("PUT", "Contacts", body)
    assert (reply.status, reply.body["ErrorNumber"], reply.body["Type"]) == (
        400,
        14,
        "PostDataInvalidException",
    )


def test_a_malformed_id_is_refused_as_bad_post_data() -> None:
    """An identifier that is none never reaches the rules."""
    reply = Desk().ask("POST", "Contacts", {"ContactID": "4ec1e59b-60c0", "Name": "Ann"})
    assert (reply.status, reply.body["ErrorNumber"]) == (400, 14)


def test_a_gdpr_contact_takes_no_more_documents() -> None:
    """Neither an archived nor a GDPR contact can be used on a new invoice, and neither stops the others."""
    desk = Desk()
    ann, bob, cat = desk.contact("Ann"), desk.contact("Bob"), desk.contact("Cat")
    desk.hand("contacts", ann["ContactID"], "archive")
    desk.hand("contacts", bob["ContactID"], "edit", ContactStatus="GDPRREQUEST")
    batch = {"Invoices": [sale(ann), sale(bob), sale(cat)]}
    each = desk.many("PUT", "Invoices", batch, summarizeErrors="false")
    assert [one["StatusAttributeString"] for one in each] == ["ERROR", "ERROR", "OK"]
    assert "Ann is ARCHIVED" in each[0]["ValidationErrors"][0]["Message"]
