"""The contacts tab: each patient's contact, the special cases in a sentence, sending one and all."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import check_accessible
from tests.browser.clinic import Clinic
from tests.browser.staff import Staff, settled

LONG = 40_000


def row(page: Page, patient_id: str) -> Locator:
    return page.get_by_test_id(patient_id)


def send(page: Page, patient_id: str) -> None:
    row(page, patient_id).get_by_role("button", name=re.compile("^(Send|Try again)")).click()


def synced(clinic: Clinic, patient_id: str) -> str:
    """The ContactID."""
    found = clinic.ok("POST", "/xero/contacts/sync_patient/", json={"patient_id": patient_id})
    return str(found["contact_id"])


def test_one_and_all(clinic: Clinic, staff: Staff) -> None:
    """One by its button, then all with a bar that is there after a reload; namesakes are told apart, and why."""
    clinic.ready()
    clinic.sample_day()
    page = staff.sign_in(clinic, "reception", "/contacts")
    expect(page.locator("tbody tr")).to_have_count(6)
    expect(row(page, "p-11")).to_contain_text("Not in Xero yet")
    send(page, "p-11")
    expect(row(page, "p-11").get_by_role("link", name=re.compile("^John Smith"))).to_be_visible()
    page.get_by_role("button", name="Send all to Xero").click()
    page.get_by_role("dialog").get_by_role("button", name="Send all to Xero").click()
    job = page.get_by_role("region", name="Sending patients")
    expect(job).to_be_visible()
    page.reload()
    expect(job).to_contain_text("5 of 5 done", timeout=LONG)
    expect(row(page, "p-22")).to_contain_text("John Smith (JS2)")
    expect(row(page, "p-22")).to_contain_text("the code stands behind it")
    expect(row(page, "p-11")).not_to_contain_text("the code stands behind it")
    check_accessible(page)
    page.get_by_role("searchbox").fill("zoe")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_the_special_cases(clinic: Clinic, staff: Staff) -> None:
    """Archived, merged, changed here since: each says what it is and what to press; pressing mends it."""
    clinic.ready()
    clinic.sample_day()
    archived, merged, other = (synced(clinic, each) for each in ("p-33", "p-55", "p-66"))
    clinic.by_hand(f"contacts/{archived}/archive")
    clinic.by_hand(f"contacts/{merged}/merge", into=other)
    clinic.patient("p-11", first_name="John", last_name="Smith")
    page = staff.sign_in(clinic, "bookkeeper", "/contacts")
    expect(row(page, "p-33")).to_contain_text("press Restore", timeout=LONG)
    expect(row(page, "p-55")).to_contain_text("merged in Xero", timeout=LONG)
    synced(clinic, "p-11")
    clinic.patient("p-11", first_name="John", last_name="Smith", email="new@example.com")
    expect(row(page, "p-11")).to_contain_text("latest details", timeout=LONG)
    check_accessible(page)
    send(page, "p-11")
    expect(row(page, "p-11")).not_to_contain_text("latest details")
    clinic.by_hand(f"contacts/{archived}/edit", ContactStatus="ACTIVE")
    send(page, "p-33")
    expect(row(page, "p-33")).to_contain_text("In Xero", timeout=LONG)
    expect(row(page, "p-33")).not_to_contain_text("press Restore", timeout=LONG)
    page.get_by_label("Show", exact=True).select_option("Not in Xero yet")
    expect(page.locator("tbody tr")).to_have_count(2)


def test_on_a_phone_and_empty(clinic: Clinic, staff: Staff) -> None:
    """Without patients a sentence, with them cards; nothing is wider than the screen."""
    clinic.connect()
    page = staff.sign_in(clinic, "owner", "/contacts", phone=True, dark=True)
    expect(page.get_by_text("No patients yet")).to_be_visible()
    check_accessible(page)
    clinic.sample_day()
    expect(row(page, "p-11")).to_be_visible(timeout=LONG)
    settled(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    check_accessible(page)
