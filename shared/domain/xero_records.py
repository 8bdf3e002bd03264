"""What Xero told us, in our words: snapshots of its documents at one instant."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class ContactSnapshot:
    contact_id: str
    name: str
    contact_number: str | None
    status: str  # ACTIVE, ARCHIVED, GDPRREQUEST, or a word Xero adds later
    email: str | None
    merged_to: str | None  # ContactID of the contact this one was merged into
    updated_at: datetime | None


@dataclass(frozen=True)
class PaymentSnapshot:
    payment_id: str
    amount: Decimal
    date: dt.date | None
    reference: str | None


@dataclass(frozen=True)
class InvoiceSnapshot:
    """Amounts in the invoice's currency, exactly as Xero computed them."""

    invoice_id: str
    type: str  # ACCREC for sales
    invoice_number: str | None
    reference: str | None
    contact_id: str | None
    status: str  # DRAFT, SUBMITTED, AUTHORISED, PAID, VOIDED, DELETED, or a word Xero adds later
    currency: str | None
    sub_total: Decimal
    total_tax: Decimal
    total: Decimal
    amount_due: Decimal
    amount_paid: Decimal
    amount_credited: Decimal
    date: dt.date | None
    due_date: dt.date | None
    fully_paid_on: dt.date | None
    updated_at: datetime | None
    payments: tuple[PaymentSnapshot, ...] = ()
    sent_to_contact: bool = False  # Xero has e-mailed it, or a person marked it as sent
    line_amount_types: str | None = None  # Exclusive, Inclusive, NoTax
    line_items: tuple[dict[str, Any], ...] = ()  # as Xero sent them; empty in lists without paging


@dataclass(frozen=True)
class CreditNoteSnapshot:
    credit_note_id: str
    number: str | None
    reference: str | None
    status: str
    total: Decimal
    remaining_credit: Decimal
    updated_at: datetime | None
    payments: tuple[PaymentSnapshot, ...] = ()  # refunds: what was paid out of it


@dataclass(frozen=True)
class OrganisationSnapshot:
    name: str
    short_code: str | None  # for links into Xero
    base_currency: str
    country_code: str | None
    time_zone: str | None  # Xero's name, e.g. AUSEASTERNSTANDARDTIME
    period_lock_date: date | None
    end_of_year_lock_date: date | None
    plan: str | None  # Organisation.Class
    is_demo: bool


@dataclass(frozen=True)
class AccountSnapshot:
    account_id: str
    code: str | None
    name: str
    type: str  # REVENUE, SALES, BANK, ...
    account_class: str | None  # REVENUE, ASSET, ...
    status: str  # ACTIVE, ARCHIVED
    tax_type: str | None
    enable_payments: bool
    system_account: str | None


@dataclass(frozen=True)
class TaxRateSnapshot:
    tax_type: str
    name: str
    status: str
    rate: Decimal  # EffectiveRate in percent
    can_apply_to_revenue: bool


@dataclass(frozen=True)
class TrackingOptionSnapshot:
    option_id: str
    name: str
    status: str


@dataclass(frozen=True)
class TrackingCategorySnapshot:
    category_id: str
    name: str
    status: str
    options: tuple[TrackingOptionSnapshot, ...]


@dataclass(frozen=True)
class ItemSnapshot:
    code: str
    name: str
    account_code: str | None
    tax_type: str | None
    unit_price: Decimal | None


@dataclass(frozen=True)
class BrandingThemeSnapshot:
    theme_id: str
    name: str


@dataclass(frozen=True)
class CurrencySnapshot:
    code: str
    name: str


@dataclass(frozen=True)
class ActionSnapshot:
    name: str  # CreateApprovedInvoice, UseMulticurrency, ...
    allowed: bool


@dataclass(frozen=True)
class RecordProblem:
    """A record in an otherwise good answer that could not be read: set aside, reported, never fatal."""

    kind: str  # invoice, contact, ...
    record_id: str | None
    reason: str  # without patient details


@dataclass(frozen=True)
class XeroPage:
    """One page of a list. ``as_of`` is Xero's own clock when it answered: the next cursor."""

    records: list[Any]
    page: int
    page_count: int
    as_of: datetime
    problems: list[RecordProblem] = field(default_factory=list)


@dataclass(frozen=True)
class Usage:
    """Calls left, from the answer's headers; None where Xero did not say."""

    minute: int | None = None
    day: int | None = None
    app_minute: int | None = None
