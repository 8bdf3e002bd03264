"""Whether a period is whole: the clinic's appointments held against Xero's invoices, one pair at a time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.domain.booked import Booked, changes
from shared.domain.links import OVER, InvoiceLink
from shared.domain.records import Appointment

#: kind -> what repairing it does, in words for a person
REPAIRS = {
    "not_sent": "Send the invoice",
    "missing_in_xero": "Look for it in Xero once more; if it is really gone, make a new invoice",
    "deleted_there": "Make a new invoice with a new number",
    "changed_there": "Send what the clinic says once more; only while nothing is paid or credited on it",
    "changed_here": "Send the appointment as it is now; only while nothing is paid or credited on the invoice",
    "amount": "Send what the clinic says once more; only while nothing is paid or credited on it",
    "status": "Take over what Xero says",
    "cancelled_here": "Delete the draft or void the invoice in Xero; only while nothing is paid or credited on it",
    "orphan": "Link it to its appointment, if that has no invoice; else a person looks at it in Xero",
}
#: Repairs that neither end a document nor overwrite what a person entered; the others are done only when named.
SAFE_REPAIRS = ("not_sent", "status", "orphan")


@dataclass(frozen=True)
class InXero:
    """As much of an invoice as a comparison needs. ``booked`` None: it is there, but could not be read."""

    invoice_id: str
    number: str | None
    reference: str | None
    status: str
    amount_due: Decimal
    booked: Booked | None

    @property
    def lives(self) -> bool:
        return self.status not in OVER


@dataclass(frozen=True)
class InClinic:
    """One appointment: its link in this organisation if any, and what its invoice says or would say.

    ``booked`` None: no document can be made of it as things are, ``problem`` says why. ``changed``: the record is
    not what it was when it was sent. ``operation_id``, ``waits`` and ``waits_code``: a write that waits or failed.
    """

    appointment: Appointment
    day: date
    wanted: bool
    link: InvoiceLink | None
    booked: Booked | None
    problem: str | None = None
    changed: bool = False
    operation_id: str | None = None
    waits: str | None = None
    waits_code: str | None = None

    @property
    def living_link(self) -> InvoiceLink | None:
        return self.link if self.link is not None and not self.link.is_over else None


@dataclass(frozen=True)
class Difference:
    """``kind`` is a key of REPAIRS. Totals are decimal strings, None on the side that has no document.

    ``changes`` names what is not the same: total, date, currency, contact, lines. ``waits_code`` is for programs.
    """

    kind: str
    appointment_id: str | None
    invoice_id: str | None
    invoice_number: str | None
    date: dt.date | None
    clinic_total: str | None
    xero_total: str | None
    sentence: str
    changes: tuple[str, ...] = ()
    operation_id: str | None = None
    waits_code: str | None = None

    @property
    def repair(self) -> str:
        return REPAIRS[self.kind]


def sent_of(link: InvoiceLink | None) -> Booked | None:
    """What the invoice put into the books when it was sent; None for one of a version that did not keep it."""
    return Booked.from_data(link.as_sent) if link and link.as_sent else None


def is_credited(clinic: InClinic) -> bool:
    """Cancelled here, and by a credit note of ours over the whole of the invoice there too."""
    return not clinic.wanted and bool(clinic.link and clinic.link.credited_by)


def difference(clinic: InClinic, invoice: InXero | None) -> Difference | None:
    """``invoice`` is the one that the appointment's link names, None when Xero has none such."""
    if clinic.living_link is None and (invoice is None or not invoice.lives):
        return _nothing_there(clinic, invoice) if clinic.wanted else None
    if invoice is None:
        return _of(clinic, None, "missing_in_xero", "Xero has no such invoice") if clinic.wanted else None
    if not invoice.lives:
        return _nothing_there(clinic, invoice) if clinic.wanted else None
    if is_credited(clinic):
        return None
    if not clinic.wanted:
        return _of(clinic, invoice, "cancelled_here", "Not to be charged any more, but invoiced in Xero")
    return _both_there(clinic, invoice)


