"""The mappings tab: what is missing is chosen, shown before it is saved, and what was held back goes on."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from infra.local import sample_day
from tests.browser.axe import check_accessible
from tests.browser.clinic import Clinic
from tests.browser.stack import BrowserStack
from tests.browser.staff import Staff, go_to, settled


def pick(page: Page, label: str, option: str) -> None:
    """Chooses from a drop-down by keyboard: typing finds it, Enter takes it."""
    field = page.get_by_role("combobox", name=label)
    field.fill(option)
    expect(page.get_by_role("option", name=option).first).to_be_visible()
    field.press("ArrowDown")
    field.press("Enter")
    expect(page.get_by_role("listbox")).to_be_hidden()


def review(page: Page) -> Locator:
    page.get_by_role("button", name="See what will change").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Save")).to_be_enabled()
    return dialog


def save(page: Page) -> None:
    review(page).get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").filter(has_text="Saved.")).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_hidden()


def items(clinic: Clinic) -> list[dict[str, Any]]:
    return list(clinic.ok("GET", "/xero/items/")["items"])


def test_what_is_missing_is_mapped_and_can_be_invoiced(clinic: Clinic, staff: Staff) -> None:
    """On top with how many need it; a suggestion, the page says what it would change, and only then saves."""
    clinic.connect()
    clinic.patient()
    clinic.appointment()
    page = staff.sign_in(clinic, "bookkeeper", "/mappings")
    missing = page.get_by_role("region", name="3 things are not mapped yet")
    service = missing.get_by_role("listitem").filter(has_text="Service consult")
    expect(service).to_contain_text("1 cannot be invoiced yet")
    settled(page)
    check_accessible(page)

    service.get_by_role("button", name="Use CONSULT Consultation for Service consult").click()
    expect(service).to_contain_text("Not saved yet")
    pick(page, "Tracking option of harbour", "Harbour Street")
    dialog = review(page)
    rows = dialog.get_by_role("row")
    expect(rows.filter(has_text="Service consult: Account")).to_contain_text("201 Consultations")
    expect(rows.filter(has_text="Clinic harbour: Tracking option")).to_contain_text("Harbour Street")
    check_accessible(page)
    dialog.get_by_role("button", name="Cancel").click()
    assert items(clinic) == []

    save(page)
    expect(page.get_by_role("region", name="One thing is not mapped yet")).to_contain_text("dr-ruiz")
    assert items(clinic)[0] | {"account_code": "201"} == items(clinic)[0]

    go_to(page, "Completeness")
    page.get_by_role("button", name="Repair what is safe").click()
    expect(page.get_by_text("No differences")).to_be_visible()
    invoice = clinic.until(lambda: clinic.invoice_of("a-1"))
    assert invoice["total"] == "95.00"


def test_what_was_held_back_goes_on(clinic: Clinic, staff: Staff) -> None:
    """Its account is archived in Xero, so an invoice waits; another account on the page, and it is there by itself."""
    clinic.ready()
    clinic.patient()
    clinic.appointment("a-1", line_items=[sample_day.TAPE])
    clinic.by_hand("organisation", account={"Code": "202", "Status": "ARCHIVED"})
    page = staff.sign_in(clinic, "bookkeeper", "/mappings")
    page.get_by_role("button", name="Read them again").click()
    account_of_tape = page.get_by_role("combobox", name="Account of tape")
    expect(account_of_tape).to_have_value("202 (not usable any more)")
    answer = clinic.call("POST", "/xero/invoices/create_invoice/", json={"appointment_id": "a-1"})
    assert answer.status_code == 202, answer.text

    pick(page, "Account of tape", "201")
    save(page)
    clinic.until(lambda: clinic.invoice_of("a-1"))


def test_settings_and_the_bank_account(clinic: Clinic, staff: Staff) -> None:
    """Changed settings are told in words; a bank account is refused until somebody says it has no feed; a draft
    outlasts another tab, and discarding forgets it."""
    clinic.ready()
    page = staff.sign_in(clinic, "bookkeeper", "/mappings")
    pick(page, "Invoices go to Xero as", "Drafts")
    page.get_by_label("Approve drafts by rule").check()
    page.get_by_label("Up to this total").fill("250.00")
    go_to(page, "Overview")
    go_to(page, "Mappings")
    method = page.get_by_role("textbox", name="Add a payment method")
    method.fill("card")
    method.press("Enter")
    pick(page, "Goes to of card", "090")
    expect(page.get_by_text("With a bank feed the same money comes in twice.")).to_be_visible()
    page.get_by_role("button", name="See what will change").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("income is counted twice")
    expect(page.get_by_role("dialog").get_by_role("button", name="Save")).to_be_disabled()
    page.keyboard.press("Escape")
    page.get_by_label("has no bank feed").check()

    rows = review(page).get_by_role("row")
    expect(rows.filter(has_text="Invoices go to Xero as")).to_contain_text("Approved at once")
    expect(rows.filter(has_text="Invoices go to Xero as")).to_contain_text("Drafts")
    expect(rows.filter(has_text="Approve by rule")).to_contain_text("after 24 h, up to 250.00")
    expect(page.get_by_role("dialog")).to_contain_text("Think it over")
    check_accessible(page)
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="See what will change")).to_be_hidden()
    saved = clinic.ok("GET", "/xero/settings/")["settings"]
    assert (saved["invoice_status"], saved["payment_accounts"]) == ("DRAFT", {"card": "090"})
    assert (saved["confirmed_bank_accounts"], saved["auto_approve"]["up_to"]) == (["090"], "250.00")

    page.get_by_label("Days to pay").fill("7")
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_label("Days to pay")).to_have_value("14")


def test_reception_reads_on_a_phone_in_the_dark(clinic: Clinic, staff: Staff) -> None:
    """No field to change anything, everything to read, nothing beside the screen."""
    clinic.ready()
    page = staff.sign_in(clinic, "reception", "/mappings", phone=True, dark=True)
    expect(page.get_by_text("A bookkeeper or an owner makes changes.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="consult-long")).to_contain_text("201 Consultations")
    for role in ("combobox", "textbox", "switch"):
        expect(page.get_by_role("main").get_by_role(role)).to_have_count(0)
    settled(page)
    check_accessible(page)
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")


def test_without_xero(clinic: Clinic, staff: Staff) -> None:
    """Not connected: a sentence instead of the lists, and what needs none can still be set, by keyboard alone."""
    page = staff.sign_in(clinic, "owner", "/mappings")
    expect(page.get_by_role("alert").first).to_contain_text("Xero is not connected yet")
    field = page.get_by_label("Numbers begin with")
    field.fill("HS-")
    for _ in range(80):
        if page.evaluate("() => document.activeElement.textContent") == "See what will change":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("button", name="Save")).to_be_enabled()
    page.get_by_role("dialog").get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    clinic.until(lambda: clinic.ok("GET", "/xero/settings/")["settings"]["invoice_prefix"] == "HS-")


def test_settings_of_another_practice(clinic: Clinic, browser_stack: BrowserStack, staff: Staff) -> None:
    """An owner of both sees what would be taken over, takes it; a wrong token says so; for nobody else."""
    source = browser_stack.new_clinic()
    source.ready()
    clinic.connect()
    page = staff.sign_in(clinic, "owner", "/mappings")
    form = page.get_by_role("region", name="Take over from another practice")
    form.get_by_label("Practice id").fill(source.practice_id)
    token = form.get_by_label("An owner's access token of that practice")
    token.fill(source.token("bookkeeper"))
    form.get_by_role("button", name="See what would be taken over").click()
    expect(page.get_by_role("alert").filter(has_text="owner")).to_be_visible()
    expect(form.get_by_role("button", name="Take over", exact=True)).to_have_count(0)
    token.fill(source.token("owner"))
    form.get_by_role("button", name="See what would be taken over").click()
    expect(form.get_by_role("row").filter(has_text="items.consult-long")).to_contain_text("201")
    check_accessible(page)
    assert items(clinic) == []
    form.get_by_role("button", name="Take over", exact=True).click()
    expect(page.get_by_text("settings are taken over")).to_be_visible()
    expect(token).to_have_value("")
    assert {one["service_code"] for one in items(clinic)} == {one["service_code"] for one in items(source)}
    bookkeeper = staff.sign_in(clinic, "bookkeeper", "/mappings")
    settled(bookkeeper)
    expect(bookkeeper.get_by_text("Take over from another practice")).to_have_count(0)
