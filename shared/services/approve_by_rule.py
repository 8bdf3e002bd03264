"""The rule of the setting ``auto_approve``, applied by the hourly sweep and when a pull sees drafts."""

from __future__ import annotations

from shared.domain.auto_approval import AutoApproval
from shared.domain.links import InvoiceLink
from shared.domain.operations import Operation, operation_id
from shared.domain.times import instant
from shared.ports import Ports
from shared.ports.store import Where
from shared.services import paths
from shared.services.build_invoice import read_settings
from shared.services.documents import each_document
from shared.services.drain_tasks import wake_drain
from shared.services.rule_intents import keep_unless_known


def approve_by_rule(ports: Ports, practice_id: str, tenant_id: str) -> int:
    """Keeps an approval for every draft that the rule approves, and wakes the drain; gives how many.

    One that a person cancelled, or that failed, is left to people.
    """
    rule = AutoApproval.from_data(read_settings(ports, practice_id).auto_approve)
    if rule is None:
        return 0
    now, kept = ports.clock.now(), 0
    where = [Where("draft_since", "<=", instant(rule.latest(now)))]
    links = paths.invoice_links(practice_id)
    for document in each_document(ports.store, links, where=where, order_by="draft_since"):
        link = InvoiceLink.from_data(document.data)
        if link.tenant_id == tenant_id and rule.approves(link, now):
            kept += _keep(ports, practice_id, link, rule)
    if kept:
        wake_drain(ports.tasks, practice_id, now)
    return kept


def _keep(ports: Ports, practice_id: str, link: InvoiceLink, rule: AutoApproval) -> bool:
    return keep_unless_known(
        ports,
        Operation(
            id=operation_id("invoice_approve", link.tenant_id, link.invoice_id),
            kind="invoice_approve",
            practice_id=practice_id,
            tenant_id=link.tenant_id,
            subject={"appointment_id": link.appointment_id},
            request={"invoice_id": link.invoice_id},
            created_at=instant(ports.clock.now()),
            created_by=rule.actor,
        ),
    )
