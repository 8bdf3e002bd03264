"""Whatever comes from outside is read or refused, never crashed over: webhooks, imports, Xero's dates and errors.

``FUZZ_PARSED`` examples each, a few hundred in the suite.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from shared.adapters.xero import errors, fields
from shared.adapters.xero.transport import Answer
from shared.domain.errors import AnswerLost, FieldError, InvalidInput, XeroError
from shared.domain.records import Appointment, Patient
from shared.http.ndjson import check_import, read_import
from shared.http.reading import BadJson, load_json
from shared.services.receive_webhook import receive
from tests.functions.edges import check_problem, wrong
from tests.product import Product

EXAMPLES = int(os.environ.get("FUZZ_PARSED") or 300)
LINES = int(os.environ.get("FUZZ_LINES") or 50_000)
ROOT = Path(__file__).parents[2]

parsed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["NaN", "-0", "1e999", "\x00"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)


def with_fields(*names: str) -> st.SearchStrategy[Any]:
    """Objects that have the fields in question, with values of every kind."""
    return st.dictionaries(st.sampled_from(names) | st.text(max_size=5), VALUES, max_size=len(names))


def as_json(value: Any) -> bytes:
    """NaN, infinities and half surrogates as they are."""
    return json.dumps(value).encode()


class NoTasks:
    """Takes whatever is enqueued, if it may be a task at all."""

    def enqueue(
        self, kind: str, body: dict[str, Any], *, name: str | None = None, at: datetime | None = None
    ) -> None:
        assert kind == "pull"
        assert at
        json.dumps(body)


EVENTS = st.lists(with_fields("tenantId", "eventCategory", "eventType", "resourceId") | VALUES, max_size=4)


@parsed
@given(
    raw=st.binary(max_size=200)
    | st.fixed_dictionaries({"events": EVENTS | VALUES}).map(as_json)
    | VALUES.map(as_json)
)
@example(raw=b'{"events":' + b"[" * 100_000)
@example(raw=b'{"events":[{"tenantId":"\\ud800","eventCategory":"INVOICE"}]}')
def test_any_webhook_body(raw: bytes) -> None:
    """Signed, so perhaps Xero's: what cannot be read is passed over."""
    receive(NoTasks(), datetime.now(UTC), raw)


@parsed
@given(text=st.text() | st.from_regex(r"^/Date\(-?\d{1,20}([+-]\d{2,5})?\)/$") | st.datetimes().map(str))
@example(text="/Date(-99999999999999999)/")
@example(text="/Date(0+2400)/")
@example(text="/Date(253402300799999+0000)/")
def test_any_date_of_xeros(text: str) -> None:
    """An instant in UTC, a calendar date, or nothing; never an exception."""
    at, day = fields.instant({"D": text}, "D"), fields.calendar_date({"D": text}, "D")
    assert at is None or at.utcoffset() == timedelta(0)
    assert (at is None) == (day is None)


