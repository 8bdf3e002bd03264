"""The overview: connecting, choosing, and mending what needs a person from its own button."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Locator, Page, Route, expect

from infra.local import sample_day
from shared.services.attention import CAUSES
from tests.browser.axe import check_accessible
from tests.browser.clinic import Clinic, at
from tests.browser.programs import organisation_name, tenant_id
from tests.browser.staff import Staff, choose_person, confirm, consent, go_to, pill, press

NOTHING = "Nothing needs you"


def cause(page: Page, sentence: str | re.Pattern[str]) -> Locator:
    """This one among what needs a person."""
    return page.locator(".cause").filter(has_text=sentence)


def test_connect_by_keyboard(clinic: Clinic, staff: Staff) -> None:
    """From the first page to Working without a mouse: sign in, see what is asked, connect, walk through the tabs."""
    page = staff.page(clinic)
    page.goto("/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    reach(page, "Sign in")
    page.keyboard.press("Enter")
    person = page.locator(f'button[value="{clinic.practice_id}/olivia"]')
    person.focus()  # behind the buttons of sixty practices
    page.keyboard.press("Enter")
    pill(page, "Disconnected")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    reach(page, "Connect to Xero")
    page.keyboard.press("Enter")
    consent(page, clinic)  # Xero's own page
    pill(page, "Working")
    expect(page.get_by_test_id("organisation")).to_have_text(clinic.name)
    expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
    reach(page, "Activity")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Activity")).to_be_focused()


def test_a_tab_that_comes_late_takes_no_focus(clinic: Clinic, staff: Staff) -> None:
    """On a slow line somebody is at the skip link already when the tab's own script comes: there they stay."""
    page = staff.page(clinic)
    page.goto("/")
    at_once, slow, held = page.content(), True, []

    def hold(route: Route) -> None:
        if slow and route.request.url.rpartition("/")[2] not in at_once:
            held.append(route)
        else:
            route.continue_()

    page.route("**/assets/**", hold)
    page.get_by_role("button", name="Sign in").click()
    choose_person(page, clinic, "owner")
    pill(page, "Disconnected")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    slow = False
    for route in held:
        route.continue_()
    expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
    assert held
    expect(skip).to_be_focused()


