"""What needs a person, grouped by cause, each with a sentence and what to press."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from shared.domain.errors import Conflict
from shared.domain.operations import Operation
from shared.ports import Ports
from shared.ports.store import Where
from shared.services import paths
from shared.services.connection_status import connection_status
from shared.services.differences import differences_by_proposal
from shared.services.documents import each_document
from shared.services.drain_tasks import wake_drain
from shared.services.held_totals import held_entries
from shared.services.list_renewal import renew_lists
from shared.services.night_check import completeness_entries
from shared.services.operations import ask_again
from shared.services.setup_state import MAPPING_ARCHIVED, held
from shared.services.stale_mappings import stale_mappings
from shared.services.writes.mapped import A_MOMENT

#: code -> (sentence for a person, remedy)
CAUSES = {
    "invalid_input": (
        "An appointment lacks something the books need",
        "Add the missing mapping, then try again",
    ),
    "account_invalid": (
        "Xero does not accept an account",
        "Choose an active account in the mappings, then try again",
    ),
    "tax_type_invalid": (
        "Xero does not accept a tax rate",
        "Choose an active tax rate in the mappings, then try again",
    ),
    "tracking_invalid": ("Xero does not accept a tracking option", "Choose an active option, then try again"),
    "contact_archived": (
        "A contact is archived in Xero",
        "Restore it in Xero (Contacts, Archived, choose it, Restore), then try again",
    ),
    "locked_period": (
        "The date is in a period that is locked in Xero",
        "Give a later date, or correct it by a credit note; the reason says which day is open",
    ),
    "changed_in_xero": (
        "An invoice was changed in Xero while we changed it too",
        "Look at it in Xero, then try again if the appointment is right",
    ),
    "bank_account_unconfirmed": (
        "A payment method books to a bank account that nobody confirmed",
        "Choose a clearing account, or confirm the bank account, in the settings, then try again",
    ),
    "refund_exceeds_paid": (
        "A refund is more than what was paid and not given back yet",
        "Look at the invoice, then ask for the refund again with the right amount",
    ),
    "total_held": (
        "An approval or e-mail was refused because the invoice's total is not the one expected",
        "Accept Xero's total, correct the invoice in Xero or void it, then try again",
    ),
    "currency_not_enabled": (
        "The Xero organisation does not use an appointment's currency",
        "Add the currency in Xero (its largest plan has it), or change the appointment's currency, then try again",
    ),
    "has_payments": ("A payment or credit is applied", "Correct by a credit note"),
    "health_identifier": (
        "Something about to be sent looks like a Medicare, IHI, NHI or NHS number",
        "Take the number out of the record, or give the service a billing label, then try again",
    ),
    "plan_limit": (
        "The Xero plan's limit of approved invoices is reached",
        "Upgrade the plan or wait for next month",
    ),
    MAPPING_ARCHIVED: (
        "Something that settings or mappings name is archived or gone in Xero; what needs it waits",
        "Choose another where it says, or restore it in Xero; then it goes on by itself, at once after trying again",
    ),
    "maybe_done": ("It is not known whether this was done", "Look in Xero, then try again if it was not"),
}
LIMIT = 500


def retry_cause(ports: Ports, practice_id: str, cause: str) -> int:
    """The cause is mended: all that failed or waits for it goes on. Gives how many; they run as deferred work."""
    if cause == MAPPING_ARCHIVED:
        renew_lists(ports, practice_id, A_MOMENT)  # what was restored in Xero is known before anything runs
    where = held() if cause == MAPPING_ARCHIVED else [Where("state", "==", "failed")]
    count = 0
    for document in each_document(ports.store, paths.operations(practice_id), where=where, page_size=LIMIT):
        if (document.data.get("reason_code") or "failed") == cause:
            with suppress(Conflict):  # somebody else took it up, or it ended, at this very moment
                ask_again(ports, practice_id, document.id)
                count += 1
    if count:
        wake_drain(ports.tasks, practice_id, ports.clock.now())
    return count


def attention(ports: Ports, practice_id: str) -> list[dict[str, Any]]:
    """[{cause, sentence, remedy, count, operations: [{id, kind, subject, reason}]}], the connection first."""
    entries: list[dict[str, Any]] = []
    status = connection_status(ports, practice_id)
    if status["status"] == "needs_attention":
        entries.append(
            {
                "cause": f"connection.{status['reason']}",
                "sentence": status["advice"] or "The connection to Xero needs a person",
                "remedy": "An owner connects again",
                "count": 1,
                "operations": [],
            }
        )
    entries += _webhook(status)
    entries += differences_by_proposal(ports, practice_id)
    entries += held_entries(ports, practice_id)
    entries += completeness_entries(ports, practice_id)
    entries += _archived(ports, practice_id)
    groups: dict[str, list[Operation]] = {}
    for operation in _operations(ports, practice_id, [Where("state", "==", "failed")]):
        groups.setdefault(operation.reason_code or "failed", []).append(operation)
    by_size = sorted(groups.items(), key=lambda item: -len(item[1]))
    return entries + [_entry(cause, members) for cause, members in by_size]


def _operations(ports: Ports, practice_id: str, where: list[Where]) -> list[Operation]:
    page = ports.store.query(paths.operations(practice_id), where=where, limit=LIMIT)
    return [Operation.from_data(document.data) for document in page.items]


def _entry(cause: str, members: list[Operation]) -> dict[str, Any]:
    sentence, remedy = CAUSES.get(
        cause, ("Xero refused a document", "Read the reason, correct it, then try again")
    )
    return {
        "cause": cause,
        "sentence": sentence,
        "remedy": remedy,
        "count": len(members),
        "operations": [
            {"operation_id": o.id, "kind": o.kind, "subject": o.subject, "reason": o.reason} for o in members
        ],
    }


def _archived(ports: Ports, practice_id: str) -> list[dict[str, Any]]:
    """One entry for the practice, also before anything waits: what is archived, who uses it, where to change it."""
    stale, waiting = stale_mappings(ports, practice_id), _operations(ports, practice_id, held())
    return [_entry(MAPPING_ARCHIVED, waiting) | {"archived": stale}] if stale or waiting else []


def _webhook(status: dict[str, Any]) -> list[dict[str, Any]]:
    """Changes came by the sweep that Xero should have announced: its webhook is switched off or goes elsewhere."""
    missed, last = status["webhook_missed_at"], status["last_webhook_at"]
    if status["status"] != "connected" or not missed or (last and last > missed):
        return []
    return [
        {
            "cause": "webhook.silent",
            "sentence": "Xero's webhook is silent; payments are found by the hourly sweep instead",
            "remedy": "In the Xero developer portal open the app, Webhooks, check the delivery URL and key, save, and "
            "wait for the status OK. Xero switches a webhook off after a day of failures",
            "count": 1,
            "operations": [],
        }
    ]
