"""Fixtures of the browser tests: ``clinic`` (a fresh practice) and ``staff`` (people with browsers).

    def test_something(clinic: Clinic, staff: Staff) -> None:
        clinic.ready(); clinic.patient(); clinic.appointment()
        page = staff.sign_in(clinic, "reception", "/invoices")

The browser is Debian's Chromium, found on PATH (or CHROMIUM names it); without one, or without Node.js for building the
page, the tests are skipped, unless REQUIRE_BROWSER=1: then they fail.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.clinic import Clinic
from tests.browser.launch import running_browser, what_is_missing
from tests.browser.stack import BrowserStack, running_stack
from tests.browser.staff import Staff


@pytest.fixture(scope="session")
def able() -> None:
    missing = what_is_missing()
    if missing:
        assert os.environ.get("REQUIRE_BROWSER") != "1", missing
        pytest.skip(missing)


@pytest.fixture(scope="session")
def browser_stack(able: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserStack]:
    with running_stack(tmp_path_factory.mktemp("browser")) as stack:
        yield stack


@pytest.fixture(scope="session")
def browser(able: None) -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def clinic(browser_stack: BrowserStack) -> Clinic:
    """A practice of this test's own: no records, not connected."""
    return browser_stack.new_clinic()


@pytest.fixture
def staff(browser: Browser, browser_stack: BrowserStack) -> Iterator[Staff]:
    people = Staff(browser)
    yield people
    people.finish()
