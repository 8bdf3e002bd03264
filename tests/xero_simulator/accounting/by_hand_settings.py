"""Changing an organisation's set-up by hand: switches, accounts, tracking options, tax rates."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from .dates import ZONES, read_date
from .ledger import Work, new_id
from .money import TAX_ROUNDING
from .replies import Invalid
from .settings import CLASSES, Account, Settings, TrackingCategory, TrackingOption
from .settings_view import CURRENCY_NAMES, organisation_view

EARLY_LIMIT = 20
EARLY_PLANS = ("EARLY", "STARTER")


def change(work: Work, fields: dict[str, Any]) -> dict[str, Any]:
    """All fields or none are taken; lock dates are set by a day and cleared by null."""
    before = deepcopy(work.ledger.settings)
    try:
        for name, value in fields.items():
            _step(work, name, value)()
    except Invalid:
        work.ledger.settings = before
        raise
    work.ledger.settings_changed = True
    return organisation_view(work.settings.organisation)


def _step(work: Work, name: str, value: Any) -> Callable[[], None]:
    organisation, settings = work.settings.organisation, work.settings
    if name in ("period_lock_date", "end_of_year_lock_date"):
        day = read_date(value) if value else None
        if value and day is None:
            raise Invalid(f"{name} must be a day as YYYY-MM-DD, or null")
        field = "period_lock" if name == "period_lock_date" else "year_lock"
        return lambda: setattr(organisation, field, day)
    if name == "time_zone":
        if value not in ZONES:
            raise Invalid(f"time_zone must be one of {', '.join(ZONES)}")
        return lambda: setattr(organisation, "time_zone", value)
    if name == "plan":
        return lambda: _plan(work, str(value).upper())
    if name in ("offline", "multicurrency"):
        if not isinstance(value, bool):
            raise Invalid(f"{name} must be true or false")
        return lambda: _switch(work, name, value)
    if name == "emails_a_day" and isinstance(value, int):
        return lambda: setattr(organisation, "emails_a_day", value)
    if name == "tax_rounding":
        if value not in TAX_ROUNDING:
            raise Invalid(f"tax_rounding must be one of {', '.join(TAX_ROUNDING)}")
        return lambda: setattr(organisation, "tax_rounding", value)
    if name == "currencies" and isinstance(value, list):
        return lambda: setattr(organisation, "currencies", value)
    parts = {
        "account": _account,
        "tracking_option": _option,
        "tracking_category": _category,
        "tax_rate": _rate,
    }
    if name in parts and isinstance(value, dict):
        return lambda: parts[name](work, settings, value)
    raise Invalid(f"Unknown setting: {name}")


def _switch(work: Work, name: str, value: bool) -> None:
    """Turning multicurrency on subscribes to the usual currencies as well."""
    organisation = work.settings.organisation
    setattr(organisation, name, value)
    if name == "multicurrency" and value:
        organisation.currencies = list(dict.fromkeys([organisation.currency, *CURRENCY_NAMES]))


def _plan(work: Work, plan: str) -> None:
    """The legacy Early plan, which Xero calls STARTER, approves 20 sales invoices a month."""
    organisation = work.settings.organisation
    organisation.plan = "STARTER" if plan == "EARLY" else plan
    organisation.monthly_approvals = EARLY_LIMIT if plan in EARLY_PLANS else None


def _account(work: Work, settings: Settings, value: dict[str, Any]) -> None:
    code = str(value.get("Code") or "")
    account = settings.account(code=code)
    if account is None:
        kind = str(value.get("Type") or "REVENUE")
        if not code or kind not in CLASSES:
            raise Invalid("account needs a Code, and a known Type when it is new")
        tax = str(value.get("TaxType") or "")
        account = Account(new_id(), code, str(value.get("Name") or code), kind, tax, work.now)
        settings.accounts.append(account)
    account.status = _status(value, account.status)
    account.name = str(value.get("Name") or account.name)
    account.tax_type = str(value.get("TaxType") or account.tax_type)
    account.takes_payments = bool(value.get("EnablePaymentsToAccount", account.takes_payments))
    account.updated = work.now


def _category(work: Work, settings: Settings, value: dict[str, Any]) -> None:
    category = _named_category(settings, value)
    category.status = _status(value, category.status)


def _named_category(settings: Settings, value: dict[str, Any]) -> TrackingCategory:
    wanted = str(value.get("TrackingCategoryID") or value.get("Category") or value.get("Name") or "")
    for one in settings.tracking:
        if wanted.lower() in (one.id, one.name.lower()):
            return one
    raise Invalid(f"There is no tracking category {wanted}")


def _option(work: Work, settings: Settings, value: dict[str, Any]) -> None:
    """``{"Category"?, "Option" or "TrackingOptionID", "Status"?, "NewName"?}``; an unknown option is added."""
    wanted = str(value.get("TrackingOptionID") or value.get("Option") or "")
    where = settings.tracking
    if value.get("Category") or value.get("TrackingCategoryID"):
        where = [_named_category(settings, value)]
    for option in (option for category in where for option in category.options):
        if wanted.lower() in (option.id, option.name.lower()):
            option.status = _status(value, option.status)
            option.name = str(value.get("NewName") or option.name)
            return
    if len(where) != 1 or not value.get("Option"):
        raise Invalid(f"There is no tracking option {wanted}")
    where[0].options.append(TrackingOption(new_id(), wanted))


def _rate(work: Work, settings: Settings, value: dict[str, Any]) -> None:
    rate = settings.tax_rate(str(value.get("TaxType") or ""))
    if rate is None:
        raise Invalid("There is no such tax rate")
    rate.status = _status(value, rate.status)


def _status(value: dict[str, Any], default: str) -> str:
    status = str(value.get("Status") or default)
    if status not in ("ACTIVE", "ARCHIVED", "DELETED"):
        raise Invalid("Status must be ACTIVE, ARCHIVED or DELETED")
    return status
