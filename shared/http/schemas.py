"""What callers get back: the shapes of our answers, and the one source of their description at /openapi.json."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


class FieldProblem(BaseModel):
    field: str
    message: str


class Problem(BaseModel):
    """application/problem+json (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] = []
    request_id: str


class Invoice(BaseModel):
    """Amounts are decimal strings, exactly as Xero computed them."""

    appointment_id: str
    invoice_id: str
    invoice_number: str | None
    contact_id: str | None
    status: str
    currency: str | None
    total: str
    amount_due: str
    amount_paid: str
    amount_credited: str
    date: str | None
    due_date: str | None
    xero_url: str | None
    updated_at: str
    rules: dict[str, Any] = {}


class Accepted(BaseModel):
    """The intent is kept and will be carried out; look at ``GET /xero/operations/{operation_id}/``."""

    operation_id: str
    status: str
    reason: str | None
    next_attempt_at: str | None


class Operation(Accepted):
    kind: str
    subject: dict[str, str]
    attempts: int
    created_at: str
    updated_at: str | None
    result: dict[str, Any] = {}


class Contact(BaseModel):
    patient_id: str
    contact_id: str | None
    name: str | None
    state: str
    changed: bool = False
    xero_url: str | None = None
    updated_at: str | None = None


class Choice(BaseModel):
    tenant_id: str
    tenant_name: str


class ConnectionStatus(BaseModel):
    status: str
    reason: str | None
    advice: str | None
    tenant_id: str | None
    tenant_name: str | None
    choices: list[Choice]
    connected_by: str | None
    connected_at: str | None
    token_expires_at: str | None
    scopes: list[str]
    last_webhook_at: str | None
    webhook_missed_at: str | None
    last_pull_at: str | None
    paused_until: str | None
    pause_reason: str | None
    calls_left_minute: int | None
    calls_left_day: int | None


class Connect(BaseModel):
    authorize_url: str


class Listing(BaseModel):
    items: list[dict[str, Any]]
    next_cursor: str | None = None


class InvoiceListing(BaseModel):
    items: list[Invoice]
    next_cursor: str | None = None


class Job(BaseModel):
    job_id: str
    kind: str
    status: str
    seen: int
    done: int
    waiting: int
    skipped: int
    failed: int
    problems: list[dict[str, Any]] = []
    created_at: str
    updated_at: str


class Stored(BaseModel):
    """``changed`` is False when the record was already exactly this."""

    id: str
    changed: bool


class Imported(BaseModel):
    patients: int
    appointments: int


class Preview(BaseModel):
    """``document`` is what would be sent (amounts as decimal strings), ``rules`` why each field is what it is."""

    document: dict[str, Any] | None
    rules: dict[str, Any]
    totals: dict[str, str] | None
    problems: list[FieldProblem]


class Settings(BaseModel):
    """``warnings`` name what was taken but should be thought over, such as income into a bank account."""

    settings: dict[str, Any]
    warnings: list[FieldProblem] = []


class Mapped(BaseModel):
    items: list[dict[str, Any]]


class XeroList(BaseModel):
    """``fetched_at`` tells the age of the list."""

    items: list[dict[str, Any]]
    fetched_at: str


class Tracking(BaseModel):
    """``items`` are the practice's mappings, ``available`` the organisation's categories with their options."""

    items: list[dict[str, Any]]
    available: list[dict[str, Any]]
    fetched_at: str


class Cause(BaseModel):
    """One thing that needs a person; ``operations`` are those that go on once it is mended."""

    cause: str
    sentence: str
    remedy: str
    count: int
    operations: list[dict[str, Any]]


class Attention(BaseModel):
    items: list[Cause]


class Done(BaseModel):
    """What a task did, for the log."""

    result: dict[str, Any]


class OperationListing(BaseModel):
    items: list[Operation]
    next_cursor: str | None = None


class Side(BaseModel):
    count: int
    total: str


class DifferenceShown(BaseModel):
    """``kind``: not_sent, missing_in_xero, deleted_there, amount, status, cancelled_here, orphan."""

    kind: str
    appointment_id: str | None
    invoice_id: str | None
    invoice_number: str | None
    clinic_total: str | None
    xero_total: str | None
    sentence: str


class Completeness(BaseModel):
    """A period on both sides; ``difference`` is the clinic's total less Xero's."""

    first: str
    last: str
    clinic: Side
    xero: Side
    difference: str
    items: list[DifferenceShown]


class Retried(BaseModel):
    """How many operations go on; they run as deferred work."""

    count: int
