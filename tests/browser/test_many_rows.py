"""Ten thousand appointments in one month, or ten thousand patients: lists come page by page, the page stays small."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, expect

from infra.local.sample_day import CONSULT
from tests.browser.clinic import Clinic, at
from tests.browser.staff import LONG, Staff

MANY = 10_000
AT_ONCE = 5_000
ROWS = 50
#: Everything in the document while 50 rows are shown, whatever there is besides.
MOST_NODES = 8_000
MOST_HEAP = 60_000_000
#: Seconds until a page of rows stands, on a machine that is busy with other tests.
SOON = 8.0


def import_a_month(clinic: Clinic) -> None:
    """Spread over the first four weeks of this month; the very last of them is Zora Quill's."""
    first = at(8).replace(day=1)
    step = timedelta(days=27) / MANY
    people = [
        {"kind": "patient", "id": f"p-{n}", "first_name": "Anna", "last_name": f"Lee {n}"} for n in range(50)
    ]
    people.append({"kind": "patient", "id": "p-last", "first_name": "Zora", "last_name": "Quill"})
    appointments = [
        {
            "kind": "appointment",
            "id": f"m-{n:05}",
            "patient_id": "p-last" if n == MANY - 1 else f"p-{n % 50}",
            "starts_at": (first + n * step).isoformat(timespec="seconds"),
            "clinic_id": "north" if n % 5 == 0 else "harbour",
            "practitioner_id": "dr-ruiz",
            "status": "completed",
            "line_items": [CONSULT],
        }
        for n in range(MANY)
    ]
    import_all(clinic, people + appointments)


def import_all(clinic: Clinic, records: list[dict[str, Any]]) -> None:
    for start in range(0, len(records), AT_ONCE):
        lines = "\n".join(json.dumps(record) for record in records[start : start + AT_ONCE])
        clinic.ok("POST", "/clinic/import", "app", data=lines.encode())


def shows(page: Page, number: int, first: str) -> list[str]:
    """Waits for this page of the list, which begins with ``first``; quickly, and with nothing piling up. Gives the
    appointments; a page of one clinic may have fewer, since the server looks through so many at a time only."""
    began = time.monotonic()
    rows = page.locator("tbody tr")
    expect(page.get_by_role("navigation", name="Pages")).to_contain_text(f"Page {number}", timeout=LONG)
    expect(rows.first).to_have_attribute("data-testid", first, timeout=LONG)
    assert time.monotonic() - began < SOON
    assert page.evaluate("() => document.querySelectorAll('*').length") < MOST_NODES
    shown: list[str] = rows.evaluate_all("rows => rows.map((row) => row.dataset.testid)")
    assert 0 < len(shown) <= ROWS
    return shown


def test_ten_thousand_appointments(clinic: Clinic, staff: Staff) -> None:
    """The first page of the month, forward and back, one clinic only, one patient found behind all the others."""
    clinic.connect()  # from then on the zone is known
    import_a_month(clinic)
    page = staff.sign_in(clinic, "owner", "/invoices")
    page.get_by_label("Period").select_option("month")
    following = page.get_by_role("button", name="Next page")
    for number in range(3):
        assert len(shows(page, number + 1, f"m-{ROWS * number:05}")) == ROWS
        following.click()
    page.get_by_role("button", name="Previous page").click()
    shows(page, 3, f"m-{ROWS * 2:05}")
    page.get_by_label("Clinic", exact=True).select_option("north")
    seen = shows(page, 1, "m-00000")
    following.click()
    seen += shows(page, 2, f"m-{5 * len(seen):05}")
    assert seen == [f"m-{5 * n:05}" for n in range(len(seen))]
    page.get_by_label("Clinic", exact=True).select_option("")
    page.get_by_label("Search").fill("Quill")
    expect(page.locator("tbody tr")).to_have_count(1, timeout=LONG)
    expect(page.get_by_test_id(f"m-{MANY - 1:05}")).to_contain_text("Zora Quill")
    heap = page.evaluate("() => performance.memory.usedJSHeapSize")
    assert heap < MOST_HEAP, f"{heap:,} bytes of JavaScript objects"


def test_ten_thousand_patients(clinic: Clinic, staff: Staff) -> None:
    """Page by page, forward and back, and one of them found behind all the others."""
    clinic.connect()
    people = [
        {"kind": "patient", "id": f"p-{n:05}", "first_name": "Anna", "last_name": f"Lee {n:05}"}
        for n in range(MANY)
    ]
    people[-1] |= {"first_name": "Zora", "last_name": "Quill"}
    import_all(clinic, people)
    page = staff.sign_in(clinic, "owner", "/contacts")
    following = page.get_by_role("button", name="Next page")
    for number in range(3):
        assert len(shows(page, number + 1, f"p-{ROWS * number:05}")) == ROWS
        following.click()
    page.get_by_role("button", name="Previous page").click()
    shows(page, 3, f"p-{ROWS * 2:05}")
    page.get_by_label("Search").fill("Quill")
    expect(page.locator("tbody tr")).to_have_count(1, timeout=LONG)
    expect(page.locator("tbody tr")).to_contain_text("Zora Quill")
