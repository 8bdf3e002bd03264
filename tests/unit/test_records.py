"""The clinic's records survive being stored, and their stored shape is fit for every store."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.adapters.store_rules import encode_data
from shared.domain.records import Address, Appointment, LineItem, Patient, Payer
from shared.domain.times import calendar_date, instant, parse_instant, zone

QUIET = settings(deadline=None, database=None)
TEXTS = st.text(max_size=20)
MAYBE = st.none() | TEXTS.filter(bool)
AMOUNTS = st.decimals(-(10**9), 10**9, places=4)
PAYERS = st.none() | st.builds(Payer, MAYBE, MAYBE, MAYBE).filter(lambda p: any(vars(p).values()))
LINES = st.builds(
    LineItem, TEXTS, AMOUNTS, AMOUNTS, MAYBE, MAYBE, MAYBE, st.none() | AMOUNTS, st.none() | AMOUNTS
)
STARTS = st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-840, 840).map(lambda m: timezone(timedelta(minutes=m))),
)
PATIENTS = st.builds(
    Patient,
    st.just("p-1"),
    TEXTS,
    TEXTS,
    email=MAYBE,
    phone=MAYBE,
    address=st.none()
    | st.builds(Address, MAYBE, MAYBE, MAYBE, MAYBE, MAYBE, MAYBE).filter(lambda a: any(vars(a).values())),
    reference=MAYBE,
    payer=PAYERS,
    erased=st.booleans(),
)
APPOINTMENTS = st.builds(
    Appointment,
    st.just("a-1"),
    st.just("p-1"),
    STARTS,
    clinic_id=MAYBE,
    practitioner_id=MAYBE,
    status=st.sampled_from(["booked", "completed", "no_show"]),
    reference=MAYBE,
    currency=st.none() | st.just("AUD"),
    amounts=st.none() | st.just("inclusive"),
    line_items=st.lists(LINES, max_size=4).map(tuple),
    payer=PAYERS,
)


def stored(data: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(encode_data(data)))


@QUIET
@given(PATIENTS)
def test_a_patient_comes_back_as_it_was(patient: Patient) -> None:
    """Stored and read: equal, with no id inside and nothing kept for a field that is not given."""
    data = stored(patient.to_data())
    assert Patient.from_data("p-1", data) == patient
    assert "id" not in data
    assert None not in data.values()


@QUIET
@given(APPOINTMENTS)
def test_an_appointment_comes_back_as_it_was(appointment: Appointment) -> None:
    """Stored and read: equal to the last digit of its amounts, its start in the offset it was told in."""
    read = Appointment.from_data("a-1", stored(appointment.to_data()))
    assert read == appointment
    assert read.starts_at.utcoffset() == appointment.starts_at.utcoffset()


@pytest.mark.parametrize(
    ("amount", "text"), [("1E+2", "100"), ("150.00", "150.00"), ("0.0001", "0.0001"), ("1E-4", "0.0001")]
)
def test_amounts_are_stored_in_plain_notation(amount: str, text: str) -> None:
    """Never an exponent: the text is shown to people."""
    line = LineItem("x", Decimal(1), Decimal(amount), discount_rate=Decimal("1E+1"))
    assert line.to_data()["unit_amount"] == text
    assert line.to_data()["discount_rate"] == "10"


def test_a_field_that_an_older_version_stored_is_ignored() -> None:
    """A deployment may read what another one wrote."""
    patient = Patient.from_data("p-1", {"first_name": "A", "last_name": "B", "shoe_size": 41})
    assert (patient.first_name, patient.last_name) == ("A", "B")


def test_instants_are_text_in_time_order() -> None:
    """Always 27 characters in UTC, so that comparing texts compares times."""
    early = instant(datetime(2026, 11, 24, 8, 0, tzinfo=zone("Australia/Sydney")))
    late = instant(datetime(2026, 11, 24, 8, 0, 0, 1, tzinfo=zone("Australia/Sydney")))
    assert early == "2026-11-23T21:00:00.000000Z"
    assert early < late
    assert len(early) == len(late) == 27
    assert parse_instant(late) == datetime(2026, 11, 23, 21, 0, 0, 1, tzinfo=UTC)


def test_a_time_without_a_zone_is_no_instant() -> None:
    """Guessing a zone is how invoices get yesterday's date."""
    with pytest.raises(ValueError, match="zone"):
        instant(datetime(2026, 11, 24))  # noqa: DTZ001 - on purpose
    with pytest.raises(ValueError, match="zone"):
        parse_instant("2026-11-24T08:00:00")


@pytest.mark.parametrize(
    "name", ["Nowhere/Town", "", "../etc/passwd", "/etc/passwd", "Australia", "a\x00b", "\ud800"]
)
def test_unknown_zones_are_named(name: str) -> None:
    """One ValueError whatever is wrong with it, and no file outside of the database is opened."""
    with pytest.raises(ValueError, match="not a time zone"):
        zone(name)


def test_a_day_across_a_change_of_clocks() -> None:
    """The repeated hour of 5 April 2026 in Sydney belongs to that day both times."""
    for text in ("2026-04-04T15:30:00Z", "2026-04-04T16:30:00Z"):
        assert calendar_date(parse_instant(text), "Australia/Sydney").isoformat() == "2026-04-05"
