"""Debian's Chromium: found on PATH, or named by CHROMIUM; nothing is downloaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from infra.local import build_page

#: Chromium draws its own buttons in a renderer of their own for every window, which nobody sees here: a quarter of all
#: its work. The later list counts alone, so Playwright's own is repeated first.
NOT_NEEDED = """
AvoidUnnecessaryBeforeUnloadCheckSync DestroyProfileOnBrowserClose HttpsUpgrades HttpsFirstBalancedModeAutoEnable
LensOverlay MediaRouter PaintHolding ThirdPartyStoragePartitioning AvoidCorsURLLoaderRestartOnRedirect
TcpPortRandomizationWin OptimizationHints NetworkTimeServiceQuerying AimEnabled PreconnectToSearch
PreloadTopChromeWebUI InitialWebUI WebUIReloadButton WebUIToolbar WebUILocationBar WebUIBackForwardButton
WebUISplitTabsButton WebUIHomeButton WebUIAppMenuButton WebUIAvatarButton WebUIPinnedToolbarActions
WebUIOmniboxPopup WebUIOmniboxFullPopup WebUIOmniboxAimPopup
""".split()


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
            executable_path=chromium(),
            args=["--no-sandbox", f"--disable-features={','.join(NOT_NEEDED)}"],
            env={**os.environ, "LANGUAGE": "en_AU"},
        )
        try:
            yield browser
        finally:
            browser.close()
