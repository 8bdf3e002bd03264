"""What we remember of a document in Xero: the link between an appointment and its invoice."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from shared.domain.times import instant
from shared.domain.xero_records import InvoiceSnapshot

#: A voided or deleted invoice is over: the appointment may get a new one, with a new number.
OVER = ("VOIDED", "DELETED")


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

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    def to_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> InvoiceLink:
        return cls(**{k: v for k, v in data.items() if k in cls.__dataclass_fields__})


def _amount(value: Decimal) -> str:
    return f"{value:.2f}"


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


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
        invoice_id=snapshot.invoice_id,
        invoice_number=snapshot.invoice_number,
        contact_id=snapshot.contact_id,
        status=snapshot.status,
        currency=snapshot.currency,
        sub_total=_amount(snapshot.sub_total),
        total_tax=_amount(snapshot.total_tax),
        total=_amount(snapshot.total),
        amount_due=_amount(snapshot.amount_due),
        amount_paid=_amount(snapshot.amount_paid),
        amount_credited=_amount(snapshot.amount_credited),
        date=_day(snapshot.date),
        due_date=_day(snapshot.due_date),
        fully_paid_on=_day(snapshot.fully_paid_on),
        xero_updated_at=instant(snapshot.updated_at) if snapshot.updated_at else None,
        updated_at=now,
        rules=rules,
    )


def link_after(link: InvoiceLink, snapshot: InvoiceSnapshot, now: str) -> InvoiceLink | None:
    """The link brought up to what Xero says; None when nothing changed or the snapshot is older than the link.

    Webhooks and pulls come unordered, so an older answer must never undo a newer one.
    """
    fresh = link_from(
        snapshot,
        appointment_id=link.appointment_id,
        tenant_id=link.tenant_id,
        generation=link.generation,
        now=now,
        rules=link.rules,
    )
    fresh = replace(fresh, emailed_at=link.emailed_at, sent_total=link.sent_total)
    if link.xero_updated_at and fresh.xero_updated_at and fresh.xero_updated_at < link.xero_updated_at:
        return None
    return None if replace(fresh, updated_at=link.updated_at) == link else fresh


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

    def to_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> ContactLink:
        return cls(**{k: v for k, v in data.items() if k in cls.__dataclass_fields__})