def _nothing_there(clinic: InClinic, invoice: InXero | None) -> Difference:
    if clinic.link is not None and clinic.operation_id is None:
        return _of(
            clinic, invoice, "deleted_there", "Voided or deleted in Xero; the appointment has no invoice"
        )
    why = clinic.waits or clinic.problem
    return _of(clinic, invoice, "not_sent", f"Not in Xero: {why}" if why else "Not sent yet")


def _both_there(clinic: InClinic, invoice: InXero) -> Difference | None:
    link = clinic.link
    if invoice.booked is None:
        return _of(clinic, invoice, "changed_there", "Xero has it, but its record could not be read")
    if clinic.booked is None:
        sentence = f"The appointment changed, and no invoice can be made of it now: {clinic.problem}"
        return _of(clinic, invoice, "changed_here", sentence)
    found = changes(clinic.booked, invoice.booked)
    if found:
        return _changed(clinic, invoice, clinic.booked, invoice.booked, found)
    if link is None or (link.status, Decimal(link.amount_due)) != (invoice.status, invoice.amount_due):
        return _of(clinic, invoice, "status", "Xero has a newer status or payment")
    return None


def _changed(
    clinic: InClinic, invoice: InXero, ours: Booked, theirs: Booked, found: tuple[str, ...]
) -> Difference:
    here, what = _changed_here(clinic, theirs), ", ".join(found)
    who = "The appointment was changed after it was invoiced" if here else "The invoice was changed in Xero"
    if "total" in found:
        sentence = f"{who}: {ours.total:.2f} here, {theirs.total:.2f} in Xero"
        return _of(clinic, invoice, "amount", sentence, found)
    return _of(clinic, invoice, "changed_here" if here else "changed_there", f"{who}: {what}", found)


def _changed_here(clinic: InClinic, theirs: Booked) -> bool:
    """Xero still has what was sent, so it is the clinic that changed."""
    link = clinic.link
    sent = sent_of(link)
    if sent is not None:
        return clinic.changed and not set(changes(sent, theirs)) - {"contact"}
    return bool(link and link.sent_total and Decimal(link.sent_total) == theirs.total)


def _of(
    clinic: InClinic, invoice: InXero | None, kind: str, sentence: str, found: tuple[str, ...] = ()
) -> Difference:
    link = clinic.link
    there = invoice.booked if invoice and invoice.lives else None
    return Difference(
        kind=kind,
        appointment_id=clinic.appointment.id,
        invoice_id=link.invoice_id if link else None,
        invoice_number=link.invoice_number if link else None,
        date=clinic.day,
        clinic_total=f"{clinic.booked.total:.2f}" if clinic.wanted and clinic.booked else None,
        xero_total=f"{there.total:.2f}" if there else None,
        sentence=sentence,
        changes=found,
        operation_id=clinic.operation_id,
        waits_code=clinic.waits_code,
    )


def orphan(invoice: InXero, clinic: InClinic | None = None) -> Difference:
    """Of our making in Xero, living, and nobody's: the reference says whose it may be. ``clinic``: that appointment,
    which has no invoice."""
    booked = invoice.booked
    ours = clinic.booked if clinic and clinic.wanted else None
    return Difference(
        kind="orphan",
        appointment_id=invoice.reference,
        invoice_id=invoice.invoice_id,
        invoice_number=invoice.number,
        date=booked.date if booked else None,
        clinic_total=f"{ours.total:.2f}" if ours else None,
        xero_total=f"{booked.total:.2f}" if booked else None,
        sentence="Made by us in Xero, but its appointment does not have it"
        if clinic
        else "Made by us in Xero, but no appointment of this practice has it",
        operation_id=clinic.operation_id if clinic else None,
        waits_code=clinic.waits_code if clinic else None,
    )
