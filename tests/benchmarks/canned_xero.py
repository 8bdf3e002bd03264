"""Xero for simulations: it books whatever it is sent at once, as the simulator booked one invoice, and takes as long on
a simulated clock as it is told."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import requests
from requests.adapters import BaseAdapter


class CannedXero(BaseAdapter):
    """``pattern``: an invoice as the simulator has it. ``takes``, called with the tenant, moves the clock by as much as
    the call takes. ``sent``: tenant -> when its first invoices had been booked."""

    def __init__(self, pattern: dict[str, Any], now: Callable[[], float]) -> None:
        super().__init__()
        self._pattern, self._now = pattern, now
        self.takes: Callable[[str], None] = lambda _: None
        self.sent: dict[str, float] = {}
        self.calls = 0

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        tenant_id = str(request.headers["xero-tenant-id"])
        self.takes(tenant_id)
        self.calls += 1
        assert request.method == "PUT", f"{request.method} {request.url}"
        invoices = json.loads(request.body or b"{}")["Invoices"]
        self.sent.setdefault(tenant_id, self._now())
        answer = requests.Response()
        answer.status_code = 200
        answer._content = json.dumps({"Invoices": [self._booked(each) for each in invoices]}).encode()
        answer.headers.update({"X-MinLimit-Remaining": "50", "X-DayLimit-Remaining": "4000"})
        answer.headers["Content-Type"] = "application/json"
        return answer

    def _booked(self, invoice: dict[str, Any]) -> dict[str, Any]:
        contact = self._pattern["Contact"] | invoice["Contact"]
        own = {"InvoiceID": str(uuid.uuid4()), "Contact": contact}
        return self._pattern | {name: invoice[name] for name in ("InvoiceNumber", "Reference")} | own

    def close(self) -> None:
        """Nothing is open."""
