"""Signs webhook payloads and delivers them, as Xero does, from a thread of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import string
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import requests

from .persistence import Work
from .webhooks import Queued, Webhooks

ANSWER_SECONDS = 5
GATHER_SECONDS = 0.1
_PLURAL = {"INVOICE": "Invoices", "CONTACT": "Contacts", "CREDITNOTE": "CreditNotes"}


def payload(events: list[Queued]) -> bytes:
    """The body, with the irregular spaces of the real one: parsed and written again it is another."""
    listed = ",".join(json.dumps(_shown(event), separators=(",", ":")) for event in events)
    sequences = [event.sequence for event in events] or [0]
    entropy = "".join(secrets.choice(string.ascii_uppercase) for _ in range(20))
    return (
        f'{{"events":[{listed}],"firstEventSequence": {min(sequences)},'
        f'"lastEventSequence": {max(sequences)}, "entropy": "{entropy}"}}'
    ).encode()


def sign(body: bytes, key: str) -> str:
    """base64 of the HMAC-SHA256 of the raw body; the key is text, never decoded."""
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()


def spoil(signature: str) -> str:
    """The same signature with one character changed."""
    return signature[:10] + ("A" if signature[10] != "A" else "B") + signature[11:]


def post(url: str, body: bytes, signature: str) -> requests.Response | None:
    """One delivery; None when no answer came within 5 seconds."""
    headers = {"Content-Type": "application/json; charset=utf-8", "x-xero-signature": signature}
    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.post(
                url, data=body, headers=headers, timeout=ANSWER_SECONDS, allow_redirects=False
            )
    except requests.RequestException:
        return None


def intent_to_receive(url: str, key: str) -> dict[str, Any]:
    """The round that decides whether a URL may receive: 200 to good signatures, 401 to spoilt ones.

    No answer may carry a body or a cookie.
    """
    results = []
    for good in (True, False, True, False):
        body = payload([])
        signature = sign(body, key) if good else spoil(sign(body, key))
        answer = post(url, body, signature)
        results.append(
            {
                "good": good,
                "status": answer.status_code if answer is not None else 0,
                "body_length": len(answer.content) if answer is not None else 0,
                "set_cookie": answer is not None and "Set-Cookie" in answer.headers,
            }
        )
    ok = all(
        each["status"] == (200 if each["good"] else 401)
        and not each["body_length"]
        and not each["set_cookie"]
        for each in results
    )
    return {"ok": ok, "results": results}


class Courier:
    """Delivers what is due, a moment after it came up, so that events close together share a payload."""

    def __init__(self, webhooks: Webhooks, new_work: Callable[[], Work]) -> None:
        self._webhooks = webhooks
        self._new_work = new_work
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhook courier", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """No further delivery begins; one under way may still end."""
        self._stopping.set()
        self._webhooks.wake()

    def _run(self) -> None:
        while True:
            with self._webhooks.changed:
                if self._stopping.is_set():
                    return
                payloads, _, wait = self._webhooks.due()
                if not payloads:
                    self._webhooks.changed.wait(wait)
                    continue
            if self._stopping.wait(GATHER_SECONDS):
                return
            payloads, times, _ = self._webhooks.due()
            for events in payloads:
                if self._stopping.is_set() or not self._deliver(events, times):
                    break

    def _deliver(self, events: list[Queued], times: int) -> bool:
        url, key = self._webhooks.target
        body = payload(events)
        work = self._new_work()
        arrived = False
        for _ in range(times):
            answer = post(url, body, sign(body, key))
            arrived = arrived or (answer is not None and 200 <= answer.status_code < 300)
        if arrived:
            self._webhooks.delivered(events, work)
        else:
            self._webhooks.failed(work)
        work.commit()
        return arrived


def _shown(event: Queued) -> dict[str, Any]:
    at = datetime.fromtimestamp(event.at, UTC)
    shown: dict[str, Any] = {
        "resourceUrl": f"https://api.xero.com/api.xro/2.0/{_PLURAL[event.category]}/{event.resource_id}",
        "resourceId": event.resource_id,
        "eventDateUtc": at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}",
        "eventType": event.kind,
        "eventCategory": event.category,
        "tenantId": event.tenant_id,
        "tenantType": "ORGANISATION",
    }
    if event.data is not None:
        shown["data"] = event.data
    return shown
