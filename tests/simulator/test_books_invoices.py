"""Invoices: numbers, contacts, statuses, accounts, taxes, tracking and what may be changed when."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.simulator.desk import APP, Desk, line, sale
from tests.xero_simulator.accounting.replies import NO_ID

NOT_MODIFIABLE = "Invoice not of valid status for modification"
HAS_PAYMENTS = "This document cannot be edited as it has a payment or credit note allocated to it."


def test_an_approved_invoice_shows_what_xero_shows() -> None:
    """Totals, dates in both notations, what is due, and the app's event."""
    desk = Desk()
    contact = desk.contact("Ann")
    desk.events()
    invoice = desk.invoice(contact, Reference="apt-1", Url="https://clinic.example/apt/1")
    assert (invoice["Status"], invoice["Total"], invoice["AmountDue"]) == ("AUTHORISED", 100, 100)
    assert (invoice["DateString"], invoice["Date"]) == ("2026-11-25T00:00:00", "/Date(1795564800000+0000)/")
    assert (invoice["DueDateString"], invoice["CurrencyCode"]) == ("2026-12-09T00:00:00", "AUD")
    assert invoice["UpdatedDateUTC"] == "/Date(1795557600000+0000)/"
    assert invoice["UpdatedDateUTCString"] == "2026-11-24T22:00:00Z"
    assert invoice["LineItems"][0]["TaxType"] == "EXEMPTOUTPUT"
    assert desk.events() == [("INVOICE", "CREATE", invoice["InvoiceID"])]


@pytest.mark.parametrize(
    ("organisation", "now", "day"),
    [
        (0, datetime(2026, 11, 24, 12, 59, tzinfo=UTC), "2026-11-24"),
        (0, datetime(2026, 11, 24, 13, 1, tzinfo=UTC), "2026-11-25"),
        (1, datetime(2026, 11, 24, 11, 1, tzinfo=UTC), "2026-11-25"),
        (2, datetime(2026, 11, 24, 23, 59, tzinfo=UTC), "2026-11-24"),
    ],
)
def test_without_a_date_it_is_today_where_the_organisation_is(
    organisation: int, now: datetime, day: str
) -> None:
    """The default date follows the organisation's time zone."""
    desk = Desk(organisation)
    desk.now = now
    assert desk.invoice(LineItems=[line(AccountCode="202")])["DateString"] == f"{day}T00:00:00"


@pytest.mark.parametrize(
    ("sent", "day"),
    [
        ("2026-11-03", "2026-11-03"),
        ("2026-11-03T23:30:00+11:00", "2026-11-03"),
        ("/Date(1762128000000+0000)/", "2025-11-03"),
    ],
)
def test_dates_are_read_in_three_ways(sent: str, day: str) -> None:
    """A calendar date, one with a time behind it, and Xero's own milliseconds."""
    assert Desk().invoice(Date=sent)["DateString"] == f"{day}T00:00:00"


def test_an_unreadable_date_is_refused() -> None:
    """Not every text is a date."""
    desk = Desk()
    assert desk.refusal("PUT", "Invoices", sale(desk.contact(), Date="3rd of May")) == [
        "Date is not a valid date"
    ]


def test_put_never_overwrites_a_number() -> None:
    """PUT with a number in use fails, whatever its case and whatever became of the first invoice."""
    desk = Desk()
    contact = desk.contact()
    for status in ("VOIDED", "DELETED", ""):
        number = f"C-{status}"
        first = desk.invoice(
            contact, InvoiceNumber=number, Status="DRAFT" if status == "DELETED" else "AUTHORISED"
        )
        if status:
            desk.one("POST", f"Invoices/{first['InvoiceID']}", {"Status": status})
        assert desk.refusal("PUT", "Invoices", sale(contact, InvoiceNumber=number.lower())) == [
            "Invoice # must be unique."
        ]


def test_post_with_a_number_in_use_overwrites_silently() -> None:
    """POST without an id matches by number; a voided one is not of valid status."""
    desk = Desk()
    contact = desk.contact()
    first = desk.invoice(contact, InvoiceNumber="C-1")
    other = sale(contact, InvoiceNumber="C-1", LineItems=[line("55")])
    assert desk.one("POST", "Invoices", other)["InvoiceID"] == first["InvoiceID"]
    assert desk.read(first)["Total"] == 55
    desk.one("POST", "Invoices", {"InvoiceNumber": "C-1", "Status": "VOIDED"})
    assert desk.refusal("POST", "Invoices", other) == [NOT_MODIFIABLE]


