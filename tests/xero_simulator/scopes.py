"""Xero's granular scopes, and which one each accounting endpoint asks for.

Apps made since 2 March 2026 get granular scopes only: ``accounting.transactions`` and
``accounting.reports.read`` are refused. The ``.read`` form is enough for GET.
"""

from __future__ import annotations

SIGN_IN = {"openid", "profile", "email", "offline_access"}

_WRITABLE = {
    "accounting.invoices",
    "accounting.payments",
    "accounting.banktransactions",
    "accounting.manualjournals",
    "accounting.settings",
    "accounting.contacts",
    "accounting.attachments",
}
_REPORTS = {
    "aged",
    "balancesheet",
    "banksummary",
    "budgetsummary",
    "executivesummary",
    "profitandloss",
    "trialbalance",
    "taxreports",
    "tenninetynine",
}
_READ_ONLY = {"accounting.budgets.read", "accounting.journals.read"} | {
    f"accounting.reports.{report}.read" for report in _REPORTS
}

KNOWN = SIGN_IN | _WRITABLE | {f"{scope}.read" for scope in _WRITABLE} | _READ_ONLY

_BY_ENDPOINT: dict[str, tuple[str, ...]] = {
    "invoices": ("accounting.invoices",),
    "creditnotes": ("accounting.invoices",),
    "quotes": ("accounting.invoices",),
    "purchaseorders": ("accounting.invoices",),
    "repeatinginvoices": ("accounting.invoices",),
    "linkedtransactions": ("accounting.invoices",),
    # Xero's scopes page and its description disagree about Items: either scope is taken.
    "items": ("accounting.invoices", "accounting.settings"),
    "payments": ("accounting.payments",),
    "batchpayments": ("accounting.payments",),
    "overpayments": ("accounting.payments",),
    "prepayments": ("accounting.payments",),
    "banktransactions": ("accounting.banktransactions",),
    "banktransfers": ("accounting.banktransactions",),
    "manualjournals": ("accounting.manualjournals",),
    "contacts": ("accounting.contacts",),
    "contactgroups": ("accounting.contacts",),
    "accounts": ("accounting.settings",),
    "brandingthemes": ("accounting.settings",),
    "currencies": ("accounting.settings",),
    "invoicereminders": ("accounting.settings",),
    "organisation": ("accounting.settings",),
    "organisations": ("accounting.settings",),
    "taxrates": ("accounting.settings",),
    "trackingcategories": ("accounting.settings",),
    "users": ("accounting.settings",),
    "budgets": ("accounting.budgets",),
    "journals": ("accounting.journals",),
}


def unknown(scopes: list[str]) -> list[str]:
    """The scopes among these that a new app cannot ask for."""
    return [scope for scope in scopes if scope not in KNOWN]


def enough(method: str, path: tuple[str, ...], granted: list[str]) -> bool:
    """Whether a token with these scopes may make this call; an unknown endpoint is left to the books."""
    lowered = [part.lower() for part in path]
    if "attachments" in lowered[2:3]:
        needed: tuple[str, ...] = ("accounting.attachments",)
    else:
        needed = _BY_ENDPOINT.get(lowered[0] if lowered else "", ())
    if not needed:
        return True
    accepted = set(needed)
    if method in ("GET", "HEAD"):
        accepted |= {f"{scope}.read" for scope in needed}
    return bool(accepted & set(granted))
