"""Debian's Chromium: found on PATH, or named by CHROMIUM; nothing is downloaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from infra.local import build_page


def what_is_missing() -> str:
    """A sentence; empty when Chromium is there, and what the page is built with."""
    if chromium() is None:
        return "Chromium is not installed (Debian: apt install chromium)"
    return build_page.what_is_missing()


def chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def running_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Chromium's sandbox needs what containers do not give; the only pages opened are our own.
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox"], env={**os.environ, "LANGUAGE": "en_AU"}
        )
        try:
            yield browser
        finally:
            browser.close()
