"""What may be chosen from the organisation's lists, for which use: the rule behind the drop-downs and the checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.domain.errors import FieldError

Row = Mapping[str, Any]

REVENUE_TYPES = ("REVENUE", "SALES", "OTHERINCOME")
#: Xero's own control accounts: it refuses them on an invoice's lines.
CONTROL_ACCOUNTS = ("DEBTORS", "CREDITORS")
BANK_FEED = "a bank account: with a bank feed its income is counted twice; a clearing account is safe"


@dataclass(frozen=True)
class Choice:
    """``use``: revenue, payments, tax, item or theme, a key of JUDGES; ``field`` as the request names it."""

    field: str
    use: str
    code: str


@dataclass(frozen=True)
class Verdict:
    """Refused, or taken with a warning, or neither."""

    error: str | None = None
    warning: str | None = None


def account_uses(account: Row) -> list[str]:
    """``revenue`` for the lines of an invoice, ``payments`` for money received; none for an archived account."""
    if account["status"] != "ACTIVE" or not account["code"]:
        return []
    return ["revenue"] * is_revenue(account) + ["payments"] * takes_payments(account)


def tax_uses(rate: Row) -> list[str]:
    return ["revenue"] if rate["status"] == "ACTIVE" and rate["can_apply_to_revenue"] else []


def is_revenue(account: Row) -> bool:
    return account["account_class"] == "REVENUE" or account["type"] in REVENUE_TYPES


def takes_payments(account: Row) -> bool:
    return account["type"] == "BANK" or bool(account["enable_payments"])


def judge(choice: Choice, rows: Sequence[Row]) -> Verdict:
    """``rows``: the list that the use chooses from, see LISTS."""
    key, where = KEYS[choice.use]
    row = next((row for row in rows if str(row[key] or "").casefold() == choice.code.casefold()), None)
    if row is None:
        return Verdict(f"the organisation has no {WORDS[choice.use]} {choice.code!r}; {where} lists them")
    if row.get("status", "ACTIVE") != "ACTIVE":
        return Verdict(f"{WORDS[choice.use]} {choice.code!r} is archived in Xero; choose one that is active")
    judges = {"revenue": _revenue, "payments": _payments, "tax": _tax}
    return judges[choice.use](row) if choice.use in judges else Verdict()


def _revenue(account: Row) -> Verdict:
    if account["type"] == "BANK" or account["system_account"] in CONTROL_ACCOUNTS:
        return Verdict("no line of an invoice can go to a bank or control account; choose an income account")
    if not is_revenue(account):
        return Verdict(
            warning=f"{account['name']} is no income account; ask the accountant whether it is meant"
        )
    return Verdict()


def _payments(account: Row) -> Verdict:
    if not takes_payments(account):
        return Verdict(
            "the account takes no payments; switch on 'Enable payments to this account' in Xero, or choose another"
        )
    return Verdict(warning=BANK_FEED) if account["type"] == "BANK" else Verdict()


def _tax(rate: Row) -> Verdict:
    return Verdict() if tax_uses(rate) else Verdict("this tax rate is not for income; choose one that is")


#: use -> the list it chooses from
LISTS = {
    "revenue": "accounts",
    "payments": "accounts",
    "tax": "tax_rates",
    "item": "items",
    "theme": "branding_themes",
}
KEYS = {
    "revenue": ("code", "GET /xero/accounts/?usable_for=revenue"),
    "payments": ("code", "GET /xero/accounts/?usable_for=payments"),
    "tax": ("tax_type", "GET /xero/tax_rates/?usable_for=revenue"),
    "item": ("code", "GET /xero/products/"),
    "theme": ("theme_id", "GET /xero/branding_themes/"),
}
WORDS = {
    "revenue": "account",
    "payments": "account",
    "tax": "tax rate",
    "item": "item",
    "theme": "branding theme",
}


def not_checked(choice: Choice) -> FieldError:
    return FieldError(choice.field, f"{choice.code!r} could not be checked: Xero cannot be asked just now")
