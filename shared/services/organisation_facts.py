"""What the connected organisation says of itself, kept with the connection: name, zone, currency, lock dates.

The zone decides the date on every invoice, so facts once known are kept through a reconnect, and facts that Xero did
not give at the moment of connecting are fetched by the next pull. A day later they are read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from shared.domain.errors import AnswerLost, Rejected
from shared.domain.time_zones import iana_name
from shared.domain.times import instant, parse_instant
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.services import paths
from shared.services.connections import PracticeConnection, read_connection
from shared.services.documents import modify

FACTS = (
    "tenant_name",
    "short_code",
    "base_currency",
    "country_code",
    "time_zone",
    "period_lock_date",
    "end_of_year_lock_date",
    "facts_at",
)
MAX_AGE = timedelta(days=1)


def read_facts(accounting: Accounting, now: datetime) -> dict[str, Any]:
    organisation = accounting.organisation()
    return {
        "tenant_name": organisation.name,
        "short_code": organisation.short_code,
        "base_currency": organisation.base_currency,
        "country_code": organisation.country_code,
        "time_zone": iana_name(organisation.time_zone),
        "period_lock_date": _day(organisation.period_lock_date),
        "end_of_year_lock_date": _day(organisation.end_of_year_lock_date),
        "facts_at": instant(now),
    }


def known_facts(data: dict[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in FACTS if name in data}


def complete_facts(ports: Ports, connection: PracticeConnection, accounting: Accounting) -> None:
    """Fetch them when connecting could not, or they are old; no call otherwise. Raises the XeroError."""
    if _known_since(connection.data, ports.clock.now() - MAX_AGE):
        return
    try:
        _fetch(ports, connection, accounting)
    except (AnswerLost, Rejected):
        if "base_currency" not in connection.data:
            raise
        # Old facts will do until they can be read: payments must come back meanwhile.


def fresh_facts(
    ports: Ports, practice_id: str, accounting: Accounting, max_age: timedelta = MAX_AGE
) -> Mapping[str, Any]:
    """The connection's data with facts at most this old; one call when they are older. Raises the XeroError."""
    connection = read_connection(ports, practice_id)
    if _known_since(connection.data, ports.clock.now() - max_age):
        return connection.data
    return connection.data | _fetch(ports, connection, accounting)


def locked_until(data: Mapping[str, Any]) -> date | None:
    """Nothing dated on or before this day may be posted, edited or voided: the later of Xero's two lock dates."""
    days = [data.get("period_lock_date"), data.get("end_of_year_lock_date")]
    return max((date.fromisoformat(day) for day in days if day), default=None)


def _known_since(data: Mapping[str, Any], moment: datetime) -> bool:
    return "base_currency" in data and parse_instant(data.get("facts_at") or "1970-01-01T00:00Z") >= moment


def _fetch(ports: Ports, connection: PracticeConnection, accounting: Accounting) -> dict[str, Any]:
    facts = read_facts(accounting, ports.clock.now())

    def same_organisation(data: dict[str, Any]) -> dict[str, Any] | None:
        return data | facts if data.get("tenant_id") == connection.tenant_id else None

    modify(ports.store, paths.connection(connection.practice_id), same_organisation)
    return facts


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
