"""The organisation's set-up in Xero's shape."""

from __future__ import annotations

from typing import Any

from .dates import ms_date, ms_moment
from .money import rounded
from .settings import Account, BrandingTheme, Item, Organisation, TaxRate, TrackingCategory

CURRENCY_NAMES = {
    "AUD": "Australian Dollar",
    "NZD": "New Zealand Dollar",
    "GBP": "British Pound",
    "USD": "United States Dollar",
    "EUR": "Euro",
}


def organisation_view(one: Organisation) -> dict[str, Any]:
    view: dict[str, Any] = {
        "Name": one.name,
        "LegalName": one.legal_name,
        "PaysTax": True,
        "Version": one.version,
        "OrganisationType": "COMPANY",
        "BaseCurrency": one.currency,
        "CountryCode": one.country,
        "IsDemoCompany": False,
        "OrganisationStatus": "ACTIVE",
        "RegistrationNumber": one.registration_number,
        "TaxNumber": one.tax_number,
        "FinancialYearEndDay": one.year_end_day,
        "FinancialYearEndMonth": one.year_end_month,
        "SalesTaxBasis": one.sales_tax_basis,
        "SalesTaxPeriod": one.sales_tax_period,
        "DefaultSalesTax": "Tax Exclusive",
        "DefaultPurchasesTax": "Tax Exclusive",
    }
    if one.period_lock:
        view["PeriodLockDate"] = ms_date(one.period_lock)
    if one.year_lock:
        view["EndOfYearLockDate"] = ms_date(one.year_lock)
    return view | {
        "CreatedDateUTC": ms_moment(one.created),
        "OrganisationEntityType": "COMPANY",
        "Timezone": one.time_zone,
        "ShortCode": one.short_code,
        "OrganisationID": one.id,
        "Edition": "BUSINESS",
        "Class": one.plan,
        "Addresses": [],
        "Phones": [],
        "ExternalLinks": [],
        "PaymentTerms": {},
    }


def account_view(one: Account) -> dict[str, Any]:
    view: dict[str, Any] = {
        "AccountID": one.id,
        "Code": one.code,
        "Name": one.name,
        "Status": one.status,
        "Type": one.type,
        "TaxType": one.tax_type,
        "Class": one.account_class,
    }
    if one.system:
        view["SystemAccount"] = one.system
    if one.description:
        view["Description"] = one.description
    if one.type == "BANK":
        view["BankAccountNumber"] = one.bank_account_number
        view["BankAccountType"] = one.bank_account_type
        view["CurrencyCode"] = one.currency
    return view | {
        "EnablePaymentsToAccount": one.takes_payments,
        "ShowInExpenseClaims": False,
        "ReportingCode": "",
        "HasAttachments": False,
        "UpdatedDateUTC": ms_moment(one.updated),
        "AddToWatchlist": False,
    }


def tax_rate_view(one: TaxRate) -> dict[str, Any]:
    rate = rounded(one.rate, 4)
    component = {"Name": one.component, "Rate": rate, "IsCompound": False, "IsNonRecoverable": False}
    return {
        "Name": one.name,
        "TaxType": one.tax_type,
        "ReportTaxType": one.report_type,
        "CanApplyToAssets": one.others,
        "CanApplyToEquity": one.others,
        "CanApplyToExpenses": one.expenses,
        "CanApplyToLiabilities": one.others,
        "CanApplyToRevenue": one.revenue,
        "DisplayTaxRate": rate,
        "EffectiveRate": rate,
        "Status": one.status,
        "TaxComponents": [component],
    }


def tracking_view(one: TrackingCategory, include_archived: bool) -> dict[str, Any]:
    return {
        "Name": one.name,
        "Status": one.status,
        "TrackingCategoryID": one.id,
        "Options": [
            {
                "TrackingOptionID": option.id,
                "Name": option.name,
                "Status": option.status,
                "HasValidationErrors": False,
                "IsDeleted": option.status == "DELETED",
                "IsArchived": option.status == "ARCHIVED",
                "IsActive": option.status == "ACTIVE",
            }
            for option in one.options
            if include_archived or option.status == "ACTIVE"
        ],
    }


def item_view(one: Item, unitdp: int) -> dict[str, Any]:
    sales: dict[str, Any] = {}
    if one.unit_price is not None:
        sales["UnitPrice"] = rounded(one.unit_price, unitdp)
    if one.account_code:
        sales["AccountCode"] = one.account_code
    if one.tax_type:
        sales["TaxType"] = one.tax_type
    return {
        "ItemID": one.id,
        "Code": one.code,
        "Name": one.name,
        "Description": one.description,
        "UpdatedDateUTC": ms_moment(one.updated),
        "PurchaseDetails": {},
        "SalesDetails": sales,
        "IsTrackedAsInventory": False,
        "IsSold": one.sold,
        "IsPurchased": one.purchased,
    }


def theme_view(one: BrandingTheme) -> dict[str, Any]:
    return {
        "BrandingThemeID": one.id,
        "Name": one.name,
        "Type": "INVOICE",
        "SortOrder": one.sort_order,
        "CreatedDateUTC": ms_moment(one.created),
    }


def currency_view(code: str) -> dict[str, Any]:
    return {"Code": code, "Description": CURRENCY_NAMES.get(code, code)}
