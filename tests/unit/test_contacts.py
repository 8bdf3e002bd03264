"""Which contact a person gets in Xero: its name, its details, and when they count as changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.contacts import (
    NAME_LIMIT,
    Person,
    clean_name,
    contact_body,
    contact_name,
    details_hash,
    person_of_patient,
    person_of_payer,
)
from shared.domain.records import Address, Patient, Payer
from tests.traces import traces

QUIET = settings(deadline=None, database=None)
ADDRESS = Address("1 Short St", "Unit 2", "Sydney", "NSW", "2000", "Australia")
ANNA = Patient("22", "Anna", "Lee", email="anna@example.com", phone="0400 000 000", address=ADDRESS)


def named(first: str, last: str, **fields: object) -> Person:
    return person_of_patient(Patient("22", first, last, **fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("  Anna   Lee ", "Anna Lee"),
        ("Anna\tLee\n", "Anna Lee"),
        ("Anna <Lee>", "Anna Lee"),
        ("Anna\u00a0Lee", "Anna Lee"),
        ("Anna\x00Lee", "Anna Lee"),
        ("O'Brien-Müller 李", "O'Brien-Müller 李"),
        ("x" * 300, "x" * 255),
        ("x" * 254 + " y", "x" * 254),
    ],
)
def test_names_as_xero_accepts_them(given_name: str, expected: str) -> None:
    """No angle brackets, control characters, stray blanks, nor more than 255 characters."""
    assert clean_name(given_name) == expected


@QUIET
@given(st.text(max_size=300))
def test_a_clean_name_is_clean_for_any_text(text: str) -> None:
    """Whatever was typed, Xero's rules for names hold afterwards, and cleaning again changes nothing."""
    name = clean_name(text)
    assert len(name) <= NAME_LIMIT
    assert name == name.strip()
    assert "  " not in name
    assert not set("<>") & set(name)
    assert clean_name(name) == name


def test_two_patients_of_one_name_are_two_contacts() -> None:
    """Two John Smiths: the second one's name carries its id, so that statements stay separate."""
    first, second = (person_of_patient(Patient(i, "John", "Smith")) for i in ("11", "22"))
    assert contact_name(first) == contact_name(second) == "John Smith"
    assert contact_name(second, 1) == "John Smith (22)"
    assert contact_name(second, 2) == "John Smith (22-2)"
    assert first.id != second.id


def test_the_clinics_own_code_comes_before_the_id() -> None:
    """A reference is what reception knows the patient by."""
    assert contact_name(named("John", "Smith", reference="SMI04"), 1) == "John Smith (SMI04)"


@QUIET
@given(st.text(min_size=200, max_size=300), st.text(min_size=1, max_size=50), st.integers(0, 5))
def test_suffixes_fit_and_stay_distinct(name: str, code: str, suffix: int) -> None:
    """However long name and code are, the suffix survives within 255 characters."""
    person = replace(named("x", "y"), name=clean_name(name), code=code)
    made = contact_name(person, suffix)
    assert len(made) <= NAME_LIMIT
    assert clean_name(made) == made
    if suffix > 1:
        assert made.endswith(f"-{suffix})")


@pytest.mark.parametrize("names", [("<", ">"), ("\u200b", "\u200b"), ("<>", "\x07")])
def test_a_name_of_nothing_but_signs_is_still_a_contact(names: tuple[str, str]) -> None:
    """Xero refuses an empty name, so the code stands in."""
    assert contact_name(named(*names)) == "Patient 22"


def test_the_details_that_xero_is_told() -> None:
    """All of them and nothing clinical; the number is added on creation only."""
    assert contact_body(person_of_patient(ANNA)) == {
        "Name": "Anna Lee",
        "FirstName": "Anna",
        "LastName": "Lee",
        "EmailAddress": "anna@example.com",
        "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "0400 000 000"}],
        "Addresses": [
            {
                "AddressType": "STREET",
                "AddressLine1": "1 Short St",
                "AddressLine2": "Unit 2",
                "City": "Sydney",
                "Region": "NSW",
                "PostalCode": "2000",
                "Country": "Australia",
            }
        ],
    }


def test_blank_fields_are_sent_as_blanks() -> None:
    """Leaving a field out would keep the old one in Xero; a blank clears it."""
    body = contact_body(named("Anna", "Lee"))
    assert body["EmailAddress"] == ""
    assert body["Phones"] == [{"PhoneType": "DEFAULT", "PhoneNumber": ""}]
    assert set(body["Addresses"][0].values()) == {"STREET", ""}


def test_erasing_a_patient_blanks_and_archives() -> None:
    """Nothing of an erased patient remains but the clinic's code, and the contact is archived."""
    body = contact_body(person_of_patient(replace(ANNA, erased=True, reference="LEE01")))
    assert body["ContactStatus"] == "ARCHIVED"
    assert body["Name"] == "Erased LEE01"
    rest = {k: v for k, v in body.items() if k != "Name"}
    assert not traces(("Anna", "Lee", "anna@", "0400 ", "Short St", "Sydney"), rest)


@pytest.mark.parametrize(
    "changes",
    [
        {"first_name": "Ann"},
        {"last_name": "Li"},
        {"email": None},
        {"phone": "0400 000 001"},
        {"address": None},
        {"address": replace(ADDRESS, line2=None)},
        {"erased": True},
    ],
)
def test_hash_changes_with_what_xero_is_told(changes: dict[str, object]) -> None:
    """Each detail counts."""
    assert details_hash(person_of_patient(ANNA)) != details_hash(person_of_patient(replace(ANNA, **changes)))


@pytest.mark.parametrize(
    "changes", [{"payer": Payer(name="Insurer")}, {"reference": "LEE01"}, {"first_name": " Anna "}]
)
def test_hash_ignores_what_xero_is_not_told(changes: dict[str, object]) -> None:
    """An unchanged contact must not cost a call."""
    assert details_hash(person_of_patient(ANNA)) == details_hash(person_of_patient(replace(ANNA, **changes)))


def test_one_insurer_is_one_contact() -> None:
    """A payer's id follows from name and e-mail, whatever their capitals and blanks."""
    ids = {
        person_of_payer(payer).id
        for payer in (
            Payer(name="Health Fund", email="claims@fund.example"),
            Payer(name=" health  fund", email="Claims@Fund.example"),
        )
    }
    assert len(ids) == 1
    assert person_of_payer(Payer(name="Health Fund", email="other@fund.example")).id not in ids
    assert len(ids.pop()) <= 50  # it becomes the ContactNumber


def test_a_payer_never_takes_a_patients_suffix() -> None:
    """A payer's code comes from its own id, so two funds of one name stay apart."""
    one, two = (person_of_payer(Payer(name="Fund", email=e)) for e in ("a@x.example", "b@x.example"))
    assert contact_name(one, 1) != contact_name(two, 1)
