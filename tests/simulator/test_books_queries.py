"""Lists: pages, modified since, where, order and the fast parameters, also over ten thousand invoices."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.simulator.desk import START, Desk, line, sale


@pytest.fixture(scope="module")
def desk() -> Desk:
    """Five invoices, one a minute: C-1 to C-5, the last a draft, the second paid."""
    desk = Desk()
    ann, bob = desk.contact("Ann", ContactNumber="p-1"), desk.contact("Bob")
    for n in range(1, 6):
        desk.later(minutes=1)
        desk.invoice(
            ann if n < 4 else bob,
            InvoiceNumber=f"C-{n}",
            Reference=f"apt {n}",
            Date=f"2026-11-{n:02d}",
            LineItems=[line(n * 10)],
            Status="DRAFT" if n == 5 else "AUTHORISED",
        )
    desk.later(minutes=1)
    desk.pay(desk.one("GET", "Invoices/C-2"), 20)
    return desk


def numbers(found: list[dict[str, Any]]) -> str:
    return " ".join(one["InvoiceNumber"].removeprefix("C-") for one in found)


def test_without_a_page_everything_comes_without_lines(desk: Desk) -> None:
    """In the order of the last change; with a page the lines come too."""
    found = desk.many("GET", "Invoices")
    assert numbers(found) == "1 3 4 5 2"
    assert all(one["LineItems"] == [] for one in found)
    assert all(len(one["LineItems"]) == 1 for one in desk.many("GET", "Invoices", page="1"))
    assert "pagination" not in desk.ask("GET", "Invoices").body


def test_pages(desk: Desk) -> None:
    """pagination counts pages and items; beyond the last page there is nothing."""
    reply = desk.ask("GET", "Invoices", page="2", pageSize="2", order="InvoiceNumber")
    assert reply.body["pagination"] == {"page": 2, "pageSize": 2, "pageCount": 3, "itemCount": 5}
    assert numbers(reply.body["Invoices"]) == "3 4"
    beyond = desk.ask("GET", "Invoices", page="9")
    assert (beyond.body["Invoices"], beyond.body["pagination"]["pageCount"]) == ([], 1)


@pytest.mark.parametrize("query", [{"page": "x"}, {"pageSize": "1001"}, {"pageSize": "0"}])
def test_impossible_pages_are_refused(desk: Desk, query: dict[str, str]) -> None:
    """A page is a number and holds at most a thousand."""
    assert desk.ask("GET", "Invoices", **query).status == 400


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ("2026-11-24T22:03:00", "3 4 5 2"),
        ("2026-11-24T22:03:01", "4 5 2"),
        ("2026-11-25T09:06:00+11:00", "2"),
        ("2026-11-24T22:07:00", ""),
        ("Tue, 24 Nov 2026 22:00:00 GMT", "1 3 4 5 2"),
    ],
)
def test_modified_since(desk: Desk, since: str, expected: str) -> None:
    """From that second on, in UTC; a header that is no ISO time is not looked at."""
    assert numbers(desk.many("GET", "Invoices", headers={"if-modified-since": since})) == expected


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ('Status=="DRAFT"', "5"),
        ('Status = "DRAFT"', "5"),
        ('Status!="AUTHORISED"', "5 2"),
        ('Status<>"AUTHORISED"', "5 2"),
        ('Status=="AUTHORISED" AND AmountDue>=30', "3 4"),
        ('status=="AUTHORISED"&&AmountDue>30.5', "4"),
        ('Status=="DRAFT" OR Status=="PAID"', "5 2"),
        ('(Status=="DRAFT" || Status=="PAID") && Total>20', "5"),
        ('!(Status=="AUTHORISED")', "5 2"),
        ('Type=="ACCREC" AND NOT Status=="AUTHORISED"', "5 2"),
        ("AmountDue == 0", "2"),
        ("Date >= DateTime(2026, 11, 04)", "4 5"),
        ('Date<DateTime.Parse("2026-11-02T00:00:00")', "1"),
        ("UpdatedDateUTC>=DateTime(2026,11,24,22,5,0)", "5 2"),
        ("FullyPaidOnDate!=null", "2"),
        ("FullyPaidOnDate==null AND DueDate!=null", "1 3 4 5"),
        ("SentToContact==true", ""),
        ("SentToContact == false AND AmountPaid > 0", "2"),
        ('Reference.Contains("4")', "4"),
        ('Reference.StartsWith("apt")', "1 3 4 5 2"),
        ('Reference.EndsWith("5")', "5"),
        ('InvoiceNumber.ToLower()=="c-3"', "3"),
        ('InvoiceNumber.ToLower().Contains("c-")', "1 3 4 5 2"),
        ('Contact.Name=="Bob"', "4 5"),
        ('Contact.ContactNumber == "p-1" AND Total < 20', "1"),
        ('Reference=="apt ""3"""', ""),
        (r'Reference=="apt \"3\""', ""),
    ],
)
def test_where(desk: Desk, clause: str, expected: str) -> None:
    """Comparisons, brackets, not, dates, nulls, methods, dotted fields."""
    assert numbers(desk.many("GET", "Invoices", where=clause)) == expected


