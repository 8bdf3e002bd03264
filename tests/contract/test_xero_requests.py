"""What an operation looks like on the wire: method, path, query, headers, body."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.domain.errors import AnswerLost, InvalidInput
from shared.ports.accounting import WriteRequest
from tests.contract.loopback import Reply, json_reply, serving
from tests.contract.xero_loopback import BODY, CREATE, INVOICE, WRITES, accounting


def test_the_body_is_sent_byte_for_byte() -> None:
    """Odd blanks, escapes and letters outside ASCII arrive as the operation recorded them."""
    with serving(json_reply({"Invoices": [INVOICE]})) as server:
        accounting(server.url).send(CREATE)
    [request] = server.arrived
    assert request.body == BODY.encode()
    assert request.headers["content-type"].startswith("application/json")
    assert request.headers["idempotency-key"] == "tenant-1:op-1"
    assert request.headers["xero-tenant-id"] == "tenant-1"
    assert request.headers["authorization"] == "Bearer bearer-1"


@pytest.mark.parametrize(
    ("kind", "target", "method", "path", "query"),
    [
        ("contact_create", None, "PUT", "/Contacts", {"summarizeErrors": "true"}),
        ("contact_update", "t 1", "POST", "/Contacts/t%201", {}),
        ("invoice_create", None, "PUT", "/Invoices", {"summarizeErrors": "true", "unitdp": "4"}),
        ("invoice_update", "t/1", "POST", "/Invoices/t%2F1", {"unitdp": "4"}),
        ("invoice_email", "t", "POST", "/Invoices/t/Email", {}),
        ("invoice_note", "t", "PUT", "/Invoices/t/History", {}),
        ("payment_create", None, "PUT", "/Payments", {"summarizeErrors": "true"}),
        ("credit_note_create", None, "PUT", "/CreditNotes", {"summarizeErrors": "true", "unitdp": "4"}),
        ("credit_note_allocate", "t", "PUT", "/CreditNotes/t/Allocations", {"summarizeErrors": "true"}),
    ],
)
def test_each_kind_of_write_goes_where_the_port_says(
    kind: str, target: str | None, method: str, path: str, query: dict[str, str]
) -> None:
    """Method, path, query and key of every kind of write."""
    with serving(Reply(500)) as server, pytest.raises(AnswerLost):
        accounting(server.url).send(WriteRequest(kind, '{"a":1}', "key", target))
    [request] = server.arrived
    assert (request.method, request.path, request.query) == (method, "/api.xro/2.0" + path, query)
    assert request.headers["idempotency-key"] == "key"


def test_an_empty_body_is_empty_and_has_a_length() -> None:
    """The e-mail of an invoice is a POST with Content-Length 0, answered with 204."""
    with serving(Reply(204)) as server:
        assert accounting(server.url).send(WRITES[2]) is None
    assert server.arrived[0].body == b""
    assert server.arrived[0].headers["content-length"] == "0"


@pytest.mark.parametrize("since", [datetime(2026, 11, 24, 8, 0, 5, 999999, UTC), None])
def test_the_query_of_a_pull(since: datetime | None) -> None:
    """Booleans in lower case, a stable order, and If-Modified-Since in UTC without zone or fraction."""
    reply = json_reply({"Invoices": [], "DateTimeUTC": "/Date(1700000000000)/"})
    with serving(reply) as server:
        page = accounting(server.url).invoices_changed(since, page=3, page_size=50)
    [request] = server.arrived
    assert request.query == {
        "page": "3",
        "pageSize": "50",
        "order": "InvoiceID",
        "createdByMyApp": "true",
        "unitdp": "4",
    }
    assert request.headers.get("if-modified-since") == (since and "2026-11-24T08:00:05")
    assert page.as_of == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_a_local_time_becomes_utc_and_a_naive_one_is_refused() -> None:
    """19:00 in Sydney is 08:00 for Xero; a time without a zone is somebody's mistake."""
    sydney = timezone(timedelta(hours=11))
    with serving(json_reply({"Contacts": []})) as server:
        books = accounting(server.url)
        books.contacts_changed(datetime(2026, 11, 24, 19, 0, tzinfo=sydney))
        with pytest.raises(ValueError):
            books.contacts_changed(datetime(2026, 11, 24, 19, 0))  # noqa: DTZ001
    assert [each.headers["if-modified-since"] for each in server.arrived] == ["2026-11-24T08:00:00"]
    assert server.arrived[0].query["includeArchived"] == "true"


@pytest.mark.parametrize("name", ["", " ", ".", ".."])
def test_a_name_that_would_climb_out_of_the_path_is_refused(name: str) -> None:
    """An id of dots or nothing would ask for the whole list; nothing is sent."""
    with serving(json_reply({"Contacts": []})) as server:
        books = accounting(server.url)
        with pytest.raises(InvalidInput):
            books.contact(name)
        with pytest.raises(InvalidInput):
            books.send(WriteRequest("invoice_update", "{}", "key", name))
    assert server.arrived == []


@pytest.mark.parametrize(
    "write",
    [
        WriteRequest("invoice_paint", "{}", "key"),
        WriteRequest("invoice_create", "{}", ""),
        WriteRequest("invoice_create", "{}", "k" * 129),
        WriteRequest("invoice_create", "{}", "k\r\nX-Other: 1"),
        WriteRequest("invoice_create", "{}", "key", "target"),
        WriteRequest("invoice_update", "{}", "key"),
    ],
)
def test_a_write_put_together_wrongly_is_not_sent(write: WriteRequest) -> None:
    """Unknown kinds, bad keys and missing targets are mistakes of ours."""
    with serving(Reply(500)) as server, pytest.raises(ValueError):
        accounting(server.url).send(write)
    assert server.arrived == []
