"""The simulator's control API: faults, limits, webhooks, what a person does in Xero, and what it was asked."""

from __future__ import annotations

import threading
from collections import Counter
from decimal import Decimal
from typing import Any

import requests

from tests.soak import faults
from tests.soak.plan import ORGANISATIONS

LOOK_EVERY = 0.3
COLLECT_EVERY = 4  # of those looks


class Xero:
    """Keeps the simulator as it should be, also after it was killed: it remembers neither faults nor limits."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("localhost", "127.0.0.1") + "/_simulator/"
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._seen = 0
        self.share = 0.0
        self.tenants: dict[str, str] = {}
        self.struck: Counter[str] = Counter()
        self.requests: Counter[str] = Counter()
        self.exposed = 0  # how many of the requests came while faults were thrown
        self._thread = threading.Thread(target=self._look_after_it, name="xero", daemon=True)

    def start(self) -> None:
        """Once it answers: learn the organisations' ids, then look after it."""
        rows = self.call("GET", "tenants")["tenants"]
        ids = {row["tenantName"]: row["tenantId"] for row in rows}
        self.tenants = {practice: ids[name] for practice, name in ORGANISATIONS.items()}
        for practice in self.tenants:
            self.by_hand(practice, "organisation", emails_a_day=100_000)
        self.prepare()
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(30)

    def throw_faults(self, share: float) -> None:
        """From now on so many of the requests are hit. Raises RequestException; the next look then sees to it."""
        self.collect()
        with self._lock:
            self.share = share
            self.prepare()

    def prepare(self) -> None:
        """Limits and faults as they should be now. Raises RequestException."""
        for tenant_id in self.tenants.values():
            self.call("POST", f"tenants/{tenant_id}/limits", minute=100_000, day=1_000_000, concurrent=40)
        self.call("DELETE", "faults")
        for plan in faults.planned(self.share):
            self.call("POST", "faults", **plan)

    def webhooks(self, mode: str) -> None:
        self.call("POST", "webhooks", mode=mode)

    def offline_once(self, practice: str) -> None:
        """The next call of this organisation is answered that it is offline. Only before a jump of the clocks: it
        makes us rest for minutes. Planned first, or another fault might always come before it."""
        with self._lock:
            self.call("DELETE", "faults")
            self.call(
                "POST", "faults", kind="offline", count=1, tenant=self.tenants[practice], path=faults.API
            )
            for plan in faults.planned(self.share):
                self.call("POST", "faults", **plan)

    def books(self, practice: str) -> dict[str, list[dict[str, Any]]]:
        return self.call("GET", f"tenants/{self.tenants[practice]}/books")

    def by_hand(self, practice: str, path: str, /, **fields: Any) -> Any:
        """What a person does in Xero's own pages. Raises HTTPError when Xero refuses."""
        return self.call("POST", f"tenants/{self.tenants[practice]}/{path}", **fields)

    def call(self, method: str, path: str, /, **fields: Any) -> Any:
        """Raises RequestException."""
        with requests.Session() as session:
            session.trust_env = False
            response = session.request(method, self._url + path, json=fields or None, timeout=30)
        response.raise_for_status()
        return response.json(parse_float=Decimal)

    def collect(self) -> None:
        """Count what it was asked since the last time; what it forgets when it is killed is counted before."""
        with self._lock:
            for record in self.call("GET", f"requests?after={self._seen}&brief=1")["requests"]:
                self._seen = record["n"]
                self.requests[_what(record)] += 1
                self.exposed += self.share > 0
                fault = faults.name_of(record)
                if fault:
                    self.struck[fault] += 1

    def _look_after_it(self) -> None:
        looks = 0
        while not self._stopping.wait(LOOK_EVERY):
            looks += 1
            try:
                if not self.call("GET", "faults")["faults"]:  # the marker is gone: it was started anew
                    with self._lock:
                        self._seen = 0
                        self.prepare()
                if looks % COLLECT_EVERY == 0:
                    self.collect()
            except requests.RequestException:
                continue  # it is down; it is being started again


def _what(record: dict[str, Any]) -> str:
    parts = record["path"].strip("/").split("/")
    name = parts[2] if parts[:1] == ["api.xro"] and len(parts) > 2 else parts[0]
    action = parts[4] if len(parts) > 4 else ""
    return " ".join(filter(None, (record["method"], name, action)))
