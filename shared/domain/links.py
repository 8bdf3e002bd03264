"""What we remember of a document in Xero: the link between an appointment and its invoice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from shared.domain.times import instant
from shared.domain.xero_records import InvoiceSnapshot

#: A voided or deleted invoice is over: the appointment may get a new one, with a new number.
OVER = ("VOIDED", "DELETED")
#: Still to be approved; Xero deletes these rather than voiding them.
UNAPPROVED = ("DRAFT", "SUBMITTED")
#: Approved; PAID is Xero's own word once nothing is due.
APPROVED = ("AUTHORISED", "PAID")


@dataclass(frozen=True)
class InvoiceLink:
    """Stored under ``invoice_links/{appointment_id}``; amounts as decimal strings, exactly Xero's."""

    appointment_id: str
    tenant_id: str
    generation: int
    invoice_id: str
    invoice_number: str | None
    contact_id: str | None
    status: str
    currency: str | None
    sub_total: str
    total_tax: str
    total: str
    amount_due: str
    amount_paid: str
    amount_credited: str
    date: str | None
    due_date: str | None
    fully_paid_on: str | None
    xero_updated_at: str | None  # Xero's own UpdatedDateUTC
    updated_at: str  # ours
    rules: dict[str, Any] = field(default_factory=dict)
    emailed_at: str | None = None
    sent_total: str | None = None  # what Xero computed when it was sent; later changes there do not change it
    as_sent: dict[str, Any] | None = None  # what it put into the books then, see domain/booked.py
    sent: dict[str, Any] = field(default_factory=dict)  # from what it was made, see domain/corrections.py
    edits: int = 0  # how often we changed its lines; makes every change its own operation
    differs: str | None = None  # what of the appointment was changed after invoicing, comma-separated
    draft_since: str | None = None  # while it waits for an approval: since when, an instant of ours
    credited_by: str | None = None  # the number of our credit note over the whole of it
    expected_total: str | None = None  # what we computed before it was sent
    total_differs: str | None = None  # by how much Xero's total was more than that; until a person accepts it
    amount_refunded: str = (
        "0.00"  # paid back by us through credit notes; Xero shows none of it on the invoice
    )
    online_url: str | None = None  # where the patient sees it; Xero has one once it is approved

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    def to_data(self) -> dict[str, Any]:
        return dict(vars(self))

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> InvoiceLink:
        return cls(**{k: v for k, v in data.items() if k in cls.__dataclass_fields__})


def _amount(value: Decimal) -> str:
    return f"{value:.2f}"


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _as_in_xero(snapshot: InvoiceSnapshot) -> dict[str, Any]:
    """The link's fields that are Xero's to say."""
    return {
        "invoice_id": snapshot.invoice_id,
        "invoice_number": snapshot.invoice_number,
        "contact_id": snapshot.contact_id,
        "status": snapshot.status,
        "currency": snapshot.currency,
        "sub_total": _amount(snapshot.sub_total),
        "total_tax": _amount(snapshot.total_tax),
        "total": _amount(snapshot.total),
        "amount_due": _amount(snapshot.amount_due),
        "amount_paid": _amount(snapshot.amount_paid),
        "amount_credited": _amount(snapshot.amount_credited),
        "date": _day(snapshot.date),
        "due_date": _day(snapshot.due_date),
        "fully_paid_on": _day(snapshot.fully_paid_on),
        "xero_updated_at": instant(snapshot.updated_at) if snapshot.updated_at else None,
    }


def link_from(
    snapshot: InvoiceSnapshot,
    *,
    appointment_id: str,
    tenant_id: str,
    generation: int,
    now: str,
    rules: dict[str, Any],
) -> InvoiceLink:
    return InvoiceLink(
        appointment_id=appointment_id,
        tenant_id=tenant_id,
        generation=generation,
        updated_at=now,
        rules=rules,
        draft_since=now if snapshot.status in UNAPPROVED else None,
        **_as_in_xero(snapshot),
    )


def link_after(link: InvoiceLink, snapshot: InvoiceSnapshot, now: str) -> InvoiceLink | None:
    """The link brought up to what Xero says; None when nothing changed or the snapshot is older than the link.

    Webhooks and pulls come unordered, so an older answer must never undo a newer one. What Xero does not say of an
    invoice stays as it was.
    """
    fresh = replace(link, **_as_in_xero(snapshot))
    fresh = replace(fresh, draft_since=link.draft_since or now if fresh.status in UNAPPROVED else None)
    if fresh.is_over:
        fresh = replace(fresh, differs=None)
    if fresh.is_over or fresh.total == fresh.expected_total:  # a person corrected it in Xero
        fresh = replace(fresh, total_differs=None)
    if link.xero_updated_at and fresh.xero_updated_at and fresh.xero_updated_at < link.xero_updated_at:
        return None
    return None if fresh == link else replace(fresh, updated_at=now)


def is_paid(link: InvoiceLink) -> bool:
    """Xero's own word and nothing owed: part payments and part credits are both normal on the way there."""
    return link.status == "PAID" and Decimal(link.amount_due) == 0


@dataclass(frozen=True)
class ContactLink:
    """Stored under ``contact_links/{person id}``. ``state``: linked | archived | erased."""

    person_id: str
    tenant_id: str
    contact_id: str
    name_sent: str
    details_hash: str
    suffix: int
    state: str
    updates: int  # how often we changed it; makes every change its own operation
    updated_at: str
    merged: bool = False  # in Xero, into the contact that it is now

    def to_data(self) -> dict[str, Any]:
        return dict(vars(self))

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> ContactLink:
        return cls(**{k: v for k, v in data.items() if k in cls.__dataclass_fields__})
