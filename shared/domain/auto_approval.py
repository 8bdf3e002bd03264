"""Approving without a person: drafts that were open to review long enough, of known services, up to an amount.

Off until a bookkeeper sets it. A draft that somebody changed, here or in Xero, always waits for a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from shared.domain.links import UNAPPROVED, InvoiceLink
from shared.domain.times import parse_instant


@dataclass(frozen=True)
class AutoApproval:
    """The setting ``auto_approve``: {"after_hours": 24, "up_to"?: "250.00", "service_codes"?: ["CONSULT"]}."""

    after_hours: int
    up_to: Decimal | None
    service_codes: frozenset[str] | None

    @classmethod
    def from_data(cls, data: Mapping[str, Any] | None) -> AutoApproval | None:
        if not data:
            return None
        up_to, codes = data.get("up_to"), data.get("service_codes")
        return cls(
            int(data["after_hours"]), Decimal(up_to) if up_to else None, frozenset(codes) if codes else None
        )

    @property
    def actor(self) -> dict[str, str]:
        """Who approved, for the log and the operation."""
        words = [f"{self.after_hours} h after it was sent"]
        words += [f"up to {self.up_to}"] if self.up_to is not None else []
        words += ["only " + ", ".join(sorted(self.service_codes))] if self.service_codes else []
        return {"subject": "rule", "name": f"rule: {', '.join(words)}"[:200], "role": "system"}

    def latest(self, now: datetime) -> datetime:
        """Drafts since then or earlier have had their time for review."""
        return now - timedelta(hours=self.after_hours)

    def approves(self, link: InvoiceLink, now: datetime) -> bool:
        if link.status not in UNAPPROVED or not link.draft_since:
            return False
        if parse_instant(link.draft_since) > self.latest(now):
            return False
        if link.differs or link.total_differs or link.total != link.sent_total:
            return False
        if self.up_to is not None and Decimal(link.total) > self.up_to:
            return False
        services = link.sent.get("services") or [""]
        return self.service_codes is None or self.service_codes.issuperset(services)
