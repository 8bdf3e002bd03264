"""Three clinics to try things on: one in Australia, one in New Zealand, one in the United Kingdom.

Everything is invented. Account 299 is archived and one tracking option too, so that mappings can go stale; the
contacts were entered by hand and collide with patients' names.
"""

from __future__ import annotations

from datetime import datetime

from ..interface import Books
from .demo_parts import Parts, both_tax, purchase_tax, sales_tax
from .settings import Account, Organisation, Settings

HARBOUR_STREET = "6f1d3c52-8f0b-4b53-9f0a-1d2c7a9be001"
KAURI_PHYSIO = "b2a7e6f4-3c1d-4d8e-8b5f-2e3d8bacf002"
THAMES_OSTEOPATHY = "c9e48a17-5d2e-4f6a-9c60-3f4e9cbd0003"
PRACTITIONERS = ["Dr Ana Ruiz", "Ben Okafor", "Chloe Tan", "Dev Patel"]


def demo_books(now: datetime) -> list[Books]:
    return [australia(now), _new_zealand(now), _britain(now)]


def _accounts(parts: Parts, currency: str, sale: str, consult: str, buy: str, none: str) -> list[Account]:
    """A small chart of accounts, the same in every country but for the tax."""
    archived = parts.account("299", "Old gift vouchers", "REVENUE", sale)
    archived.status = "ARCHIVED"
    return [
        parts.bank("090", "Business Bank Account", "06200012345678", currency, none),
        parts.account("200", "Sales", "REVENUE", sale),
        parts.account("201", "Consultations", "REVENUE", consult),
        parts.account("202", "Products", "REVENUE", sale),
        parts.account("260", "Other Revenue", "OTHERINCOME", sale),
        archived,
        parts.account("310", "Cost of Products Sold", "DIRECTCOSTS", buy),
        parts.account("400", "Advertising", "EXPENSE", buy),
        parts.account("420", "Clinic Supplies", "EXPENSE", buy),
        parts.account("469", "Rent", "EXPENSE", buy),
        parts.account("610", "Accounts Receivable", "CURRENT", none, "DEBTORS"),
        parts.account("800", "Accounts Payable", "CURRLIAB", none, "CREDITORS"),
        parts.account("820", "Sales Tax", "CURRLIAB", none, "GST"),
        parts.account("860", "Rounding", "EXPENSE", none, "ROUNDING"),
        parts.clearing("880", "Clearing - cards", none),
        parts.clearing("881", "Clearing - cash", none),
        parts.account("960", "Retained Earnings", "EQUITY", none, "RETAINEDEARNINGS"),
    ]


def _settings(
    parts: Parts, organisation: Organisation, accounts: list[Account], consult: str, sale: str
) -> Settings:
    clinics = ["Harbour Street", "North Shore"]
    return Settings(
        organisation=organisation,
        accounts=accounts,
        tax_rates=[],
        tracking=[
            parts.tracking("Clinic", clinics, ("Old Wharf",)),
            parts.tracking("Practitioner", PRACTITIONERS),
        ],
        items=[
            parts.item("CONSULT", "Consultation", "95.00", "201", consult),
            parts.item("CONSULT-LONG", "Long consultation", "150.00", "201", consult),
            parts.item("ORTHOTIC", "Orthotic insole", "220.00", "202", sale),
            parts.item("TAPE", "Strapping tape", "12.50", "202", sale),
        ],
        themes=parts.themes(),
    )