@parsed
@given(milliseconds=st.integers(-62_000_000_000_000, 250_000_000_000_000), hours=st.integers(-14, 14))
def test_good_dates_of_xeros_are_exact(milliseconds: int, hours: int) -> None:
    """To the millisecond, the offset told or not."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    for text in (f"/Date({milliseconds})/", f"/Date({milliseconds}{hours:+03d}00)/"):
        assert fields.instant({"D": text}, "D") == at
    assert fields.calendar_date({"D": f"/Date({milliseconds}+0000)/"}, "D") == date(at.year, at.month, at.day)


@parsed
@given(value=VALUES | st.decimals() | st.text(alphabet="0123456789.eE+-", max_size=30))
def test_any_amount_of_xeros(value: Any) -> None:
    """A finite amount of a size that can be one, nothing, or unreadable."""
    try:
        amount = fields.amount({"A": value}, "A")
    except fields.Unreadable:
        return
    assert amount is None or (isinstance(amount, Decimal) and amount.is_finite())


ELEMENTS = st.lists(
    st.fixed_dictionaries(
        {"ValidationErrors": st.lists(with_fields("Message", "Description") | VALUES, max_size=3) | VALUES}
    )
    | VALUES,
    max_size=3,
)
BODIES = (
    st.binary(max_size=100)
    | VALUES.map(as_json)
    | st.fixed_dictionaries({"Elements": ELEMENTS | VALUES, "Message": VALUES}).map(as_json)
    | with_fields("error", "Title", "Detail", "Message", "ErrorNumber").map(as_json)
)
HEADERS = st.dictionaries(
    st.sampled_from(["Content-Type", "Retry-After", "X-Rate-Limit-Problem", "WWW-Authenticate"]),
    st.text(max_size=30)
    | st.sampled_from(["application/json", "text/plain", "73451", "-1", "1e9", "minute"]),
)


@parsed
@given(status=st.integers(300, 599), body=BODIES, headers=HEADERS)
def test_any_error_of_xeros(status: int, body: bytes, headers: dict[str, str]) -> None:
    """It is one of our errors, and its text can be shown."""
    answer = Answer(status=status, headers=CaseInsensitiveDict(headers), body=body)
    error = errors.error_of(answer)
    assert isinstance(error, XeroError)
    error.detail.encode("utf-8", "replace")


@parsed
@given(body=BODIES, headers=HEADERS)
def test_any_success_of_xeros(body: bytes, headers: dict[str, str]) -> None:
    """JSON, or a lost answer."""
    with suppress(AnswerLost):
        errors.json_of(Answer(status=200, headers=CaseInsensitiveDict(headers), body=body))


RECORDS = with_fields(
    "kind",
    "id",
    "first_name",
    "last_name",
    "email",
    "address",
    "payer",
    "patient_id",
    "starts_at",
    "line_items",
)
GOOD = {"kind": "patient", "id": "p-1", "first_name": "A", "last_name": "B"}
VISIT = {"kind": "appointment", "id": "a-1", "patient_id": "p-1", "starts_at": "2026-11-24T08:00:00+11:00"}


@parsed
@given(
    lines=st.lists(
        st.binary(max_size=60)
        | RECORDS.map(as_json)
        | RECORDS.map(lambda fields: as_json(GOOD | fields))
        | with_fields("description", "unit_amount", "quantity", "discount_rate").map(
            lambda line: as_json(VISIT | {"line_items": [line]})
        ),
        max_size=4,
    )
)
def test_any_import(lines: list[bytes]) -> None:
    """All of it is kept, or the wrong lines are named and nothing is."""
    raw = b"\n".join(lines)
    refused: list[FieldError] = []
    try:
        check_import(raw)
    except InvalidInput as invalid:
        refused = invalid.errors
    assert all(error.field and error.message for error in refused)
    for record in [] if refused else read_import(raw):
        assert isinstance(record, Patient | Appointment)
        json.dumps(record.to_data(), ensure_ascii=False).encode()


@parsed
@given(raw=st.binary(max_size=200) | VALUES.map(as_json))
@example(raw=b"[" * 500_000)
@example(raw=b'{"a":' * 500_000)
@example(raw=b'"\\ud800"')
@example(raw=b"1" * 100_000)
@example(raw=b"1e99999999999999999999")
def test_any_json(raw: bytes) -> None:
    """Read, or a plain 400."""
    with suppress(BadJson):
        load_json(raw)


AMOUNTS = [
    "NaN",
    "Infinity",
    "-Infinity",
    "-0.00001",
    "1e400",
    "9" * 4000,
    "0x10",
    "1_000",
    "١٢",
    "-99999999999",
    True,
    [1],
]


@pytest.mark.parametrize("amount", AMOUNTS)
def test_odd_amounts_are_named(product: Product, amount: Any) -> None:
    """Huge, endless or no number at all: 422 with the field, in a record and in a request, as text and as a number."""
    line = {"description": "Visit", "unit_amount": amount, "account_code": "200"}
    body = {"patient_id": "p-1", "starts_at": "2026-11-24T08:00:00+11:00", "line_items": [line]}
    assert "line_items[0].unit_amount" in wrong(
        product.call("PUT", "/clinic/appointments/a-1", "app", json=body)
    )
    asked = {"appointment_id": "a-1", "line_items": [line]}
    answer = product.call("POST", "/xero/invoices/create_invoice/", "reception", json=asked)
    assert "line_items[0].unit_amount" in wrong(answer)
    if isinstance(amount, str) and not amount.startswith(("0x", "1_", "١")):
        raw = json.dumps(body).replace(f'"{amount}"', amount)
        answer = product.call("PUT", "/clinic/appointments/a-1", "app", data=raw)
        assert answer.status_code in (400, 422)


def test_ten_megabytes(product: Product) -> None:
    """To every kind of route: 413 before any of it is read as JSON; an import may have them."""
    big = b'{"first_name": "' + b"x" * 10_000_000 + b'"}'
    check_problem(product.call("PUT", "/clinic/patients/p-1", "app", data=big), 413, "too_large")
    check_problem(product.call("POST", "/xero/invoices/preview/", "reception", data=big), 413, "too_large")
    assert product.raw("POST", "/xero/webhook/", data=big).status_code == 413
    assert "line 1: (line)" in wrong(product.call("POST", "/clinic/import", "app", data=big))


def test_an_import_of_too_many_lines(product: Product) -> None:
    """A million lines in one request: refused in plain words before any is kept."""
    line = json.dumps(GOOD).encode() + b"\n"
    answer = product.call("POST", "/clinic/import", "app", data=line * 700_000)
    body = check_problem(answer, 413, "too_large")
    assert "parts" in body["detail"]
    assert product.ports.records.patient("demo", "p-1") is None


def test_a_very_large_import_takes_no_more_memory(tmp_path: Path) -> None:
    """Fifty thousand lines here, a million in ``make fuzz``: beside the bytes themselves it stays at some megabytes."""
    command = [sys.executable, "-m", "tests.fuzz.big_import", str(LINES), str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1800, check=True)
    told = json.loads(run.stdout)
    assert told["lines"] == LINES
    assert told["grown"] < told["part"] + 10_000_000, told
    print(told)
