"""The records function: the clinic's app keeps its patients and appointments here."""

from __future__ import annotations

import json
import time
from typing import Any

from werkzeug.test import TestResponse

from shared.services import paths
from tests.functions.edges import check_problem, wrong
from tests.product import Product

PATIENT = {"first_name": "Anna", "last_name": "Lee"}
APPOINTMENT = {"patient_id": "p-1", "starts_at": "2026-11-24T08:00:00+11:00"}


def put(product: Product, path: str, body: Any) -> TestResponse:
    return product.call("PUT", f"/clinic/{path}", "app", json=body)


def load(product: Product, *lines: Any) -> TestResponse:
    raw = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    return product.call("POST", "/clinic/import", "app", data=raw)


def patient(patient_id: str = "p-1", **fields: Any) -> dict[str, Any]:
    return {"kind": "patient", "id": patient_id, **PATIENT, **fields}


def appointment(appointment_id: str = "a-1", **fields: Any) -> dict[str, Any]:
    return {"kind": "appointment", "id": appointment_id, **APPOINTMENT, **fields}


def test_keep_a_patient(product: Product) -> None:
    """Changed the first time, not the second; every field comes back as it was sent."""
    body = PATIENT | {
        "email": "anna@example.com",
        "phone": "0400",
        "address": {"line1": "1 St", "city": "Sydney", "postal_code": "2000"},
        "reference": "LEE01",
        "payer": {"name": "Fund", "email": "claims@fund.example"},
    }
    assert put(product, "patients/p-1", body).json == {"id": "p-1", "changed": True}
    assert put(product, "patients/p-1", body).json == {"id": "p-1", "changed": False}
    kept = product.ports.records.patient("demo", "p-1")
    assert kept is not None
    assert kept.to_data() == body | {"erased": False}


def test_keep_an_appointment(product: Product) -> None:
    """The same for appointments; the payer may be given as an id alone."""
    line = {"description": "Visit", "unit_amount": "150.00", "quantity": "1.5", "service_code": "PHYSIO"}
    body = APPOINTMENT | {"line_items": [line], "payer": "p-2", "currency": "AUD", "status": "completed"}
    assert put(product, "appointments/a-1", body).json == {"id": "a-1", "changed": True}
    assert put(product, "appointments/a-1/", body).json["changed"] is False
    kept = product.ports.records.appointment("demo", "a-1")
    assert kept is not None
    assert kept.payer is not None
    assert (kept.payer.patient_id, kept.starts_at.isoformat()) == ("p-2", APPOINTMENT["starts_at"])
    assert kept.line_items[0].to_data() == line


def test_a_put_replaces_the_whole_record(product: Product) -> None:
    """A field left out is gone."""
    put(product, "patients/p-1", PATIENT | {"email": "anna@example.com"})
    put(product, "patients/p-1", PATIENT)
    kept = product.ports.records.patient("demo", "p-1")
    assert kept is not None
    assert kept.email is None


def test_the_appointment_may_come_first(product: Product) -> None:
    """Records arrive in any order."""
    assert put(product, "appointments/a-1", APPOINTMENT | {"patient_id": "later"}).status_code == 200


WRONG_PATIENTS: list[tuple[Any, str]] = [
    ({"first_name": "Anna"}, "last_name"),
    (PATIENT | {"first_name": " "}, "first_name"),
    (PATIENT | {"first_name": "\u200b"}, "first_name"),
    (PATIENT | {"first_name": None}, "first_name"),
    (PATIENT | {"last_name": "x" * 256}, "last_name"),
    (PATIENT | {"email": 5}, "email"),
    (PATIENT | {"phone": "0" * 51}, "phone"),
    (PATIENT | {"address": {"street": "1 St"}}, "address.street"),
    (PATIENT | {"address": {"postal_code": "x" * 51}}, "address.postal_code"),
    (PATIENT | {"payer": {}}, "payer"),
    (PATIENT | {"payer": {"patient_id": "p-2", "name": "Fund"}}, "payer"),
    (PATIENT | {"payer": {"name": ""}}, "payer.name"),
    (PATIENT | {"payer": "p 2"}, "payer.patient_id"),
    (PATIENT | {"payer": 7}, "payer"),
    (PATIENT | {"erased": "perhaps"}, "erased"),
    (PATIENT | {"diagnosis": "none of our business"}, "diagnosis"),
]
WRONG_APPOINTMENTS: list[tuple[Any, str]] = [
    (APPOINTMENT | {"starts_at": "2026-11-24T08:00:00"}, "starts_at"),
    (APPOINTMENT | {"starts_at": "2026-11-24"}, "starts_at"),
    (APPOINTMENT | {"starts_at": 1795500000}, "starts_at"),
    (APPOINTMENT | {"starts_at": "1795500000"}, "starts_at"),
    (APPOINTMENT | {"starts_at": "2026-13-24T08:00:00+11:00"}, "starts_at"),
    (APPOINTMENT | {"starts_at": "0001-01-01T00:00:00+14:00"}, "starts_at"),
    (APPOINTMENT | {"starts_at": "9999-12-31T23:59:59-12:00"}, "starts_at"),
    (APPOINTMENT | {"starts_at": "2026-02-29T08:00:00+11:00"}, "starts_at"),
    (APPOINTMENT | {"status": "done"}, "status"),
    (APPOINTMENT | {"currency": "aud"}, "currency"),
    (APPOINTMENT | {"amounts": "gross"}, "amounts"),
    (APPOINTMENT | {"patient_id": "p/1"}, "patient_id"),
    (APPOINTMENT | {"line_items": [{"description": "x"}]}, "line_items[0].unit_amount"),
    (
        APPOINTMENT | {"line_items": [{"description": "x", "unit_amount": 1, "quantity": 0}]},
        "line_items[0].quantity",
    ),
]


