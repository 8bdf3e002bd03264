"""What people do with an invoice that exists: look again, approve, cancel, e-mail, record a payment, credit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shared.domain.errors import Conflict, InvalidInput, NotFound, XeroError
from shared.domain.links import InvoiceLink
from shared.domain.operations import Operation, operation_id
from shared.domain.times import calendar_date, instant
from shared.ports import Ports
from shared.ports.store import Document, Where
from shared.services import operations, paths
from shared.services.build_invoice import read_settings
from shared.services.connections import read_connection
from shared.services.pull_changes import converge_invoice
from shared.services.xero_calls import using_xero


@dataclass(frozen=True)
class Acted:
    """The invoice as it now stands, and the operation that changed it or still will."""

    link: InvoiceLink
    operation: Operation


def find_link(ports: Ports, practice_id: str, either_id: str) -> Document:
    """By the appointment's id or Xero's InvoiceID; NotFound when this practice has neither."""
    document = ports.store.get(paths.invoice_link(practice_id, either_id))
    if document is not None:
        return document
    page = ports.store.query(
        paths.invoice_links(practice_id), where=[Where("invoice_id", "==", either_id)], limit=1
    )
    if not page.items:
        raise NotFound(f"There is no invoice for {either_id!r} in this practice")
    return page.items[0]


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
    return _link(ports, document.path)


def approve(ports: Ports, practice_id: str, either_id: str, actor: dict[str, str]) -> Acted:
    return _act(ports, practice_id, either_id, "invoice_approve", {}, actor)


def void(ports: Ports, practice_id: str, either_id: str, actor: dict[str, str]) -> Acted:
    """Deletes a draft, voids an approved invoice with nothing applied; then the appointment may be invoiced anew."""
    return _act(ports, practice_id, either_id, "invoice_void", {}, actor)


def email(ports: Ports, practice_id: str, either_id: str, actor: dict[str, str]) -> Acted:
    """Once per invoice: what was already e-mailed is not sent again."""
    return _act(ports, practice_id, either_id, "invoice_email", {}, actor)


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
    """``amount`` None pays what is due. The account is the method's in the settings, never guessed.

    ``reference`` is the caller's own id of this payment: the same one is the same payment.
    """
    link = InvoiceLink.from_data(find_link(ports, practice_id, either_id).data)
    kept = _kept(
        ports, practice_id, operation_id("payment_create", link.tenant_id, link.invoice_id, reference)
    )
    if kept is not None:  # asked for before: what is due now may be less by this very payment
        acted = _act(ports, practice_id, either_id, "payment_create", kept.request, actor, reference)
        return _refreshed(ports, practice_id, acted)
    settings = read_settings(ports, practice_id)
    account = settings.payment_accounts.get(method)
    if not account:
        raise InvalidInput.of(
            "method",
            f"no account is set for {method!r}; a bookkeeper sets payment_accounts at /xero/settings/",
        )
    owed = Decimal(link.amount_due)
    paid = amount if amount is not None else owed
    if paid <= 0 or paid > owed:
        raise InvalidInput.of("amount", f"give more than 0.00 and at most the {owed} that is due")
    zone = settings.time_zone or read_connection(ports, practice_id).data.get("time_zone") or "UTC"
    request = {
        "amount": f"{paid:.2f}",
        "date": calendar_date(ports.clock.now(), zone).isoformat(),
        "account_code": account,
        "method": method,
    }
    acted = _act(ports, practice_id, either_id, "payment_create", request, actor, reference)
    return _refreshed(ports, practice_id, acted)


def credit(ports: Ports, practice_id: str, either_id: str, actor: dict[str, str]) -> Acted:
    """A credit note over the whole invoice, applied to what is due on it."""
    settings = read_settings(ports, practice_id)
    zone = settings.time_zone or read_connection(ports, practice_id).data.get("time_zone") or "UTC"
    request: dict[str, Any] = {"date": calendar_date(ports.clock.now(), zone).isoformat()}
    acted = _act(ports, practice_id, either_id, "credit_note_create", request, actor)
    note = acted.operation
    if note.state != "done" or Decimal(acted.link.amount_due) == 0:
        return acted
    request |= {"credit_note_id": note.result["credit_note_id"]}
    return _refreshed(
        ports, practice_id, _act(ports, practice_id, either_id, "credit_note_allocate", request, actor)
    )


def _kept(ports: Ports, practice_id: str, operation_id: str) -> Operation | None:
    """The operation of an earlier call, unless it came to nothing."""
    try:
        operation = operations.read(ports, practice_id, operation_id)
    except NotFound:
        return None
    return None if operation.state in ("failed", "cancelled") else operation


def _act(
    ports: Ports,
    practice_id: str,
    either_id: str,
    kind: str,
    request: dict[str, Any],
    actor: dict[str, str],
    *distinguishing: str,
) -> Acted:
    document = find_link(ports, practice_id, either_id)
    link = InvoiceLink.from_data(document.data)
    operation = operations.submit(
        ports,
        Operation(
            id=operation_id(kind, link.tenant_id, link.invoice_id, *distinguishing),
            kind=kind,
            practice_id=practice_id,
            tenant_id=link.tenant_id,
            subject={"appointment_id": link.appointment_id},
            request=request | {"invoice_id": link.invoice_id},
            created_at=instant(ports.clock.now()),
            created_by=actor,
        ),
    )
    return Acted(_link(ports, document.path), operation)


def _refreshed(ports: Ports, practice_id: str, acted: Acted) -> Acted:
    """The amounts after money moved; if Xero cannot be asked just now, the pull brings them."""
    if acted.operation.state != "done":
        return acted
    try:
        return Acted(sync_status(ports, practice_id, acted.link.appointment_id), acted.operation)
    except (XeroError, Conflict):
        return acted


def _link(ports: Ports, path: str) -> InvoiceLink:
    document = ports.store.get(path)
    if document is None:
        raise NotFound("There is no such invoice")
    return InvoiceLink.from_data(document.data)
