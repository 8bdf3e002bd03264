"""The account that money taken, or given back, at the desk is booked to: off until a bookkeeper chose one.

A bank account with a live feed shows the same money a second time, so a bank account counts only once a person has
confirmed it by name; a clearing account needs no confirmation.
"""

from __future__ import annotations

from typing import Any

from shared.domain.errors import FieldError, InvalidInput
from shared.domain.operations import Operation
from shared.domain.settings import PracticeSettings
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.services.build_invoice import read_settings
from shared.services.connections import read_connection
from shared.services.writes.kinds import Refuse
from shared.services.xero_lists import cached_lists, fetch

UNCONFIRMED = (
    "{code!r} is a bank account: if it has a bank feed, its income is counted twice. Choose a clearing account, or "
    "list it in confirmed_bank_accounts at /xero/settings/"
)


def account_of_method(ports: Ports, practice_id: str, method: str) -> str:
    """InvalidInput names the method when no account is set for it, or one that nobody confirmed."""
    settings = read_settings(ports, practice_id)
    account = settings.payment_accounts.get(method)
    if not account:
        raise InvalidInput.of(
            "method",
            f"no account is set for {method!r}; a bookkeeper sets payment_accounts at /xero/settings/",
        )
    if account in _unconfirmed(ports, practice_id, settings):
        raise InvalidInput.of("method", UNCONFIRMED.format(code=account))
    return account


def require_confirmed(ports: Ports, operation: Operation, accounting: Accounting, account: str) -> None:
    """The same right before money is booked, when the list is always known: raises Refuse."""
    practice_id, tenant_id = operation.practice_id, operation.tenant_id
    known = cached_lists(ports, practice_id, tenant_id, ("accounts",)).get("accounts")
    rows = (known or fetch(ports, practice_id, tenant_id, "accounts", accounting))["items"]
    confirmed = read_settings(ports, practice_id).confirmed_bank_accounts
    if account in _banks(rows) and account not in confirmed:
        raise Refuse("bank_account_unconfirmed", UNCONFIRMED.format(code=account))


def refuse_unconfirmed(ports: Ports, practice_id: str, settings: PracticeSettings) -> None:
    """InvalidInput names the method of each bank account that nobody confirmed."""
    found = _unconfirmed(ports, practice_id, settings)
    errors = [
        FieldError(f"payment_accounts.{method}", UNCONFIRMED.format(code=code))
        for method, code in sorted(settings.payment_accounts.items())
        if code in found
    ]
    if errors:
        raise InvalidInput(errors)


def _unconfirmed(ports: Ports, practice_id: str, settings: PracticeSettings) -> set[str]:
    """By the organisation's list, as far as it is known."""
    tenant_id = read_connection(ports, practice_id).tenant_id
    known = cached_lists(ports, practice_id, tenant_id, ("accounts",)).get("accounts", {"items": []})
    return _banks(known["items"]) - set(settings.confirmed_bank_accounts)


def _banks(accounts: list[dict[str, Any]]) -> set[str]:
    return {row["code"] for row in accounts if row["type"] == "BANK" and row["code"]}
