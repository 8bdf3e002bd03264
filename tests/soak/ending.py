"""After the day: nothing fails any more, people mend what needs them, and time passes until nothing moves."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import requests

from infra.local.client import CallFailed, Client
from tests.soak.evidence import WAITING, differences, pages
from tests.soak.plan import ORGANISATIONS, Plan
from tests.soak.processes import Stack
from tests.soak.trouble import Trouble
from tests.soak.xero import Xero

#: At least two jumps of the clocks; more only while something still waits, an hour at most. Each is shorter than the
#: half hour in which Xero lets a lost answer to a renewal of the tokens be asked for again.
LEAST_JUMPS, MOST_JUMPS = 2, 9
#: What is due so soon is worth waiting for; what is due later needs a jump.
SOON_SECONDS = 20.0
LOOK_EVERY = 0.5


class Ending:
    def __init__(
        self, plan: Plan, stack: Stack, xero: Xero, trouble: Trouble, say: Callable[[str], None]
    ) -> None:
        self._plan, self._stack, self._xero, self._trouble, self._say = plan, stack, xero, trouble, say

    def settle(self) -> None:
        """Bounded in rounds and in time; what still moves then shows in the accounts."""
        self._good_weather()
        for jumps in range(1, MOST_JUMPS + 1):
            self._trouble.jump()
            self._wait_until_quiet()
            if jumps == 1:
                asked = self._mend()
                self._say(f"faults are off; {asked} failed operations tried once more")
                self._wait_until_quiet()
            elif jumps >= LEAST_JUMPS and not self._waiting():
                return

    def _good_weather(self) -> None:
        until = time.monotonic() + 60
        while True:
            try:
                self._xero.throw_faults(0)
                self._xero.webhooks("on")
                return
            except requests.RequestException:
                if time.monotonic() > until:
                    raise
                time.sleep(0.3)
                if not self._stack.is_up():
                    self._stack.kill()
                    self._stack.start()

    def _mend(self) -> int:
        """Archived contacts are restored in Xero, then reception presses "try again" on every cause."""
        count = 0
        for practice in ORGANISATIONS:
            for contact in self._xero.books(practice)["contacts"]:
                if contact["ContactStatus"] == "ARCHIVED" and contact.get("ContactNumber"):
                    self._restore(practice, contact)
            desk = Client(self._stack.settings, practice, "reception")
            for cause in desk.call("GET", "/xero/attention/")["items"]:
                if cause["operations"]:
                    with contextlib.suppress(CallFailed):
                        count += desk.call("POST", f"/xero/attention/{cause['cause']}/retry/")["count"]
        return count

    def _restore(self, practice: str, contact: dict[str, Any]) -> None:
        """As a person would: when somebody else has the name by now, under another one."""
        path = f"contacts/{contact['ContactID']}"
        try:
            self._xero.by_hand(practice, f"{path}/restore")
        except requests.HTTPError:
            with contextlib.suppress(requests.HTTPError):
                name = f"{contact['Name']} ({contact['ContactNumber']})"
                self._xero.by_hand(practice, f"{path}/edit", Name=name, ContactStatus="ACTIVE")

    def _wait_until_quiet(self) -> None:
        """Nothing is due within seconds and both sides agree; or it took too long."""
        until = time.monotonic() + self._plan.ending_patience
        while time.monotonic() < until:
            due = [row for row in self._waiting() if self._seconds_until(row) < SOON_SECONDS]
            if not due and all(self._agree(practice) for practice in ORGANISATIONS):
                return
            time.sleep(LOOK_EVERY)

    def _waiting(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for practice in ORGANISATIONS:
            desk = Client(self._stack.settings, practice, "reception")
            for state in WAITING:
                found += pages(desk, "/xero/operations/", status=state)
        return found

    def _seconds_until(self, operation: dict[str, Any]) -> float:
        at = operation["next_attempt_at"]
        if at is None:
            return 1e9  # it waits for a person; the accounts will say so
        return datetime.fromisoformat(at).timestamp() - (time.time() + self._stack.clock_ahead)

    def _agree(self, practice: str) -> bool:
        """Links against books, quickly: what the pull still has to bring."""
        by_id = {row["InvoiceID"]: row for row in self._xero.books(practice)["invoices"]}
        links = pages(Client(self._stack.settings, practice, "reception"), "/xero/invoices/")
        return not any(differences(link, by_id.get(link["invoice_id"], {})) for link in links)
