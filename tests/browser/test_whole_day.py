"""The whole day as a person does it: from Connect through consent to Paid, without a reload."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.clinic import Clinic
from tests.browser.staff import Staff, consent, go_to, pill


def test_from_connect_to_paid(clinic: Clinic, staff: Staff) -> None:
    """The guide on the overview leads: connect, create an invoice, enter the payment in Xero, see it paid."""
    clinic.sample_day()
    clinic.map_services()
    clinic.settings_are(invoice_status="AUTHORISED")
    page = staff.sign_in_by_hand(clinic)
    pill(page, "Disconnected")
    steps = page.get_by_role("list").filter(has_text="See it paid")
    expect(steps).to_be_visible()

    page.get_by_role("button", name="Connect to Xero").click()
    consent(page, clinic)
    pill(page, "Working")
    expect(page.get_by_test_id("organisation")).to_have_text(clinic.name)

    page.get_by_role("link", name="Go to the invoices").click()
    row = page.get_by_role("row").filter(has_text="apt-1001")
    row.get_by_role("button", name="Create").click()
    expect(row.get_by_text("Sent, not paid")).to_be_visible(timeout=25_000)
    invoice = clinic.until(lambda: clinic.invoice_of("apt-1001"))

    go_to(page, "Overview")
    with page.expect_popup(timeout=30_000) as opened:
        page.get_by_role("link", name="Enter a payment in the simulated Xero").click(timeout=30_000)
    desk = opened.value
    # The desk shows every organisation of the simulator, and the other tests' clinics have the same numbers.
    due = desk.locator("h2", has_text=re.compile(f"^{re.escape(clinic.name)}$")).locator("+ table")
    due.get_by_role("button", name=f"Enter the payment of {invoice['invoice_number']}", exact=True).click()
    expect(due.get_by_role("button", name=invoice["invoice_number"])).to_have_count(0)
    desk.close()

    go_to(page, "Invoices")
    expect(row.get_by_text("Paid", exact=True)).to_be_visible(timeout=30_000)
    go_to(page, "Overview")
    expect(page.get_by_text("Nothing needs you")).to_be_visible()
    (entered,) = [one for one in clinic.books()["invoices"] if one["Reference"] == "apt-1001"]
    assert (entered["Status"], entered["AmountDue"]) == ("PAID", 0)
