"""Axe, Deque's accessibility checker, from the page's own development dependencies."""

from __future__ import annotations

from functools import cache

from playwright.sync_api import Page

from infra.local.build_page import PAGE

SERIOUS = ("serious", "critical")


@cache
def _source() -> str:
    return (PAGE / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def check_accessible(page: Page) -> None:
    """Nothing serious or critical on the page as it is now."""
    found = violations(page)
    assert not found, f"{page.url}\n" + "\n".join(found)


def violations(page: Page) -> list[str]:
    """What is serious or critical, animations over; the rule, what it wants, and the first places."""
    page.evaluate("() => Promise.allSettled(document.getAnimations().map((one) => one.finished))")
    # Evaluated by the debugger's protocol, so the page's policy need not allow it.
    if not page.evaluate("() => 'axe' in window"):  # half a megabyte, once for a document
        page.evaluate(_source())
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']} ({each['impact']}): {each['help']}\n"
        + "\n".join(f"    {node['html'][:200]}  {node['failureSummary']}" for node in each["nodes"][:4])
        for each in found["violations"]
        if each["impact"] in SERIOUS
    ]
