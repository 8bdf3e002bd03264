"""How much of a patient goes to Xero, and who said so: the practice, or its country's default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.privacy_defaults import PrivacyDefault, default_privacy
from shared.domain.settings import PracticeSettings
from shared.ports import Ports
from shared.services import paths
from shared.services.shared_reads import once


@dataclass(frozen=True)
class PrivacyChoice:
    """``settings`` as they count; ``chosen``: by the practice itself."""

    settings: PracticeSettings
    default: PrivacyDefault
    chosen: bool

    @property
    def reason(self) -> str:
        return "the practice's own choice" if self.chosen else self.default.reason


def privacy_choice(ports: Ports, practice_id: str) -> PrivacyChoice:
    return once(ports, ("privacy", practice_id), lambda: _privacy_choice(ports, practice_id))


def _privacy_choice(ports: Ports, practice_id: str) -> PrivacyChoice:
    document = ports.store.get(paths.settings(practice_id))
    data = document.data if document else {}
    connection = ports.store.get(paths.connection(practice_id))
    country = country_of(connection.data if connection else {})
    return PrivacyChoice(
        PracticeSettings.from_data(data, country),
        default_privacy(country),
        chosen=data.get("privacy_mode") is not None,
    )


def country_of(connection: Mapping[str, Any]) -> str | None:
    """Of the organisation that is or was connected: "" while Xero has not said, None without one."""
    return (connection.get("country_code") or "") if connection.get("tenant_id") else None