def australia(now: datetime, tenant_id: str = HARBOUR_STREET, name: str = "Harbour Street Clinic") -> Books:
    """Under other ids and names a test has as many such clinics as it likes."""
    parts = Parts(tenant_id, now)
    organisation = Organisation(
        id=tenant_id,
        name=name,
        legal_name=f"{name} Pty Ltd",
        version="AU",
        country="AU",
        currency="AUD",
        currencies=["AUD"],
        time_zone="AUSEASTERNSTANDARDTIME",
        short_code="!hS7aC",
        tax_number="11 111 111 138",
        registration_number="111 111 138",
        sales_tax_basis="CASH",
        sales_tax_period="QUARTERLY1",
        year_end_day=30,
        year_end_month=6,
        created=parts.now,
    )
    accounts = _accounts(parts, "AUD", "OUTPUT", "EXEMPTOUTPUT", "INPUT", "BASEXCLUDED")
    settings = _settings(parts, organisation, accounts, "EXEMPTOUTPUT", "OUTPUT")
    settings.tax_rates = [
        sales_tax("GST on Income", "OUTPUT", "10", "OUTPUT", "GST"),
        sales_tax("GST Free Income", "EXEMPTOUTPUT", "0", "EXEMPTOUTPUT", "GST"),
        purchase_tax("GST on Expenses", "INPUT", "10", "INPUT", "GST"),
        purchase_tax("GST Free Expenses", "EXEMPTEXPENSES", "0", "EXEMPTEXPENSES", "GST"),
        both_tax("BAS Excluded", "BASEXCLUDED", "BASEXCLUDED", "GST"),
    ]
    people = [
        parts.contact("Adam Brown"),
        parts.contact("Mary Jones", email="mary.jones@example.com"),
        parts.contact("Bayside Medical Supplies", is_customer=False, is_supplier=True),
    ]
    return parts.books(settings, people)


def _new_zealand(now: datetime) -> Books:
    parts = Parts(KAURI_PHYSIO, now)
    organisation = Organisation(
        id=KAURI_PHYSIO,
        name="Kauri Physio",
        legal_name="Kauri Physio Limited",
        version="NZ",
        country="NZ",
        currency="NZD",
        currencies=["NZD"],
        time_zone="NEWZEALANDSTANDARDTIME",
        short_code="!kR2pH",
        tax_number="101-010-101",
        registration_number="1234567",
        sales_tax_basis="PAYMENTS",
        sales_tax_period="TWOMONTHS",
        year_end_day=31,
        year_end_month=3,
        created=parts.now,
    )
    accounts = _accounts(parts, "NZD", "OUTPUT2", "OUTPUT2", "INPUT2", "NONE")
    settings = _settings(parts, organisation, accounts, "OUTPUT2", "OUTPUT2")
    settings.tax_rates = [
        sales_tax("15% GST on Income", "OUTPUT2", "15", "OUTPUT", "GST"),
        purchase_tax("15% GST on Expenses", "INPUT2", "15", "INPUT", "GST"),
        both_tax("Zero Rated", "ZERORATED", "NONE", "GST"),
        both_tax("No GST", "NONE", "NONE", "GST"),
    ]
    people = [
        parts.contact("Adam Brown"),
        parts.contact("Aroha Ngata"),
        parts.contact("Southern Rehab Supplies", is_customer=False, is_supplier=True),
    ]
    return parts.books(settings, people)


def _britain(now: datetime) -> Books:
    parts = Parts(THAMES_OSTEOPATHY, now)
    organisation = Organisation(
        id=THAMES_OSTEOPATHY,
        name="Thames Osteopathy",
        legal_name="Thames Osteopathy Ltd",
        version="UK",
        country="GB",
        currency="GBP",
        currencies=["GBP"],
        time_zone="GMTSTANDARDTIME",
        short_code="!tM9oX",
        tax_number="123 4567 89",
        registration_number="01234567",
        sales_tax_basis="ACCRUAL",
        sales_tax_period="QUARTERLY",
        year_end_day=31,
        year_end_month=3,
        created=parts.now,
    )
    accounts = _accounts(parts, "GBP", "OUTPUT2", "EXEMPTOUTPUT", "INPUT2", "NONE")
    settings = _settings(parts, organisation, accounts, "EXEMPTOUTPUT", "OUTPUT2")
    settings.tax_rates = [
        sales_tax("20% (VAT on Income)", "OUTPUT2", "20", "OUTPUT", "VAT"),
        sales_tax("5% (VAT on Income)", "RROUTPUT", "5", "OUTPUT", "VAT"),
        sales_tax("Zero Rated Income", "ZERORATEDOUTPUT", "0", "OUTPUT", "VAT"),
        sales_tax("Exempt Income", "EXEMPTOUTPUT", "0", "EXEMPTOUTPUT", "VAT"),
        purchase_tax("20% (VAT on Expenses)", "INPUT2", "20", "INPUT", "VAT"),
        both_tax("No VAT", "NONE", "NONE", "VAT"),
    ]
    people = [
        parts.contact("Adam Brown"),
        parts.contact("Oliver Bennett", email="oliver.bennett@example.com"),
        parts.contact("Riverside Couches", is_customer=False, is_supplier=True),
    ]
    return parts.books(settings, people)
