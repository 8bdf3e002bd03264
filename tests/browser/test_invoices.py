"""The invoices tab: a receptionist's day, a bookkeeper's corrections, and what goes wrong."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from infra.local.sample_day import CONSULT
from tests.browser.axe import check_accessible
from tests.browser.clinic import Clinic, at
from tests.browser.staff import LONG, Staff, confirm, press, row, settled


def test_from_create_to_paid(clinic: Clinic, staff: Staff) -> None:
    """Reception looks at the preview, creates by one click and sees Paid, which came by webhook, without a reload."""
    clinic.ready()
    clinic.sample_day()
    page = staff.sign_in(clinic, "reception", "/invoices")
    expect(page.locator("tbody tr")).to_have_count(12, timeout=LONG)
    press(page, "apt-1002", "Preview")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("table", name="Lines")).to_contain_text("Sports tape")
    expect(dialog).to_contain_text("$154.37")  # 95.00 without tax, 3 x 19.99 less 10 % with it
    check_accessible(page)
    confirm(page, "Create invoice")
    expect(row(page, "apt-1002")).to_contain_text("Sent, not paid")
    press(page, "apt-1001", "Create invoice")
    expect(row(page, "apt-1001")).to_contain_text("$95.00")
    link = row(page, "apt-1001").get_by_role("link", name="CL-apt-1001")
    expect(link).to_have_attribute("href", re.compile(r"https://go\.xero\.com/.*shortcode="))
    clinic.pay("apt-1001", "40.00")
    expect(row(page, "apt-1001")).to_contain_text("Part paid", timeout=LONG)
    expect(row(page, "apt-1001")).to_contain_text("$55.00")
    clinic.pay("apt-1001")
    expect(row(page, "apt-1001")).to_contain_text(re.compile("Paid"), timeout=LONG)
    expect(row(page, "apt-1001")).not_to_contain_text("Part paid", timeout=LONG)
    check_accessible(page)


def test_finding(clinic: Clinic, staff: Staff) -> None:
    """By name without its accents, by number on any day, by state, clinic and period."""
    clinic.ready()
    clinic.sample_day()
    clinic.appointment("old", "p-33", starts_at=(at(9) - timedelta(days=40)).isoformat())
    clinic.invoice("old")
    page = staff.sign_in(clinic, "reception", "/invoices")
    rows = page.locator("tbody tr")
    search = page.get_by_role("searchbox")
    search.fill("zoe gar")
    expect(rows).to_have_count(2)
    search.fill("CL-old")
    expect(rows).to_have_count(1)
    expect(row(page, "old")).to_be_visible()
    assert "CL-old" not in page.url  # what is searched for may be a patient
    search.fill("nobody of this name")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    search.fill("")
    page.get_by_label("Show", exact=True).select_option("Nothing to invoice")
    expect(rows).to_have_count(1)
    page.get_by_label("Show", exact=True).select_option("Not invoiced")
    page.get_by_label("Clinic", exact=True).select_option("north")
    expect(rows).to_have_count(4)
    page.get_by_label("Clinic", exact=True).select_option("All")
    page.get_by_role("button", name="The day before").click()
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    page.get_by_role("button", name="Today").click()
    expect(rows).to_have_count(11)
    page.get_by_label("Period").select_option("Month")
    expect(rows).to_have_count(11)


def test_a_bookkeeper_corrects(clinic: Clinic, staff: Staff) -> None:
    """Approve, void, invoice anew, take a payment, refund, update, correct, credit: each by its own button."""
    clinic.ready()
    clinic.settings_are(invoice_status="DRAFT", payment_accounts={"cash": "881"})
    clinic.patient()
    for number in range(1, 5):
        clinic.appointment(f"a-{number}")
        clinic.invoice(f"a-{number}")
    page = staff.sign_in(clinic, "bookkeeper", "/invoices")
    for number in range(1, 4):
        press(page, f"a-{number}", "Approve")
        expect(row(page, f"a-{number}")).to_contain_text("Sent, not paid")
    press(page, "a-4", "Delete the draft")
    page.get_by_label("Reason, if there is something to say").fill("Booked twice")
    confirm(page, "Delete the draft")
    expect(row(page, "a-4")).to_contain_text("Deleted")
    press(page, "a-4", "Create invoice")
    expect(row(page, "a-4")).to_contain_text("CL-a-4-2")
    press(page, "a-1", "Record a payment")
    page.get_by_role("dialog").get_by_label("Amount").fill("1000")
    page.get_by_role("dialog").get_by_role("button", name="Record a payment").click()
    expect(page.get_by_text("at most the 95.00 that is due")).to_be_visible()
    page.get_by_role("dialog").get_by_label("Amount").fill("")
    confirm(page, "Record a payment")
    expect(row(page, "a-1")).to_contain_text("Paid", timeout=LONG)
    press(page, "a-1", "Refund")
    page.get_by_role("dialog").get_by_label("Amount").fill("5.00")
    confirm(page, "Refund")
    clinic.until(lambda: (clinic.invoice_of("a-1") or {})["amount_refunded"] == "5.00")
    clinic.appointment("a-2", line_items=[CONSULT | {"unit_amount": "120.00"}])
    expect(row(page, "a-2")).to_contain_text("Needs you", timeout=LONG)
    expect(row(page, "a-2")).to_contain_text("lines or amounts changed")
    press(page, "a-2", "Update")
    expect(page.get_by_role("dialog")).to_contain_text("$120.00")
    confirm(page, "Update")
    expect(row(page, "a-2")).to_contain_text("$120.00")
    expect(row(page, "a-2")).not_to_contain_text("Needs you")
    press(page, "a-3", "Credit")
    confirm(page, "Credit")
    expect(row(page, "a-3")).to_contain_text("Credited")
    clinic.appointment("a-1", line_items=[CONSULT | {"unit_amount": "80.00"}])
    expect(row(page, "a-1")).to_contain_text("Needs you", timeout=LONG)
    press(page, "a-1", "Correct")
    confirm(page, "Correct")
    expect(row(page, "a-1")).to_contain_text("CL-a-1-2")
    expect(row(page, "a-1")).to_contain_text("$80.00")
    numbers = {one["InvoiceNumber"]: one["Status"] for one in clinic.books()["invoices"]}
    assert numbers["CL-a-4"] == "DELETED"


def test_reception_changes_no_books(clinic: Clinic, staff: Staff) -> None:
    """What a bookkeeper decides is not offered; what is offered works: e-mail, note and payment."""
    clinic.ready()
    clinic.settings_are(payment_accounts={"cash": "881"})
    clinic.patient(email="anna@example.com")
    clinic.appointment()
    clinic.invoice()
    page = staff.sign_in(clinic, "reception", "/invoices")
    row(page, "a-1").get_by_role("button", name=re.compile("^More for ")).click()
    offered = page.get_by_role("menuitem").all_inner_texts()
    assert offered == [
        "E-mail to the patient",
        "Copy the link for the patient",
        "Add a note",
        "Ask Xero for news",
    ]
    page.get_by_role("menuitem", name="E-mail to the patient").click()
    expect(row(page, "a-1")).to_contain_text("E-mailed")
    press(page, "a-1", "Copy the link for the patient")
    expect(page.get_by_text("The link is copied")).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()").startswith("https://")
    press(page, "a-1", "Add a note")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Add a note")).to_be_disabled()
    dialog.get_by_label("Note").fill("Paid by the employer")
    confirm(page, "Add a note")
    expect(page.get_by_text("The note is in the history of CL-a-1")).to_be_visible()
    press(page, "a-1", "Record a payment")
    confirm(page, "Record a payment")
    expect(row(page, "a-1")).to_contain_text("Paid", timeout=LONG)


def test_what_waits_and_what_needs_a_person(clinic: Clinic, staff: Staff) -> None:
    """Xero rests: the row says until when. An archived contact: it says what to press; restored, Try again makes it."""
    clinic.ready()
    clinic.patient()
    contact = clinic.ok("POST", "/xero/contacts/sync_patient/", json={"patient_id": "p-1"})
    clinic.by_hand(f"contacts/{contact['contact_id']}/archive")
    clinic.appointment("a-1")
    page = staff.sign_in(clinic, "reception", "/invoices")
    press(page, "a-1", "Create invoice")
    expect(row(page, "a-1")).to_contain_text("Needs you")
    expect(row(page, "a-1")).to_contain_text("restore it there")
    page.get_by_label("Show", exact=True).select_option("Needs you")
    expect(page.locator("tbody tr")).to_have_count(1)
    settled(page)
    page.get_by_label("Show", exact=True).select_option("All")
    clinic.by_hand(f"contacts/{contact['contact_id']}/edit", ContactStatus="ACTIVE")
    press(page, "a-1", "Try again")
    expect(row(page, "a-1")).to_contain_text("Sent, not paid", timeout=LONG)
    clinic.by_hand("organisation", offline=True)
    clinic.appointment("a-2")
    page.reload()
    press(page, "a-2", "Create invoice")
    expect(row(page, "a-2")).to_contain_text("Waiting")
    expect(row(page, "a-2")).to_contain_text("It goes on by itself at")
    press(page, "a-2", "Do not send")
    expect(row(page, "a-2")).to_contain_text("No invoice")


def broken(status: int) -> Any:
    problem = {
        "type": "x",
        "title": "x",
        "status": status,
        "detail": "It broke here.",
        "code": "x",
        "errors": [],
    }
    body = json.dumps(problem | {"request_id": "r-500"})
    headers = {"Cache-Control": "no-store"}

    def answer(route: Route) -> None:
        route.fulfill(status=status, content_type="application/problem+json", body=body, headers=headers)

    return answer


def test_failing_and_offline(clinic: Clinic, staff: Staff) -> None:
    """A sentence, the request's id and another try; nothing is lost by pressing while offline."""
    clinic.ready()
    clinic.patient()
    clinic.appointment()
    page = staff.sign_in(clinic, "reception")
    page.route("**/xero/appointments/**", broken(500))
    page.get_by_role("link", name="Invoices", exact=True).click()
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("It broke here.")
    expect(notice).to_contain_text("r-500")
    check_accessible(page)
    page.unroute("**/xero/appointments/**")
    notice.get_by_role("button", name="Try again").click()
    expect(row(page, "a-1")).to_be_visible()
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline")).to_be_visible()
    press(page, "a-1", "Create invoice")
    expect(page.get_by_text("Clinic Ledger cannot be reached")).to_be_visible()
    expect(row(page, "a-1")).to_contain_text("No invoice")  # the list stays
    page.context.set_offline(False)
    expect(page.get_by_text("You are offline")).to_have_count(0)
    press(page, "a-1", "Create invoice")
    expect(row(page, "a-1")).to_contain_text("Sent, not paid")


