"""Several patients of one clinic whose writes wait together, so that the drain sends them in one batch."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from shared.ports import Ports
from shared.services.connections import pause
from shared.services.drain import Drained, drain
from tests.faults.clinic import PRACTICE, TENANT, Clinic

#: Kind of operation -> the request that carries several of it.
BATCH_CALLS = {
    "contact_create": ("PUT", "Contacts"),
    "contact_update": ("POST", "Contacts"),
    "invoice_create": ("PUT", "Invoices"),
    "invoice_approve": ("POST", "Invoices"),
    "payment_create": ("PUT", "Payments"),
}
PAUSE = 30


class Crowd:
    """``clinic`` must be connected. Each of ``members`` has a patient and an appointment of its own."""

    def __init__(self, clinic: Clinic, size: int) -> None:
        self.product, self.size = clinic.product, size
        self.members = [Clinic(clinic.product) for _ in range(size)]
        for member in self.members:
            member.numbers = clinic.numbers  # every case of every member is somebody else

    @property
    def ports(self) -> Ports:
        return self.product.ports

    def case(self) -> None:
        for member in self.members:
            member.case()
        for member in self.members:
            member.seen = self.members[-1].seen

    def wait_together(self, ask: Callable[[Clinic], Any]) -> None:
        """What is asked for is kept and waits for a pause that is over now."""
        pause(self.ports, TENANT, "minute", PAUSE)
        for member in self.members:
            ask(member)
        self.product.advance(PAUSE + 1)

    def drain(self, ports: Ports | None = None) -> Drained:
        """One run: what it puts off waits for another."""
        with self.product.clock.standing_still():
            return drain(ports or self.ports, PRACTICE)

    def let_time_pass(self) -> None:
        for member in self.members:
            member.let_time_pass()

    def sent(self, kind: str) -> list[list[Any]]:
        """The elements of each request since the case began that carried several of this kind, in order."""
        method, plural = BATCH_CALLS[kind]
        calls = self.members[0].writes(method, plural)
        return [json.loads(c["body"])[plural] for c in calls if c["path"].endswith(plural)]

    def assert_ended(self) -> None:
        for member in self.members:
            member.assert_nothing_waits()
            member.assert_linked()

    def batches_kept(self) -> int:
        return len(self.ports.store.query(f"practices/{PRACTICE}/batches").items)
