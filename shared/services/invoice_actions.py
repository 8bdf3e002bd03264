"""What people do with an invoice that exists: look again, approve, cancel, e-mail, note, record a payment, credit.

Changing what it says, and replacing it by another, is in ``invoice_corrections``.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from shared.domain.errors import Busy, Conflict, InvalidInput, NotFound, XeroError
from shared.domain.links import APPROVED, InvoiceLink
from shared.domain.operations import Operation, operation_id
from shared.domain.times import calendar_date, instant
from shared.ports import Ports
from shared.ports.store import Document, Where
from shared.services import operations, paths
from shared.services.build_invoice import read_zone
from shared.services.connections import read_connection
from shared.services.create_invoice import MAKES_DOCUMENT, advance
from shared.services.desk_accounts import account_of_method
from shared.services.documents import modify
from shared.services.drain_tasks import wake_drain
from shared.services.pull_changes import converge_invoice
from shared.services.xero_calls import using_xero


@dataclass(frozen=True)
class Acted:
    """The invoice as it now stands, and the operation that changed it or still will."""

    link: InvoiceLink
    operation: Operation


def find_link(ports: Ports, practice_id: str, either_id: str) -> Document:
    """By the appointment's id or Xero's InvoiceID, also of an invoice that has been replaced; NotFound when this
    practice has neither."""
    document = ports.store.get(paths.invoice_link(practice_id, either_id))
    if document is not None:
        return document
    page = ports.store.query(
        paths.invoice_links(practice_id), where=[Where("invoice_id", "==", either_id)], limit=1
    )
    document = page.items[0] if page.items else ports.store.get(paths.former_invoice(practice_id, either_id))
    if document is None:
        raise NotFound(f"There is no invoice for {either_id!r} in this practice")
    return document


def sync_status(ports: Ports, practice_id: str, either_id: str) -> InvoiceLink:
    """Ask Xero for this one invoice now. Raises the XeroError, recorded, when Xero cannot be asked."""
    document = find_link(ports, practice_id, either_id)
    link = InvoiceLink.from_data(document.data)
    connection = read_connection(ports, practice_id)
    if connection.tenant_id != link.tenant_id:
        raise Conflict("This invoice is in another organisation than the one connected now")
    snapshot = using_xero(ports, practice_id, lambda accounting: accounting.invoice(link.invoice_id))
    if snapshot is None:
        raise Conflict("Xero no longer has this invoice", code="invoice_gone")
    converge_invoice(ports, practice_id, document, snapshot)
    return read_again(ports, document.path)


def approve(ports: Ports, practice_id: str, either_id: str, actor: dict[str, str]) -> Acted:
    """Also fetches the link to the online invoice, if Xero answers; else it comes when somebody asks for it."""
    acted = act(ports, practice_id, either_id, "invoice_approve", {}, actor)
    if acted.operation.state == "done":
        with suppress(XeroError, Busy, Conflict):
            return replace(acted, link=fetch_online_url(ports, practice_id, acted.link.appointment_id))
    return acted


def void(
    ports: Ports, practice_id: str, either_id: str, actor: dict[str, str], reason: str | None = None
) -> Acted:
    """Deletes a draft, voids an approved invoice with nothing applied; then the appointment may be invoiced anew."""
    return act(ports, practice_id, either_id, "invoice_void", with_reason(reason), actor)


def email(ports: Ports, practice_id: str, either_id: str, actor: dict[str, str]) -> Acted:
    """Once per invoice: what was already e-mailed is not sent again."""
    return act(ports, practice_id, either_id, "invoice_email", {}, actor)


def note(ports: Ports, practice_id: str, either_id: str, text: str, actor: dict[str, str]) -> Acted:
    """Into the invoice's history in Xero, for good. The same text on the same invoice is the same note."""
    return act(ports, practice_id, either_id, "invoice_note", {"text": text}, actor, text)


def fetch_online_url(ports: Ports, practice_id: str, either_id: str) -> InvoiceLink:
    """Where the patient sees the invoice; one call, once. Raises Conflict before the approval, and the XeroError."""
    document = find_link(ports, practice_id, either_id)
    link = InvoiceLink.from_data(document.data)
    if link.online_url:
        return link
    if link.status not in APPROVED:
        raise Conflict("Xero shows an invoice online once it is approved", code="wrong_status")
    url = using_xero(ports, practice_id, lambda accounting: accounting.online_invoice_url(link.invoice_id))

    def shown(data: dict[str, Any]) -> dict[str, Any] | None:
        same = data.get("invoice_id") == link.invoice_id and url
        return data | {"online_url": url} if same else None

    modify(ports.store, document.path, shown)
    return read_again(ports, document.path)


