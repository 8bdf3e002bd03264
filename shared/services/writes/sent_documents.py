"""What is remembered of an invoice that is sent, whether it is new or sent anew: what it was made from, the rule behind
each field, and the total that Xero has to come to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shared.domain.booked import booked_in_xero
from shared.domain.invoices import InvoiceDocument
from shared.domain.links import InvoiceLink
from shared.domain.operations import Operation
from shared.domain.xero_records import InvoiceSnapshot
from shared.ports import Ports
from shared.services.build_invoice import Built
from shared.services.differences import made_from, with_difference
from shared.services.expected_total import must_expect
from shared.services.held_totals import compared


def notes_of(
    ports: Ports, operation: Operation, built: Built, document: InvoiceDocument, payer_id: str
) -> dict[str, Any]:
    """For ``Prepared.notes``. Raises Refuse for a total that cannot be foretold."""
    return {
        "rules": document.every_rule,
        "sent": made_from(built, payer_id, operation.request),
        "expected_total": must_expect(ports, operation.practice_id, document),
    }


def as_just_sent(
    ports: Ports, operation: Operation, link: InvoiceLink, snapshot: InvoiceSnapshot, now: str
) -> InvoiceLink:
    """The link with those notes (one kept by an earlier version may lack some), and what came of them in Xero."""
    prepared = operation.prepared
    link = replace(
        link,
        rules=prepared["rules"],
        sent_total=link.total,
        as_sent=booked_in_xero(snapshot).to_data(),
        sent=prepared.get("sent", {}) | {"at": now},
        **compared(link.total, prepared.get("expected_total")),
    )
    return with_difference(ports, operation.practice_id, link)
