"""The rule that approves drafts without a person: whatever is unclear is left to people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.auto_approval import AutoApproval
from shared.domain.links import InvoiceLink
from shared.domain.times import instant
from tests.unit.test_corrections import linked

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
RULE = AutoApproval.from_data({"after_hours": 24, "up_to": "110.00", "service_codes": ["CONSULT", "INSOLE"]})
OLD = instant(NOW - timedelta(hours=24))


def draft(**fields: Any) -> InvoiceLink:
    found = replace(linked("DRAFT"), draft_since=OLD, sent={"services": ["CONSULT"]})
    return replace(found, **({"sent_total": found.total} | fields))


@pytest.mark.parametrize(
    "fields", [{}, {"status": "SUBMITTED"}, {"sent": {"services": ["CONSULT", "INSOLE"]}}]
)
def test_approved(fields: dict[str, Any]) -> None:
    """Old enough, not too much, known services."""
    assert RULE is not None
    assert RULE.approves(draft(**fields), NOW)


@pytest.mark.parametrize(
    "fields",
    [
        {"draft_since": instant(NOW - timedelta(hours=24) + timedelta(seconds=1))},
        {"draft_since": None},
        {"status": "AUTHORISED"},
        {"status": "DELETED"},
        {"total": "110.01", "sent_total": "110.01"},
        {"total": "109.00"},  # a person changed it in Xero
        {"differs": "lines"},
        {"total_differs": "0.01"},
        {"sent": {"services": ["CONSULT", "OTHER"]}},
        {"sent": {"services": [""]}},  # a line without a service
        {"sent": {}},
    ],
)
def test_left_to_people(fields: dict[str, Any]) -> None:
    """Too new, too much, changed, held, or of a service that is not named."""
    assert RULE is not None
    assert not RULE.approves(draft(**fields), NOW)


def test_off_and_unlimited() -> None:
    """No setting, no rule; without an amount and services the review time alone decides."""
    assert AutoApproval.from_data(None) is None
    anything = AutoApproval.from_data({"after_hours": 0})
    assert anything is not None
    assert anything.approves(draft(total="9999.00", sent_total="9999.00", sent={}), NOW)


def test_the_actor_says_the_rule() -> None:
    """Whoever reads the log sees which rule approved."""
    assert RULE is not None
    assert RULE.actor["name"] == "rule: 24 h after it was sent, up to 110.00, only CONSULT, INSOLE"
