"""The developer tab: its code does what it says, the reference is whole, the webhook's state is true."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from infra.local.settings import ROOT
from tests.browser.clinic import Clinic
from tests.browser.staff import Staff

STEPS = ("Keep a patient", "Keep an appointment", "Create the invoice", "See it paid")
RUNNERS = {
    "curl": ["bash", "-c"],
    "Python": [sys.executable, "-c"],
    "JavaScript": ["node", "--input-type=module", "-e"],
}


def copied(page: Page, title: str) -> str:
    """What its copy button puts on the clipboard."""
    page.get_by_role("button", name=f"Copy the code: {title}").click()
    return str(page.evaluate("() => navigator.clipboard.readText()"))


def test_the_code_does_what_it_says(clinic: Clinic, staff: Staff, tmp_path: Path) -> None:
    """Copied and run in each language, with a token of the clinic's app: patient, appointment, one invoice, seen."""
    assert shutil.which("curl"), "the first language is curl"
    clinic.ready()
    page = staff.sign_in(clinic, path="/developer")
    expect(page.get_by_role("heading", name="Set up in five steps")).to_be_visible()
    assert copied(page, "Get a token").startswith("export TOKEN=$(make -s token")
    proxyless = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment = {**proxyless, "TOKEN": clinic.token("app")}
    for language, runner in RUNNERS.items():
        page.get_by_text(language, exact=True).click()
        for title in STEPS:
            done = subprocess.run(
                [*runner, copied(page, title)],
                env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            assert "problem" not in done.stdout, done.stdout
            if title == "Create the invoice":
                clinic.until(lambda: clinic.invoice_of("apt-2001"))
        assert "CL-apt-2001" in done.stdout, done.stdout
    assert [one["Reference"] for one in clinic.books()["invoices"]] == ["apt-2001"]


def test_reference_and_webhook(clinic: Clinic, staff: Staff) -> None:
    """Every call of the description can be found and opened; the webhook is not heard, then working."""
    page = staff.sign_in(clinic, path="/developer")
    expect(page.get_by_text("Connect Xero first")).to_be_visible()
    expect(page.get_by_role("region", name="Delivery address")).to_contain_text(f"{clinic.url}/xero/webhook/")
    described = json.loads((ROOT / "functions/console/openapi.json").read_text())["paths"]
    expect(page.locator("details.call")).to_have_count(sum(len(methods) for methods in described.values()))

    page.get_by_label("Find a call").fill("create_invoice")
    expect(page.get_by_text("1 call", exact=True)).to_be_visible()
    page.locator("details.call summary").click()
    body = page.get_by_role("region", name="Body")
    expect(body.get_by_text("line_items[].unit_amount")).to_be_visible()
    expect(page.get_by_text("Not for this role")).to_be_visible()
    page.get_by_label("Find a call").fill("no such call")
    expect(page.get_by_text("No call matches")).to_be_visible()

    clinic.ready()
    clinic.patient()
    clinic.appointment()
    clinic.invoice()  # which Xero announces as well
    expect(page.get_by_text("Xero calls, and its signature is right.")).to_be_visible(timeout=25_000)
