"""The currency of a document: one that the organisation uses, or a clear answer before anything is sent."""

from __future__ import annotations

from shared.domain.invoices import InvoiceDocument
from shared.domain.operations import Operation
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.services.connections import read_connection
from shared.services.writes.kinds import Refuse
from shared.services.writes.mapped import A_MOMENT
from shared.services.xero_lists import MAX_AGE, young_lists

NOT_ENABLED = (
    "The Xero organisation does not use {currency}. Add it there (Settings, Currencies; the plan has to allow several "
    "currencies), or change the appointment's currency, then try again"
)


def check_currency(
    ports: Ports, operation: Operation, accounting: Accounting, document: InvoiceDocument
) -> None:
    """Raises Refuse for a currency that is not the organisation's. Costs a call only where a foreign currency is meant
    and the list of currencies is old, or says no: somebody may just have added it."""
    practice_id, tenant_id = operation.practice_id, operation.tenant_id
    if document.currency in (None, read_connection(ports, practice_id).data.get("base_currency")):
        return
    for max_age in (MAX_AGE, A_MOMENT):
        lists = young_lists(ports, practice_id, tenant_id, ("currencies",), accounting, max_age)
        if document.currency in [row["code"] for row in lists["currencies"]["items"]]:
            return
    raise Refuse("currency_not_enabled", NOT_ENABLED.format(currency=document.currency))
