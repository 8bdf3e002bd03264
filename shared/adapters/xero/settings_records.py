"""The organisation's own settings, from Xero's JSON to our snapshots: as tolerant as ``records`` and as
strict."""

from __future__ import annotations

from typing import Any

from shared.adapters.xero.fields import (
    Record,
    Unreadable,
    amount,
    calendar_date,
    flag,
    needed_amount,
    needed_text,
    text,
)
from shared.domain.xero_records import (
    AccountSnapshot,
    ActionSnapshot,
    BrandingThemeSnapshot,
    CurrencySnapshot,
    ItemSnapshot,
    OrganisationSnapshot,
    TaxRateSnapshot,
    TrackingCategorySnapshot,
    TrackingOptionSnapshot,
)


def organisation(record: Record) -> OrganisationSnapshot:
    """Lock dates are there only when set. Xero's time zone is one of its own names, not an IANA one."""
    return OrganisationSnapshot(
        name=text(record, "Name") or "",
        short_code=text(record, "ShortCode"),
        base_currency=needed_text(record, "BaseCurrency"),
        country_code=text(record, "CountryCode"),
        time_zone=text(record, "Timezone"),
        period_lock_date=calendar_date(record, "PeriodLockDate"),
        end_of_year_lock_date=calendar_date(record, "EndOfYearLockDate"),
        plan=text(record, "Class"),
        is_demo=flag(record, "IsDemoCompany"),
    )


def account(record: Record) -> AccountSnapshot:
    """Bank accounts may have no code."""
    return AccountSnapshot(
        account_id=needed_text(record, "AccountID"),
        code=text(record, "Code"),
        name=text(record, "Name") or "",
        type=needed_text(record, "Type"),
        account_class=text(record, "Class"),
        status=text(record, "Status") or "ACTIVE",
        tax_type=text(record, "TaxType"),
        enable_payments=flag(record, "EnablePaymentsToAccount"),
        system_account=text(record, "SystemAccount"),
    )


def tax_rate(record: Record) -> TaxRateSnapshot:
    rate = amount(record, "EffectiveRate")
    return TaxRateSnapshot(
        tax_type=needed_text(record, "TaxType"),
        name=text(record, "Name") or "",
        status=text(record, "Status") or "ACTIVE",
        rate=needed_amount(record, "DisplayTaxRate") if rate is None else rate,
        can_apply_to_revenue=flag(record, "CanApplyToRevenue"),
    )


def tracking_category(record: Record) -> TrackingCategorySnapshot:
    options: Any = record.get("Options")
    return TrackingCategorySnapshot(
        category_id=needed_text(record, "TrackingCategoryID"),
        name=text(record, "Name") or "",
        status=text(record, "Status") or "ACTIVE",
        options=tuple(tracking_option(each) for each in options) if isinstance(options, list) else (),
    )


def tracking_option(record: Any) -> TrackingOptionSnapshot:
    if not isinstance(record, dict):
        raise Unreadable("an option is not an object")
    return TrackingOptionSnapshot(
        option_id=needed_text(record, "TrackingOptionID"),
        name=text(record, "Name") or "",
        status=text(record, "Status") or "ACTIVE",
    )


def item(record: Record) -> ItemSnapshot:
    sales: Any = record.get("SalesDetails")
    sales = sales if isinstance(sales, dict) else {}
    return ItemSnapshot(
        code=needed_text(record, "Code"),
        name=text(record, "Name") or "",
        account_code=text(sales, "AccountCode"),
        tax_type=text(sales, "TaxType"),
        unit_price=amount(sales, "UnitPrice"),
    )


def branding_theme(record: Record) -> BrandingThemeSnapshot:
    return BrandingThemeSnapshot(
        theme_id=needed_text(record, "BrandingThemeID"), name=text(record, "Name") or ""
    )


def currency(record: Record) -> CurrencySnapshot:
    return CurrencySnapshot(code=needed_text(record, "Code"), name=text(record, "Description") or "")


def action(record: Record) -> ActionSnapshot:
    return ActionSnapshot(
        name=needed_text(record, "Name"), allowed=needed_text(record, "Status") == "ALLOWED"
    )