def test_numbers_are_given_out_in_turn_and_skip_used_ones() -> None:
    """INV-0001 and on, per organisation; bills need no number and may share one."""
    desk = Desk()
    contact = desk.contact()
    desk.invoice(contact, InvoiceNumber="INV-0002")
    assert [desk.invoice(contact)["InvoiceNumber"] for _ in range(2)] == ["INV-0001", "INV-0003"]
    bill = {"Type": "ACCPAY", "InvoiceNumber": "INV-0001", "LineItems": [line(AccountCode="420")]}
    assert desk.invoice(contact, **bill)["InvoiceNumber"] == "INV-0001"


def test_an_invoice_is_read_by_id_or_number() -> None:
    """Both find it, an unknown one is 404."""
    desk = Desk()
    invoice = desk.invoice(InvoiceNumber="C-1")
    assert desk.one("GET", "Invoices/C-1")["InvoiceID"] == invoice["InvoiceID"]
    assert desk.read(invoice)["InvoiceNumber"] == "C-1"
    assert desk.ask("GET", f"Invoices/{NO_ID}").status == 404


def test_contact_id_alone_leaves_the_contact_alone() -> None:
    """Only further fields change the contact: they update it and drop contact persons."""
    desk = Desk()
    contact = desk.contact("Ann", ContactPersons=[{"FirstName": "P"}])
    desk.invoice(contact)
    path = f"Contacts/{contact['ContactID']}"
    assert len(desk.one("GET", path)["ContactPersons"]) == 1
    pointer = {"ContactID": contact["ContactID"], "FirstName": "Anne"}
    desk.invoice(contact, Contact=pointer)
    found = desk.one("GET", path)
    assert (found["FirstName"], found["ContactPersons"]) == ("Anne", [])


def test_contact_id_with_the_name_of_another_fails() -> None:
    """Although the id was right."""
    desk = Desk()
    pointer = {"ContactID": desk.contact("Ann")["ContactID"], "Name": "Adam Brown"}
    assert "already assigned" in desk.refusal("PUT", "Invoices", sale({"ContactID": ""}, Contact=pointer))[0]


def test_a_name_alone_attaches_to_the_contact_of_that_name() -> None:
    """Two people of one name would share a ledger; an unknown name makes a contact."""
    desk = Desk()
    one = desk.invoice({"ContactID": ""}, Contact={"Name": "adam brown"})
    two = desk.invoice({"ContactID": ""}, Contact={"Name": "Adam Brown"})
    assert one["Contact"]["ContactID"] == two["Contact"]["ContactID"]
    desk.events()
    new = desk.invoice({"ContactID": ""}, Contact={"Name": "Nobody Yet"})
    assert [kind for _, kind, _ in desk.events()] == ["CREATE", "CREATE"]
    assert desk.one("GET", f"Contacts/{new['Contact']['ContactID']}")["Name"] == "Nobody Yet"


def test_a_contact_element_may_rename_and_number() -> None:
    """By number with another name, or by name with a new number: the contact takes both over."""
    desk = Desk()
    contact = desk.contact("Ann", ContactNumber="p-1")
    desk.invoice({"ContactID": ""}, Contact={"ContactNumber": "p-1", "Name": "Ann Lee"})
    assert desk.one("GET", f"Contacts/{contact['ContactID']}")["Name"] == "Ann Lee"
    desk.invoice({"ContactID": ""}, Contact={"ContactNumber": "p-2", "Name": "Adam Brown"})
    assert desk.one("GET", "Contacts/p-2")["Name"] == "Adam Brown"


