"""Calls kept back: deferred work leaves a share of Xero's limits to people's clicks and to payments coming back.

Xero says with every answer how many calls are left in the minute and in the day. Deferred work stops before the last
of them are used and goes on when the minute is over (Xero counts in fixed windows, so that is a minute after the first
call that was seen in it, not after the last); a click, a pull and a renewal may use them up. The day's share is
reckoned on the 1,000 calls of the free plan; a larger plan simply reaches it later.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.domain.times import parse_instant
from shared.domain.xero_records import Usage
from shared.ports import Ports
from shared.services.connections import paused_until, read_tenant

MINUTE = timedelta(minutes=1)
#: Xero does not say when its day ends; what was seen this long ago says nothing any more.
DAY = timedelta(days=1)
#: How soon deferred work looks again when the day's share is reached.
LOOK_AGAIN = timedelta(hours=1)


def deferred_until(ports: Ports, tenant_id: str) -> datetime | None:
    """When deferred work may use this organisation again: the end of a pause, or of a budget that is kept back."""
    paused = paused_until(ports, tenant_id)
    if paused:
        return paused
    tenant, now = read_tenant(ports, tenant_id), ports.clock.now()
    if not tenant.get("calls_seen_at"):
        return None
    seen = parse_instant(tenant["calls_seen_at"])
    if seen < parse_instant(tenant.get("paused_until") or tenant["calls_seen_at"]) <= now:
        return None  # Xero itself said when to go on, and that has passed: what was seen before is over
    if _used_up(tenant.get("calls_left_day"), ports.config["RESERVED_CALLS_DAY"]) and now < seen + DAY:
        return min(now + LOOK_AGAIN, seen + DAY)
    minute_ends = parse_instant(tenant.get("minute_began_at") or tenant["calls_seen_at"]) + MINUTE
    if _used_up(tenant.get("calls_left_minute"), ports.config["RESERVED_CALLS_MINUTE"]) and now < minute_ends:
        return minute_ends
    return None


def is_spent(ports: Ports, usage: Usage) -> bool:
    """Whether an answer's headers say that only what is kept back is left."""
    return _used_up(usage.minute, ports.config["RESERVED_CALLS_MINUTE"]) or _used_up(
        usage.day, ports.config["RESERVED_CALLS_DAY"]
    )


def _used_up(left: int | None, reserved: str) -> bool:
    return left is not None and left <= int(reserved)
