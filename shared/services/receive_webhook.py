"""A webhook of Xero's, from signature to one pull per organisation. Only the standard library: it must start fast."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shared.ports.tasks import Tasks
from shared.services.drain_tasks import wake_pull

BODY_LIMIT = 3_500_000
#: What a pull can bring; a category Xero adds later is ignored until we know it.
CATEGORIES = frozenset({"INVOICE", "CONTACT", "CREDITNOTE", "PREPAYMENT", "OVERPAYMENT"})
TENANT_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


def is_signed(raw: bytes, signature: str, keys: Sequence[str]) -> bool:
    """Whether ``signature`` is base64(HMAC-SHA256(raw body, key as text)) under one of the keys.

    No key, nothing is accepted. Every key is tried and compared in constant time.
    """
    given = signature.encode("utf-8", "replace")
    good = False
    for key in keys:
        expected = base64.b64encode(hmac.new(key.encode(), raw, hashlib.sha256).digest())
        good |= hmac.compare_digest(expected, given)
    return good


def receive(tasks: Tasks, now: datetime, raw: bytes) -> None:
    """One pull per organisation named. What cannot be read is left to the scheduled sweep, which misses nothing.

    Raises StoreUnavailable when a hint could not be kept.
    """
    for tenant_id, categories in _by_tenant(raw).items():
        wake_pull(tasks, tenant_id, now, categories=tuple(sorted(categories)), hinted=True)


def _by_tenant(raw: bytes) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    try:
        payload = json.loads(raw)
    except (ValueError, RecursionError):
        return found
    events = payload.get("events") if isinstance(payload, dict) else None
    # A storm names one organisation and one category fifty times: each pair is looked at once.
    for tenant_id, category in dict.fromkeys(map(_named, events if isinstance(events, list) else [])):
        if TENANT_ID.fullmatch(tenant_id) and category.upper() in CATEGORIES:
            # Xero's examples write Update where its schema says UPDATE: compared without regard to case.
            found.setdefault(tenant_id.lower(), set()).add(category.upper())
    return found


def _named(event: Any) -> tuple[str, str]:
    """Tenant and category as one event has them; empty for what cannot be read."""
    if not isinstance(event, dict):
        return "", ""
    tenant_id, category = event.get("tenantId"), event.get("eventCategory")
    return (tenant_id, category) if isinstance(tenant_id, str) and isinstance(category, str) else ("", "")
