"""A person's sentence in the history of an invoice in Xero, where nothing deletes it again.

The natural key is a short code of the operation at the end of the text; the history can be read.
"""

from __future__ import annotations

from typing import Any

from shared.domain import wire
from shared.domain.errors import Rejected
from shared.domain.operations import Operation
from shared.domain.texts import without_control
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.ports.store import Write
from shared.services.writes.chains import following, kept_once
from shared.services.writes.kinds import AlreadyDone, Fail, Prepared, Resolution, Settled

#: So many hexadecimal digits of the operation's id: two notes of one invoice never share them.
CODE_LENGTH = 12


class InvoiceNote:
    """``request``: {"invoice_id", "text"}. The text is in no log: it may say more of a patient than it should."""

    wire_kind = "invoice_note"
    action = "invoice.note"
    sentence = "Note added to the invoice's history in Xero"
    at_most_once = False

    def prepare(self, ports: Ports, operation: Operation, accounting: Accounting) -> Prepared:
        if operation.first_sent_at and self.look_up(ports, operation, accounting):
            raise AlreadyDone(None)  # an earlier try got through after all
        details = f"{without_control(str(operation.request['text']))} [{code_of(operation)}]"
        body = wire.dumps({"HistoryRecords": [{"Details": details}]})
        return Prepared(body, target_id=str(operation.request["invoice_id"]))

    def look_up(self, ports: Ports, operation: Operation, accounting: Accounting) -> Any | None:
        ending = f"[{code_of(operation)}]"
        notes = accounting.invoice_notes(str(operation.request["invoice_id"]))
        return next((text for text in notes if text.rstrip().endswith(ending)), None)

    def rejected(
        self, ports: Ports, operation: Operation, accounting: Accounting, error: Rejected
    ) -> Resolution:
        return Fail(error.code, error.detail)

    def settle(self, ports: Ports, operation: Operation, snapshot: Any) -> Settled:
        return Settled([], {"note": code_of(operation)}, str(operation.request["invoice_id"]))


def code_of(operation: Operation) -> str:
    return operation.id[-CODE_LENGTH:]


def reason_kept(ports: Ports, operation: Operation, what: str) -> list[Write]:
    """Why a person did it, as a note on the invoice, kept in the same breath as the deed's end."""
    reason = operation.request.get("reason")
    if not reason:
        return []
    invoice_id = str(operation.request["invoice_id"])
    request = {"invoice_id": invoice_id, "text": f"{what}: {reason}"}
    return kept_once(ports, following(ports, operation, "invoice_note", request, invoice_id, operation.id))
