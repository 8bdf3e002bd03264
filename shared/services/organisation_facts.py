"""Name, zone and currency of the connected organisation, kept with the connection.

The zone decides the date on every invoice, so facts once known are kept through a reconnect, and facts that Xero did
not give at the moment of connecting are fetched by the next pull.
"""

from __future__ import annotations

from typing import Any

from shared.domain.time_zones import iana_name
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.services import paths
from shared.services.connections import PracticeConnection
from shared.services.documents import modify

FACTS = ("tenant_name", "short_code", "base_currency", "country_code", "time_zone")


def read_facts(accounting: Accounting) -> dict[str, Any]:
    organisation = accounting.organisation()
    return {
        "tenant_name": organisation.name,
        "short_code": organisation.short_code,
        "base_currency": organisation.base_currency,
        "country_code": organisation.country_code,
        "time_zone": iana_name(organisation.time_zone),
    }


def known_facts(data: dict[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in FACTS if name in data}


def complete_facts(ports: Ports, connection: PracticeConnection, accounting: Accounting) -> None:
    """Fetch them when connecting could not; no call otherwise. Raises the XeroError."""
    if "base_currency" in connection.data:
        return
    facts = read_facts(accounting)

    def same_organisation(data: dict[str, Any]) -> dict[str, Any] | None:
        return data | facts if data.get("tenant_id") == connection.tenant_id else None

    modify(ports.store, paths.connection(connection.practice_id), same_organisation)