def test_where_by_guid(desk: Desk) -> None:
    """Identifiers are compared as Guid("...")."""
    invoice = desk.one("GET", "Invoices/C-3")
    contact_id = invoice["Contact"]["ContactID"]
    clause = f'InvoiceID==Guid("{invoice["InvoiceID"].upper()}") AND Contact.ContactID = Guid("{contact_id}")'
    assert numbers(desk.many("GET", "Invoices", where=clause)) == "3"


@pytest.mark.parametrize(
    ("clause", "message"),
    [
        ("", None),
        ("Status==", "Expression expected"),
        ('Status=="DRAFT" AND ()', "Expression expected"),
        ('(Status=="DRAFT"', "')' expected"),
        ('Status=="DRAFT" Total>1', "Syntax error"),
        ("Status=='DRAFT'", "Character literal must contain exactly one character"),
        ('Status=="DRAFT', "Unterminated string literal"),
        ('Colour=="red"', "No property or field 'Colour' exists in type 'Invoice'"),
        ('Contact.Colour=="red"', "No property or field 'Contact.Colour' exists in type 'Invoice'"),
        ('InvoiceID=="x"', "Operator '==' incompatible with operand types 'Guid' and 'String'"),
        ('SentToContact=="true"', "Operator '==' incompatible with operand types 'Boolean' and 'String'"),
        ('Status>"A"', "Operator '>' incompatible with operand types 'String' and 'String'"),
        ('Total.Contains("1")', "No applicable method 'Contains' exists in type 'Decimal'"),
        ('InvoiceID==Guid("x")', "Guid should contain 32 digits with 4 dashes"),
        ("Date>DateTime(2026,13,1)", "No applicable constructor exists in type 'DateTime'"),
        ('Date>DateTime.Parse("soon")', "String was not recognized as a valid DateTime"),
        ("Total", "Expression of type 'Boolean' expected"),
        ("#", "Syntax error '#'"),
        ("Total && Status", "Operator '&&' incompatible with operand types"),
    ],
)
def test_a_clause_that_cannot_be_read(desk: Desk, clause: str, message: str | None) -> None:
    """QueryParseException, error number 16; an empty clause is none."""
    reply = desk.ask("GET", "Invoices", where=clause)
    if message is None:
        assert reply.status == 200
    else:
        assert reply.status == 400
        assert reply.body == {"ErrorNumber": 16, "Type": "QueryParseException", "Message": message}


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("InvoiceNumber", "1 2 3 4 5"),
        ("InvoiceNumber DESC", "5 4 3 2 1"),
        ("Contact.Name DESC, Total DESC", "5 4 3 2 1"),
        ("Status,Date desc", "4 3 1 5 2"),
        ("FullyPaidOnDate DESC, InvoiceNumber", "2 1 3 4 5"),
    ],
)
def test_order(desk: Desk, clause: str, expected: str) -> None:
    """Several fields, both directions; nothing comes before something."""
    assert numbers(desk.many("GET", "Invoices", order=clause)) == expected


@pytest.mark.parametrize("clause", ["Colour", "Total SIDEWAYS", "Total,,Date", "Total DESC please"])
def test_an_order_that_cannot_be_read(desk: Desk, clause: str) -> None:
    """Error number 16 too."""
    assert desk.ask("GET", "Invoices", order=clause).body["ErrorNumber"] == 16


