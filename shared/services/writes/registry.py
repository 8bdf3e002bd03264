"""Operation kind -> what it does."""

from __future__ import annotations

from shared.services.writes.contacts import ContactCreate, ContactUpdate
from shared.services.writes.credit_notes import CreditNoteAllocate, CreditNoteCreate
from shared.services.writes.invoice_changes import InvoiceApprove, InvoiceEmail, InvoiceVoid
from shared.services.writes.invoice_edit import InvoiceEdit
from shared.services.writes.invoices import InvoiceCreate
from shared.services.writes.kinds import Kind
from shared.services.writes.notes import InvoiceNote
from shared.services.writes.payments import PaymentCreate
from shared.services.writes.refunds import RefundCreate, RefundNote

KINDS: dict[str, Kind] = {
    "contact_create": ContactCreate(),
    "contact_update": ContactUpdate(),
    "invoice_create": InvoiceCreate(),
    "invoice_approve": InvoiceApprove(),
    "invoice_void": InvoiceVoid(),
    "invoice_email": InvoiceEmail(),
    "invoice_edit": InvoiceEdit(),
    "invoice_note": InvoiceNote(),
    "payment_create": PaymentCreate(),
    "refund_note": RefundNote(),
    "refund_create": RefundCreate(),
    "credit_note_create": CreditNoteCreate(),
    "credit_note_allocate": CreditNoteAllocate(),
}


def kind_of(name: str) -> Kind:
    return KINDS[name]
