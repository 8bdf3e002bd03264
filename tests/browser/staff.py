"""A person at the page: opens it, signs in through the issuer, goes from tab to tab."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from base64 import urlsafe_b64encode
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from infra.local.build_page import PAGE
from infra.local.issuer import CLIENT_ID
from infra.local.staff import BY_ROLE
from tests.browser.clinic import Clinic
from tests.browser.watch import Watch

#: The tabs' ids in their order, from the page's own list: a new one is tested and pictured without being named here.
TABS = re.findall(
    r"^  \{ id: '(\w+)'", (PAGE / "src/tabs/index.ts").read_text(encoding="utf-8"), re.MULTILINE
)
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
#: Milliseconds that a busy machine may need until a person sees what was asked for.
PATIENCE = 15_000
LONG = 40_000  # milliseconds: a webhook, a pull and a look of the page
expect.set_options(timeout=PATIENCE)


class Staff:
    """Made by the fixture ``staff``: one browser context for each ``sign_in``, closed and checked after the test."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[tuple[BrowserContext, Watch]] = []

    def page(self, clinic: Clinic, *, dark: bool = False, phone: bool = False, **options: Any) -> Page:
        """An empty tab of a fresh browser, in Australian English, nobody signed in."""
        context = self._browser.new_context(
            base_url=clinic.url,
            viewport=PHONE if phone else DESK,
            is_mobile=phone,
            has_touch=phone,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="en-AU",
            permissions=["clipboard-read", "clipboard-write"],
            **options,
        )
        context.set_default_timeout(PATIENCE)
        self._contexts.append((context, Watch(context, clinic.url)))
        return context.new_page()

    def sign_in(self, clinic: Clinic, role: str = "owner", path: str = "/", **options: Any) -> Page:
        """At ``path``, just come back from the issuer; options as ``page`` takes them."""
        page = self.page(clinic, **options)
        come_back(page, clinic, role, path)
        expect(page.get_by_role("navigation", name="Sections")).to_be_visible()
        return page

    def sign_in_by_hand(self, clinic: Clinic, role: str = "owner", path: str = "/", **options: Any) -> Page:
        """The same by pressing the buttons, for a test that is about signing in."""
        page = self.page(clinic, **options)
        page.goto(path)
        page.get_by_role("button", name="Sign in").click()
        choose_person(page, clinic, role)
        expect(page.get_by_role("navigation", name="Sections")).to_be_visible()
        return page

    def finish(self) -> None:
        try:
            for _, watch in self._contexts:
                watch.check()
        finally:
            for context, _ in self._contexts:
                context.close()


def come_back(page: Page, clinic: Clinic, role: str, path: str) -> None:
    """Opens the page with the issuer's answer, as if this person had gone there from ``path`` and chosen: the browser
    has the issuer's cookie, and what the page kept for the way (``SigninState`` of oidc-client-ts)."""
    verifier, state = secrets.token_urlsafe(48), secrets.token_hex(16)
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "client_id": CLIENT_ID,
        "redirect_uri": f"{clinic.url}/",
        "scope": "openid profile offline_access",
    }
    form = {
        **asked,
        "response_type": "code",
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "sign_in_as": f"{clinic.practice_id}/{BY_ROLE[role].id}",
    }
    issuer = clinic.settings.issuer_url
    answer = page.context.request.post(f"{issuer}/authorize", form=form, max_redirects=0)
    assert answer.status in (302, 303), answer.text()
    kept = asked | {"id": state, "data": path, "created": int(time.time()), "code_verifier": verifier}
    kept |= {"authority": issuer, "request_type": "si:r", "response_mode": "query", "extraTokenParams": {}}
    page.route("**/blank", lambda route: route.fulfill(body="", content_type="text/html"))
    page.goto("/blank")  # of the page's origin, and nothing runs in it
    page.evaluate("([name, kept]) => sessionStorage.setItem(name, kept)", [f"oidc.{state}", json.dumps(kept)])
    page.unroute("**/blank")
    page.goto(answer.headers["location"])


def choose_person(page: Page, clinic: Clinic, role: str) -> None:
    """On the issuer's page."""
    page.locator(f'button[value="{clinic.practice_id}/{BY_ROLE[role].id}"]').click()


def go_to(page: Page, tab: str) -> None:
    """Presses the tab of this name (as it is written on it) or id, and waits for its heading."""
    page.get_by_role("navigation", name="Sections").get_by_role("link", name=tab.title(), exact=True).click()
    expect(page.get_by_role("heading", level=1, name=tab.title(), exact=True)).to_be_visible()


def consent(page: Page, clinic: Clinic) -> None:
    """On Xero's page: as this clinic's own Xero user, ticks its organisation and nothing else, and allows it."""
    expect(page.get_by_role("heading", name="Allow access?")).to_be_visible()
    page.get_by_label("Signed in as").fill(f"{clinic.practice_id}-owner")
    for box in page.locator("input[type=checkbox]:checked").all():
        box.uncheck()
    page.get_by_label(clinic.name, exact=True).check()
    page.get_by_role("button", name="Allow access").click()


def settled(page: Page) -> None:
    """Nothing is a skeleton any more."""
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    expect(page.locator(".mantine-Skeleton-root")).to_have_count(0)


def pill(page: Page, state: str) -> None:
    """Waits until the pill says so: Working, Needs attention, Disconnected."""
    expect(page.locator(".head").get_by_role("status")).to_have_text(re.compile(f"^{state}$"))


def row(page: Page, appointment_id: str) -> Locator:
    """An appointment's, on the invoices tab."""
    return page.get_by_test_id(appointment_id)


def press(page: Page, appointment_id: str, action: str) -> None:
    """By the row's own button, or out of its menu."""
    here = row(page, appointment_id)
    expect(here).to_be_visible(timeout=LONG)
    button = here.get_by_role("button", name=re.compile(f"^{re.escape(action)}: "))
    if button.count():
        button.click()
        return
    here.get_by_role("button", name=re.compile("^More for ")).click()
    page.get_by_role("menuitem", name=action, exact=True).click()
    expect(page.locator("[data-menu-dropdown]")).to_have_count(0)  # it fades away, and is no menu meanwhile


def confirm(page: Page, action: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=action, exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