def test_a_failing_invoice_leaves_no_contact_behind() -> None:
    """What was made on the way is undone with it."""
    desk = Desk()
    bad = sale({"ContactID": ""}, Contact={"Name": "Nobody Yet"}, LineItems=[line(AccountCode="999")])
    desk.refusal("PUT", "Invoices", bad)
    assert desk.many("GET", "Contacts", searchTerm="nobody") == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"Contact": None}, "Contact cannot be empty."),
        (
            {"Contact": {"ContactID": "11111111-1111-4111-8111-111111111111"}},
            "specified ContactID could not be found",
        ),
        ({"Type": "SALE"}, "Invoice Type must be ACCREC or ACCPAY"),
        ({"Status": "PAID"}, "Invoice not of valid status for creation"),
        ({"Status": "VOIDED"}, "Invoice not of valid status for creation"),
        ({"DueDate": None}, "Due date cannot be empty."),
        ({"Status": "SUBMITTED", "DueDate": None}, "Due date cannot be empty."),
        ({"LineItems": []}, "One or more line items must be specified."),
        ({"InvoiceNumber": "x" * 256}, "maximum length of 255"),
        ({"Reference": "x" * 256}, "maximum length of 255"),
        ({"Url": "https://go.Xero.com/x"}, 'must not contain "xero"'),
        ({"Url": "clinic/apt/1"}, "valid absolute url"),
        ({"LineAmountTypes": "EXCLUSIVE"}, "LineAmountTypes must be one of"),
        ({"CurrencyCode": "USD"}, "Organisation is not subscribed to currency USD"),
        ({"BrandingThemeID": "11111111-1111-4111-8111-111111111111"}, "BrandingThemeID could not be found"),
        ({"LineItems": [line(Description="")]}, "Description must be at least 1 character long."),
        ({"LineItems": [line(Description="x" * 4001)]}, "maximum length of 4000"),
        ({"LineItems": [line(AccountCode=None)]}, "Account code must be specified."),
        (
            {"LineItems": [line(AccountCode="999")]},
            "Account code '999' is not a valid code for this document.",
        ),
        (
            {"LineItems": [line(AccountCode="610")]},
            "Account code '610' is not a valid code for this document.",
        ),
        (
            {"LineItems": [line(AccountCode="800")]},
            "Account code '800' is not a valid code for this document.",
        ),
        (
            {"LineItems": [line(AccountCode="090")]},
            "Account code '090' is not a valid code for this document.",
        ),
        (
            {"LineItems": [line(AccountCode="299")]},
            "Account code '299' has been archived, or has been deleted.",
        ),
        ({"LineItems": [line(TaxType="GST on Income")]}, "TaxType code GST on Income does not exist"),
        (
            {"LineItems": [line(TaxType="INPUT")]},
            "TaxType code 'INPUT' cannot be used with account code '201'.",
        ),
        ({"LineItems": [line(ItemCode="NOPE")]}, "Item code 'NOPE' is not valid"),
        ({"LineItems": [line("-1")]}, "must not be negative"),
        ({"LineItems": [line("x")]}, "UnitAmount must be a number"),
        ({"LineItems": [line("9999999999.99", Quantity=2)]}, "must not exceed"),
        ({"LineItems": [line("10", DiscountRate=101)]}, "between 0 and 100"),
        (
            {"LineItems": [line("10", LineAmount="11")]},
            "The line total 11.00 does not match the expected line total",
        ),
    ],
)
def test_what_xero_refuses(fields: dict[str, Any], message: str) -> None:
    """One thing wrong at a time, each with its message."""
    desk = Desk()
    messages = desk.refusal("PUT", "Invoices", sale(desk.contact(), **fields))
    assert any(message in one for one in messages), messages
    assert desk.many("GET", "Invoices") == []


def test_a_wrong_line_is_named() -> None:
    """The message stands on the document and on the line it belongs to."""
    desk = Desk()
    lines = [line(), line(AccountCode="299", TaxType="NOPE")]
    reply = desk.ask("PUT", "Invoices", sale(desk.contact(), LineItems=lines))
    (element,) = reply.body["Elements"]
    assert [len(one["ValidationErrors"]) for one in element["LineItems"]] == [0, 2]
    assert (len(element["ValidationErrors"]), element["HasErrors"]) == (2, True)


def test_a_draft_may_lack_what_an_approved_invoice_may_not() -> None:
    """No due date and no account in a draft; approving it then complains."""
    desk = Desk()
    draft = desk.invoice(Status="DRAFT", DueDate=None, LineItems=[line(AccountCode=None)])
    assert desk.refusal("POST", f"Invoices/{draft['InvoiceID']}", {"Status": "AUTHORISED"}) == [
        "Due date cannot be empty.",
        "Account code must be specified.",
    ]