def reach(page: Page, name: str) -> None:
    """Presses Tab until the focus is on what has this text, and it can be seen that it is there."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement?.textContent?.trim()") == name:
            outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"{name} has the focus, but nobody sees it"
            return
    raise AssertionError(f"{name} is not reached by Tab")


def test_access_refused_then_several_organisations(clinic: Clinic, staff: Staff) -> None:
    """Cancel in Xero leads back to the page, which says so with the button to try again; with two organisations
    allowed it asks which, nothing is connected until one is chosen, and only an owner may."""
    page = staff.sign_in(clinic)
    page.get_by_role("button", name="Connect to Xero").click()
    page.get_by_role("button", name="Cancel").click()
    refused = page.get_by_role("alert").filter(has_text="Access was not granted in Xero")
    expect(refused).to_be_visible()
    pill(page, "Disconnected")
    check_accessible(page)
    assert page.url == f"{clinic.url}/", "said once: a reload does not say it again"
    refused.get_by_role("button", name="Connect to Xero").click()
    page.get_by_label("Signed in as").fill(f"{clinic.practice_id}-owner")
    for box in page.locator("input[type=checkbox]:checked").all():
        box.uncheck()
    other = next(number for number in range(59, 0, -1) if tenant_id(number) != clinic.tenant_id)
    page.get_by_label(clinic.name, exact=True).check()
    page.get_by_label(organisation_name(other), exact=True).check()
    page.get_by_role("button", name="Allow access").click()
    expect(page.get_by_role("heading", name="Which organisation?")).to_be_visible()
    reception = staff.sign_in(clinic, "reception")
    expect(reception.get_by_role("button", name=f"Use {clinic.name}", exact=True)).to_be_disabled()
    page.get_by_role("button", name=f"Use {clinic.name}", exact=True).click()
    pill(page, "Working")
    expect(page.get_by_test_id("organisation")).to_have_text(clinic.name)


def test_disconnect_and_connect_again(clinic: Clinic, staff: Staff) -> None:
    """Asked first; what is made meanwhile waits and flows once, after connecting again; roles see what they may."""
    clinic.ready()
    clinic.patient()
    page = staff.sign_in(clinic)
    button = page.get_by_role("button", name="Disconnect from Xero")
    dialog = page.get_by_role("dialog", name=f"Disconnect {clinic.name}?")
    button.click()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    button.click()
    dialog.get_by_role("button", name="Disconnect from Xero").click()
    pill(page, "Disconnected")
    clinic.appointment()
    clinic.call("POST", "/xero/invoices/create_invoice/", "reception", json={"appointment_id": "a-1"})
    reception = staff.sign_in(clinic, "reception")
    expect(reception.get_by_text("An owner of the practice connects Xero")).to_be_visible()
    expect(reception.get_by_role("button", name="Connect to Xero")).to_have_count(0)
    page.get_by_role("button", name="Connect to Xero again").click()
    consent(page, clinic)
    pill(page, "Working")
    clinic.until(lambda: clinic.invoice_of("a-1"))
    expect(reception.locator(".head").get_by_text("Working")).to_be_visible(timeout=20_000)
    assert len([one for one in clinic.books()["invoices"] if one["Reference"] == "a-1"]) == 1


# -- what needs a person, each mended from its button ------------------------------------------------------------

#: What a refused write waits for is tried again by one button of one component, whatever the cause; here a contact, a
#: period and an account, each mended where it is wrong.
REFUSED = {
    "a-1": re.compile("A contact is archived in Xero"),
    "a-2": re.compile("The date is in a period that is locked in Xero"),
    # Refused by Xero while our list of its accounts is fresh, seen before it is sent when that is renewed.
    "a-3": re.compile("Xero does not accept an account|archived or gone in Xero"),
}
MONTH_AGO = at(10) - timedelta(days=31)


def refused_for_three_causes(clinic: Clinic) -> Callable[[], None]:
    """Gives what mends all three in Xero."""
    clinic.patient("p-2", first_name="Ben")
    contact = clinic.ok("POST", "/xero/contacts/sync_patient/", "reception", json={"patient_id": "p-1"})
    path = f"contacts/{contact['contact_id']}"
    clinic.appointment("a-2", "p-2", starts_at=MONTH_AGO.isoformat())
    clinic.appointment("a-3", "p-2", line_items=[sample_day.TAPE])
    clinic.by_hand(f"{path}/archive")
    clinic.by_hand(
        "organisation",
        period_lock_date=MONTH_AGO.date().isoformat(),
        account={"Code": "202", "Status": "ARCHIVED"},
    )
    for appointment_id in REFUSED:
        ask(clinic, appointment_id)

    def mend() -> None:
        clinic.by_hand(f"{path}/restore")
        clinic.by_hand("organisation", period_lock_date=None, account={"Code": "202", "Status": "ACTIVE"})

    return mend


def ask(clinic: Clinic, appointment_id: str = "a-1") -> None:
    """Reception asks for the invoice, and it is refused or waits."""
    body = {"appointment_id": appointment_id}
    answer = clinic.call("POST", "/xero/invoices/create_invoice/", "reception", json=body)
    assert answer.status_code in (202, 422), answer.text


def test_causes_are_mended_from_their_buttons(clinic: Clinic, staff: Staff) -> None:
    """Each with its sentence and the documents behind it; once it is mended where it is wrong, its button sends all
    of it. What was changed since is mended on the tab where its button leads."""
    clinic.ready()
    clinic.patient()
    clinic.appointment()
    clinic.appointment("a-4", "p-1")
    clinic.invoice("a-4")
    mend = refused_for_three_causes(clinic)
    clinic.appointment("a-4", "p-1", line_items=[sample_day.LONG])
    page = staff.sign_in(clinic, "bookkeeper")
    for appointment_id, sentence in REFUSED.items():
        expect(cause(page, sentence)).to_be_visible(timeout=25_000)
        cause(page, sentence).get_by_role("button", name="Show them").click()
        expect(cause(page, sentence).get_by_role("listitem").filter(has_text=appointment_id)).to_be_visible()
    pill(page, "Needs attention")
    mend()
    for sentence in REFUSED.values():
        cause(page, sentence).get_by_role("button", name="Try again").click()
        expect(cause(page, sentence)).to_have_count(0, timeout=25_000)
    cause(page, "Appointments were changed").get_by_role("link", name="Go to the invoices").click()
    press(page, "a-4", "Update")
    confirm(page, "Update")
    go_to(page, "Overview")
    expect(page.get_by_text(NOTHING)).to_be_visible(timeout=25_000)
    pill(page, "Working")
    clinic.until(lambda: all(clinic.invoice_of(one) for one in REFUSED))
    assert sorted(one["Reference"] for one in clinic.books()["invoices"] if one["Reference"].startswith("a-")) == [
        "a-1", "a-2", "a-3", "a-4"
    ]  # fmt: skip


def test_removed_in_xero_is_mended_by_connecting(clinic: Clinic, staff: Staff) -> None:
    """Somebody removed the app in Xero: the pill turns by itself, the owner connects again from the cause."""
    clinic.ready()
    clinic.patient()
    clinic.appointment()
    page = staff.sign_in(clinic)
    pill(page, "Working")
    clinic.simulator("POST", "revoke", {"tenantId": clinic.tenant_id})
    ask(clinic)
    expect(page.get_by_text("An owner connects again")).to_be_visible(timeout=25_000)
    pill(page, "Needs attention")
    page.get_by_role("button", name="Connect to Xero again").first.click()
    consent(page, clinic)
    expect(page.get_by_text(NOTHING)).to_be_visible(timeout=25_000)
    clinic.until(lambda: clinic.invoice_of("a-1"))


SILENT = {
    "cause": "webhook.silent",
    "sentence": "Xero's webhook is silent",
    "remedy": "In the developer portal",
    "count": 1,
    "operations": [],
}
NOT_KEPT = {"Cache-Control": "no-store"}


def test_causes_that_take_longer_lead_to_where_they_are_mended(clinic: Clinic, staff: Staff) -> None:
    """Those that come true only after a quarter of an hour, or overnight: as the interface tells them then."""
    clinic.ready()
    page = staff.sign_in(clinic)
    counted = SILENT | {"cause": "completeness", "sentence": "Two invoices are missing in Xero"}
    changed = SILENT | {"cause": "changed.update", "sentence": "Appointments were changed", "invoices": []}
    page.route(
        "**/xero/attention/",
        lambda route: route.fulfill(json={"items": [SILENT, counted, changed]}, headers=NOT_KEPT),
    )
    page.reload()
    expect(page.get_by_role("heading", name="3 things need you")).to_be_visible()
    for link, tab in (("Look at the completeness", "Completeness"), ("Go to the invoices", "Invoices")):
        page.locator(".cause").get_by_role("link", name=link).click()
        expect(page.get_by_role("heading", level=1, name=tab)).to_be_visible()
        go_to(page, "Overview")
    page.get_by_role("link", name="Show how").click()
    expect(page.get_by_role("heading", name="Webhook", exact=True)).to_be_focused()


def test_every_other_cause_has_its_button(clinic: Clinic, staff: Staff) -> None:
    """Each cause that failed documents may have, as the interface tells it: its sentence, where it is mended, and one
    press that tries all of that cause again, and no other. What it does: ``tests/faults/test_attention.py``."""
    clinic.ready()
    page = staff.sign_in(clinic)
    told = [
        {"cause": name, "sentence": sentence, "remedy": remedy, "count": 1, "operations": []}
        for name, (sentence, remedy) in CAUSES.items()
    ]
    asked: list[str] = []

    def again(route: Route) -> None:
        asked.append(route.request.url.split("/")[-3])
        route.fulfill(status=202, json={"count": 1}, headers=NOT_KEPT)

    page.route("**/xero/attention/", lambda route: route.fulfill(json={"items": told}, headers=NOT_KEPT))
    page.route("**/xero/attention/*/retry/", again)
    page.reload()
    expect(page.get_by_role("heading", name=f"{len(told)} things need you")).to_be_visible()
    for entry in told:
        one = page.locator(".cause").filter(has=page.get_by_text(entry["sentence"], exact=True))
        expect(one).to_contain_text(entry["remedy"])
        one.get_by_role("button", name="Try again").click()
        expect(one.get_by_role("button", name="Try again")).to_be_enabled()
    assert asked == list(CAUSES)
    ways = page.locator(".cause").get_by_role("link")
    names = set(ways.all_inner_texts())
    assert names == {"Go to the mappings", "Go to the invoices"}
    for name in sorted(names):
        ways.filter(has_text=name).first.click()
        expect(page.get_by_role("heading", level=1, name=name.split()[-1].capitalize())).to_be_visible()
        go_to(page, "Overview")