def test_wrong_fields_are_named(product: Product) -> None:
    """422 by the field's name, and nothing is kept."""
    for body, field in WRONG_PATIENTS:
        assert set(wrong(put(product, "patients/p-1", body))) == {field}, body
    for body, field in WRONG_APPOINTMENTS:
        assert set(wrong(put(product, "appointments/a-1", body))) == {field}, body
    assert product.ports.records.patient("demo", "p-1") is None
    assert product.ports.records.appointment("demo", "a-1") is None


def test_ids_in_the_path(product: Product) -> None:
    """Up to 50 plain characters; a longer one is named, because it could not be Xero's ContactNumber."""
    assert put(product, f"patients/{'x' * 50}", PATIENT).status_code == 200
    assert set(wrong(put(product, f"patients/{'x' * 51}", PATIENT))) == {"id"}
    assert put(product, "patients/a.b_c:d@e-f", PATIENT).status_code == 200
    for odd in ("_x", "a b", "a/b", ".."):
        assert put(product, f"patients/{odd}", PATIENT).status_code in (404, 405)


def test_only_the_app_keeps_records(product: Product) -> None:
    """Staff change records where they are made."""
    for role in ("reception", "bookkeeper", "owner"):
        for method, path in (("PUT", "patients/p-1"), ("PUT", "appointments/a-1"), ("POST", "import")):
            check_problem(product.call(method, f"/clinic/{path}", role, json=PATIENT), 403, "not_allowed")


def test_practices_are_apart(product: Product) -> None:
    """The same id in both practices is two patients."""
    product.patient("p-1", first_name="Ours")
    product.patient("p-1", "other", first_name="Theirs")
    kept = [product.ports.records.patient(practice, "p-1") for practice in ("demo", "other")]
    assert [p.first_name for p in kept if p] == ["Ours", "Theirs"]


def test_import(product: Product) -> None:
    """Patients and appointments in any order, blank lines and Windows line ends included; twice is the same."""
    for _ in range(2):
        answer = load(
            product, appointment(), b"", patient(), json.dumps(patient("p-2")).encode() + b"\r", b"  "
        )
        assert answer.json == {"patients": 2, "appointments": 1}
    assert product.ports.records.patient("demo", "p-2") is not None


def test_import_is_all_or_nothing(product: Product) -> None:
    """Every bad line is named with its fields, and not even the good ones are kept."""
    answer = load(
        product,
        patient(),
        patient("p-2", first_name=""),
        b"{",
        appointment(starts_at="yesterday", status="x"),
        {"kind": "dog", "id": "d-1"},
        {"kind": ["patient"], "id": "d-1"},
        patient(None),  # type: ignore[arg-type]
        patient("a b"),
        b"[]",
        b"\xff",
        b'{"kind": "patient", "id": "p-3", "first_name": "\\ud800", "last_name": "x"}',
        b'{"kind": "appointment", "id": "a-9", "patient_id": "p", "starts_at": "2026-01-01T00:00:00Z",'
        b' "line_items": [{"description": "x", "unit_amount": NaN}]}',
    )
    assert list(wrong(answer)) == [
        "line 2: first_name",
        "line 3: (line)",
        "line 4: starts_at",
        "line 4: status",
        "line 5: kind",
        "line 6: kind",
        "line 7: id",
        "line 8: id",
        "line 9: kind",
        "line 10: (line)",
        "line 11: first_name",
        "line 12: (line)",
    ]
    assert "nothing was imported" in answer.json["detail"]
    assert product.ports.store.query(paths.patient("demo", "x").rsplit("/", 1)[0]).items == []


def test_import_of_nothing(product: Product) -> None:
    """An empty file is more likely a mistake than a wish."""
    for raw in (b"", b"\n\n  \n"):
        assert set(wrong(product.call("POST", "/clinic/import", "app", data=raw))) == {"(body)"}


def test_import_of_an_oversized_line(product: Product) -> None:
    """A record larger than may be sent by itself is named, before any is kept."""
    line = {"description": "x" * 4000, "unit_amount": 1}
    big = appointment("a-2", line_items=[line] * 200, reference="x")
    big["line_items"][0] = {"description": "é" * 4000, "unit_amount": 1}
    padded = json.dumps(big).encode() + b" " * 300_000
    assert set(wrong(load(product, patient(), padded))) == {"line 2: (line)"}
    assert product.ports.records.patient("demo", "p-1") is None


def test_import_shows_a_hundred_errors(product: Product) -> None:
    """More would not help anybody."""
    assert len(wrong(load(product, *[patient(f"p-{n}", email=5) for n in range(300)]))) == 100


def test_import_of_ten_thousand_lines_is_quick(product: Product) -> None:
    """Ten thousand lines come in within one request's time, far below a minute even on a busy machine."""
    rows = [patient(f"p-{n}") for n in range(5_000)] + [
        appointment(
            f"a-{n}", patient_id=f"p-{n}", line_items=[{"description": "Visit", "unit_amount": "95.00"}]
        )
        for n in range(5_000)
    ]
    started = time.process_time()
    assert load(product, *rows).json == {"patients": 5_000, "appointments": 5_000}
    assert time.process_time() - started < 20
    assert product.ports.records.appointment("demo", "a-4999") is not None


def test_import_limit(product: Product) -> None:
    """Beyond 50 MB is 413 by the announced length alone."""
    announced = {"CONTENT_LENGTH": "50000001"}
    answer = product.call("POST", "/clinic/import", "app", data=b"{}", environ_overrides=announced)
    check_problem(answer, 413, "too_large")
