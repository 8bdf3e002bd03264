"""The setting ``invoice_on_completed``: an appointment that becomes completed gets its invoice without a person.

Told as often, as late and in whatever order: what the record says now decides, and the intent's id is the one that a
person's press has too, so that there is one invoice. Whatever was decided before is left to people: an appointment
that has or had an invoice, or whose invoice failed or was cancelled, is not invoiced by the rule again.
"""

from __future__ import annotations

from datetime import date

from shared.domain.errors import NotConnected
from shared.domain.operations import Operation, operation_id
from shared.domain.times import calendar_date, instant
from shared.ports import Ports
from shared.services import paths
from shared.services.build_invoice import read_settings, read_zone
from shared.services.connections import known_tenant
from shared.services.drain_tasks import wake_drain
from shared.services.rule_intents import keep_unless_known


def invoice_completed(ports: Ports, practice_id: str, appointment_id: str) -> str:
    """What came of it, in a word for the log: ``kept``, ``known`` or why there is nothing to do.

    An invoice that lacks something (a mapping, a line) is kept all the same: its run fails with the reason, which is
    how a person comes to see it. Raises StoreUnavailable.
    """
    start = read_settings(ports, practice_id).invoice_on_completed
    if start is None:
        return "off"
    appointment = ports.records.appointment(practice_id, appointment_id)
    if appointment is None or appointment.status != "completed":
        return "not completed"
    day = calendar_date(appointment.starts_at, read_zone(ports, practice_id, appointment.clinic_id))
    if day < date.fromisoformat(start):
        return "too early"
    try:
        tenant_id = str(known_tenant(ports, practice_id).tenant_id)
    except NotConnected:
        return "not connected"
    if ports.store.get(paths.invoice_link(practice_id, appointment_id)) is not None:
        return "known"
    operation = Operation(
        id=operation_id("invoice_create", tenant_id, appointment_id, 1),
        kind="invoice_create",
        practice_id=practice_id,
        tenant_id=tenant_id,
        subject={"appointment_id": appointment_id, "patient_id": appointment.patient_id},
        request={"generation": 1},
        created_at=instant(ports.clock.now()),
        created_by={"subject": "rule", "name": f"rule: completed, from {start}", "role": "system"},
    )
    kept = "kept" if keep_unless_known(ports, operation) else "known"
    # Also when it was known: whoever kept it may have died before this line.
    wake_drain(ports.tasks, practice_id, ports.clock.now())
    return kept
