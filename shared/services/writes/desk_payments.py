"""What a payment of an invoice and a refund out of a credit note have in common: both are Payments in Xero.

The natural key is the payment's Reference, which is the operation's id: Xero itself takes any number of equal payments.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shared.domain import wire
from shared.domain.errors import Rejected
from shared.domain.operations import Operation
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.services.desk_accounts import require_confirmed
from shared.services.writes import locks
from shared.services.writes.kinds import Prepared, Resolution
from shared.services.writes.mapped import EXPLAINED_BY, payment_account, payment_refused


class DeskPayment:
    """``request``: {"amount", "date", "account_code", "method", ...}."""

    wire_kind = "payment_create"
    at_most_once = False

    def rejected(
        self, ports: Ports, operation: Operation, accounting: Accounting, error: Rejected
    ) -> Resolution:
        if error.code not in EXPLAINED_BY:
            return locks.refused(ports, operation, accounting, error, locks.LATER_DAY)
        sent = str(operation.prepared.get("account_code") or operation.request["account_code"])
        return payment_refused(ports, operation, accounting, error, sent)


def payment_of(
    ports: Ports, operation: Operation, accounting: Accounting, of: dict[str, Any], amount: Decimal
) -> Prepared:
    """``of``: the document that is paid, {"Invoice": {...}} or {"CreditNote": {...}}. Raises Refuse for a locked day or
    an account that needs confirming, WaitFor while the account is archived."""
    locks.check_request_date(ports, operation, accounting)
    account = payment_account(ports, operation, accounting)
    require_confirmed(ports, operation, accounting, account)
    body = of | {
        "Account": {"Code": account},
        "Date": operation.request["date"],
        "Amount": amount,
        "Reference": operation.id,
    }
    return Prepared(wire.dumps({"Payments": [body]}), notes={"account_code": account})


def result_of(payment: Any) -> dict[str, str]:
    return {"payment_id": payment.payment_id, "amount": f"{payment.amount:.2f}"}
