"""What the books keep. Records never change: a change puts a new record in the old one's place."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .money import ZERO


@dataclass(frozen=True)
class Note:
    """A line of a document's history: made by the books, or written by an app or a person."""

    changes: str
    details: str
    user: str
    at: dt.datetime


@dataclass(frozen=True)
class Contact:
    id: str
    name: str
    updated: dt.datetime
    status: str = "ACTIVE"
    number: str = ""
    account_number: str = ""
    merged_into: str = ""
    texts: dict[str, str] | None = None  # FirstName, EmailAddress and other plain texts, by Xero's names
    addresses: tuple[dict[str, Any], ...] = ()
    phones: tuple[dict[str, Any], ...] = ()
    persons: tuple[dict[str, Any], ...] = ()
    is_customer: bool = False
    is_supplier: bool = False
    history: tuple[Note, ...] = ()

    def text(self, field: str) -> str:
        return (self.texts or {}).get(field, "")


@dataclass(frozen=True)
class Line:
    id: str
    description: str
    quantity: Decimal | None = None
    unit_amount: Decimal | None = None
    line_amount: Decimal = ZERO
    tax_amount: Decimal = ZERO
    tax_type: str = ""
    account_id: str = ""
    item_code: str = ""
    discount_rate: Decimal | None = None
    discount_amount: Decimal | None = None
    discount: Decimal = ZERO  # what the rate or amount came to
    tracking: tuple[tuple[str, str], ...] = ()  # (category id, option id)


@dataclass(frozen=True)
class Document:
    """What an invoice and a credit note have in common."""

    id: str
    type: str
    contact_id: str
    number: str
    date: dt.date
    updated: dt.datetime
    status: str = "DRAFT"
    reference: str = ""
    due_date: dt.date | None = None
    line_amount_types: str = "Exclusive"
    lines: tuple[Line, ...] = ()
    currency: str = ""
    currency_rate: Decimal = Decimal("1.000000")
    sub_total: Decimal = ZERO
    total_tax: Decimal = ZERO
    total: Decimal = ZERO
    total_discount: Decimal = ZERO
    branding_theme: str = ""
    url: str = ""
    sent: bool = False
    client_id: str = ""
    fully_paid_on: dt.date | None = None
    history: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Invoice(Document):
    amount_paid: Decimal = ZERO
    amount_credited: Decimal = ZERO
    expected_payment: dt.date | None = None

    @property
    def amount_due(self) -> Decimal:
        if self.status in ("VOIDED", "DELETED"):
            return ZERO
        return self.total - self.amount_paid - self.amount_credited

    @property
    def settled(self) -> Decimal:
        return self.amount_paid + self.amount_credited


@dataclass(frozen=True)
class Allocation:
    id: str
    invoice_id: str
    amount: Decimal
    date: dt.date


@dataclass(frozen=True)
class CreditNote(Document):
    allocations: tuple[Allocation, ...] = ()
    refunded: Decimal = ZERO  # by payments against it

    @property
    def remaining(self) -> Decimal:
        if self.status in ("VOIDED", "DELETED"):
            return ZERO
        return self.total - self.refunded - sum((one.amount for one in self.allocations), ZERO)


@dataclass(frozen=True)
class Deposit:
    """Money received that no invoice asked for: a Prepayment (with tax) or an Overpayment (without)."""

    id: str
    kind: str  # Prepayment | Overpayment
    contact_id: str
    date: dt.date
    total: Decimal
    currency: str
    updated: dt.datetime
    total_tax: Decimal = ZERO
    reference: str = ""
    status: str = "AUTHORISED"
    allocations: tuple[Allocation, ...] = ()
    history: tuple[Note, ...] = ()

    @property
    def remaining(self) -> Decimal:
        return self.total - sum((one.amount for one in self.allocations), ZERO)


@dataclass(frozen=True)
class Payment:
    id: str
    invoice_id: str  # empty for a refund
    account_id: str
    date: dt.date
    amount: Decimal
    updated: dt.datetime
    reference: str = ""
    status: str = "AUTHORISED"
    currency_rate: Decimal = Decimal("1.000000")
    reconciled: bool = False
    client_id: str = ""
    credit_note_id: str = ""  # a refund pays this out
    history: tuple[Note, ...] = ()