def test_fast_parameters(desk: Desk) -> None:
    """IDs, InvoiceNumbers, ContactIDs, Statuses and the search narrow together."""
    one, four = desk.one("GET", "Invoices/C-1"), desk.one("GET", "Invoices/C-4")
    ids = f"{one['InvoiceID']},{four['InvoiceID'].upper()},11111111-1111-4111-8111-111111111111"
    assert numbers(desk.many("GET", "Invoices", IDs=ids)) == "1 4"
    assert numbers(desk.many("GET", "Invoices", InvoiceNumbers="c-4,C-1,C-9")) == "1 4"
    contact = four["Contact"]["ContactID"]
    assert numbers(desk.many("GET", "Invoices", ContactIDs=contact)) == "4 5"
    assert numbers(desk.many("GET", "Invoices", ContactIDs=contact, Statuses="DRAFT,PAID")) == "5"
    assert numbers(desk.many("GET", "Invoices", IDs=ids, ContactIDs=contact)) == "4"
    assert numbers(desk.many("GET", "Invoices", SearchTerm="APT 3")) == "3"
    assert numbers(desk.many("GET", "Invoices", searchTerm="c-5")) == "5"
    assert numbers(desk.many("GET", "Invoices", IDs="nonsense")) == ""


def test_summary_only(desk: Desk) -> None:
    """Neither lines nor payments."""
    for one in desk.many("GET", "Invoices", summaryOnly="true", page="1"):
        assert not {"LineItems", "Payments", "CreditNotes"} & set(one)


def test_contacts_and_payments_are_filtered_the_same_way(desk: Desk) -> None:
    """where, order and If-Modified-Since work there too."""
    found = desk.many("GET", "Contacts", where='Name.StartsWith("A") AND EmailAddress==null', order="Name")
    assert [one["Name"] for one in found] == ["Adam Brown", "Ann"]
    assert len(desk.many("GET", "Payments", where='Status=="AUTHORISED"')) == 1
    assert desk.many("GET", "Payments", headers={"if-modified-since": "2026-11-25T00:00:00"}) == []
    since = {"if-modified-since": "2026-11-24T22:00:30"}
    assert desk.many("GET", "Contacts", headers=since) == []


def test_the_envelope(desk: Desk) -> None:
    """Id, Status, ProviderName and DateTimeUTC around every list."""
    body = desk.ask("GET", "Invoices").body
    assert (body["Status"], body["DateTimeUTC"]) == ("OK", "/Date(1795557960000)/")
    assert {"Id", "ProviderName"} <= set(body)


@pytest.mark.parametrize("path", ["Nothing", "Invoices/x/y/z", "Quotes", "Contacts/p-1/Colour"])
def test_unknown_resources(desk: Desk, path: str) -> None:
    """404 in plain text."""
    reply = desk.ask("GET", path)
    assert (reply.status, reply.body) == (404, "The resource you're looking for cannot be found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "Invoices"),
        ("PUT", "Accounts"),
        ("PATCH", "Contacts/p-1"),
        ("GET", "Invoices/C-1/Email"),
        ("PUT", "Invoices/C-1"),
        ("DELETE", "Payments"),
        ("DELETE", "Contacts/p-1/History"),
    ],
)
def test_methods_that_do_not_exist(desk: Desk, method: str, path: str) -> None:
    """405."""
    assert desk.ask(method, path, {}).status == 405


def test_ten_thousand_invoices_stay_quick() -> None:
    """A page, a delta, a lookup and a write take a fraction of a second over 10,000 invoices."""
    desk = Desk()
    contact = desk.contact("Ann")
    first = desk.invoice(contact)
    table = desk.books.ledger.invoices
    stored = table.get(first["InvoiceID"])
    for n in range(10_000):
        moment = START + timedelta(seconds=n)
        table.put(replace(stored, id=f"{n:08x}-0000-4000-8000-000000000000", number=f"Q-{n}", updated=moment))
    table.forget_undo()
    desk.later(days=1)
    asked: list[tuple[dict[str, str], dict[str, str], int]] = [
        ({"page": "50"}, {}, 100),
        ({"page": "1"}, {"if-modified-since": "2026-11-25T00:46:30"}, 10),
        ({"page": "2", "where": 'Status=="AUTHORISED" AND AmountDue>0'}, {}, 100),
        ({"page": "2", "order": "InvoiceNumber DESC"}, {}, 100),
        ({"InvoiceNumbers": "Q-77,Q-78"}, {}, 2),
    ]
    for query, headers, count in asked:
        began = time.perf_counter()
        assert len(desk.many("GET", "Invoices", headers=headers, **query)) == count
        assert time.perf_counter() - began < 1, query
    began = time.perf_counter()
    for n in range(100):
        desk.one("PUT", "Invoices", sale(contact, InvoiceNumber=f"W-{n}"))
    assert time.perf_counter() - began < 2
