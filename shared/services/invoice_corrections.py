"""Bringing an invoice into line with its appointment: changed while nothing is applied to it, else replaced.

A correction is a chain of operations: a credit note over the whole invoice, applied to what is due, then a new invoice
with a new number. Each step keeps the next one in the very write that ends it, so time alone finishes the chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shared.domain.corrections import content_of, request_after
from shared.domain.errors import Conflict
from shared.domain.invoices import InvoiceDocument
from shared.domain.links import APPROVED, InvoiceLink
from shared.domain.operations import Operation, operation_id
from shared.domain.times import instant
from shared.ports import Ports
from shared.services import operations, paths
from shared.services.build_invoice import build, sendable
from shared.services.create_invoice import advance
from shared.services.differences import look_again
from shared.services.drain_tasks import wake_drain
from shared.services.invoice_actions import Acted, act, find_link, read_again, today, with_reason
from shared.services.people import payer_of
from shared.services.writes.locks import LATER_DAY, check_day

NOTHING_TO_CORRECT = "The invoice says what the appointment says; there is nothing to correct"


@dataclass(frozen=True)
class Corrected:
    """The appointment's invoice as it now stands; the operation that was tried last, None when nothing had to be done;
    and what became of the money, for a person."""

    link: InvoiceLink
    operation: Operation | None
    sentence: str | None = None


def update(
    ports: Ports,
    practice_id: str,
    either_id: str,
    request: dict[str, Any],
    actor: dict[str, str],
    reason: str | None = None,
) -> Acted:
    """Sends what the appointment says now. ``request`` as in ``create_invoice``.

    Raises InvalidInput before anything is kept. What is paid, credited or locked in Xero the operation refuses.
    """
    link, replaced = _invoice(ports, practice_id, either_id)
    if replaced:
        raise Conflict(f"This invoice has been replaced by {link.invoice_number}", code="replaced")
    request = _renewed(link, request) | {"generation": link.generation}
    document = _built(ports, practice_id, link, request).document
    check_day(ports, practice_id, document.date)
    request |= {"edits": link.edits} | with_reason(reason)
    return act(ports, practice_id, link.appointment_id, "invoice_edit", request, actor, link.edits)


def correct(
    ports: Ports,
    practice_id: str,
    either_id: str,
    request: dict[str, Any],
    actor: dict[str, str],
    reason: str | None = None,
) -> Corrected:
    """A credit note over the whole, and a new invoice. ``request`` as in ``create_invoice``.

    Asked for again it goes on where it stands, and once done changes nothing. Raises InvalidInput or Conflict before
    anything is kept.
    """
    link, replaced = _invoice(ports, practice_id, either_id)
    if replaced:
        return Corrected(link, None, f"This invoice has been replaced by {link.invoice_number}")
    then = _renewed(link, request) | {"generation": link.generation + 1}
    wanted = _built(ports, practice_id, link, then)
    if _says_it_already(link, wanted):
        return Corrected(link, None, NOTHING_TO_CORRECT)
    if link.status not in APPROVED:
        instead = "create a new invoice" if link.is_over else "update it instead"
        raise Conflict(
            f"An invoice that is {link.status} needs no credit note; {instead}", code="wrong_status"
        )
    day = today(ports, practice_id)
    check_day(ports, practice_id, wanted.document.date)
    check_day(ports, practice_id, day, LATER_DAY)
    first = {"invoice_id": link.invoice_id, "date": day.isoformat(), "then": then} | with_reason(reason)
    return _Correction(ports, practice_id, link, wanted.patient_id, actor).run(first)


@dataclass(frozen=True)
class _Wanted:
    document: InvoiceDocument
    patient_id: str
    payer_id: str


@dataclass(frozen=True)
class _Correction:
    ports: Ports
    practice_id: str
    link: InvoiceLink
    patient_id: str
    actor: dict[str, str]

    def run(self, first: dict[str, Any]) -> Corrected:
        """As far as it goes now; what waits is finished by the queue, and the steps after it with it."""
        then, invoice_id = first["then"], self.link.invoice_id
        note = self._step("credit_note_create", first, invoice_id)
        if note.state != "done":
            return self._acted(note)
        second = first | {"credit_note_id": note.result["credit_note_id"]}
        applied = self._step("credit_note_allocate", second, invoice_id)
        if applied.state != "done":
            return self._acted(applied)
        made = self._step("invoice_create", then, self.link.appointment_id, then["generation"])
        wake_drain(self.ports.tasks, self.practice_id, self.ports.clock.now())  # for the note with the reason
        left = Decimal(note.result["total"]) - Decimal(applied.result["allocated"])
        return self._acted(made, _told(self.link, note.result["number"], left))

    def _step(self, kind: str, request: dict[str, Any], *parts: str | int) -> Operation:
        link, now = self.link, instant(self.ports.clock.now())
        wanted = Operation(
            id=operation_id(kind, link.tenant_id, *parts),
            kind=kind,
            practice_id=self.practice_id,
            tenant_id=link.tenant_id,
            subject={"appointment_id": link.appointment_id, "patient_id": self.patient_id},
            request=request,
            created_at=now,
            created_by=self.actor,
        )
        operations.keep(self.ports, wanted)
        operation = advance(self.ports, self.practice_id, wanted.id)
        if "then" in request and not operation.ended and "then" not in operation.request:
            raise Conflict(
                "This invoice is just being credited; ask for the correction again in a few minutes"
            )
        return operation

    def _acted(self, operation: Operation, sentence: str | None = None) -> Corrected:
        path = paths.invoice_link(self.practice_id, self.link.appointment_id)
        return Corrected(read_again(self.ports, path), operation, sentence)


def _told(link: InvoiceLink, credit_note: str, left: Decimal) -> str:
    """What became of the money, plainly."""
    done = f"{link.invoice_number} is cancelled by credit note {credit_note}"
    if left <= 0:
        return f"{done}; nothing had been paid on it"
    return (
        f"{done}; {left:.2f} that was paid stays as credit on the contact: apply it to the new invoice in Xero, or "
        "refund it"
    )


def _invoice(ports: Ports, practice_id: str, either_id: str) -> tuple[InvoiceLink, bool]:
    """The appointment's invoice; True when the one that was named has been replaced by it."""
    named = find_link(ports, practice_id, either_id)
    appointment_id = named.data["appointment_id"]
    look_again(ports, practice_id, appointment_id)
    link = read_again(ports, paths.invoice_link(practice_id, appointment_id))
    return link, link.invoice_id != named.data["invoice_id"]


def _renewed(link: InvoiceLink, given: dict[str, Any]) -> dict[str, Any]:
    """What is asked now, and of what was asked when the invoice was made that which the change leaves as it was."""
    before = request_after(link, (link.differs or "").split(","))
    return before | {name: value for name, value in given.items() if value is not None}


def _built(ports: Ports, practice_id: str, link: InvoiceLink, request: dict[str, Any]) -> _Wanted:
    """Raises InvalidInput for what is missing, an unknown patient or payer among it."""
    built = build(ports, practice_id, link.appointment_id, request)
    document = sendable(built)
    payer = payer_of(ports, practice_id, built.appointment)
    return _Wanted(document, built.appointment.patient_id, payer.id)


def _says_it_already(link: InvoiceLink, wanted: _Wanted) -> bool:
    """Sent as it would be sent now, and neither changed in Xero nor credited since."""
    if link.credited_by or link.is_over or link.total != link.sent_total:
        return False
    return bool(link.sent.get("content") == content_of(wanted.document, wanted.payer_id))
