"""Recording a payment that was taken at the desk."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shared.domain.operations import Operation
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.services.writes.desk_payments import DeskPayment, payment_of, result_of
from shared.services.writes.invoice_changes import read_invoice, settle_link
from shared.services.writes.kinds import Prepared, Refuse, Settled


class PaymentCreate(DeskPayment):
    """``request``: {"invoice_id", "amount", "date", "account_code", "method"}."""

    action = "payment.create"
    sentence = "Payment recorded in Xero"

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
        return payment_of(
            ports, operation, accounting, {"Invoice": {"InvoiceID": invoice.invoice_id}}, amount
        )

    def look_up(self, ports: Ports, operation: Operation, accounting: Accounting) -> Any | None:
        invoice = accounting.invoice(str(operation.request["invoice_id"]))
        payments = invoice.payments if invoice else ()
        return next((payment for payment in payments if payment.reference == operation.id), None)

    def settle(self, ports: Ports, operation: Operation, snapshot: Any) -> Settled:
        settled = settle_link(ports, operation, None)  # the amounts come with the pull that follows
        return Settled(settled.writes, result_of(snapshot), snapshot.payment_id)
