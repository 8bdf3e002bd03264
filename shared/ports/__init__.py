"""What the services need from outside, bundled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the webhook needs one of them, and a cold start pays for each
    from shared.config import Config
    from shared.ports.accounting import Xero
    from shared.ports.clinic_records import ClinicRecords
    from shared.ports.clock import Clock
    from shared.ports.secrets import Secrets
    from shared.ports.store import Store
    from shared.ports.tasks import Tasks


@dataclass(frozen=True)
class Ports:
    store: Store
    secrets: Secrets
    tasks: Tasks
    xero: Xero
    records: ClinicRecords
    clock: Clock
    config: Config