def tab_to(page: Page, target: Locator, key: str = "Tab", most: int = 60) -> None:
    for _ in range(most):
        if target.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{most} times {key} do not lead to {target}")


def test_by_keyboard_alone(clinic: Clinic, staff: Staff) -> None:
    """Look at the preview, create, open a menu, leave a dialog: no mouse."""
    clinic.ready()
    clinic.patient()
    clinic.appointment()
    page = staff.sign_in(clinic, "bookkeeper", "/invoices")
    here = row(page, "a-1")
    expect(here).to_be_visible(timeout=LONG)
    page.get_by_role("heading", level=1).focus()
    more = here.get_by_role("button", name=re.compile("^More for "))
    tab_to(page, more)
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("menuitem", name="Preview"), "ArrowDown")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Nothing has been sent")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    tab_to(page, here.get_by_role("button", name=re.compile("^Create invoice")), "Shift+Tab")
    page.keyboard.press("Enter")
    expect(here).to_contain_text("Sent, not paid")
    tab_to(page, here.get_by_role("button", name=re.compile("^More for ")))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("menuitem", name="Void"), "ArrowDown")
    page.keyboard.press("Enter")
    tab_to(page, dialog.get_by_role("button", name="Void", exact=True))
    page.keyboard.press("Enter")
    expect(here).to_contain_text("Voided")


def test_on_a_phone_in_the_dark(clinic: Clinic, staff: Staff) -> None:
    """Nothing is wider than the screen, and what a desk can do a phone can."""
    clinic.ready()
    clinic.sample_day()
    clinic.invoice("apt-1001")
    page = staff.sign_in_by_hand(clinic, "owner", "/invoices", phone=True, dark=True)
    expect(row(page, "apt-1001")).to_contain_text("Sent, not paid")
    settled(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    check_accessible(page)
    press(page, "apt-1003", "Create invoice")
    expect(row(page, "apt-1003")).to_contain_text("$142.50")
    press(page, "apt-1003", "Correct")
    expect(page.get_by_role("dialog")).to_contain_text("This is what the new one will be")
    settled(page)
    check_accessible(page)
