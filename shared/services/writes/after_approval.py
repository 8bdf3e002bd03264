"""What follows an approval by itself: the e-mail, where the practice wants one."""

from __future__ import annotations

from shared.domain.errors import InvalidInput, NotFound
from shared.domain.links import APPROVED, InvoiceLink
from shared.domain.operations import Operation
from shared.ports import Ports
from shared.ports.store import Write
from shared.services.build_invoice import read_settings
from shared.services.people import payer_of
from shared.services.writes.chains import following, kept_once


def email_once_approved(ports: Ports, operation: Operation, link: InvoiceLink) -> list[Write]:
    """The setting ``email_after_approval``: Xero e-mails it, once, if its payer has an address."""
    if link.status not in APPROVED or link.emailed_at or link.total_differs:
        return []
    if not read_settings(ports, operation.practice_id).email_after_approval:
        return []
    appointment = ports.records.appointment(operation.practice_id, link.appointment_id)
    try:
        if appointment is None or not payer_of(ports, operation.practice_id, appointment).email:
            return []
    except (NotFound, InvalidInput):
        return []  # nobody to send it to
    email = following(ports, operation, "invoice_email", {"invoice_id": link.invoice_id}, link.invoice_id)
    return kept_once(ports, email)
