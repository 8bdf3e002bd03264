"""An appointment that becomes completed is invoiced by the rule: real events under functions-framework, Firestore's
attributes and protobuf data, twice, late and in any order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import functions_framework
import pytest
from cloudevents.conversion import to_binary, to_structured
from cloudevents.http import CloudEvent
from google.cloud.firestore_v1.types import Document
from werkzeug.test import Client, TestResponse

from infra.local.settings import ROOT
from shared.domain.errors import StoreUnavailable
from shared.services import paths
from shared.services.invoice_on_completed import invoice_completed
from tests.functions.edges import wrong
from tests.product import Product

FROM = "2026-11-24"  # the day of product.appointment()
PARENT = "projects/p/databases/(default)/documents"


def document_event_data(path: str, status: str) -> bytes:
    """``DocumentEventData`` in protobuf, as Eventarc sends it: field 1 is the document as it was after the write."""
    document = Document(name=f"{PARENT}/{path}", fields={"status": {"string_value": status}})
    value = Document.serialize(document)
    assert len(value) < 16_384
    return b"\x0a" + bytes([len(value) & 0x7F | 0x80, len(value) >> 7]) + value


def event_of(
    appointment_id: str = "a-1", practice: str = "demo", *, says: str = "completed", **attributes: str
) -> CloudEvent:
    path = f"practices/{practice}/appointments/{appointment_id}"
    return CloudEvent(
        {
            "type": "google.cloud.firestore.document.v1.written",
            "source": "//firestore.googleapis.com/projects/p/databases/(default)",
            "subject": f"documents/{path}",
            "document": path,
            "database": "(default)",
            "project": "p",
            "location": "australia-southeast1",
            "datacontenttype": "application/protobuf",
            **attributes,
        },
        document_event_data(path, says),
    )


@pytest.fixture(scope="module")
def function() -> Client:
    name = "appointment_completed"
    return functions_framework.create_app(name, str(ROOT / "functions" / name / "main.py")).test_client()


def send(function: Client, event: CloudEvent, **headers: str) -> TestResponse:
    found, body = to_binary(event)
    return function.post("/", headers={**found, **headers}, data=body)


def written(product: Product, appointment_id: str = "a-1", practice: str = "demo", **changes: Any) -> None:
    """The clinic's app writes to Firestore itself, past the ``records`` function."""
    record = product.ports.records.appointment(practice, appointment_id)
    assert record is not None
    product.ports.store.put(paths.appointment(practice, appointment_id), replace(record, **changes).to_data())


def booked(product: Product, start: str | None = FROM) -> None:
    """Connected, the rule on, an appointment that is not completed yet."""
    product.connect()
    product.settings(invoice_status="AUTHORISED", invoice_on_completed=start)
    product.patient()
    product.appointment(status="booked")


def soon(product: Product) -> None:
    product.advance(5)
    product.run_tasks()


def test_completed_is_invoiced(product: Product, function: Client) -> None:
    """Once, with the rule named in the log as who did it."""
    booked(product)
    written(product, status="completed")
    answer = send(function, event_of())
    assert (answer.status_code, answer.text) == (200, "OK")
    soon(product)
    (invoice,) = product.invoices()
    assert (invoice["Reference"], invoice["Total"]) == ("a-1", 110.0)
    (entry,) = product.ok("GET", "/xero/logs/?action=invoice.create")["items"]
    assert entry["actor"]["name"] == f"rule: completed, from {FROM}"


def test_events_twice_and_in_any_order(product: Product, function: Client) -> None:
    """The old one of the booking comes last and late, each comes twice; before and after the invoice is made."""
    booked(product)
    send(function, event_of(says="completed", id="early"))  # told before it can be read
    soon(product)
    assert product.invoices() == []
    written(product, status="completed")
    for _ in range(2):
        send(function, event_of(says="booked", id="1"))
        send(function, event_of(says="completed", id="2"))
    soon(product)
    for says in ("completed", "booked"):
        send(function, event_of(says=says, id="1"))
    soon(product)
    assert len(product.invoices()) == 1
    assert len(product.xero_calls("PUT", "/api.xro/2.0/Invoices")) == 1


def test_what_the_event_says_is_not_believed(product: Product, function: Client) -> None:
    """It says completed; the record says cancelled, or is not there, or is another practice's."""
    booked(product)
    for status in ("cancelled", "no_show", "arrived", "booked"):
        written(product, status=status)
        assert send(function, event_of()).status_code == 200
    assert send(function, event_of("nobody")).status_code == 200
    written(product, status="completed")
    assert send(function, event_of(practice="other")).status_code == 200
    soon(product)
    assert product.invoices() + product.invoices("other") == []


def test_a_person_and_the_rule_at_once(product: Product, function: Client) -> None:
    """The same intent: whoever comes second finds the other's."""
    booked(product)
    written(product, status="completed")
    send(function, event_of())
    assert product.invoice().status_code == 201
    send(function, event_of())
    soon(product)
    assert len(product.invoices()) == 1


def test_off_until_set(product: Product, function: Client) -> None:
    """Nothing without the setting, nothing for an appointment before its day in the clinic's zone."""
    booked(product, None)
    written(product, status="completed")
    send(function, event_of())
    product.settings(invoice_on_completed="2026-11-25")
    send(function, event_of())
    written(product, starts_at=datetime.fromisoformat("2026-11-24T13:30:00+00:00"))  # the 25th in Sydney
    soon(product)
    assert product.invoices() == []
    send(function, event_of())
    soon(product)
    assert len(product.invoices()) == 1


