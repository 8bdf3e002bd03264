"""The Australian demo clinic's books, asked directly: requests in, answers out, without HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import simplejson

from tests.xero_simulator.accounting.demo import demo_books
from tests.xero_simulator.faults import Fault
from tests.xero_simulator.interface import Call, Event, Reply

START = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)  # 09:00 on the 25th in Sydney
APP = "the-app"


class Desk:
    def __init__(self, organisation: int = 0) -> None:
        self.books: Any = demo_books(START)[organisation]
        self.fault: Fault | None = None  # a ``partly_failed`` that strikes every batch
        self.now = START
        self.books.take_dirty()

    def later(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        app: str = APP,
        **query: str,
    ) -> Reply:
        raw = b"" if body is None else body if isinstance(body, bytes) else simplejson.dumps(body).encode()
        segments = tuple(path.split("/"))
        struck = {"refusal": self.fault.refusal} if self.fault else {}
        call = Call(method, segments, query, headers or {}, raw, self.now, app, **struck)
        reply: Reply = self.books.handle(call)
        simplejson.dumps(reply.body)  # whatever it is, it can be sent
        return reply

    def many(self, method: str, path: str, body: Any = None, **options: Any) -> list[dict[str, Any]]:
        """The elements of a successful answer."""
        reply = self.ask(method, path, body, **options)
        assert reply.status == 200, reply.body
        found = next(
            value for key, value in reply.body.items() if isinstance(value, list) and key != "Warnings"
        )
        return list(found)

    def one(self, method: str, path: str, body: Any = None, **options: Any) -> dict[str, Any]:
        (found,) = self.many(method, path, body, **options)
        return found

    def refusal(self, method: str, path: str, body: Any = None, **options: Any) -> list[str]:
        """The messages of a validation error."""
        reply = self.ask(method, path, body, **options)
        assert reply.status == 400, reply.body
        assert (reply.body["ErrorNumber"], reply.body["Type"]) == (10, "ValidationException")
        return [one["Message"] for element in reply.body["Elements"] for one in element["ValidationErrors"]]

    def hand(self, kind: str, resource_id: str, action: str, **fields: Any) -> Reply:
        reply: Reply = self.books.by_hand(kind, resource_id, action, fields, self.now)
        simplejson.dumps(reply.body)
        return reply

    def organisation(self, **fields: Any) -> None:
        reply = self.hand("organisation", "", "set", **fields)
        assert reply.status == 200, reply.body

    def events(self) -> list[tuple[str, str, str]]:
        taken: list[Event] = self.books.take_events()
        return [(one.category, one.kind, one.resource_id) for one in taken]

    def contact(self, name: str = "Sam Patient", **fields: Any) -> dict[str, Any]:
        return self.one("PUT", "Contacts", {"Contacts": [{"Name": name, **fields}]})

    def invoice(self, contact: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        return self.one("PUT", "Invoices", sale(contact or self._somebody(), **fields))

    def _somebody(self) -> dict[str, Any]:
        return self.one("POST", "Contacts", {"Name": "Sam Patient"})

    def read(self, invoice: dict[str, Any]) -> dict[str, Any]:
        return self.one("GET", f"Invoices/{invoice['InvoiceID']}")

    def pay(self, invoice: dict[str, Any], amount: Any, **fields: Any) -> dict[str, Any]:
        return self.one("PUT", "Payments", payment(invoice, amount, **fields))


def line(amount: Any = "100.00", **fields: Any) -> dict[str, Any]:
    return {
        "Description": "Consultation",
        "Quantity": 1,
        "UnitAmount": amount,
        "AccountCode": "201",
        **fields,
    }


def sale(contact: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """An approved sales invoice of 100.00 without tax."""
    whole = {
        "Type": "ACCREC",
        "Contact": {"ContactID": contact["ContactID"]},
        "Status": "AUTHORISED",
        "DueDate": "2026-12-09",
        "LineItems": [line()],
        **fields,
    }
    return {key: value for key, value in whole.items() if value is not None}


def payment(invoice: dict[str, Any], amount: Any, **fields: Any) -> dict[str, Any]:
    return {
        "Invoice": {"InvoiceID": invoice["InvoiceID"]},
        "Account": {"Code": "880"},
        "Amount": amount,
        **fields,
    }
