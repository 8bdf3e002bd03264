"""Completeness and its repair, and the preview of a period: what callers send and what they get back."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from shared.http.fields import StoredId
from shared.http.models import PeriodQuery, Request

Kind = Literal[
    "not_sent",
    "missing_in_xero",
    "deleted_there",
    "changed_there",
    "changed_here",
    "amount",
    "status",
    "cancelled_here",
    "orphan",
]
#: Also Xero's references and InvoiceIDs: an orphan has no appointment.
ItemId = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class CompletenessQuery(PeriodQuery):
    """``format=csv`` (or ``Accept: text/csv``) gives a file for the accountant: ``table=documents`` has one row for
    each appointment and each invoice, ``table=totals`` the totals by day, tax rate, account, clinic and currency."""

    format: Literal["json", "csv"] | None = None
    table: Literal["documents", "totals"] = "documents"


class RepairIn(PeriodQuery):
    """``items`` are appointment ids or InvoiceIDs of differences. Without ``kinds`` and ``items`` everything is
    repaired that neither ends a document nor overwrites what a person entered in Xero."""

    kinds: list[Kind] | None = Field(default=None, min_length=1)
    items: list[ItemId] | None = Field(default=None, min_length=1, max_length=200)

    @model_validator(mode="after")
    def _one_choice(self) -> RepairIn:
        if self.kinds and self.items:
            raise ValueError("give kinds or items, not both")
        return self


class CompletenessTask(Request):
    practice_id: StoredId


class Side(BaseModel):
    count: int
    total: str


class Sum(Side):
    """``net`` without tax; ``total`` is net and tax."""

    net: str
    tax: str


class GroupTotal(BaseModel):
    """``key``: a day, a tax type, an account code, a clinic's id or a currency; empty where there is none."""

    key: str
    clinic: Sum
    xero: Sum
    difference: str


class DifferenceShown(BaseModel):
    """``kind``: not_sent, missing_in_xero, deleted_there, changed_there, changed_here, amount, status, cancelled_here,
    orphan. ``repair`` says what repairing does, ``safe`` that it neither ends a document nor overwrites what a person
    entered; ``changes`` what is not the same: total, date, currency, contact, lines.
    ``operation_id`` and ``waits_code``: the write that waits or failed."""

    kind: str
    appointment_id: str | None
    invoice_id: str | None
    invoice_number: str | None
    date: str | None
    clinic_total: str | None
    xero_total: str | None
    sentence: str
    repair: str
    safe: bool
    changes: list[str]
    operation_id: str | None
    waits_code: str | None


class Completeness(BaseModel):
    """A period on both sides; ``difference`` is the clinic's total less Xero's, in ``currency``.

    Totals are of the base currency (``by.currency`` has the others); ``unknown`` counts the clinic's documents whose
    total cannot be told yet. ``kinds`` counts every difference, ``items`` lists the first thousand.
    """

    first: str
    last: str
    whole: bool
    clinic: Side
    xero: Side
    difference: str
    currency: str | None
    unknown: int
    kinds: dict[str, int]
    by: dict[str, list[GroupTotal]]
    items: list[DifferenceShown]


class RepairShown(BaseModel):
    """``outcome``: done, waiting (it goes on by itself) or needs_person (``sentence`` says why)."""

    kind: str
    appointment_id: str | None
    invoice_id: str | None
    outcome: str
    sentence: str
    operation_id: str | None


class Repaired(BaseModel):
    """``left`` differences of those chosen were not looked at in this call: call again."""

    items: list[RepairShown]
    left: int


class PreviewAllIn(PeriodQuery):
    """A page of a period's appointments; ``cursor`` is the next_cursor of the page before."""

    clinic_id: str | None = Field(default=None, max_length=50)
    limit: Annotated[int, Field(ge=1, le=200)] = 100
    cursor: Annotated[str, StringConstraints(max_length=2000)] | None = None


class PreviewProblem(BaseModel):
    field: str
    message: str


class PreviewShown(BaseModel):
    """``total`` None: it cannot be told before the problems are mended."""

    appointment_id: str
    date: str
    currency: str | None
    total: str | None
    invoice_number: str | None
    problems: list[PreviewProblem]
    notices: list[PreviewProblem]


class PreviewAll(BaseModel):
    """One page; ``sums`` are this page's, of what could be sent, by currency."""

    items: list[PreviewShown]
    sums: dict[str, dict[str, Any]]
    next_cursor: str | None
