"""An organisation's own set-up: chart of accounts, tax rates, tracking, items, themes and switches."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

REVENUE_TYPES = ("REVENUE", "SALES", "OTHERINCOME")
CLASSES = {
    "BANK": "ASSET",
    "CURRENT": "ASSET",
    "FIXED": "ASSET",
    "CURRLIAB": "LIABILITY",
    "LIABILITY": "LIABILITY",
    "EQUITY": "EQUITY",
    "EXPENSE": "EXPENSE",
    "OVERHEADS": "EXPENSE",
    "DIRECTCOSTS": "EXPENSE",
    **dict.fromkeys(REVENUE_TYPES, "REVENUE"),
}


@dataclass
class Account:
    id: str
    code: str
    name: str
    type: str
    tax_type: str
    updated: datetime
    status: str = "ACTIVE"
    system: str = ""  # DEBTORS, CREDITORS, ROUNDING ...
    description: str = ""
    takes_payments: bool = False
    bank_account_number: str = ""
    bank_account_type: str = ""
    currency: str = ""

    @property
    def account_class(self) -> str:
        return CLASSES[self.type]


@dataclass
class TaxRate:
    name: str
    tax_type: str
    rate: Decimal
    report_type: str
    component: str
    revenue: bool
    expenses: bool
    others: bool = True  # assets, liabilities, equity
    status: str = "ACTIVE"

    def applies_to(self, account_class: str) -> bool:
        return {"REVENUE": self.revenue, "EXPENSE": self.expenses}.get(account_class, self.others)


@dataclass
class TrackingOption:
    id: str
    name: str
    status: str = "ACTIVE"


@dataclass
class TrackingCategory:
    id: str
    name: str
    options: list[TrackingOption]
    status: str = "ACTIVE"


@dataclass
class Item:
    id: str
    code: str
    name: str
    description: str
    updated: datetime
    unit_price: Decimal | None = None
    account_code: str = ""
    tax_type: str = ""
    sold: bool = True
    purchased: bool = False


@dataclass
class BrandingTheme:
    id: str
    name: str
    sort_order: int
    created: datetime


@dataclass
class Organisation:
    id: str
    name: str
    legal_name: str
    version: str
    country: str
    currency: str
    time_zone: str
    short_code: str
    tax_number: str
    registration_number: str
    sales_tax_basis: str
    sales_tax_period: str
    year_end_day: int
    year_end_month: int
    created: datetime
    plan: str = "GROW"  # the Class that /Organisation shows
    monthly_approvals: int | None = None  # the legacy Early plan approves 20 sales invoices a month
    emails_a_day: int = 1000
    multicurrency: bool = False
    currencies: list[str] = field(default_factory=list)
    period_lock: date | None = None
    year_lock: date | None = None
    offline: bool = False
    invoice_prefix: str = "INV-"
    credit_note_prefix: str = "CN-"
    tax_rounding: str = "half_up"  # see money.TAX_ROUNDING


@dataclass
class Counters:
    next_invoice: int = 1
    next_credit_note: int = 1
    approvals: dict[str, int] = field(default_factory=dict)  # by month, "2026-11"
    emails: dict[str, int] = field(default_factory=dict)  # by day


@dataclass
class Settings:
    organisation: Organisation
    accounts: list[Account]
    tax_rates: list[TaxRate]
    tracking: list[TrackingCategory]
    items: list[Item]
    themes: list[BrandingTheme]

    def account(self, *, code: str = "", account_id: str = "") -> Account | None:
        for one in self.accounts:
            if (code and one.code.casefold() == code.casefold()) or (
                account_id and one.id == account_id.lower()
            ):
                return one
        return None

    def tax_rate(self, tax_type: str) -> TaxRate | None:
        return next((one for one in self.tax_rates if one.tax_type == tax_type), None)

    def item(self, code: str) -> Item | None:
        return next((one for one in self.items if one.code.casefold() == code.casefold()), None)
