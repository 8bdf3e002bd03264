"""The clinic's records in our own store, on every backend."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from shared.adapters.store_records import StoreClinicRecords
from shared.domain.records import Address, Appointment, LineItem, Patient, Payer
from shared.domain.times import instant
from shared.ports.store import Store

SYDNEY = timezone(timedelta(hours=11))


@pytest.fixture
def practice() -> str:
    return f"practice-{uuid.uuid4().hex}"


@pytest.fixture
def records(store: Store) -> StoreClinicRecords:
    return StoreClinicRecords(store)


def appointment(appointment_id: str, starts_at: datetime) -> Appointment:
    return Appointment(appointment_id, "p1", starts_at)


def save(store: Store, practice: str, *records: Patient | Appointment) -> None:
    for record in records:
        collection = "patients" if isinstance(record, Patient) else "appointments"
        store.put(f"practices/{practice}/{collection}/{record.id}", record.to_data())


def test_a_patient_comes_back_as_it_was(store: Store, records: StoreClinicRecords, practice: str) -> None:
    """With all fields, and with the required ones only."""
    full = Patient(
        "p1",
        "Zoë",
        "O'Brien",
        email="z@example.test",
        phone="+61 2 5550 0000",
        address=Address(line1="1 High St", city="Sydney", country="AU"),
        reference="ZOB",
        payer=Payer(patient_id="p2"),
    )
    save(store, practice, full, Patient("p2", "A", "B"))
    assert records.patient(practice, "p1") == full
    assert records.patient(practice, "p2") == Patient("p2", "A", "B")


def test_an_appointment_comes_back_as_it_was(
    store: Store, records: StoreClinicRecords, practice: str
) -> None:
    """Amounts to the last digit, the start with the offset that was sent."""
    line = LineItem(
        "Consultation", Decimal("1.00"), Decimal("150.10"), service_code="C1", discount_rate=Decimal(10)
    )
    full = Appointment(
        "a1",
        "p1",
        datetime(2026, 11, 25, 8, 0, tzinfo=SYDNEY),
        clinic_id="c1",
        practitioner_id="d1",
        status="completed",
        reference="R1",
        currency="AUD",
        amounts="exclusive",
        line_items=(line, line),
        payer=Payer(name="Insurer", email="claims@example.test"),
    )
    save(store, practice, full)
    found = records.appointment(practice, "a1")
    assert found == full
    assert found is not None
    assert found.starts_at.utcoffset() == timedelta(hours=11)


@pytest.mark.parametrize("record_id", ["nobody", "", "a/b", "a/b/c", "..", "__x__", "x" * 2000])
def test_what_does_not_exist_is_none(
    store: Store, records: StoreClinicRecords, practice: str, record_id: str
) -> None:
    """Also an id that no record can have, and one that would name a document elsewhere."""
    store.put(f"practices/{practice}/patients/a/b/c", {"first_name": "X", "last_name": "Y"})
    assert records.patient(practice, record_id) is None
    assert records.appointment(practice, record_id) is None
    assert records.patients_by_id(practice, [record_id]) == {}


def test_a_practice_sees_its_own_records_only(
    store: Store, records: StoreClinicRecords, practice: str
) -> None:
    """The same id in another practice is another patient."""
    save(store, practice, Patient("p1", "Ours", "X"))
    save(store, f"{practice}-other", Patient("p1", "Theirs", "X"), Patient("p2", "Theirs", "X"))
    assert records.patients(practice, limit=10, cursor=None) == ([Patient("p1", "Ours", "X")], None)
    assert records.patient(practice, "p2") is None


def test_several_patients_at_once(store: Store, records: StoreClinicRecords, practice: str) -> None:
    """Those that exist, by id."""
    save(store, practice, Patient("p1", "A", "X"), Patient("p2", "B", "X"), Patient("p3", "C", "X"))
    found = records.patients_by_id(practice, ["p1", "nobody", "p3", "a/b"])
    assert found == {"p1": Patient("p1", "A", "X"), "p3": Patient("p3", "C", "X")}
    assert records.patients_by_id(practice, []) == {}


def test_several_appointments_at_once(store: Store, records: StoreClinicRecords, practice: str) -> None:
    """Those of this practice that exist, by id."""
    starts_at = datetime(2026, 11, 24, 8, tzinfo=UTC)
    save(store, practice, appointment("a1", starts_at), appointment("a2", starts_at))
    save(store, f"{practice}-other", appointment("a3", starts_at))
    found = records.appointments_by_id(practice, ["a1", "a3", "nothing", "a/b"])
    assert found == {"a1": appointment("a1", starts_at)}
    assert records.appointments_by_id(practice, []) == {}


def test_patients_come_by_id_in_pages(store: Store, records: StoreClinicRecords, practice: str) -> None:
    """Following the cursor gives each once."""
    patients = [Patient(f"p{n}", "A", "B") for n in range(5)]
    save(store, practice, *patients)
    first, cursor = records.patients(practice, limit=3, cursor=None)
    rest, end = records.patients(practice, limit=3, cursor=cursor)
    assert (first + rest, end) == (patients, None)


def test_appointments_come_by_start_in_pages(
    store: Store, records: StoreClinicRecords, practice: str
) -> None:
    """From the first instant, before the second, whatever offsets they were sent with."""
    start = datetime(2026, 11, 25, 8, 0, tzinfo=SYDNEY)
    save(
        store,
        practice,
        appointment("before", start - timedelta(microseconds=1)),
        appointment("c", start),
        appointment("b", (start + timedelta(hours=1)).astimezone(UTC)),
        appointment("a", start + timedelta(hours=2)),
        appointment("after", start + timedelta(days=1)),
    )
    bounds = {"starts_from": instant(start), "starts_before": instant(start + timedelta(days=1))}
    first, cursor = records.appointments(practice, **bounds, limit=2, cursor=None)
    rest, end = records.appointments(practice, **bounds, limit=2, cursor=cursor)
    assert ([a.id for a in first + rest], end) == (["c", "b", "a"], None)


def test_a_malformed_cursor_is_refused(records: StoreClinicRecords, practice: str) -> None:
    """ValueError."""
    with pytest.raises(ValueError):
        records.patients(practice, limit=1, cursor="nonsense")