def test_a_draft_cannot_be_approved_onto_an_account_archived_since() -> None:
    """The mapping went stale between draft and approval."""
    desk = Desk()
    draft = desk.invoice(Status="DRAFT")
    desk.organisation(account={"Code": "201", "Status": "ARCHIVED"})
    (message,) = desk.refusal("POST", f"Invoices/{draft['InvoiceID']}", {"Status": "AUTHORISED"})
    assert message.startswith("Account code '201' has been archived")


STATUSES = ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED")
ALLOWED = {
    "DRAFT": {"DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"},
    "SUBMITTED": {"DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"},
    "AUTHORISED": {"AUTHORISED", "VOIDED"},
    "PAID": set(),
    "VOIDED": set(),
    "DELETED": set(),
}


@pytest.mark.parametrize("start", STATUSES)
@pytest.mark.parametrize("wanted", STATUSES)
def test_status_transitions(start: str, wanted: str) -> None:
    """DRAFT, SUBMITTED and AUTHORISED go on; PAID, VOIDED and DELETED are the end."""
    desk = Desk()
    first = {"PAID": "AUTHORISED", "VOIDED": "AUTHORISED", "DELETED": "DRAFT"}.get(start, start)
    invoice = desk.invoice(Status=first)
    path = f"Invoices/{invoice['InvoiceID']}"
    if start == "PAID":
        desk.pay(invoice, 100)
    elif start != first:
        desk.one("POST", path, {"Status": start})
    if wanted in ALLOWED[start]:
        assert desk.one("POST", path, {"Status": wanted})["Status"] == wanted
    else:
        desk.refusal("POST", path, {"Status": wanted})
        assert desk.read(invoice)["Status"] == start


def test_voiding_takes_the_id_and_the_status_only() -> None:
    """Re-posting the whole fetched invoice with Status VOIDED fails."""
    desk = Desk()
    invoice = desk.invoice()
    path = f"Invoices/{invoice['InvoiceID']}"
    assert desk.refusal("POST", path, invoice | {"Status": "VOIDED"}) == [NOT_MODIFIABLE]
    voided = desk.one("POST", "Invoices", {"InvoiceID": invoice["InvoiceID"], "Status": "VOIDED"})
    assert (voided["Status"], voided["AmountDue"]) == ("VOIDED", 0)


def test_an_approved_invoice_is_editable_until_something_is_applied() -> None:
    """Afterwards: this document cannot be edited; and voiding needs the payment gone."""
    desk = Desk()
    invoice = desk.invoice()
    path = f"Invoices/{invoice['InvoiceID']}"
    assert desk.one("POST", path, {"LineItems": [line("120")]})["Total"] == 120
    desk.pay(invoice, 20)
    assert desk.refusal("POST", path, {"Reference": "x"}) == [HAS_PAYMENTS]
    assert desk.refusal("POST", path, {"Status": "VOIDED"}) == [
        "Invoice cannot be voided as it has payments allocated to it"
    ]
    desk.pay(invoice, 100)
    assert desk.refusal("POST", path, {"Reference": "x"}) == [NOT_MODIFIABLE, HAS_PAYMENTS]


def test_editing_lines_keeps_known_ones_and_recreates_the_others() -> None:
    """A line without its LineItemID is a new line; a line that is not sent is removed."""
    desk = Desk()
    invoice = desk.invoice(LineItems=[line("10"), line("20"), line("30")])
    one, two, _ = invoice["LineItems"]
    sent = [{**line("15"), "LineItemID": one["LineItemID"]}, line("20")]
    changed = desk.one("POST", f"Invoices/{invoice['InvoiceID']}", {"LineItems": sent})
    ids = [each["LineItemID"] for each in changed["LineItems"]]
    assert ids[0] == one["LineItemID"]
    assert ids[1] != two["LineItemID"]
    assert changed["Total"] == 35


def test_items_fill_in_what_a_line_leaves_out() -> None:
    """Description, price, account and tax come from the item unless sent."""
    invoice = Desk().invoice(LineItems=[{"ItemCode": "orthotic"}, {"ItemCode": "CONSULT", "UnitAmount": 80}])
    one, two = invoice["LineItems"]
    assert (one["AccountCode"], one["UnitAmount"], one["TaxType"]) == ("202", 220, "OUTPUT")
    assert (two["Description"], two["LineAmount"]) == ("Consultation", 80)


