"""A slow or failing interface, no network, wrong hands, and what the browser gets and keeps."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import check_accessible
from tests.browser.clinic import Clinic
from tests.browser.staff import TABS, Staff, choose_person, go_to, pill, settled

LARGEST_FIRST_LOAD = 350_000
CHARTS = 3
UNREACHABLE = "Clinic Ledger cannot be reached"


def test_failing_interface(clinic: Clinic, staff: Staff) -> None:
    """Skeletons while it is slow, a sentence when it answers 500; what is live comes back by itself, what was asked
    once by Try again."""
    page = staff.sign_in(clinic)
    for address in ("**/xero/logs/**", "**/openapi.json"):
        page.route(address, lambda route: route.fulfill(status=500, body="<h1>oops</h1>"))
    alert = page.get_by_role("alert").filter(has_text="Something went wrong here")
    go_to(page, "Activity")
    expect(page.locator("[aria-busy=true]").first).to_be_visible()
    expect(alert).to_be_visible()
    check_accessible(page)
    page.unroute("**/xero/logs/**")
    expect(page.get_by_text("Nothing has happened yet")).to_be_visible()
    expect(alert).to_be_hidden()

    go_to(page, "Developer")
    expect(alert).to_be_visible()
    page.unroute("**/openapi.json")
    alert.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Find a call")).to_be_visible()
    expect(alert).to_be_hidden()


def test_offline(clinic: Clinic, staff: Staff) -> None:
    """It says so, keeps what it shows, a change that cannot be made says why, and it goes on by itself."""
    clinic.ready()
    page = staff.sign_in(clinic)
    pill(page, "Working")
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline")).to_be_visible()
    expect(page.get_by_test_id("organisation")).to_have_text(clinic.name)
    page.get_by_role("button", name="Renew access now").click()
    expect(page.get_by_role("alert").filter(has_text=UNREACHABLE)).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("You are offline")).to_be_hidden()
    page.get_by_role("button", name="Renew access now").click()
    expect(page.get_by_text("Access renewed")).to_be_visible()


def test_roles_see_what_they_may(clinic: Clinic, staff: Staff) -> None:
    """Reception and bookkeeper have no Disconnect; what is for the owner only is not among the tabs."""
    clinic.ready()
    for role, may in (("reception", False), ("bookkeeper", False), ("owner", True)):
        page = staff.sign_in(clinic, role)
        pill(page, "Working")
        expect(page.get_by_role("button", name="Disconnect from Xero")).to_have_count(int(may))
        sections = page.get_by_role("navigation", name="Sections").get_by_role("link")
        expect(sections).to_have_count(len(TABS) if may else len(TABS) - 1)


def test_sign_out_and_back(clinic: Clinic, staff: Staff) -> None:
    """A reload stays signed in and where one was; after signing out, nobody is, and going back shows nothing."""
    page = staff.sign_in_by_hand(clinic, path="/developer")
    page.reload()
    expect(page.get_by_role("heading", level=1, name="Developer")).to_be_visible()
    page.get_by_role("button", name="Olivia Owner").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_role("heading", level=1, name="Developer")).to_have_count(0)


def newcomer(clinic: Clinic) -> None:
    """Nothing there yet."""


def with_figures(clinic: Clinic) -> None:
    clinic.ready()
    clinic.patient()
    clinic.appointment()
    clinic.invoice()


@pytest.mark.parametrize("scene", [newcomer, with_figures], ids=lambda scene: scene.__name__)
def test_first_load(clinic: Clinic, staff: Staff, scene: Callable[[Clinic], None]) -> None:
    """All that comes over the wire until the overview stands, signed in, with its charts; and the page's own policy."""
    scene(clinic)
    page = staff.page(clinic)
    size = _counted(page, clinic.url)
    answer = page.goto("/")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    page.get_by_role("button", name="Sign in").click()
    choose_person(page, clinic, "owner")
    settled(page)
    pill(page, "Working" if scene is with_figures else "Disconnected")
    expect(page.locator(".recharts-surface")).to_have_count(CHARTS if scene is with_figures else 0)
    page.wait_for_load_state("networkidle")
    print(f"first load: {sum(size.values()) / 1000:.1f} kB")
    assert sum(size.values()) <= LARGEST_FIRST_LOAD, size


def _counted(page: Page, origin: str) -> dict[str, int]:
    """Bytes of ours by address as they come over the wire, compressed; what the cache gives again costs nothing."""
    size: dict[str, int] = {}
    names: dict[str, str] = {}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.responseReceived", lambda e: names.update({e["requestId"]: e["response"]["url"]}))

    def finished(event: dict[str, float | str]) -> None:
        name = names[str(event["requestId"])]
        if name.startswith(origin):
            size[name] = size.get(name, 0) + int(event["encodedDataLength"])

    session.on("Network.loadingFinished", finished)
    return size
