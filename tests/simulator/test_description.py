"""What the books answer, against Xero's published description."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.desk import Desk, line, payment, sale
from tests.simulator.xero_description import Description, description
from tests.xero_simulator.accounting.replies import NO_ID
from tests.xero_simulator.faults import Fault
from tests.xero_simulator.interface import Reply

NOTE = {"HistoryRecords": [{"Details": "A note"}]}


class JudgedDesk(Desk):
    """A desk that holds every request body and every answer against the description."""

    def __init__(self, judge: Description, organisation: int = 0) -> None:
        super().__init__(organisation)
        self.judge = judge
        self.seen: set[tuple[str, str, int]] = set()

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> Reply:
        reply = super().ask(method, path, body, **options)
        problems = self.judge.answer_problems(method, f"/{path}", reply.status, reply.body)
        assert problems == [], (method, path, reply.status)
        parts = ["id" if len(part) == 36 else part for part in path.split("/")]
        self.seen.add((method, "/".join(parts), reply.status))
        return reply


@pytest.fixture
def judge() -> Description:
    return description()


@pytest.fixture(params=[0, 1, 2], ids=["AU", "NZ", "UK"])
def desk(request: pytest.FixtureRequest, judge: Description) -> JudgedDesk:
    return JudgedDesk(judge, request.param)


def test_settings(desk: JudgedDesk) -> None:
    """Organisation with and without lock dates, actions, accounts, rates, tracking, items, themes, currencies."""
    desk.organisation(period_lock_date="2026-01-31", end_of_year_lock_date="2025-06-30")
    paths = ("Organisation", "Organisation/Actions", "Accounts", "TaxRates", "TrackingCategories", "Items")
    for path in (*paths, "BrandingThemes", "Currencies"):
        desk.many("GET", path)
    desk.many("GET", "TrackingCategories", includeArchived="true")
    desk.one("GET", f"Accounts/{desk.many('GET', 'Accounts')[0]['AccountID']}")
    desk.one("GET", f"Items/{desk.many('GET', 'Items')[0]['ItemID']}", unitdp="4")
    desk.one("GET", f"TaxRates/{desk.many('GET', 'TaxRates')[0]['TaxType']}")
    assert len(desk.seen) == 11


def test_contacts(desk: JudgedDesk) -> None:
    """Writing, reading, lists, merging, history and refusals."""
    phones = [{"PhoneType": "OFFICE", "PhoneNumber": "1", "PhoneAreaCode": "2", "PhoneCountryCode": "61"}]
    persons = [{"FirstName": "P", "EmailAddress": "p@example.com", "IncludeInEmails": True}]
    ann = desk.contact("Ann", ContactNumber="p-1", AccountNumber="A", Phones=phones, ContactPersons=persons)
    bob = desk.contact("Bob")
    path = f"Contacts/{ann['ContactID']}"
    desk.one("POST", path, {"Addresses": [{"AddressType": "STREET", "AddressLine1": "1 High St"}]})
    desk.invoice(ann, LineItems=[line(AccountCode="200")])
    desk.hand("contacts", ann["ContactID"], "merge", into=bob["ContactID"])
    desk.one("GET", path)
    desk.one("GET", "Contacts/p-1")
    desk.one("GET", f"Contacts/{bob['ContactID']}")
    for query in ({"page": "1"}, {"summaryOnly": "true"}, {"includeArchived": "true", "page": "1"}, {}):
        desk.many("GET", "Contacts", **query)
    desk.many("PUT", f"{path}/History", NOTE)
    desk.many("GET", f"{path}/History")
    desk.refusal("PUT", "Contacts", {"Contacts": [{"Name": "bob"}, {"Name": "<>"}]})
    desk.many("POST", "Contacts", {"Contacts": [{"Name": "bob"}, {"Name": "<>"}]}, summarizeErrors="false")
    desk.ask("GET", f"Contacts/{NO_ID}")


def test_invoices(desk: JudgedDesk) -> None:
    """Every status, lines with everything on them, lists, e-mail, link, history and refusals."""
    ann = desk.contact("Ann", EmailAddress="ann@example.com")
    tracking = [{"Name": "Clinic", "Option": "North Shore"}]
    lines = [
        line("10", AccountCode="200", DiscountRate="5", Tracking=tracking),
        line("10", AccountCode="200", DiscountAmount="1"),
        {"ItemCode": "ORTHOTIC", "Quantity": 2},
        {"Description": "words"},
    ]
    theme = desk.many("GET", "BrandingThemes")[0]["BrandingThemeID"]
    more = {"Url": "https://clinic.example/1", "BrandingThemeID": theme, "ExpectedPaymentDate": "2026-12-24"}
    invoice = desk.invoice(ann, LineItems=lines, Reference="r", InvoiceNumber="C-1", **more)
    path = f"Invoices/{invoice['InvoiceID']}"
    desk.one("GET", path, unitdp="4")
    desk.one("GET", f"{path}/OnlineInvoice")
    assert desk.ask("POST", f"{path}/Email", {}).status == 204
    desk.many("PUT", f"{path}/History", NOTE)
    desk.many("GET", f"{path}/History")
    desk.one("POST", path, {"Reference": "x"})
    desk.pay(invoice, 1)
    desk.pay(invoice, desk.read(invoice)["AmountDue"])
    desk.refusal("POST", path, {"Status": "VOIDED"})
    desk.one("POST", "Invoices", sale(ann, Status="DRAFT", DueDate=None, InvoiceNumber="C-2"))
    desk.one("POST", "Invoices", {"InvoiceNumber": "C-2", "Status": "DELETED"})
    for query in ({}, {"page": "1", "pageSize": "1"}, {"summaryOnly": "true"}, {"where": 'Status=="PAID"'}):
        desk.many("GET", "Invoices", **query)
    broken = {"Invoices": [sale(ann, LineItems=[line(AccountCode="299")]), sale(ann, Status="DRAFT")]}
    desk.refusal("PUT", "Invoices", broken)
    desk.many("PUT", "Invoices", broken, summarizeErrors="false")
    desk.ask("PUT", "Invoices", b"no json")


def test_a_partly_failed_batch(desk: JudgedDesk) -> None:
    """Contacts, invoices and payments of which every second is refused although it is fine: in Xero's shapes, and
    only those that are OK are there; as a whole nothing is."""
    ann = desk.contact("Ann")
    invoices = [desk.invoice(ann, InvoiceNumber=f"C-{n}") for n in range(2)]
    desk.fault = Fault({"kind": "partly_failed", "every": 2, "message": "Full moon"}, None, 0)
    for plural, elements in (
        ("Contacts", [{"Name": "Bea"}, {"Name": "Cid"}]),
        ("Invoices", [sale(ann, InvoiceNumber=f"D-{n}") for n in range(2)]),
        ("Payments", [payment(each, 1) for each in invoices]),
    ):
        before = len(desk.many("GET", plural))
        ok, refused = desk.many("PUT", plural, {plural: elements}, summarizeErrors="false")
        assert (ok["StatusAttributeString"], refused["StatusAttributeString"]) == ("OK", "ERROR")
        assert refused["ValidationErrors"] == [{"Message": "Full moon"}]
        assert len(desk.many("GET", plural)) == before + 1
        fresh = [
            {**each, "Name": f"{n}"} if plural == "Contacts" else each for n, each in enumerate(elements)
        ]
        assert "Full moon" in desk.refusal("PUT", plural, {plural: fresh}, summarizeErrors="true")
        assert len(desk.many("GET", plural)) == before + 1


def test_payments_and_credit_notes(desk: JudgedDesk) -> None:
    """Payments made, read and deleted; credit notes written, allocated and taken off again."""
    ann = desk.contact("Ann")
    invoice = desk.invoice(ann, LineItems=[line(AccountCode="200")])
    made = desk.pay(invoice, 10)
    desk.refusal("PUT", "Payments", payment(invoice, 1000))
    desk.many("GET", "Payments", page="1")
    path = f"Payments/{made['PaymentID']}"
    desk.one("GET", path)
    desk.many("GET", f"{path}/History")
    desk.one("POST", path, {"Status": "DELETED"})
    desk.refusal("POST", path, {"Status": "DELETED"})
    lines = [line(30, AccountCode="200")]
    note = {"Type": "ACCRECCREDIT", "Contact": ann, "Status": "AUTHORISED", "LineItems": lines}
    credit = desk.one("PUT", "CreditNotes", note)
    path = f"CreditNotes/{credit['CreditNoteID']}"
    part = {"Invoice": {"InvoiceID": invoice["InvoiceID"]}, "Amount": 5, "Date": "2026-11-25"}
    first = desk.one("PUT", f"{path}/Allocations", {"Allocations": [part]})
    desk.refusal("PUT", f"{path}/Allocations", {"Allocations": [part | {"Amount": 5000}]})
    desk.one("GET", path)
    desk.read(invoice)
    desk.many("GET", "CreditNotes", page="1")
    assert desk.ask("DELETE", f"{path}/Allocations/{first['AllocationID']}").status == 200
    desk.one("POST", path, {"Status": "VOIDED"})
    desk.many("GET", f"{path}/History")


@pytest.mark.parametrize(
    ("field", "value", "part"),
    [
        ("Status", "PARTLYPAID", "is not one of"),
        ("AmountDue", "100.00", "is not of type 'number'"),
        ("InvoiceID", "not-an-id", "is not a 'uuid'"),
        ("InvoiceNumber", "x" * 256, "is too long"),
        ("LineItems", {}, "is not of type 'array'"),
        ("AmountDew", 100, "Additional properties are not allowed"),
        ("DueDate", None, "None for not nullable"),
        ("CurrencyCode", "XXX", "is not one of"),
    ],
)
def test_a_broken_answer_is_refused(judge: Description, field: str, value: Any, part: str) -> None:
    """The judge is awake: a wrong status, type, id, length or name in an invoice is seen."""
    desk = Desk()
    body = desk.ask("GET", f"Invoices/{desk.invoice()['InvoiceID']}").body
    body["Invoices"][0][field] = value
    problems = judge.answer_problems("GET", f"/Invoices/{NO_ID}", 200, body)
    assert problems
    assert part in problems[0]


@pytest.mark.parametrize(
    ("status", "body", "part"),
    [
        (201, {}, "describes no status 201"),
        (400, {"ErrorNumber": "ten"}, "is not of type 'integer'"),
        (400, {"Elements": [{"ValidationErrors": "x"}]}, "is not of type 'array'"),
    ],
)
def test_a_broken_refusal_is_refused(judge: Description, status: int, body: Any, part: str) -> None:
    """Also errors have a shape."""
    (problem,) = judge.answer_problems("PUT", "/Invoices", status, body)
    assert part in problem


def test_requests_are_judged_too(judge: Description) -> None:
    """A good invoice passes, a misspelt field and an unknown path do not."""
    body = {"Invoices": [sale({"ContactID": NO_ID}, LineItems=[line(10)])]}
    assert judge.request_problems("PUT", "/Invoices", body) == []
    body["Invoices"][0]["DueOn"] = "2026-12-01"
    assert len(judge.request_problems("PUT", "/Invoices", body)) == 1
    deletion = f"/Payments/{NO_ID}"
    assert judge.request_problems("POST", deletion, {"Status": "DELETED"}) == []
    assert judge.request_problems("POST", deletion, {"Payments": [{"Status": "DELETED"}]}) == []
    with pytest.raises(LookupError):
        judge.request_problems("PUT", "/Nothing", {})


def test_without_the_description_the_reason_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain skip, not a failure."""
    monkeypatch.setenv("XERO_OPENAPI_DIR", "nowhere")
    with pytest.raises(pytest.skip.Exception, match="XERO_OPENAPI_DIR"):
        description()
