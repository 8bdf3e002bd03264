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
from shared.services.drain_tasks import wake_drain
from shared.services.operations import ask_again

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
    "contact_archived": ("A contact is archived in Xero", "Restore the contact in Xero, then try again"),
    "locked_period": (
        "The date is in a period that is locked in Xero",
        "Ask the bookkeeper about the lock date",
    ),
    "has_payments": ("A payment or credit is applied", "Correct by a credit note"),
    "plan_limit": (
        "The Xero plan's limit of approved invoices is reached",
        "Upgrade the plan or wait for next month",
    ),
    "maybe_done": ("It is not known whether this was done", "Look in Xero, then try again if it was not"),
}
LIMIT = 500


def retry_cause(ports: Ports, practice_id: str, cause: str) -> int:
    """The cause is mended: everything that failed for it goes on. Gives how many; they run as deferred work."""
    count, cursor = 0, None
    while True:
        page = ports.store.query(
            paths.operations(practice_id), where=[Where("state", "==", "failed")], limit=LIMIT, cursor=cursor
        )
        for document in page.items:
            if (document.data.get("reason_code") or "failed") == cause:
                with suppress(Conflict):  # somebody else took it up, or it ended, at this very moment
                    ask_again(ports, practice_id, document.id)
                    count += 1
        cursor = page.next_cursor
        if cursor is None:
            break
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
    failed = ports.store.query(
        paths.operations(practice_id), where=[Where("state", "==", "failed")], limit=LIMIT
    )
    groups: dict[str, list[Operation]] = {}
    for document in failed.items:
        operation = Operation.from_data(document.data)
        groups.setdefault(operation.reason_code or "failed", []).append(operation)
    for cause, members in sorted(groups.items(), key=lambda item: -len(item[1])):
        sentence, remedy = CAUSES.get(
            cause, ("Xero refused a document", "Read the reason, correct it, then try again")
        )
        entries.append(
            {
                "cause": cause,
                "sentence": sentence,
                "remedy": remedy,
                "count": len(members),
                "operations": [
                    {"operation_id": o.id, "kind": o.kind, "subject": o.subject, "reason": o.reason}
                    for o in members
                ],
            }
        )
    return entries


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
