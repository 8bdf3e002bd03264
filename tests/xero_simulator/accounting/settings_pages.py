"""Reading an organisation's set-up: Organisation, Accounts, TaxRates, TrackingCategories, Items, themes, currencies.

The app this simulator serves only reads these, so writing them is left to ``by_hand``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..interface import Call, Reply
from .ledger import Work
from .listing import Listing, Query
from .replies import envelope, not_allowed, not_found
from .settings import Account, BrandingTheme, Item, TaxRate, TrackingCategory
from .settings_view import (
    account_view,
    currency_view,
    item_view,
    organisation_view,
    tax_rate_view,
    theme_view,
    tracking_view,
)
from .where import Fields, guid_of, moment_of, switch_of, text_of

ACCOUNTS: Listing[Account] = Listing(
    "Account",
    {
        "accountid": guid_of(lambda one: one.id),
        "code": text_of(lambda one: one.code),
        "name": text_of(lambda one: one.name),
        "type": text_of(lambda one: one.type),
        "class": text_of(lambda one: one.account_class),
        "status": text_of(lambda one: one.status),
        "taxtype": text_of(lambda one: one.tax_type),
        "systemaccount": text_of(lambda one: one.system),
        "enablepaymentstoaccount": switch_of(lambda one: one.takes_payments),
        "updateddateutc": moment_of(lambda one: one.updated),
    },
    lambda one: one.updated,
)
ITEMS: Listing[Item] = Listing(
    "Item",
    {
        "itemid": guid_of(lambda one: one.id),
        "code": text_of(lambda one: one.code),
        "name": text_of(lambda one: one.name),
        "issold": switch_of(lambda one: one.sold),
        "ispurchased": switch_of(lambda one: one.purchased),
        "updateddateutc": moment_of(lambda one: one.updated),
    },
    lambda one: one.updated,
)
ACTIONS = (
    "CreateDraftInvoice",
    "CreateInvoicePayment",
    "CreateRepeatingInvoice",
    "AttachFilesIntoInvoice",
    "CreateDraftBill",
    "CreateApprovedBill",
)


def organisation(call: Call, work: Work) -> Reply:
    if call.path[1:] == ("Actions",):
        return envelope("Actions", _actions(work), work.now)
    if call.path[1:]:
        raise not_found()
    return envelope("Organisations", [organisation_view(work.settings.organisation)], work.now)


def _actions(work: Work) -> list[dict[str, str]]:
    """What the plan and the connecting person's role allow at this moment."""
    one = work.settings.organisation
    used = work.ledger.counters.approvals.get(f"{work.today:%Y-%m}", 0)
    allowed = dict.fromkeys(ACTIONS, True) | {
        "CreateApprovedInvoice": one.monthly_approvals is None or used < one.monthly_approvals,
        "UseMulticurrency": one.multicurrency,
        "ApproveTransactionsBeforePeriodLockDate": False,
    }
    return [
        {"Name": name, "Status": "ALLOWED" if yes else "NOT-ALLOWED"} for name, yes in sorted(allowed.items())
    ]


def accounts(call: Call, work: Work) -> Reply:
    found = work.settings.accounts
    if call.path[1:]:
        return _one("Accounts", found, call.path[1:], lambda one: [one.id], account_view, work)
    query = Query(call)
    chosen = ACCOUNTS.select(found, query)
    if not query.get("order"):
        chosen.sort(key=lambda one: one.code)
    return envelope("Accounts", [account_view(one) for one in chosen], work.now)


def items(call: Call, work: Work) -> Reply:
    def view(one: Item) -> dict[str, Any]:
        return item_view(one, work.unitdp)

    if call.path[1:]:
        return _one("Items", work.settings.items, call.path[1:], lambda one: [one.id, one.code], view, work)
    return envelope("Items", [view(one) for one in ITEMS.select(work.settings.items, Query(call))], work.now)


def tax_rates(call: Call, work: Work) -> Reply:
    found = work.settings.tax_rates
    if call.path[1:]:
        return _one("TaxRates", found, call.path[1:], lambda one: [one.tax_type], tax_rate_view, work)
    query = Query(call)
    fields: Fields[TaxRate] = {
        "name": text_of(lambda one: one.name),
        "taxtype": text_of(lambda one: one.tax_type),
        "status": text_of(lambda one: one.status),
        "canapplytorevenue": switch_of(lambda one: one.revenue),
        "canapplytoexpenses": switch_of(lambda one: one.expenses),
    }
    listing: Listing[TaxRate] = Listing("TaxRate", fields, lambda one: work.now)
    return envelope("TaxRates", [tax_rate_view(one) for one in listing.select(found, query)], work.now)


def tracking(call: Call, work: Work) -> Reply:
    """Archived categories and options are shown only with includeArchived=true."""
    query = Query(call)
    everything = query.flag("includeArchived")

    def view(one: TrackingCategory) -> dict[str, Any]:
        return tracking_view(one, everything)

    found = work.settings.tracking
    if call.path[1:]:
        return _one("TrackingCategories", found, call.path[1:], lambda one: [one.id], view, work)
    fields: Fields[TrackingCategory] = {
        "name": text_of(lambda one: one.name),
        "status": text_of(lambda one: one.status),
    }
    listing: Listing[TrackingCategory] = Listing("TrackingCategory", fields, lambda one: work.now)
    rows = [one for one in found if everything or one.status == "ACTIVE"]
    return envelope("TrackingCategories", [view(one) for one in listing.select(rows, query)], work.now)


def themes(call: Call, work: Work) -> Reply:
    found: list[BrandingTheme] = work.settings.themes
    if call.path[1:]:
        return _one("BrandingThemes", found, call.path[1:], lambda one: [one.id], theme_view, work)
    return envelope("BrandingThemes", [theme_view(one) for one in found], work.now)


def currencies(call: Call, work: Work) -> Reply:
    if call.path[1:]:
        raise not_found()
    return envelope(
        "Currencies", [currency_view(code) for code in work.settings.organisation.currencies], work.now
    )


def _one(
    plural: str,
    found: list[Any],
    rest: tuple[str, ...],
    names: Callable[[Any], list[str]],
    view: Callable[[Any], dict[str, Any]],
    work: Work,
) -> Reply:
    if len(rest) == 1:
        for one in found:
            if rest[0].lower() in (name.lower() for name in names(one)):
                return envelope(plural, [view(one)], work.now)
    raise not_found()


PAGES: dict[str, Callable[[Call, Work], Reply]] = {
    "organisation": organisation,
    "organisations": organisation,
    "accounts": accounts,
    "items": items,
    "taxrates": tax_rates,
    "trackingcategories": tracking,
    "brandingthemes": themes,
    "currencies": currencies,
}


def answer(call: Call, work: Work) -> Reply:
    if call.method != "GET":
        raise not_allowed()
    return PAGES[call.path[0].lower()](call, work)
