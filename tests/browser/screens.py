"""``python -m tests.browser.screens [FOLDER]``: a picture of every tab, light and dark; ``docs/screens`` has them."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from infra.local.settings import ROOT, Settings
from tests.browser.launch import running_browser
from tests.browser.sample import a_clinic_at_work
from tests.browser.stack import running_stack
from tests.browser.staff import TABS, Staff, go_to, settled

LARGEST = 200_000


def main(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as place,
        running_stack(Path(place), Settings.port) as stack,
        running_browser() as browser,
    ):
        clinic = stack.new_clinic()
        a_clinic_at_work(clinic)
        for scheme in ("light", "dark"):
            staff = Staff(browser)
            page = staff.sign_in(clinic, dark=scheme == "dark")
            for tab in TABS:
                go_to(page, tab)
                _picture(page, folder / f"{tab}-{scheme}.png")
            staff.finish()
    too_large = [path.name for path in folder.glob("*.png") if path.stat().st_size > LARGEST]
    print(f"{2 * len(TABS)} pictures in {folder}", *too_large and [f"larger than 200 kB: {too_large}"])
    return 1 if too_large else 0


def _picture(page: Page, path: Path) -> None:
    settled(page)
    page.mouse.move(0, 0)
    page.evaluate("() => { document.activeElement?.blur(); window.scrollTo(0, 0) }")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path, animations="disabled", scale="css")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screens"))
