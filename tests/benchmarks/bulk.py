"""A clinic with many patients and appointments, for counting what bulk work costs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.domain.times import parse_instant
from tests.product import Product

#: How many lines one import takes comfortably.
LINES = 1000
DAY = "2026-11-24"
PERIOD = {"starts_from": f"{DAY}T00:00:00+11:00", "starts_before": "2026-11-25T00:00:00+11:00"}


@dataclass(frozen=True)
class Calls:
    """What the product asked Xero for while something went on."""

    made: list[dict[str, Any]]

    @property
    def count(self) -> int:
        return len(self.made)

    @property
    def refused(self) -> int:
        return sum(call["status"] == 429 for call in self.made)

    @property
    def at(self) -> list[datetime]:
        return [parse_instant(call["at"]) for call in self.made]

    def by_endpoint(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for call in self.made:
            name = f"{call['method']} {call['path'].split('/')[3]}"
            counts[name] = counts.get(name, 0) + 1
        return counts


class Bulk:
    """``product`` is connected here. What an organisation in daily use has (its lists, a token) is there already."""

    def __init__(self, product: Product) -> None:
        self.product = product
        product.ready()
        assert product.invoice().status_code == 201
        product.advance(65)  # the safety nets of all that has run by now
        product.run_tasks()

    def patients(self, count: int, last_name: str = "Lee {}") -> None:
        people = ({"first_name": "Anna", "last_name": last_name.format(n)} for n in range(count))
        self._import({"kind": "patient", "id": f"q-{n}", **fields} for n, fields in enumerate(people))

    def appointments(self, count: int, patients: int, practice: str = "demo") -> None:
        """Of so many patients in turn; 0: all of p-1, whom Xero knows already."""
        line = {"description": "Consultation", "unit_amount": "100.00", "account_code": "200"}
        appointments = (
            {
                "kind": "appointment",
                "id": f"b-{n}",
                "patient_id": f"q-{n % patients}" if patients else "p-1",
                "starts_at": f"{DAY}T08:00:00+11:00",
                "status": "completed",
                "line_items": [line],
            }
            for n in range(count)
        )
        self._import(appointments, practice)

    def sync_all(self) -> Calls:
        return self._run("/xero/contacts/sync_all/", {})

    def create_all(self) -> Calls:
        return self._run("/xero/invoices/create_all/", PERIOD)

    def calls_of(self, work: Callable[[], Any]) -> Calls:
        """What was asked of Xero meanwhile."""
        before = len(self.product.xero_calls())
        work()
        return Calls(self.product.xero_calls()[before:])

    def _run(self, path: str, body: dict[str, Any]) -> Calls:
        """The job until it is done, minute after minute as the limits allow."""

        def until_done() -> None:
            job = self.product.ok("POST", path, "reception", json=body)["job_id"]
            self.product.run_tasks()
            while self.product.ok("GET", f"/xero/jobs/{job}/", "reception")["status"] == "running":
                assert self.product.run_next(), "the job is not done, and nothing waits"

        return self.calls_of(until_done)

    def _import(self, records: Iterable[Any], practice: str = "demo") -> None:
        lines = [json.dumps(record) for record in records]
        for start in range(0, len(lines), LINES):
            body = "\n".join(lines[start : start + LINES]).encode()
            self.product.ok("POST", "/clinic/import", "app", practice, data=body)
