"""The log: live, filtered, paged, one entry opened and its write tried again or given up."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import check_accessible
from tests.browser.clinic import Clinic
from tests.browser.sample import needs_a_person
from tests.browser.staff import Staff, settled


def rows(page: Page) -> Locator:
    return page.get_by_role("table", name="Entries").locator("tbody tr")


def test_live_filters_and_one_entry(clinic: Clinic, staff: Staff) -> None:
    """What reception does appears by itself; filters by result, kind, person, record and day; before and after."""
    clinic.ready()
    clinic.patient()
    clinic.appointment()
    page = staff.sign_in(clinic, path="/activity")
    expect(rows(page).filter(has_text="Connected").first).to_be_visible()
    clinic.invoice()
    made = rows(page).filter(has_text="Invoice created · a-1")
    expect(made).to_be_visible(timeout=20_000)
    expect(made).to_contain_text("Rosa Reception")

    page.get_by_label("Appointment").fill("a-1")
    expect(rows(page).filter(has_text="Connected")).to_have_count(0)
    page.get_by_role("button", name="Clear filters").click()
    expect(page.get_by_label("Appointment")).to_have_value("")
    page.get_by_role("combobox", name="What").click()
    page.get_by_role("option", name="Settings changed").click()
    expect(rows(page)).to_have_count(1)
    page.get_by_text("Failed", exact=True).click()
    expect(page.get_by_text("Nothing matches these filters")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    page.get_by_role("combobox", name="Who").click()
    page.get_by_role("option", name="Rosa Reception").click()
    expect(rows(page).filter(has_text="Olivia Owner")).to_have_count(0)
    expect(made).to_be_visible()
    page.get_by_label("To", exact=True).fill("2020-01-01")
    expect(page.get_by_text("Nothing matches these filters")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()

    made.get_by_role("button").click()
    entry = page.get_by_role("dialog", name="Entry")
    expect(entry.get_by_text("Request id")).to_be_visible()
    expect(entry.get_by_role("table", name="What changed")).to_contain_text("CL-a-1")
    expect(entry.get_by_role("button", name="Try again now")).to_have_count(0)
    settled(page)
    check_accessible(page)
    entry.get_by_role("button", name="Copy: Request id").click()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied in {
        one["request_id"] for one in clinic.ok("GET", "/xero/logs/?appointment_id=a-1")["items"]
    }
    page.keyboard.press("Escape")
    expect(entry).to_be_hidden()
    page.get_by_role("button", name="Check the log").click()
    expect(page.get_by_role("status").filter(has_text="Nothing is sealed yet")).to_be_visible()


def test_try_again_and_give_up(clinic: Clinic, staff: Staff) -> None:
    """A refused invoice is tried again from its entry once the contact is restored; another one is given up."""
    clinic.ready()
    clinic.patient()
    for appointment_id in ("a-1", "a-2"):
        clinic.appointment(appointment_id)
    clinic.ok("POST", "/xero/contacts/sync_patient/", "reception", json={"patient_id": "p-1"})
    needs_a_person(clinic, "a-1", "p-1")
    clinic.call("POST", "/xero/invoices/create_invoice/", "reception", json={"appointment_id": "a-2"})
    page = staff.sign_in(clinic, "reception", "/activity")
    entry = page.get_by_role("dialog", name="Entry")

    rows(page).filter(has_text="a-2").filter(has_text="Failed").first.get_by_role("button").click()
    entry.get_by_role("button", name="Do not send it").click()
    entry.get_by_role("button", name="Yes, do not send it").click()
    expect(entry.get_by_text("Cancelled", exact=True)).to_be_visible()
    page.keyboard.press("Escape")

    contact = clinic.ok("GET", "/xero/contacts/p-1/")
    clinic.by_hand(f"contacts/{contact['contact_id']}/restore")
    rows(page).filter(has_text="a-1").filter(has_text="Failed").first.get_by_role("button").click()
    entry.get_by_role("button", name="Try again now").click()
    expect(entry.locator(".standing").get_by_text("Done", exact=True)).to_be_visible(timeout=25_000)
    page.keyboard.press("Escape")
    expect(rows(page).filter(has_text="Tried again").first).to_be_visible(timeout=20_000)
    references = [one["Reference"] for one in clinic.books()["invoices"]]
    assert references.count("a-1") == 1
    assert "a-2" not in references


def test_pages(clinic: Clinic, staff: Staff) -> None:
    """Fifty to a page, and from page to page by the cursor, without a row twice."""
    for number in range(60):
        clinic.settings_are(invoice_status=("AUTHORISED", "DRAFT")[number % 2])
    page = staff.sign_in(clinic, path="/activity")
    expect(rows(page)).to_have_count(50)
    first = rows(page).first.inner_text()
    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_text("Page 2")).to_be_visible()
    expect(rows(page)).to_have_count(10)
    page.get_by_role("button", name="Previous page").click()
    expect(rows(page)).to_have_count(50)
    assert rows(page).first.inner_text() == first
