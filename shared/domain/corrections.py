"""What of an appointment was changed after it was invoiced, and the proposed correction.

The record is held against what it was when the invoice was made, never against today's settings: a new mapping must
not make every invoice of the past look wrong. Nothing is corrected without a person.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from shared.domain import wire
from shared.domain.invoices import InvoiceDocument
from shared.domain.links import UNAPPROVED, InvoiceLink
from shared.domain.records import Appointment, LineItem, Payer

#: part of the record -> the words for it
PARTS = {
    "lines": "lines or amounts",
    "payer": "patient or payer",
    "date": "day",
    "place": "clinic or practitioner",
}
CANCELLED = "cancelled"
#: proposal -> what to press, and what it does
PROPOSALS = {
    "update": "Update sends Xero what the appointment says now; nothing is applied to the invoice yet",
    "delete": "Void deletes the draft in Xero",
    "void": "Void cancels the invoice in Xero; nothing is applied to it yet",
    "credit": "Credit cancels it by a credit note; what was paid stays as credit on the contact",
    "correct": "Correct cancels it by a credit note and makes a new invoice with a new number; what was paid stays as "
    "credit on the contact",
}


@dataclass(frozen=True)
class Difference:
    """``kind``: cancelled | lines | payer | date | place | several. ``proposal``: a key of ``PROPOSALS``."""

    kind: str
    sentence: str
    proposal: str


def record_of(appointment: Appointment, day: dt.date) -> dict[str, Any]:
    """The parts of the record that decide its invoice; names and amounts only as hashes. ``day`` in the clinic's
    zone."""
    return {
        "lines": _lines_hash(appointment.line_items, appointment.amounts, appointment.currency),
        "payer": _payer_hash(appointment.patient_id, appointment.payer),
        "starts_at": appointment.starts_at.isoformat(),
        "date": day.isoformat(),
        "place": [appointment.clinic_id, appointment.practitioner_id],
    }


def is_as_it_was(then: dict[str, Any], appointment: Appointment) -> bool:
    """Nothing that decides the invoice was changed; also where it is not known what the record was."""
    if appointment.status == CANCELLED or not then:
        return appointment.status != CANCELLED
    now = record_of(appointment, appointment.starts_at.date())
    return all(then[part] == value for part, value in now.items() if part != "date")


def content_of(document: InvoiceDocument, payer_id: str) -> str:
    """Changes exactly when something changes that Xero is told, but for number and status."""
    body = document.body(payer_id)
    return _hash({name: value for name, value in body.items() if name not in ("InvoiceNumber", "Status")})


def changed_parts(then: dict[str, Any], now: dict[str, Any], *, places_matter: bool) -> list[str]:
    """Keys of ``PARTS``, in their order. ``places_matter``: one of the clinics and practitioners is mapped.

    A day counts as changed only with the start: a zone corrected in the settings moves no appointment.
    """
    changed = [part for part in PARTS if then[part] != now[part]]
    if then["starts_at"] == now["starts_at"] and "date" in changed:
        changed.remove("date")
    if not places_matter and "place" in changed:
        changed.remove("place")
    return changed


def request_after(link: InvoiceLink, changed: Collection[str]) -> dict[str, Any]:
    """Of what was asked when the invoice was made, that which a change of these parts of the record leaves."""
    before = dict(link.sent.get("request", {}))
    for part, name in (("lines", "line_items"), ("date", "date")):
        if part in changed:
            before.pop(name, None)
    return before


def differs(link: InvoiceLink, appointment: Appointment, day: dt.date, *, places_matter: bool) -> str | None:
    """For ``InvoiceLink.differs``: ``cancelled``, or the changed parts separated by commas; None for no change."""
    if link.is_over:
        return None
    if appointment.status == CANCELLED:
        return CANCELLED
    then = link.sent.get("record")
    if not then:
        return None  # invoiced by a version that did not keep the record
    return ",".join(changed_parts(then, record_of(appointment, day), places_matter=places_matter)) or None


def difference_of(link: InvoiceLink, locked_until: dt.date | None) -> Difference | None:
    """The change that is on the link, in words, with the correction that Xero allows in the invoice's present state."""
    if not link.differs or link.is_over:
        return None
    cancelled = link.differs == CANCELLED
    if cancelled and link.credited_by:
        return None  # cancelled on both sides
    proposal = _proposal(link, locked_until, cancelled)
    named = f"invoice {link.invoice_number}" if link.invoice_number else "its invoice"
    if cancelled:
        change = f"The appointment was cancelled, but {named} stands in Xero ({link.status})"
    else:
        words = " and ".join(PARTS[part] for part in link.differs.split(",") if part in PARTS)
        change = f"The appointment's {words} changed after {named} was made ({link.status})"
    kind = link.differs if "," not in link.differs else "several"
    return Difference(kind, f"{change}. {PROPOSALS[proposal]}.", proposal)


def nothing_applied(link: InvoiceLink) -> bool:
    return not Decimal(link.amount_paid) and not Decimal(link.amount_credited)


def _proposal(link: InvoiceLink, locked_until: dt.date | None, cancelled: bool) -> str:
    if link.status in UNAPPROVED:
        return "delete" if cancelled else "update"
    locked = bool(locked_until and link.date and link.date <= locked_until.isoformat())
    if link.status == "AUTHORISED" and nothing_applied(link) and not locked and not link.credited_by:
        return "void" if cancelled else "update"
    return "credit" if cancelled else "correct"


@lru_cache(maxsize=512)  # most often the record is as it was a moment ago, when its invoice was prepared
def _lines_hash(lines: tuple[LineItem, ...], amounts: str | None, currency: str | None) -> str:
    return _hash([_same_amounts(line.to_data()) for line in lines], amounts, currency)


@lru_cache(maxsize=512)
def _payer_hash(patient_id: str, payer: Payer | None) -> str:
    return _hash(patient_id, vars(payer) if payer else None)


def _same_amounts(line: dict[str, Any]) -> dict[str, Any]:
    """``100`` and ``100.00`` are one amount."""
    amounts = ("quantity", "unit_amount", "discount_rate", "discount_amount")
    return {k: str(Decimal(v).normalize()) if k in amounts else v for k, v in line.items()}


def _hash(*values: Any) -> str:
    return hashlib.sha256(wire.dumps(values).encode()).hexdigest()[:16]
