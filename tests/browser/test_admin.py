"""The owner's view of what is stored: for reading, searched, and nobody else's."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.axe import check_accessible
from tests.browser.clinic import Clinic
from tests.browser.staff import Staff, settled

KINDS = (
    "Connection and settings",
    "Contact links",
    "Invoice links",
    "Item mappings",
    "Tracking",
    "Operations",
    "Jobs",
    "Log",
)


def show(page: Page, kind: str) -> None:
    page.get_by_role("combobox", name="What to show").click()
    page.get_by_role("option", name=kind, exact=True).click()
    expect(page.get_by_role("region", name=kind)).to_be_visible()
    settled(page)


def test_every_kind_is_read_and_searched(clinic: Clinic, staff: Staff) -> None:
    """Kind by kind; one opened whole without what is withheld; found by its content."""
    clinic.ready()
    clinic.patient()
    clinic.appointment()
    clinic.appointment("a-2")
    clinic.invoice("a-1")
    clinic.invoice("a-2")
    page = staff.sign_in(clinic, "owner", "/admin")
    settled(page)
    for kind in KINDS:
        show(page, kind)
        shown = page.get_by_role("table", name=kind).or_(page.get_by_text("Nothing of this kind is stored"))
        expect(shown).to_be_visible()
    check_accessible(page)

    show(page, "Invoice links")
    page.get_by_role("textbox", name="Search by id or content").fill("cl-A-2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row").filter(has_text="CL-a-2")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="CL-a-1")).to_have_count(0)
    page.get_by_role("button", name="Open a-2").press("Enter")
    whole = page.get_by_role("dialog")
    expect(whole).to_contain_text('"invoice_number": "CL-a-2"')
    check_accessible(page)
    page.keyboard.press("Escape")
    expect(whole).to_be_hidden()

    show(page, "Operations")
    page.get_by_role("button", name="Open").first.click()
    expect(page.get_by_role("dialog")).to_contain_text('"kind"')
    expect(page.get_by_role("dialog")).not_to_contain_text('"body"')


def test_owners_only_and_on_a_phone(clinic: Clinic, staff: Staff) -> None:
    """A bookkeeper has no such tab, and at its address a sentence; the owner's phone shows all of it."""
    clinic.ready()
    page = staff.sign_in(clinic, "bookkeeper", "/admin")
    expect(page.get_by_text("This view is for owners of the practice.")).to_be_visible()
    expect(page.get_by_role("link", name="Admin")).to_have_count(0)
    phone = staff.sign_in(clinic, "owner", "/admin", phone=True, dark=True)
    settled(phone)
    expect(phone.get_by_role("row").filter(has_text=clinic.name)).to_be_visible()
    check_accessible(phone)
    assert phone.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
