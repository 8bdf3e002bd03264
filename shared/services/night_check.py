"""The last weeks held against Xero every night: what was found is kept, and a person is told once when it is not whole.

``practices/{p}/config/completeness``
    tenant_id, due_at                      the next night's check
    checked_at, first, last, whole         the last one, with its
    clinic, xero, difference, kinds        counts and totals
The hourly sweep starts the check once its time has come. It costs a call for every thousand invoices, and leaves the
calls that are kept back for people alone.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from shared.domain.errors import LedgerError, StoreUnavailable
from shared.domain.times import calendar_date, instant, parse_instant, zone
from shared.ports import Ports
from shared.services import paths
from shared.services.activity_log import SYSTEM, Entry, record
from shared.services.budget import deferred_until
from shared.services.build_invoice import read_zone
from shared.services.completeness import completeness
from shared.services.connections import read_connection
from shared.services.documents import modify
from shared.services.drain_tasks import wake_check

DAYS = 35
#: Of the practice's own night, when the day before is complete.
AT = time(2)
#: A check that a repair asked for waits for the repairs next to it.
SOON = timedelta(seconds=10)
KEPT = ("first", "last", "whole", "clinic", "xero", "difference", "kinds")


def check_at_night(ports: Ports, practice_id: str) -> None:
    """A task when the night has come; the scheduled sweep asks this every hour. A practice that is new to it waits for
    its first night."""
    connection, now = read_connection(ports, practice_id), ports.clock.now()
    document = ports.store.get(paths.completeness(practice_id))
    if document is not None and document.data["tenant_id"] == connection.tenant_id:
        if parse_instant(document.data["due_at"]) <= now:
            wake_check(ports.tasks, practice_id, now)
        return
    fresh = {"tenant_id": connection.tenant_id, "due_at": instant(next_night(ports, practice_id))}
    modify(ports.store, paths.completeness(practice_id), lambda _: fresh)


def check(ports: Ports, practice_id: str) -> dict[str, Any]:
    """What was found, or ``{"stopped": why}``: then the next sweep asks for it again."""
    connection, now = read_connection(ports, practice_id), ports.clock.now()
    if connection.status != "connected" or connection.tenant_id is None:
        return {"stopped": "not_connected"}
    if deferred_until(ports, connection.tenant_id):
        return {"stopped": "calls_kept_back"}
    last = calendar_date(now, read_zone(ports, practice_id)) - timedelta(days=1)
    try:
        report = completeness(ports, practice_id, last - timedelta(days=DAYS - 1), last)
    except StoreUnavailable:
        raise
    except LedgerError as error:
        record(
            ports,
            practice_id,
            Entry("completeness.check", error.detail, dict(SYSTEM), outcome="waiting", code=error.code),
        )
        return {"stopped": error.code}
    found = {name: report[name] for name in KEPT}
    kept = found | {
        "tenant_id": connection.tenant_id,
        "due_at": instant(next_night(ports, practice_id)),
        "checked_at": instant(now),
    }
    modify(ports.store, paths.completeness(practice_id), lambda _: kept)
    record(ports, practice_id, Entry("completeness.check", _sentence(found), dict(SYSTEM), after=found))
    return found


def check_soon(ports: Ports, practice_id: str) -> None:
    """After a repair, so that what was told of the last night does not stay up until the next one."""
    document = ports.store.get(paths.completeness(practice_id))
    if document is not None and document.data.get("whole") is False:
        wake_check(ports.tasks, practice_id, ports.clock.now() + SOON)


def completeness_entries(ports: Ports, practice_id: str) -> list[dict[str, Any]]:
    """What needs a person: one entry while the last check was not whole, none else."""
    document = ports.store.get(paths.completeness(practice_id))
    data = document.data if document else {}
    if data.get("whole") is not False or data["tenant_id"] != read_connection(ports, practice_id).tenant_id:
        return []
    return [
        {
            "cause": "completeness",
            "sentence": _sentence(data),
            "remedy": f"Look at the completeness of {data['first']} to {data['last']}, then repair what differs",
            "count": sum(data["kinds"].values()),
            "operations": [],
        }
    ]


def _sentence(found: dict[str, Any]) -> str:
    here, there = found["clinic"], found["xero"]
    compared = f"{here['count']} in the clinic, {there['count']} in Xero, difference {found['difference']}"
    if found["whole"]:
        return f"{found['first']} to {found['last']} is whole: {compared}"
    number = sum(found["kinds"].values())
    return f"{found['first']} to {found['last']}: {compared}, {number} to look at"


def next_night(ports: Ports, practice_id: str) -> datetime:
    here = ports.clock.now().astimezone(zone(read_zone(ports, practice_id)))
    tonight = datetime.combine(here.date(), AT, here.tzinfo)
    return tonight if tonight > here else datetime.combine(here.date() + timedelta(days=1), AT, here.tzinfo)
