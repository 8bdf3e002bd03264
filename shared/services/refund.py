"""Giving back, at the desk, what was paid on an invoice."""

from __future__ import annotations

from decimal import Decimal

from shared.domain.links import InvoiceLink
from shared.domain.operations import operation_id
from shared.ports import Ports
from shared.services import operations
from shared.services.desk_accounts import account_of_method
from shared.services.invoice_actions import Acted, act, find_link, read_again, refreshed, today


def refund(
    ports: Ports,
    practice_id: str,
    either_id: str,
    *,
    amount: Decimal | None,
    method: str,
    reference: str,
    actor: dict[str, str],
) -> Acted:
    """``amount`` None gives back all that was paid and not given back yet; how much that is, Xero is asked.

    ``reference`` is the caller's own id of this refund: the same one is the same refund, asked for as often as may be.
    Two steps, each an intent of its own: the credit note, and the payment out of it, which goes on by itself.
    """
    document = find_link(ports, practice_id, either_id)
    link = InvoiceLink.from_data(document.data)
    request = {
        "reference": reference,
        "amount": None if amount is None else f"{amount:.2f}",
        "date": today(ports, practice_id).isoformat(),
        "account_code": account_of_method(ports, practice_id, method),
        "method": method,
    }
    note = act(ports, practice_id, either_id, "refund_note", request, actor, reference)
    if note.operation.state != "done":
        return note
    payment_id = operation_id("refund_create", link.tenant_id, link.invoice_id, reference)
    payment = operations.read(ports, practice_id, payment_id)
    if payment.state == "failed":
        operations.ask_again(ports, practice_id, payment_id)
    payment = operations.run(ports, practice_id, payment_id)
    return refreshed(ports, practice_id, Acted(read_again(ports, document.path), payment))
