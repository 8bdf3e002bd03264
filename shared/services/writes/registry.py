"""Operation kind -> what it does."""

from __future__ import annotations

from shared.services.writes.contacts import ContactCreate, ContactUpdate
from shared.services.writes.credit_notes import CreditNoteAllocate, CreditNoteCreate
from shared.services.writes.invoice_changes import InvoiceApprove, InvoiceEmail, InvoiceVoid
from shared.services.writes.invoices import InvoiceCreate
from shared.services.writes.kinds import Kind
from shared.services.writes.payments import PaymentCreate

KINDS: dict[str, Kind] = {
    "contact_create": ContactCreate(),
    "contact_update": ContactUpdate(),
    "invoice_create": InvoiceCreate(),
    "invoice_approve": InvoiceApprove(),
    "invoice_void": InvoiceVoid(),
    "invoice_email": InvoiceEmail(),
    "payment_create": PaymentCreate(),
    "credit_note_create": CreditNoteCreate(),
    "credit_note_allocate": CreditNoteAllocate(),
}


def kind_of(name: str) -> Kind:
    return KINDS[name]
