"""Many at once: choosing, the whole period, a progress bar that survives a reload, stop and go on, pages."""

from __future__ import annotations

import json
from datetime import timedelta

from playwright.sync_api import Page, expect

from infra.local.sample_day import CONSULT
from tests.browser.axe import check_accessible
from tests.browser.clinic import Clinic, at
from tests.browser.staff import Staff, go_to

MANY = 105
LONG = 60_000


def a_busy_day(clinic: Clinic) -> None:
    """More appointments than two pages hold, of two patients; one cannot be invoiced."""
    clinic.ready()
    lines = [
        {"kind": "patient", "id": f"p-{n}", "first_name": "Anna", "last_name": f"Lee {n}"} for n in (1, 2)
    ]
    lines += [
        {
            "kind": "appointment",
            "id": f"b-{number:03}",
            "patient_id": f"p-{number % 2 + 1}",
            "starts_at": (at(7) + timedelta(minutes=5 * number)).isoformat(),
            "status": "completed",
            "line_items": [CONSULT if number != 3 else CONSULT | {"service_code": "unmapped"}],
        }
        for number in range(MANY)
    ]
    text = "\n".join(json.dumps(line) for line in lines)
    clinic.ok("POST", "/clinic/import", "app", data=text.encode())


def ids(page: Page) -> list[str]:
    return [str(one.get_attribute("data-testid")) for one in page.locator("tbody tr").all()]


def test_chosen_ones_with_a_reload_in_the_middle(clinic: Clinic, staff: Staff) -> None:
    """Page by page; a page's are chosen and created; the bar is there again after a reload and on other tabs."""
    a_busy_day(clinic)
    page = staff.sign_in(clinic, "reception", "/invoices")
    expect(page.locator("tbody tr")).to_have_count(50, timeout=LONG)
    first = ids(page)
    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_text("Page 2")).to_be_visible()
    expect(page.get_by_test_id("b-050")).to_be_visible()
    assert not set(first) & set(ids(page))
    page.get_by_role("button", name="Previous page").click()
    expect(page.get_by_test_id("b-000")).to_be_visible()
    page.get_by_label("Choose all on this page that can be invoiced").check()
    expect(page.get_by_text("50 chosen")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="Create 50 invoices").click()
    job = page.get_by_role("region", name="Creating invoices")
    expect(job).to_be_visible()
    page.reload()
    expect(job).to_be_visible()
    go_to(page, "Contacts")
    go_to(page, "Invoices")
    expect(job).to_contain_text("49 of 50 done; one needs a person", timeout=LONG)
    expect(job).to_contain_text("b-003")
    expect(page.get_by_test_id("b-000")).to_contain_text("Sent, not paid")
    check_accessible(page)
    job.get_by_role("button", name="Hide").click()
    expect(job).to_have_count(0)
    page.reload()
    expect(page.get_by_test_id("b-000")).to_be_visible()
    expect(job).to_have_count(0)


def test_a_period_stopped_and_resumed(clinic: Clinic, staff: Staff) -> None:
    """What would be sent is counted first; stopped, nothing more leaves; going on finishes it, each once."""
    a_busy_day(clinic)
    page = staff.sign_in(clinic, "bookkeeper", "/invoices")
    page.get_by_role("button", name="Invoice the period").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"{MANY - 1} invoices can be made")
    expect(dialog).to_contain_text("b-003")
    check_accessible(page)
    for kind in ("Contacts", "Invoices"):  # time to press Stop
        clinic.simulator(
            "POST", "faults", {"kind": "delay", "seconds": 2, "path": f"/api.xro/2.0/{kind}", "count": 2}
        )
    dialog.get_by_role("button", name="Invoice the period").click()
    job = page.get_by_role("region", name="Creating invoices")
    job.get_by_role("button", name="Stop").click()
    expect(job).to_contain_text("Cancelled:", timeout=LONG)
    job.get_by_role("button", name="Go on").click()
    expect(job).to_contain_text(f"{MANY - 1} of {MANY} done", timeout=LONG)
    numbers = [
        one["Reference"] for one in clinic.books()["invoices"] if one.get("Reference", "").startswith("b-")
    ]
    assert len(numbers) == len(set(numbers)) == MANY - 1
