"""Every tab of the page's own list, with a clinic at work: accessible in light, in dark and on a phone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.axe import violations
from tests.browser.clinic import Clinic
from tests.browser.sample import a_clinic_at_work
from tests.browser.stack import BrowserStack
from tests.browser.staff import TABS, Staff, go_to, settled

#: ``--ledger-back`` of page.css; a build that rewrites light-dark() for old browsers loses both.
BACKGROUNDS = {False: "rgb(244, 247, 250)", True: "rgb(16, 23, 30)"}


@pytest.fixture(scope="module")
def busy_clinic(browser_stack: BrowserStack) -> Clinic:
    clinic = browser_stack.new_clinic()
    a_clinic_at_work(clinic)
    return clinic


@pytest.mark.parametrize("look", [{}, {"dark": True}, {"phone": True}], ids=["light", "dark", "phone"])
def test_accessible(busy_clinic: Clinic, staff: Staff, look: dict[str, Any]) -> None:
    """Axe finds nothing serious or critical, and nothing is wider than the screen."""
    page = staff.sign_in(busy_clinic, **look)
    background = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert background == BACKGROUNDS[look.get("dark", False)]
    found = []
    for tab in TABS:
        go_to(page, tab)
        settled(page)
        found += [f"{tab}: {each}" for each in violations(page)]
        wider = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
        if wider > 0:
            found.append(f"{tab}: {wider} px wider than the screen")
    assert not found, "\n".join(found)
    assert len(TABS) >= 8
