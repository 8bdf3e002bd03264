"""Which faults the simulator is told to throw: a share of every request it gets."""

from __future__ import annotations

from typing import Any

API = "/api.xro/"
#: Weight and plan. What rests the whole organisation is rare, or nothing else would happen.
MIX: list[tuple[int, dict[str, Any]]] = [
    (18, {"kind": "drop_before"}),
    (18, {"kind": "drop_after_commit"}),
    (15, {"kind": "status", "status": 500}),
    (16, {"kind": "status_after_commit", "status": 500}),
    (8, {"kind": "garbage", "variant": "truncated"}),
    (6, {"kind": "garbage", "variant": "html"}),
    (6, {"kind": "garbage", "variant": "wrong_content_type"}),
    (3, {"kind": "status", "status": 503, "body": "Service Unavailable"}),
    (2, {"kind": "rate_limit", "problem": "minute", "retry_after": 1, "path": API}),
    (2, {"kind": "rate_limit", "problem": "concurrent", "retry_after": 1, "path": API}),
    (6, {"kind": "status", "status": 401, "path": API, "body": {"Title": "Unauthorized", "Status": 401}}),
]
#: Strikes nothing, and tells a simulator that was started anew: it has forgotten all that was planned.
MARKER = {"kind": "delay", "path": "/nowhere", "probability": 0}
AFTER_THE_WORK = {"drop_after_commit", "status_after_commit", "garbage"}


def planned(total: float) -> list[dict[str, Any]]:
    """One strikes at most, the first whose dice fall: so each counts on those before it having missed."""
    weights, missed = sum(weight for weight, _ in MIX), 1.0
    plans: list[dict[str, Any]] = [MARKER]
    for weight, plan in MIX if total else []:
        share = total * weight / weights
        plans.append(plan | {"probability": share / missed})
        missed -= share
    return plans


def name_of(record: dict[str, Any]) -> str | None:
    """The fault that struck a recorded request, with the status that was made up for it."""
    kind = record["fault"]
    if kind is None:
        return None
    return f"{kind} {record['status']}" if kind in ("status", "status_after_commit") else str(kind)
