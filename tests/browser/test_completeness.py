"""The completeness tab: one sentence for the month, the difference, and its button."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from infra.local import sample_day
from tests.browser.axe import check_accessible
from tests.browser.clinic import Clinic, at
from tests.browser.staff import Staff, go_to, settled

AGREED = "2 in the clinic, 2 in Xero, difference $0.00"


def two_invoices(clinic: Clinic) -> None:
    """Of today, 95.00 and 142.50, both in Xero."""
    clinic.ready()
    clinic.patient()
    clinic.appointment()
    clinic.appointment("a-2", line_items=[sample_day.LONG])
    for appointment_id in ("a-1", "a-2"):
        clinic.invoice(appointment_id)


def sentence(page: Page) -> Locator:
    return page.get_by_role("heading", level=2).first


def another_price(clinic: Clinic, appointment_id: str) -> None:
    """A person changes the invoice in Xero by one dollar."""
    invoice = clinic.until(lambda: clinic.invoice_of(appointment_id))
    line = {"Description": "By hand", "Quantity": "1", "UnitAmount": "96.00", "AccountCode": "201"}
    clinic.by_hand(f"invoices/{invoice['invoice_id']}/edit", LineItems=[line | {"TaxType": "EXEMPTOUTPUT"}])


def test_one_break_is_one_difference_and_its_button_mends_it(clinic: Clinic, staff: Staff) -> None:
    """Both sides agree; somebody changes an amount in Xero; the page shows that and nothing else, asks before it
    overwrites, and mends it."""
    two_invoices(clinic)
    page = staff.sign_in(clinic, "bookkeeper", "/completeness")
    expect(sentence(page)).to_contain_text(AGREED)
    expect(page.get_by_text("No differences")).to_be_visible()
    settled(page)
    check_accessible(page)

    another_price(clinic, "a-1")
    page.get_by_role("button", name="Compare again").click()
    expect(sentence(page)).to_contain_text("2 in the clinic, 2 in Xero, difference -$1.00")
    kind = page.get_by_role("region", name="Another total")
    expect(page.get_by_role("region", name="Differences").get_by_role("table")).to_have_count(1)
    expect(kind.get_by_role("row").filter(has_text="a-1")).to_contain_text("$96.00")
    expect(page.get_by_role("button", name="Repair what is safe")).to_have_count(0)
    today = page.get_by_role("button", name="2 in the clinic, 2 in Xero, 1 difference")
    today.click()
    expect(page.get_by_role("region", name="Differences")).to_contain_text("Only")
    settled(page)
    check_accessible(page)
    today.click()

    kind.get_by_role("button", name="Repair a-1").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("overwrites what a person entered")
    dialog.get_by_role("button", name="Repair").click()
    expect(sentence(page)).to_contain_text(AGREED)
    expect(page.get_by_text("No differences")).to_be_visible()
    assert sorted(i["Total"] for i in clinic.books()["invoices"] if i["Reference"] in ("a-1", "a-2")) == [
        95,
        142.5,
    ]


def test_what_is_safe_is_repaired_in_one_press(clinic: Clinic, staff: Staff, tmp_path: Path) -> None:
    """What was never sent is sent and what is unsafe stays; both files come down; by keyboard."""
    two_invoices(clinic)
    clinic.appointment("a-3")
    clinic.appointment("a-4")
    another_price(clinic, "a-1")
    page = staff.sign_in(clinic, "owner", "/completeness")
    expect(sentence(page)).to_contain_text("4 in the clinic, 2 in Xero")
    expect(page.get_by_role("region", name="Not in Xero yet").get_by_role("row")).to_have_count(3)
    safe = page.get_by_role("button", name="Repair what is safe")
    safe.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Not in Xero yet")).to_be_hidden()
    expect(page.get_by_role("region", name="Another total")).to_be_visible()
    assert clinic.invoice_of("a-3")
    assert clinic.invoice_of("a-4")

    for name, first_column in (("Documents, one per row", "appointment_id"), ("Totals by day", "by,key")):
        page.get_by_role("button", name="Download").click()
        with page.expect_download() as downloading:
            page.get_by_role("menuitem", name=name).click()
        path = tmp_path / downloading.value.suggested_filename
        downloading.value.save_as(path)
        assert path.name.endswith(f"-{at(0):%Y-%m}.csv")
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        assert first_column in lines[0]
        assert len(lines) > 4


def test_reception_on_a_phone_in_the_dark(clinic: Clinic, staff: Staff) -> None:
    """Sees the differences and no button to repair them; the days as a list; the month before is empty."""
    two_invoices(clinic)
    clinic.appointment("a-3")
    page = staff.sign_in(clinic, "reception", "/completeness", phone=True, dark=True)
    expect(sentence(page)).to_contain_text("3 in the clinic, 2 in Xero, difference $95.00")
    expect(page.get_by_text("A bookkeeper or an owner repairs differences.")).to_be_visible()
    expect(page.get_by_role("button", name="Repair")).to_have_count(0)
    expect(page.get_by_role("row").filter(has_text="1 difference")).to_contain_text("$332.50")
    settled(page)
    check_accessible(page)
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_text("Calendar").click()
    check_accessible(page)
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="The month before").click()
    expect(page.get_by_text("There is nothing in this month on either side.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("There is nothing in this month on either side.")).to_be_visible()


def test_xero_cannot_be_asked(clinic: Clinic, staff: Staff) -> None:
    """A sentence and another try; then it is there."""
    two_invoices(clinic)
    page = staff.sign_in(clinic, "bookkeeper")
    page.route("**/xero/completeness/**", lambda route: route.fulfill(status=503, body="{}"))
    go_to(page, "Completeness")
    notice = page.get_by_role("main").get_by_role("alert")
    expect(notice).to_contain_text("Something went wrong")
    page.unroute("**/xero/completeness/**")
    notice.get_by_role("button", name="Try again").click()
    expect(sentence(page)).to_contain_text(AGREED)
