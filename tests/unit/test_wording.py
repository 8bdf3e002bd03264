"""The description of a line, as the payer reads it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shared.domain.contacts import Privacy, contact_body, contact_name, person_of_patient
from shared.domain.records import LineItem, Patient
from shared.domain.wording import DESCRIPTION_LIMIT, worded


def line(text: str, service: str | None = None) -> LineItem:
    return LineItem(text, Decimal(1), Decimal("10.00"), service_code=service)


def test_the_code_survives_the_longest_description() -> None:
    """Xero takes 4,000 characters; the code is not what is cut."""
    item, _ = worded(line("x" * 4000), "r", has_label=True, privacy_mode="full", patient_code="LEE01")
    assert len(item.description) == DESCRIPTION_LIMIT
    assert item.description.endswith(" (patient LEE01)")


def test_what_needs_no_change_is_not_changed() -> None:
    """The patient pays, and the practice sends its own wording."""
    item = line("Visit", "std")
    assert worded(item, "rule", has_label=False, privacy_mode="full", patient_code=None) == (item, "rule")


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("Anna", "Lee", "A. L. (22)"),
        ("ängström", "o'Brien", "Ä. O. (22)"),
        ("李", "明", "李. 明. (22)"),
        ("'Anna", "-", "A. (22)"),
        ("\u200b", "<>", "Patient 22"),
    ],
)
def test_initials(first: str, last: str, name: str) -> None:
    """The first letters and the code; a name of nothing but signs leaves the code."""
    person = person_of_patient(Patient("22", first, last), Privacy("initials"))
    assert contact_name(person) == contact_body(person)["Name"] == name


def test_erased_is_erased_in_every_mode() -> None:
    """Less than nothing cannot be told."""
    patient = Patient("22", "Anna", "Lee", email="a@example.com", erased=True)
    bodies = [
        contact_body(person_of_patient(patient, Privacy(mode))) for mode in ("full", "initials", "code")
    ]
    assert bodies[0] == bodies[1] == bodies[2]
    assert bodies[0]["Name"] == "Erased 22"
