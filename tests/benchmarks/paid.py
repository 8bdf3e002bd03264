"""From a payment entered in Xero to ``paid`` in our interface: real time, the local stack's own processes."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from datetime import UTC, datetime

from infra.local import stack
from infra.local.demo.practice import Practice
from infra.local.ports import free_port
from infra.local.settings import Settings
from tests.benchmarks.figures import Figure, at_most
from tests.deployed import NOT_OURS

LOOK_EVERY_SECONDS = 0.05
GIVEN_UP_AFTER_SECONDS = 60
#: Payments come at any moment of the two seconds that a pull gathers.
STEP_SECONDS = 0.37
GATHERED_SECONDS = 2


def run(quick: bool) -> list[Figure]:
    took = sorted(_waits(8 if quick else 30))
    spread = f"{took[0]:.2f} to {took[-1]:.2f} s, {len(took)} payments one after another"
    name = "from a payment in Xero to paid here"
    return [
        at_most(f"{name}, median", statistics.median(took), 3, "{:.2f} s", spread),
        at_most(f"{name}, p99", took[int(len(took) * 0.99)], 10, "{:.2f} s", spread),
    ]


def _waits(payments: int) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        ports = {name: str(free_port()) for name in ("PORT", "SIMULATOR_PORT", "ISSUER_PORT")}
        ours = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
        settings = Settings.from_environment({**ours, **ports, "STATE_DIR": folder})
        with stack.running(settings):
            practice = Practice(settings, "demo", datetime.now(UTC).date())
            practice.owner.connect([practice.tenant_id], "demo-owner")
            practice.bookkeeper.call("PUT", "/xero/settings/", json={"invoice_status": "AUTHORISED"})
            practice.patient("p-1", "Anna", "Lee")
            invoices = {f"a-{number}": _invoiced(practice, f"a-{number}") for number in range(payments)}
            time.sleep(3 * GATHERED_SECONDS)  # Xero's announcements of the invoices themselves are through
            return [_paid(practice, number, *invoice) for number, invoice in enumerate(invoices.items())]


def _invoiced(practice: Practice, appointment_id: str) -> str:
    line = {"description": "Consultation", "unit_amount": "100.00", "account_code": "200"}
    practice.appointment(appointment_id, "p-1", line)
    return str(practice.invoiced(appointment_id)["invoice_id"])


def _paid(practice: Practice, number: int, appointment_id: str, invoice_id: str) -> float:
    time.sleep(number * STEP_SECONDS % GATHERED_SECONDS)
    practice.by_hand(f"invoices/{invoice_id}/pay")
    paid_at = time.monotonic()
    while practice.invoice(appointment_id)["status"] != "PAID":
        if time.monotonic() - paid_at > GIVEN_UP_AFTER_SECONDS:
            break  # the figure says it
        time.sleep(LOOK_EVERY_SECONDS)
    return time.monotonic() - paid_at
