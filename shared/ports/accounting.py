"""Xero, as the services need it: the Accounting API of one organisation, and the identity side of OAuth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from shared.domain.errors import AnswerLost, Rejected
from shared.domain.xero_records import (
    AccountSnapshot,
    ActionSnapshot,
    BrandingThemeSnapshot,
    ContactSnapshot,
    CreditNoteSnapshot,
    CurrencySnapshot,
    InvoiceSnapshot,
    ItemSnapshot,
    OrganisationSnapshot,
    RecordProblem,
    TaxRateSnapshot,
    TrackingCategorySnapshot,
    Usage,
    XeroPage,
)

#: Ids of 36 characters: more of them would make the address longer than servers take.
IDS_PER_CALL = 40


@dataclass(frozen=True)
class WriteRequest:
    """One write, exactly as it goes over the wire.

    kind                  endpoint                                   snapshot in the answer
    contact_create        PUT  /Contacts?summarizeErrors=true        ContactSnapshot
    contact_update        POST /Contacts/{target_id}                 ContactSnapshot
    invoice_create        PUT  /Invoices?summarizeErrors=true        InvoiceSnapshot
    invoice_update        POST /Invoices/{target_id}                 InvoiceSnapshot  (approve, void, delete, edit)
    invoice_email         POST /Invoices/{target_id}/Email           None
    invoice_note          PUT  /Invoices/{target_id}/History         None
    payment_create        PUT  /Payments                             PaymentSnapshot
    credit_note_create    PUT  /CreditNotes?summarizeErrors=true     CreditNoteSnapshot
    credit_note_allocate  PUT  /CreditNotes/{target_id}/Allocations  None

    ``body`` is the JSON text that is sent byte for byte ("" for an empty body); ``unitdp=4`` goes with invoices
    and credit notes. ``key`` is the Idempotency-Key (1..128 characters).
    """

    kind: str
    body: str
    key: str
    target_id: str | None = None


@dataclass(frozen=True)
class BatchRequest:
    """Several writes of one kind in one request, exactly as it goes over the wire.

    kind            endpoint                                      each answer
    contact_create  PUT  /Contacts?summarizeErrors=false          ContactSnapshot
    contact_update  POST /Contacts?summarizeErrors=false          ContactSnapshot  (every element names its ContactID)
    invoice_create  PUT  /Invoices?summarizeErrors=false          InvoiceSnapshot
    invoice_update  POST /Invoices?summarizeErrors=false          InvoiceSnapshot  (every element names its InvoiceID)
    payment_create  PUT  /Payments?summarizeErrors=false          PaymentSnapshot

    ``body`` has the elements in one list under the plural name, in the order of the answers.
    """

    kind: str
    body: str
    key: str


#: What became of one element of a batch: its snapshot, its own refusal, or an answer for it that cannot be read.
ElementAnswer = Any | Rejected | AnswerLost


class Accounting(Protocol):
    """One organisation with one bearer. Make one per use; never share between tenants.

    Raises from shared.domain.errors: NotSent, Paused, ConnectionLost, AnswerLost, Rejected, Missing. Reads give
    None rather than Missing. Nothing is retried inside, nothing sleeps, every call has a connect and a read timeout.
    """

    usage: Usage  # of the latest answer
    problems: list[RecordProblem]  # its records that could not be read

    def send(self, write: WriteRequest) -> Any:
        """Carry out one write; gives the snapshot that the table in WriteRequest names."""

    def send_batch(self, batch: BatchRequest) -> list[ElementAnswer]:
        """Carry out a batch; gives one answer for each element, in the elements' order.

        Raises what ``send`` raises when nothing is known of single elements: Rejected means that none was done,
        AnswerLost also when the answer is not about these elements one by one.
        """

    def contact(self, contact_id_or_number: str) -> ContactSnapshot | None: ...

    def invoice(self, invoice_id_or_number: str) -> InvoiceSnapshot | None: ...

    def credit_note(self, id_or_number: str) -> CreditNoteSnapshot | None: ...

    def invoices_changed(self, since: datetime | None, *, page: int = 1, page_size: int = 100) -> XeroPage:
        """Invoices of ours (createdByMyApp) modified since (UTC); records are InvoiceSnapshot with line items."""

    def invoices_dated(self, first: date, last: date, *, page: int = 1, page_size: int = 100) -> XeroPage:
        """Invoices of ours (createdByMyApp) whose date is from first to last, both included."""

    def invoices_by_id(self, invoice_ids: Sequence[str]) -> list[InvoiceSnapshot]:
        """Those that exist, whoever made them and whatever their date, in one call; at most IDS_PER_CALL ids."""

    def contacts_changed(self, since: datetime | None, *, page: int = 1, page_size: int = 100) -> XeroPage:
        """Contacts modified since, archived ones included; records are ContactSnapshot."""

    def invoices_numbered(self, numbers: Sequence[str]) -> list[InvoiceSnapshot]:
        """The invoices, of any type, that have one of these numbers, in one call; at most IDS_PER_CALL."""

    def contacts_by_id(self, contact_ids: Sequence[str]) -> list[ContactSnapshot]:
        """The contacts of these ids, archived ones included, in one call; at most IDS_PER_CALL."""

    def invoices_found(self, text: str) -> list[InvoiceSnapshot]:
        """Invoices of ours (createdByMyApp) whose number or reference contains text (SearchTerm); the caller
        compares exactly."""

    def organisation(self) -> OrganisationSnapshot: ...

    def accounts(self) -> list[AccountSnapshot]: ...

    def tax_rates(self) -> list[TaxRateSnapshot]: ...

    def tracking_categories(self) -> list[TrackingCategorySnapshot]: ...

    def items(self) -> list[ItemSnapshot]: ...

    def branding_themes(self) -> list[BrandingThemeSnapshot]: ...

    def currencies(self) -> list[CurrencySnapshot]: ...

    def actions(self) -> list[ActionSnapshot]:
        """What the organisation's plan and the person who connected allow at this moment."""

    def online_invoice_url(self, invoice_id: str) -> str | None: ...

    def invoice_notes(self, invoice_id: str) -> list[str]:
        """The texts of the invoice's history: notes of people and apps, and what Xero itself noted."""