def test_a_line_may_be_words_only() -> None:
    """A description without an amount needs no account."""
    invoice = Desk().invoice(LineItems=[{"Description": "Thank you"}, line()])
    assert invoice["LineItems"][0]["LineAmount"] == 0
    assert "UnitAmount" not in invoice["LineItems"][0]


@pytest.mark.parametrize("named", ["ids", "names"])
def test_tracking_by_ids_or_names(named: str) -> None:
    """Up to two per line, shown with both."""
    desk = Desk()
    tracking = []
    for category in desk.many("GET", "TrackingCategories"):
        option = category["Options"][0]
        if named == "ids":
            tracking.append(
                {
                    "TrackingCategoryID": category["TrackingCategoryID"],
                    "TrackingOptionID": option["TrackingOptionID"],
                }
            )
        else:
            tracking.append({"Name": category["Name"].upper(), "Option": option["Name"].lower()})
    shown = desk.invoice(LineItems=[line(Tracking=tracking)])["LineItems"][0]["Tracking"]
    assert [(one["Name"], one["Option"]) for one in shown] == [
        ("Clinic", "Harbour Street"),
        ("Practitioner", "Dr Ana Ruiz"),
    ]


@pytest.mark.parametrize(
    ("tracking", "message"),
    [
        ([{"Name": "Clinic", "Option": "Old Wharf"}], "no ACTIVE tracking option 'Old Wharf'"),
        ([{"Name": "Clinic", "Option": "Nowhere"}], "no ACTIVE tracking option 'Nowhere'"),
        ([{"Name": "Region", "Option": "North"}], "no ACTIVE tracking category with the name 'Region'"),
        ([{"Name": "Clinic", "Option": "North Shore"}] * 2, "only once per line"),
        ([{"Name": "Clinic", "Option": "North Shore"}] * 3, "maximum of 2 tracking categories"),
        ({"Name": "Clinic"}, "Tracking must be a list"),
    ],
)
def test_tracking_that_does_not_exist_is_refused(tracking: Any, message: str) -> None:
    """Unknown and archived options, and more than two."""
    desk = Desk()
    messages = desk.refusal("PUT", "Invoices", sale(desk.contact(), LineItems=[line(Tracking=tracking)]))
    assert any(message in one for one in messages), messages


def test_the_early_plan_approves_twenty_a_month() -> None:
    """Drafts are free; the 21st approval of the month is refused, the next month starts anew."""
    desk = Desk()
    contact = desk.contact()
    desk.organisation(plan="EARLY")
    desk.many("PUT", "Invoices", {"Invoices": [sale(contact)] * 20})
    assert desk.refusal("PUT", "Invoices", sale(contact)) == [
        "You have reached the limit of invoices you can approve"
    ]
    actions = {one["Name"]: one["Status"] for one in desk.many("GET", "Organisation/Actions")}
    assert (actions["CreateApprovedInvoice"], actions["CreateDraftInvoice"]) == ("NOT-ALLOWED", "ALLOWED")
    desk.invoice(contact, Status="DRAFT")
    desk.later(days=7)
    desk.invoice(contact)


def test_a_refused_approval_is_not_counted() -> None:
    """A batch that fails gives its approvals back."""
    desk = Desk()
    contact = desk.contact()
    desk.organisation(plan="EARLY")
    desk.refusal("PUT", "Invoices", {"Invoices": [*[sale(contact)] * 19, sale(contact, DueDate=None)]})
    assert len(desk.many("PUT", "Invoices", {"Invoices": [sale(contact)] * 20})) == 20


def test_turning_multicurrency_on_subscribes_to_the_usual_ones() -> None:
    """Without a list of its own."""
    desk = Desk()
    desk.organisation(multicurrency=True)
    assert desk.invoice(CurrencyCode="NZD")["CurrencyCode"] == "NZD"
    assert {"AUD", "NZD", "GBP"} <= {one["Code"] for one in desk.many("GET", "Currencies")}


def test_other_currencies_need_the_plan() -> None:
    """With multicurrency and a subscribed currency it works."""
    desk = Desk()
    desk.organisation(multicurrency=True, currencies=["AUD", "USD"])
    assert desk.invoice(CurrencyCode="USD")["CurrencyCode"] == "USD"
    assert desk.refusal("PUT", "Invoices", sale(desk.contact("Bo"), CurrencyCode="EUR")) == [
        "Organisation is not subscribed to currency EUR"
    ]