def record_payment(
    ports: Ports,
    practice_id: str,
    either_id: str,
    *,
    amount: Decimal | None,
    method: str,
    reference: str,
    actor: dict[str, str],
) -> Acted:
    """``amount`` None pays what is due, which Xero is asked for. The account is the method's in the settings.

    ``reference`` is the caller's own id of this payment: the same one is the same payment.
    """
    link = InvoiceLink.from_data(find_link(ports, practice_id, either_id).data)
    kept = _kept(
        ports, practice_id, operation_id("payment_create", link.tenant_id, link.invoice_id, reference)
    )
    if kept is not None:  # asked for before: what is due now may be less by this very payment
        acted = act(ports, practice_id, either_id, "payment_create", kept.request, actor, reference)
        return refreshed(ports, practice_id, acted)
    account = account_of_method(ports, practice_id, method)
    with suppress(
        XeroError, Busy, Conflict
    ):  # else what is known must do; it is looked at again before sending
        link = sync_status(ports, practice_id, link.appointment_id)
    owed = Decimal(link.amount_due)
    paid = amount if amount is not None else owed
    if paid <= 0 or paid > owed:
        raise InvalidInput.of("amount", f"give more than 0.00 and at most the {owed} that is due")
    request = {
        "amount": f"{paid:.2f}",
        "date": today(ports, practice_id).isoformat(),
        "account_code": account,
        "method": method,
    }
    acted = act(ports, practice_id, either_id, "payment_create", request, actor, reference)
    return refreshed(ports, practice_id, acted)


def credit(
    ports: Ports, practice_id: str, either_id: str, actor: dict[str, str], reason: str | None = None
) -> Acted:
    """A credit note over the whole invoice, applied to what is due on it; what was paid stays as credit."""
    request = {"date": today(ports, practice_id).isoformat()} | with_reason(reason)
    acted = act(ports, practice_id, either_id, "credit_note_create", request, actor)
    note = acted.operation
    if note.state != "done" or Decimal(acted.link.amount_due) == 0:
        return acted
    request |= {"credit_note_id": note.result["credit_note_id"]}
    return refreshed(
        ports, practice_id, act(ports, practice_id, either_id, "credit_note_allocate", request, actor)
    )


def with_reason(reason: str | None) -> dict[str, Any]:
    return {"reason": reason} if reason else {}


def today(ports: Ports, practice_id: str) -> date:
    """The day that a document is dated which a person makes now: in the practice's zone, else the organisation's."""
    return calendar_date(ports.clock.now(), read_zone(ports, practice_id))


def _kept(ports: Ports, practice_id: str, operation_id: str) -> Operation | None:
    """The operation of an earlier call, unless it came to nothing."""
    try:
        operation = operations.read(ports, practice_id, operation_id)
    except NotFound:
        return None
    return None if operation.state in ("failed", "cancelled") else operation


def act(
    ports: Ports,
    practice_id: str,
    either_id: str,
    kind: str,
    request: dict[str, Any],
    actor: dict[str, str],
    *distinguishing: str | int,
) -> Acted:
    """Keeps the intent and tries it at once. What follows from it by itself, as an e-mail, is soon carried out."""
    document = find_link(ports, practice_id, either_id)
    link = InvoiceLink.from_data(document.data)
    wanted = Operation(
        id=operation_id(kind, link.tenant_id, link.invoice_id, *distinguishing),
        kind=kind,
        practice_id=practice_id,
        tenant_id=link.tenant_id,
        subject={"appointment_id": link.appointment_id},
        request=request | {"invoice_id": link.invoice_id},
        created_at=instant(ports.clock.now()),
        created_by=actor,
    )
    operations.keep(ports, wanted)
    operation = (advance if kind in MAKES_DOCUMENT else operations.run)(ports, practice_id, wanted.id)
    if operation.state == "done" and (kind == "invoice_approve" or "reason" in request):
        wake_drain(ports.tasks, practice_id, ports.clock.now())
    return Acted(read_again(ports, document.path), operation)


def refreshed(ports: Ports, practice_id: str, acted: Acted) -> Acted:
    """The amounts after money moved; if Xero cannot be asked just now, the pull brings them."""
    if acted.operation.state != "done":
        return acted
    try:
        return replace(acted, link=sync_status(ports, practice_id, acted.link.appointment_id))
    except (XeroError, Conflict):
        return acted


def read_again(ports: Ports, path: str) -> InvoiceLink:
    document = ports.store.get(path)
    if document is None:
        raise NotFound("There is no such invoice")
    return InvoiceLink.from_data(document.data)
