"""The clinic's lists with what became of each in Xero: what callers ask for and what they get back."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

from shared.http.fields import RecordId
from shared.http.models import PageQuery, PeriodQuery
from shared.http.schemas import Accepted, Contact, Invoice

Search = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class AppointmentsQuery(PageQuery, PeriodQuery):
    """``search``: each word in an id, a code, the invoice's number or the patient's name; one that is the whole id or
    number is found whatever its day. ``not_invoiced`` leaves out what is asked for already."""

    clinic_id: RecordId | None = None
    practitioner_id: RecordId | None = None
    state: (
        Literal[
            "not_invoiced",
            "nothing_to_invoice",
            "waiting",
            "needs_you",
            "draft",
            "due",
            "paid",
            "cancelled",
        ]
        | None
    ) = None
    search: Search | None = None


class PatientsQuery(PageQuery):
    """``search``: each word in the patient's id, code or name."""

    state: Literal["not_sent", "linked", "archived", "erased", "waiting", "needs_you"] | None = None
    search: Search | None = None


class OpenOperation(Accepted):
    """A write that waits or failed, and why. ``next_attempt_at`` None: it does not go on without a person."""

    kind: str
    reason_code: str | None


class AppointmentShown(BaseModel):
    """An appointment with its invoice, None while it has none in the organisation connected now.

    ``state``: not_invoiced, nothing_to_invoice, draft, due, paid, cancelled; beside it ``needs_you`` says that a
    person has to do something: ``operation`` failed, or the invoice's ``difference`` or ``total_differs`` says what.
    ``patient_name`` is as the practice tells its books where a bookkeeper asks.
    """

    appointment_id: str
    reference: str | None
    patient_id: str
    patient_name: str | None
    patient_code: str | None
    starts_at: str
    clinic_id: str | None
    practitioner_id: str | None
    status: str
    state: str
    needs_you: bool
    operation: OpenOperation | None
    invoice: Invoice | None


class AppointmentListing(BaseModel):
    """A page may be shorter than ``limit``, even empty, with more to follow."""

    items: list[AppointmentShown]
    next_cursor: str | None = None


class PatientShown(Contact):
    """A patient with the contact it is; ``state`` not_sent while it is none.

    ``same_name``: the name was taken in Xero, so the code stands behind it. ``merged``: the contact was merged in Xero
    into this one. ``behind``: Xero was not told yet what the clinic changed.
    """

    patient_name: str | None
    reference: str | None
    same_name: bool
    merged: bool
    behind: bool
    operation: OpenOperation | None


class PatientListing(BaseModel):
    """A page may be shorter than ``limit``, even empty, with more to follow."""

    items: list[PatientShown]
    next_cursor: str | None = None