@dataclass(frozen=True)
class TokenSet:
    """One consent's tokens. repr() shows none of them. ``expires_at`` is aware UTC and never missing:
    a token set that Xero sent without an expiry counts as expired at once."""

    access_token: str
    refresh_token: str
    expires_at: datetime
    scopes: tuple[str, ...]
    authentication_event_id: (
        str | None
    )  # from the access token's claims; tells this consent's connections apart
    xero_user_id: str | None

    def __repr__(self) -> str:
        return f"TokenSet(expires_at={self.expires_at.isoformat()}, scopes={self.scopes})"


@dataclass(frozen=True)
class Connection:
    """One row of GET /connections; ``connection_id`` is what DELETE /connections/{id} takes."""

    connection_id: str
    tenant_id: str
    tenant_name: str
    tenant_type: str
    authentication_event_id: str | None


class Identity(Protocol):
    """Xero's OAuth side. Raises NotSent, AnswerLost, Paused, ConnectionLost("revoked") for invalid_grant on
    refresh, and Rejected for any other refusal of the token endpoint."""

    def authorize_url(self, *, state: str, code_challenge: str | None) -> str:
        """The consent page; with ``code_challenge`` PKCE S256 is added."""

    def exchange(self, code: str, *, code_verifier: str | None) -> TokenSet: ...

    def refresh(self, refresh_token: str) -> TokenSet: ...

    def revoke(self, refresh_token: str) -> None:
        """Removes all connections of that user to our app."""

    def connections(
        self, access_token: str, *, authentication_event_id: str | None = None
    ) -> list[Connection]: ...

    def delete_connection(self, access_token: str, connection_id: str) -> None:
        """Deleting what is gone is no error."""


class Xero(Protocol):
    """The way in: one per process; hands out per-use clients."""

    identity: Identity

    def accounting(self, tenant_id: str, access_token: str) -> Accounting: ...