def test_email_is_sent_and_leaves_the_time_stamp() -> None:
    """204 with an empty body, SentToContact set, UpdatedDateUTC as before, no event."""
    desk = Desk()
    invoice = desk.invoice(desk.contact("Ann", EmailAddress="ann@example.com"))
    desk.events()
    desk.later(minutes=5)
    reply = desk.ask("POST", f"Invoices/{invoice['InvoiceID']}/Email", {})
    assert (reply.status, reply.body) == (204, None)
    after = desk.read(invoice)
    assert (after["SentToContact"], after["UpdatedDateUTC"]) == (True, invoice["UpdatedDateUTC"])
    assert desk.events() == []
    notes = desk.many("GET", f"Invoices/{invoice['InvoiceID']}/History")
    assert [one["Changes"] for one in notes] == ["Invoice sent", "Created"]


@pytest.mark.parametrize("fault", ["draft", "no address", "limit"])
def test_email_needs_approval_and_an_address(fault: str) -> None:
    """A draft, a contact without address and an organisation over its daily limit are refused."""
    desk = Desk()
    address = "" if fault == "no address" else "ann@example.com"
    contact = desk.contact("Ann", EmailAddress=address)
    invoice = desk.invoice(contact, Status="DRAFT" if fault == "draft" else "AUTHORISED")
    desk.organisation(emails_a_day=0 if fault == "limit" else 1)
    assert desk.ask("POST", f"Invoices/{invoice['InvoiceID']}/Email").status == 400


def test_marking_as_sent_does_not_touch_the_time_stamp() -> None:
    """One of the changes that UpdatedDateUTC does not show."""
    desk = Desk()
    invoice = desk.invoice()
    desk.events()
    desk.later(minutes=5)
    marked = desk.one("POST", f"Invoices/{invoice['InvoiceID']}", {"SentToContact": True})
    assert (marked["SentToContact"], marked["UpdatedDateUTC"]) == (True, invoice["UpdatedDateUTC"])
    assert desk.events() == []


def test_an_online_invoice_exists_for_approved_ones() -> None:
    """The same link every time; a draft has none."""
    desk = Desk()
    path = f"Invoices/{desk.invoice()['InvoiceID']}/OnlineInvoice"
    assert desk.one("GET", path) == desk.one("GET", path)
    draft = desk.invoice(Status="DRAFT")
    assert desk.ask("GET", f"Invoices/{draft['InvoiceID']}/OnlineInvoice").status == 400


def test_an_invoice_of_nothing_is_paid_at_once() -> None:
    """Approving a total of zero leaves nothing due."""
    invoice = Desk().invoice(LineItems=[line("10", DiscountRate=100)])
    assert (invoice["Status"], invoice["Total"], invoice["IsDiscounted"]) == ("PAID", 0, True)


def test_edited_by_hand() -> None:
    """A person may change lines and reference of an unpaid invoice, void it or delete a draft."""
    desk = Desk()
    invoice, draft = desk.invoice(), desk.invoice(Status="DRAFT")
    desk.events()
    reply = desk.hand("invoices", invoice["InvoiceID"], "edit", Reference="by hand", LineItems=[line("77")])
    assert (reply.body["Reference"], reply.body["Total"]) == ("by hand", Decimal(77))
    assert desk.hand("invoices", invoice["InvoiceID"], "void").body["Status"] == "VOIDED"
    assert desk.hand("invoices", draft["InvoiceID"], "delete").body["Status"] == "DELETED"
    assert [kind for _, kind, _ in desk.events()] == ["UPDATE", "UPDATE", "UPDATE"]
    refused = desk.hand("invoices", invoice["InvoiceID"], "void")
    assert (refused.status, refused.body) == (400, {"Message": NOT_MODIFIABLE})
    assert desk.hand("invoices", NO_ID, "void").status == 400
    assert desk.hand("invoices", draft["InvoiceID"], "frame").status == 400


def test_the_app_that_made_an_invoice_is_remembered() -> None:
    """createdByMyApp=true shows an app its own, not another's and not those made by hand."""
    desk = Desk()
    mine = desk.invoice()
    desk.one("PUT", "Invoices", sale(desk.contact("Bo")), app="another")
    found = desk.many("GET", "Invoices", createdByMyApp="true", app=APP)
    assert [one["InvoiceID"] for one in found] == [mine["InvoiceID"]]
