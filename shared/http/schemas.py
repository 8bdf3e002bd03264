"""What callers get back: the shapes of our answers, and the one source of their description at /openapi.json."""

from __future__ import annotations

from typing import Any, Literal

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


class InvoiceDifference(BaseModel):
    """What of the appointment was changed after invoicing. ``kind``: cancelled, lines, payer, date, place, several;
    ``proposal``: update, delete, void, credit, correct."""

    kind: str
    sentence: str
    proposal: str


class Invoice(BaseModel):
    """Amounts are decimal strings, exactly as Xero computed them.

    ``online_invoice_url`` is what the patient sees, once it was fetched; ``sentence`` is what a correction did with the
    money. ``total_differs`` is how much Xero's total is more than the ``expected_total``: while it is set, the invoice
    is neither approved nor e-mailed. ``amount_refunded`` was given back by us and is still part of ``amount_paid``.
    """

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
    amount_refunded: str = "0.00"
    expected_total: str | None = None
    total_differs: str | None = None
    date: str | None
    due_date: str | None
    xero_url: str | None
    updated_at: str
    emailed_at: str | None = None
    online_invoice_url: str | None = None
    difference: InvoiceDifference | None = None
    sentence: str | None = None
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


class Actor(BaseModel):
    subject: str
    name: str
    role: str


class LogEntry(BaseModel):
    """What an entry has nothing of is left out. ``before`` and ``after`` are amounts, statuses and settings."""

    id: str
    at: str
    action: str
    sentence: str
    outcome: Literal["ok", "waiting", "failed"]
    actor: Actor
    actor_subject: str
    request_id: str | None = None
    subject: dict[str, str] = {}
    appointment_id: str | None = None
    patient_id: str | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    xero_id: str | None = None
    operation_id: str | None = None
    code: str | None = None
    duration_ms: int | None = None
    calls_left_minute: int | None = None
    calls_left_day: int | None = None


class LogListing(BaseModel):
    items: list[LogEntry]
    next_cursor: str | None = None


class StoredDocument(BaseModel):
    id: str
    data: dict[str, Any]


class StoredDocuments(BaseModel):
    """As they are stored, but for what nobody reads. A search goes on behind ``next_cursor``, also from no items."""

    items: list[StoredDocument]
    next_cursor: str | None


class InvoiceListing(BaseModel):
    items: list[Invoice]
    next_cursor: str | None = None


class WeekFigures(BaseModel):
    """``week`` is its Monday; ``draft`` waits for approval and is not counted as invoiced."""

    week: str
    invoiced: str
    paid: str
    outstanding: str
    draft: str


class ClinicFigures(BaseModel):
    clinic_id: str | None
    invoiced: str
    paid: str
    outstanding: str
    draft: str


class AgeingFigures(BaseModel):
    """``bucket``: not_due, 1_30, 31_60, 61_90, older; days since due."""

    bucket: str
    amount: str
    count: int


class Overview(BaseModel):
    """Amounts in ``currency``; ``other_currencies`` counts the invoices left out. ``as_of`` is when it was computed."""

    as_of: str
    time_zone: str
    currency: str | None
    weeks: list[WeekFigures]
    ageing: list[AgeingFigures]
    clinics: list[ClinicFigures]
    other_currencies: int


class Job(BaseModel):
    """``status``: running, cancelling, cancelled, done. ``kept`` of the records ``seen`` had something to send; of
    those ``waiting`` have not ended: once the job is done, they need a person, as ``failed`` do. ``problems`` say
    why."""

    job_id: str
    kind: str
    status: str
    sentence: str
    seen: int
    kept: int
    done: int
    waiting: int
    skipped: int
    failed: int
    cancelled: int
    problems: list[dict[str, Any]] = []
    estimated_end: str | None
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
    """``document`` is what would be sent (amounts as decimal strings), ``rules`` why each field is what it is,
    ``sources`` where contact and totals come from. ``problems`` stand in the way of sending, ``notices`` do not."""

    document: dict[str, Any] | None
    rules: dict[str, Any]
    sources: dict[str, str]
    totals: dict[str, str] | None
    problems: list[FieldProblem]
    notices: list[FieldProblem]


class Settings(BaseModel):
    """``warnings`` name what was taken but should be thought over, such as income into a bank account. ``changes`` are
    [{field, before, after}], also when ``saved`` is False: then they were only shown."""

    settings: dict[str, Any]
    privacy: PrivacyShown
    changes: list[dict[str, Any]] = []
    warnings: list[FieldProblem] = []
    saved: bool = True


class PrivacyShown(BaseModel):
    """How much of a patient goes to Xero and why: ``chosen`` by the practice, or the default of its country."""

    mode: str
    chosen: bool
    default_mode: str
    reason: str


class Mapped(BaseModel):
    """All mappings; after a change also what changed, as in Settings."""

    items: list[dict[str, Any]]
    changes: list[dict[str, Any]] = []
    warnings: list[FieldProblem] = []
    saved: bool = True


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
    """One thing that needs a person; ``operations`` are those that go on once it is mended, ``invoices`` those whose
    appointment was changed, each with its proposal, ``archived`` what is archived or gone in Xero, who uses it and
    where to choose another."""

    cause: str
    sentence: str
    remedy: str
    count: int
    operations: list[dict[str, Any]]
    invoices: list[dict[str, Any]] = []
    archived: list[dict[str, Any]] = []


class Attention(BaseModel):
    items: list[Cause]


class Done(BaseModel):
    """What a task did, for the log."""

    result: dict[str, Any]


class OperationListing(BaseModel):
    items: list[Operation]
    next_cursor: str | None = None


class Retried(BaseModel):
    """How many operations go on; they run as deferred work."""

    count: int
