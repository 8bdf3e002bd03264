"""Whether a period is whole: the clinic's appointments, our links and Xero's invoices held against one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.links import OVER, InvoiceLink
from shared.domain.records import Appointment
from shared.domain.xero_records import InvoiceSnapshot


@dataclass(frozen=True)
class Difference:
    """``kind``: not_sent | missing_in_xero | deleted_there | amount | status | cancelled_here | orphan.

    Totals are decimal strings, None on the side that has no document.
    """

    kind: str
    appointment_id: str | None
    invoice_id: str | None
    invoice_number: str | None
    clinic_total: str | None
    xero_total: str | None
    sentence: str


def differences(
    appointments: Iterable[Appointment],
    links: Mapping[str, InvoiceLink],
    invoices: Mapping[str, InvoiceSnapshot],
    linked_elsewhere: frozenset[str],
) -> list[Difference]:
    """``links`` by appointment id, ``invoices`` by InvoiceID; ``linked_elsewhere`` are invoices of ours whose
    appointment lies outside the period."""
    found, seen = [], set()
    for appointment in appointments:
        link = links.get(appointment.id)
        if link is not None:
            seen.add(link.invoice_id)
        difference = _of_appointment(appointment, link, invoices)
        if difference is not None:
            found.append(difference)
    known = seen | linked_elsewhere
    strangers = (i for i in invoices.values() if i.invoice_id not in known and i.status not in OVER)
    return found + [_orphan(invoice) for invoice in strangers]


def _of_appointment(
    appointment: Appointment, link: InvoiceLink | None, invoices: Mapping[str, InvoiceSnapshot]
) -> Difference | None:
    wanted = appointment.status != "cancelled"
    if link is None:
        return _difference("not_sent", appointment, None, None, "Not sent yet") if wanted else None
    invoice = invoices.get(link.invoice_id)
    if invoice is None:
        if link.is_over and not wanted:
            return None
        return _difference(
            "missing_in_xero", appointment, link, None, "Xero has no such invoice in this period"
        )
    if invoice.status in OVER:
        sentence = "Voided or deleted in Xero; the appointment has no invoice"
        return _difference("deleted_there", appointment, link, invoice, sentence) if wanted else None
    if not wanted:
        return _difference(
            "cancelled_here", appointment, link, invoice, "Cancelled here, but invoiced in Xero"
        )
    if Decimal(link.sent_total or link.total) != invoice.total:
        return _difference("amount", appointment, link, invoice, "The total was changed in Xero")
    if (link.status, Decimal(link.amount_due)) != (invoice.status, invoice.amount_due):
        return _difference("status", appointment, link, invoice, "Xero has a newer status or payment")
    return None


def _difference(
    kind: str,
    appointment: Appointment,
    link: InvoiceLink | None,
    invoice: InvoiceSnapshot | None,
    sentence: str,
) -> Difference:
    return Difference(
        kind=kind,
        appointment_id=appointment.id,
        invoice_id=link.invoice_id if link else None,
        invoice_number=link.invoice_number if link else None,
        clinic_total=(link.sent_total or link.total) if link else None,
        xero_total=f"{invoice.total:.2f}" if invoice else None,
        sentence=sentence,
    )


def _orphan(invoice: InvoiceSnapshot) -> Difference:
    return Difference(
        kind="orphan",
        appointment_id=invoice.reference,
        invoice_id=invoice.invoice_id,
        invoice_number=invoice.invoice_number,
        clinic_total=None,
        xero_total=f"{invoice.total:.2f}",
        sentence="Made by us in Xero, but no appointment of this practice has it",
    )
