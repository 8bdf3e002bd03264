"""What must not happen behind a page's back, whatever a test does with it."""

from __future__ import annotations

import json
import re

from playwright.sync_api import BrowserContext, Page, Response

#: Reports every violation of the Content-Security-Policy where the console may not.
REPORT_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', (event) =>
  console.error('CSP: ' + event.violatedDirective + ' ' + event.blockedURI))
"""
#: The page looks for news every few seconds; a test need not wait so long to see that it does.
LOOK_MORE_OFTEN = """
const often = window.setInterval
window.setInterval = (look, every, ...more) => often(look, every >= 3000 ? every / 6 : every, ...more)
"""
#: A token, or what is known of a patient.
PRIVATE = re.compile(r"eyJ[\w-]+\.[\w-]+\.|refresh|p-\d+|Lee|Smith|Nguyen|@example\.com", re.IGNORECASE)
#: Chromium's own line for every answer that is an error; whether one was meant is the test's business.
FAILED_LOAD = "Failed to load resource"


class Watch:
    """Looks over every page of one browser context; ``check`` when the test is over."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.origin, self.context = origin, context
        self.complaints: list[str] = []
        context.add_init_script(REPORT_VIOLATIONS)
        context.add_init_script(LOOK_MORE_OFTEN)
        context.on("page", self._look_over)
        context.on("response", self._look_at)

    def _look_over(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        page.on("console", lambda said: self._heard(said.type, said.text))

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not text.startswith(FAILED_LOAD):
            self.complaints.append(f"console: {text}")

    def _look_at(self, response: Response) -> None:
        """No answer of the interface may stay in the browser's cache."""
        if response.url.startswith(f"{self.origin}/xero/") and response.status < 500:
            kept = response.headers.get("cache-control", "")
            if "no-store" not in kept:
                self.complaints.append(f"may be cached ({kept!r}): {response.url}")

    def check(self) -> None:
        for page in self.context.pages:
            if page.url.startswith(self.origin):
                self._check_storage(page)
        assert not self.complaints, "\n".join(self.complaints)

    def _check_storage(self, page: Page) -> None:
        """Neither a token nor a patient is where a script could read it later."""
        for name in ("localStorage", "sessionStorage"):
            kept = page.evaluate(f"() => ({{...window.{name}}})")
            found = PRIVATE.search(json.dumps(kept))
            if found:
                self.complaints.append(f"{name} holds {found.group()!r}: {kept}")
