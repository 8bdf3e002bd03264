"""Recording a payment that was taken at the desk.

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
from shared.services.writes.invoice_changes import read_invoice, settle_link
from shared.services.writes.kinds import Prepared, Refuse, Resolution, Settled
from shared.services.writes.mapped import EXPLAINED_BY, payment_account, payment_refused


class PaymentCreate:
    """``request``: {"invoice_id", "amount", "date", "account_code", "method"}."""

    wire_kind = "payment_create"
    action = "payment.create"
    sentence = "Payment recorded in Xero"
    at_most_once = False

    def prepare(self, ports: Ports, operation: Operation, accounting: Accounting) -> Prepared:
        invoice = read_invoice(accounting, operation)
        amount = Decimal(operation.request["amount"])
        if invoice.status != "AUTHORISED":
            raise Refuse(
                "payment_needs_authorised",
                f"The invoice is {invoice.status}; only approved ones take payments",
            )
        if amount > invoice.amount_due:
            raise Refuse("payment_exceeds_due", f"Only {invoice.amount_due} is due on this invoice")
        locks.check_request_date(ports, operation, accounting)
        account = payment_account(ports, operation, accounting)
        require_confirmed(ports, operation, accounting, account)
        body = {
            "Invoice": {"InvoiceID": invoice.invoice_id},
            "Account": {"Code": account},
            "Date": operation.request["date"],
            "Amount": amount,
            "Reference": operation.id,
        }
        return Prepared(wire.dumps({"Payments": [body]}), notes={"account_code": account})

    def look_up(self, ports: Ports, operation: Operation, accounting: Accounting) -> Any | None:
        invoice = accounting.invoice(str(operation.request["invoice_id"]))
        payments = invoice.payments if invoice else ()
        return next((payment for payment in payments if payment.reference == operation.id), None)

    def rejected(
        self, ports: Ports, operation: Operation, accounting: Accounting, error: Rejected
    ) -> Resolution:
        if error.code not in EXPLAINED_BY:
            return locks.refused(ports, operation, accounting, error, locks.LATER_DAY)
        sent = str(operation.prepared.get("account_code") or operation.request["account_code"])
        return payment_refused(ports, operation, accounting, error, sent)

    def settle(self, ports: Ports, operation: Operation, snapshot: Any) -> Settled:
        settled = settle_link(ports, operation, None)  # the amounts come with the pull that follows
        result = {"payment_id": snapshot.payment_id, "amount": f"{snapshot.amount:.2f}"}
        return Settled(settled.writes, result, snapshot.payment_id)
