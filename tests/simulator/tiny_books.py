"""Books of a few lines, so that the edge is tested apart from the accounting rules."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.xero_simulator.interface import Books, Call, Event, Reply

FIRST = "11111111-1111-4111-8111-111111111111"
SECOND = "22222222-2222-4222-8222-222222222222"


class TinyBooks:
    """Creates and lists documents named Invoices; ``Slow`` waits until the gate opens."""

    def __init__(self, tenant_id: str, name: str) -> None:
        self.tenant_id, self.name, self.offline = tenant_id, name, False
        self.documents: dict[str, dict[str, Any]] = {"settings": {"plan": "demo"}}
        self.gate = threading.Event()
        self.inside = threading.Semaphore(0)
        self._dirty: set[str] = {"settings"}
        self._events: list[Event] = []

    def handle(self, call: Call) -> Reply:
        if call.path[:1] == ("Slow",):
            self.inside.release()
            self.gate.wait(20)
            return Reply(200, {"slow": True})
        if call.method == "GET":
            return Reply(200, {"Invoices": self.snapshot()["invoices"], "query": dict(call.query)})
        given = json.loads(call.body)
        if given.get("invalid"):
            return Reply(400, {"ErrorNumber": 10, "Type": "ValidationException", "Elements": [given]})
        number = str(uuid.uuid4())
        self.documents[number] = {"InvoiceID": number, **given}
        self._changed(number, "CREATE", call.now)
        return Reply(200, {"Invoices": [self.documents[number]]})

    def take_events(self) -> list[Event]:
        events, self._events = self._events, []
        return events

    def take_dirty(self) -> dict[str, dict[str, Any] | None]:
        dirty, self._dirty = self._dirty, set()
        return {key: self.documents.get(key) for key in dirty}

    def load(self, documents: Mapping[str, dict[str, Any]]) -> None:
        self.documents = dict(documents)
        self._dirty = set()

    def snapshot(self) -> dict[str, list[dict[str, Any]]]:
        invoices = [each for key, each in self.documents.items() if key != "settings"]
        return {"contacts": [], "invoices": invoices, "payments": [], "credit_notes": []}

    def by_hand(
        self, kind: str, resource_id: str, action: str, fields: dict[str, Any], now: datetime
    ) -> Reply:
        if kind == "organisation":
            self.offline = bool(fields.get("offline"))
            return Reply(200, {"offline": self.offline})
        if resource_id not in self.documents:
            return Reply(404, {"error": "no such invoice"})
        self.documents[resource_id] |= {**fields, "done": action}
        self._changed(resource_id, "UPDATE", now)
        return Reply(200, self.documents[resource_id])

    def _changed(self, number: str, kind: str, now: datetime) -> None:
        self._dirty.add(number)
        self._events.append(Event("INVOICE", kind, number, now))


def tiny_books(now: datetime) -> list[Books]:
    return [TinyBooks(FIRST, "First Organisation"), TinyBooks(SECOND, "Second Organisation")]