def test_what_people_decided_stays(product: Product, function: Client) -> None:
    """A voided invoice is not made again by an edit of its appointment; a cancelled intent stays cancelled."""
    booked(product)
    written(product, status="completed")
    invoice = product.invoice().json
    product.ok(
        "POST", f"/xero/invoices/{invoice['invoice_id']}/void/", "bookkeeper", json={"reason": "wrong"}
    )
    product.patient("p-2")
    product.appointment("a-2", "p-2", status="booked")
    written(product, "a-2", status="completed")
    send(function, event_of("a-2"))
    pending = product.ok("GET", "/xero/operations/?status=pending")["items"]
    (waiting,) = [operation for operation in pending if operation["kind"] == "invoice_create"]
    product.ok("POST", f"/xero/operations/{waiting['operation_id']}/cancel/", "reception", json={})
    for document in product.ports.store.query(paths.operations("demo")).items:
        if document.data["subject"].get("appointment_id") == "a-1":
            product.ports.store.delete(document.path)  # as where an invoice was linked, not made, by us
    for appointment_id in ("a-1", "a-2"):
        written(product, appointment_id, reference="edited")
        send(function, event_of(appointment_id))
    soon(product)
    assert [i["Status"] for i in product.invoices()] == ["VOIDED"]


def test_what_lacks_something_is_shown(product: Product, function: Client) -> None:
    """No lines to invoice: a person finds it under what needs them, with the reason."""
    booked(product)
    written(product, status="completed", line_items=())
    send(function, event_of())
    soon(product)
    causes = {c["cause"]: c for c in product.ok("GET", "/xero/attention/")["items"]}
    assert causes["invalid_input"]["operations"][0]["subject"]["appointment_id"] == "a-1"


def test_without_a_connection(product: Product, function: Client) -> None:
    """Never connected: nothing is kept, and the event does not come again for ever."""
    product.settings(invoice_on_completed=FROM)
    product.patient()
    product.appointment(status="booked")
    written(product, status="completed")
    assert send(function, event_of()).status_code == 200
    assert product.ok("GET", "/xero/operations/")["items"] == []


def test_died_before_the_drain_was_woken(product: Product, function: Client) -> None:
    """The intent is kept, the process dies; the event comes again and what waits is woken."""
    booked(product)
    written(product, status="completed")
    send(function, event_of())
    with product.database.writing() as connection:
        connection.execute("DELETE FROM tasks")
    product.advance(60)
    send(function, event_of())
    soon(product)
    assert len(product.invoices()) == 1


def test_put_by_the_clinics_app(product: Product) -> None:
    """The same rule where there is no trigger: the ``records`` function follows it too."""
    booked(product)
    for _ in range(2):
        product.appointment()
        soon(product)
    assert len(product.invoices()) == 1


def test_structured_json_events(product: Product, function: Client) -> None:
    """The other form of a CloudEvent, with JSON data, and with the type that also names who wrote."""
    booked(product)
    written(product, status="completed")
    event = event_of(datacontenttype="application/json")
    event.data = {"value": {"name": "ignored"}}
    event["type"] = "google.cloud.firestore.document.v1.written.withAuthContext"
    headers, body = to_structured(event)
    assert function.post("/", headers=headers, data=body).status_code == 200
    soon(product)
    assert len(product.invoices()) == 1


@pytest.mark.parametrize(
    "attributes",
    [
        {"document": "practices/demo/patients/a-1"},
        {"document": "practices/demo/appointments/a-1/notes/n-1"},
        {"document": "appointments/a-1"},
        {"document": "practices/../appointments/a-1"},
        {"type": "google.cloud.firestore.document.v1.deleted"},
        {"type": "com.example.other"},
    ],
)
def test_other_events_are_ignored(product: Product, function: Client, attributes: dict[str, str]) -> None:
    """2xx, because Eventarc would send them again for a day; nothing is made."""
    booked(product)
    written(product, status="completed")
    assert send(function, event_of(**attributes)).status_code == 200
    assert product.ok("GET", "/xero/operations/")["items"] == []


def test_no_store_means_later(
    product: Product, function: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """503 without a trace while the store is away, 500 on a crash; the text of neither is logged."""
    for error, status in ((StoreUnavailable("away: Anna Lee"), 503), (RuntimeError("Anna Lee"), 500)):

        def fail(*_: Any, error: Exception = error, **__: Any) -> None:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(type(product.ports.records), "appointment", fail)
            patch.setattr(type(product.ports.store), "get", fail)
            assert send(function, event_of()).status_code == status
    assert "Anna" not in caplog.text


def test_the_setting_is_a_day(product: Product) -> None:
    """Checked like every other day, and null switches it off."""
    for value in ("soon", True, "2026-02-30"):
        answer = product.call("PUT", "/xero/settings/", "bookkeeper", json={"invoice_on_completed": value})
        assert set(wrong(answer)) == {"invoice_on_completed"}
    product.settings(invoice_on_completed=FROM)
    assert product.ok("GET", "/xero/settings/")["settings"]["invoice_on_completed"] == FROM
    product.settings(invoice_on_completed=None)
    assert product.ok("GET", "/xero/settings/")["settings"]["invoice_on_completed"] is None


def test_words_for_the_log(product: Product) -> None:
    """What the service says came of it."""
    booked(product)
    assert invoice_completed(product.ports, "demo", "a-1") == "not completed"
    written(product, status="completed", starts_at=datetime.fromisoformat("2026-11-23T08:00:00+11:00"))
    assert invoice_completed(product.ports, "demo", "a-1") == "too early"
    written(product, starts_at=datetime.fromisoformat("2026-11-24T08:00:00+11:00"))
    assert [invoice_completed(product.ports, "demo", "a-1") for _ in range(2)] == ["kept", "known"]
