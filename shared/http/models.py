"""What callers send: checked here, described at /openapi.json from these very classes.

A field that is not known is refused rather than ignored: a typo in ``unit_amount`` must not become a free visit.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from shared.domain.records import Address, Appointment, LineItem, Patient, Payer
from shared.http.fields import (
    AccountCode,
    Code,
    Day,
    Description,
    DiscountAmount,
    DiscountRate,
    Instant,
    Money,
    Quantity,
    RecordId,
    StoredId,
    Text,
    UnitAmount,
    ZoneName,
)

APPOINTMENT_URL = re.compile(r"https://[^\s/?#<>\"]+[^\s<>\"]*")


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PayerIn(Request):
    """Another patient's id, or a name with an e-mail."""

    patient_id: RecordId | None = None
    name: Text | None = None
    email: Text | None = None

    @model_validator(mode="after")
    def _one_of(self) -> PayerIn:
        if bool(self.patient_id) == bool(self.name):
            raise ValueError("give either patient_id or name")
        return self

    def to_domain(self) -> Payer:
        return Payer(self.patient_id, self.name, self.email)


def _payer_by_id(given: Any) -> Any:
    """``"p-2"`` is short for ``{"patient_id": "p-2"}``."""
    return {"patient_id": given} if isinstance(given, str) else given


PayerField = Annotated[PayerIn, BeforeValidator(_payer_by_id, json_schema_input_type=PayerIn | RecordId)]


class AddressIn(Request):
    line1: Text | None = None
    line2: Text | None = None
    city: Text | None = None
    region: Text | None = None
    postal_code: Code | None = None
    country: Code | None = None


class PatientIn(Request):
    first_name: Text
    last_name: Text
    email: Text | None = None
    phone: Annotated[str, StringConstraints(max_length=50)] | None = None
    address: AddressIn | None = None
    reference: Code | None = None
    payer: PayerField | None = None
    erased: bool = False

    def to_domain(self, patient_id: str) -> Patient:
        plain = self.model_dump(exclude={"address", "payer"})
        return Patient(
            id=patient_id,
            address=Address(**self.address.model_dump()) if self.address else None,
            payer=self.payer.to_domain() if self.payer else None,
            **plain,
        )


class LineItemIn(Request):
    """Amounts are decimal strings (``"150.00"``); numbers are accepted."""

    description: Description
    quantity: Quantity = Decimal(1)
    unit_amount: UnitAmount
    service_code: RecordId | None = None
    account_code: Annotated[str, StringConstraints(strip_whitespace=True, max_length=10)] | None = None
    tax_type: Annotated[str, StringConstraints(strip_whitespace=True, max_length=50)] | None = None
    discount_rate: DiscountRate | None = None
    discount_amount: DiscountAmount | None = None

    @model_validator(mode="after")
    def _one_discount(self) -> LineItemIn:
        if self.discount_rate is not None and self.discount_amount is not None:
            raise ValueError("give discount_rate or discount_amount, not both")
        return self

    def to_domain(self) -> LineItem:
        return LineItem(**self.model_dump())


class AppointmentIn(Request):
    patient_id: RecordId
    starts_at: Instant
    clinic_id: RecordId | None = None
    practitioner_id: RecordId | None = None
    status: Literal["booked", "arrived", "completed", "cancelled", "no_show"] = "booked"
    reference: Code | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    amounts: Literal["exclusive", "inclusive", "no_tax"] | None = None
    line_items: list[LineItemIn] = Field(default_factory=list, max_length=200)
    payer: PayerField | None = None

    def to_domain(self, appointment_id: str) -> Appointment:
        plain = self.model_dump(exclude={"line_items", "payer"})
        return Appointment(
            id=appointment_id,
            line_items=tuple(line.to_domain() for line in self.line_items),
            payer=self.payer.to_domain() if self.payer else None,
            **plain,
        )


class SyncPatient(Request):
    patient_id: RecordId
    force_update: bool = False


class CreateInvoice(Request):
    """``line_items`` left out are the appointment's; ``use_clinic_tracking`` left out is the practice's setting;
    ``date`` left out is the appointment's day, and only a person gives another, as when that one is locked."""

    appointment_id: RecordId
    line_items: list[LineItemIn] | None = Field(default=None, max_length=200)
    use_clinic_tracking: bool | None = None
    date: Day | None = None

    def to_request(self) -> dict[str, object]:
        return invoice_request(self.line_items, self.use_clinic_tracking, self.date)


def invoice_request(
    lines: list[LineItemIn] | None, use_clinic_tracking: bool | None, day: dt.date | None
) -> dict[str, object]:
    """What an operation keeps of a request for an invoice."""
    return {
        "line_items": None if lines is None else [line.to_domain().to_data() for line in lines],
        "use_clinic_tracking": use_clinic_tracking,
        "date": day.isoformat() if day else None,
    }


class CreateAll(Request):
    """Either appointments that start from ``starts_from`` (inclusive) to ``starts_before`` (exclusive), or those that
    ``appointment_ids`` name."""

    appointment_ids: list[RecordId] | None = Field(default=None, min_length=1, max_length=500)
    starts_from: Instant | None = Field(default=None, validate_default=True)
    starts_before: Instant | None = Field(default=None, validate_default=True)
    clinic_id: RecordId | None = None
    dry_run: bool = False

    @field_validator("starts_from", "starts_before")
    @classmethod
    def _needed(cls, value: dt.datetime | None, info: ValidationInfo) -> dt.datetime | None:
        if value is None and info.data.get("appointment_ids", ()) is None:
            raise ValueError("give it, or appointment_ids")
        return value

    @model_validator(mode="after")
    def _which(self) -> CreateAll:
        if self.appointment_ids is not None:
            if self.starts_from or self.starts_before or self.clinic_id:
                raise ValueError("give appointment_ids, or a period and its clinic_id, not both")
        elif self.starts_from and self.starts_before and self.starts_from >= self.starts_before:
            raise ValueError("starts_before is later than starts_from")
        return self


class SyncAll(Request):
    force_update: bool = False


class PaymentIn(Request):
    """``amount`` left out pays what is due. The same ``reference`` is the same payment."""

    method: Code
    reference: RecordId
    amount: Money | None = None


class SelectOrganisation(Request):
    tenant_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")]


class Nothing(Request):
    """An empty body, or ``{}``."""


class ConnectQuery(Request):
    redirect: Literal["0", "1"] = "0"
    return_to: str | None = Field(
        None,
        max_length=500,
        description="Where the browser goes after Xero. Unless connected, its query then has xero=cancelled, none "
        "(no organisation), choose (among several), organisation_taken or failed",
    )


class PageQuery(Request):
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, StringConstraints(max_length=2000)] | None = None


class InvoicesQuery(PageQuery):
    status: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,20}$")] | None = None


class LogsQuery(PageQuery):
    """From ``since`` (inclusive) to ``until`` (exclusive)."""

    action: Annotated[str, StringConstraints(max_length=60)] | None = None
    outcome: Literal["ok", "waiting", "failed"] | None = None
    appointment_id: RecordId | None = None
    patient_id: RecordId | None = None
    operation_id: Annotated[str, StringConstraints(max_length=100)] | None = None
    actor_subject: Annotated[str, StringConstraints(max_length=255)] | None = None
    since: Instant | None = None
    until: Instant | None = None


class StoredQuery(PageQuery):
    """``search``: a text that stands in the document or is its id."""

    search: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None


class RefreshQuery(Request):
    refresh: Literal["0", "1"] = "0"


def _https(value: str) -> str:
    if value and (not APPOINTMENT_URL.fullmatch(value) or "xero" in value.lower()):
        # Xero shows it as "Go to ..." and refuses addresses that contain its own name.
        raise ValueError("give an address that starts with https:// and does not contain 'xero'")
    return value


class AutoApproveIn(Request):
    """Drafts older than ``after_hours`` are approved without a person: up to this total, of these services only."""

    after_hours: Annotated[int, Field(ge=0, le=8760, strict=True)]
    up_to: Annotated[Money, PlainSerializer(str)] | None = None
    service_codes: list[RecordId] | None = Field(default=None, min_length=1, max_length=400)


class SettingsIn(Request):
    """Only the fields given are changed; null goes back to the default."""

    time_zone: ZoneName | None = None
    clinic_time_zones: dict[RecordId, ZoneName] | None = None
    invoice_status: Literal["DRAFT", "SUBMITTED", "AUTHORISED"] | None = None
    payment_terms_days: Annotated[int, Field(ge=0, le=365, strict=True)] | None = None
    amounts: Literal["exclusive", "inclusive", "no_tax"] | None = None
    default_account_code: Annotated[str, StringConstraints(strip_whitespace=True, max_length=10)] | None = (
        None
    )
    default_tax_type: Annotated[str, StringConstraints(strip_whitespace=True, max_length=50)] | None = None
    invoice_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,20}$")] | None = None
    appointment_url: (
        Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(_https)]
        | None
    ) = None
    use_clinic_tracking: bool | None = None
    tracking_required: bool | None = None
    payment_accounts: dict[Code, AccountCode] | None = None
    branding_theme_id: Annotated[str, StringConstraints(strip_whitespace=True, max_length=50)] | None = None
    invoice_no_shows: bool | None = None
    privacy_mode: Literal["full", "initials", "code"] | None = None
    contact_details: Literal["all", "email", "none"] | None = None
    confirmed_bank_accounts: list[AccountCode] | None = Field(default=None, max_length=20)
    numbering: Literal["ours", "xero"] | None = None
    auto_approve: AutoApproveIn | None = None
    invoice_on_completed: Annotated[Day, PlainSerializer(str)] | None = None
    email_after_approval: bool | None = None
    log_retention_days: Annotated[int, Field(ge=365, le=36525, strict=True)] | None = None


class ItemMappingIn(Request):
    service_code: RecordId
    account_code: AccountCode | None = None
    tax_type: Code | None = None
    item_code: Annotated[str, StringConstraints(min_length=1, max_length=30)] | None = None
    description: Description | None = None


class ItemMappingsIn(Request):
    """Each mapping replaces the one of its service code, an empty one takes it away; others stay."""

    items: list[ItemMappingIn] = Field(min_length=1, max_length=400)


class TrackingMappingIn(Request):
    """A tracking option, an income account, or both; neither takes the mapping away."""

    id: RecordId
    kind: Literal["clinic", "practitioner"]
    tracking_category_id: Code | None = None
    tracking_option_id: Code | None = None
    account_code: AccountCode | None = None

    @model_validator(mode="after")
    def _both(self) -> TrackingMappingIn:
        if (self.tracking_category_id is None) != (self.tracking_option_id is None):
            raise ValueError("give tracking_category_id and tracking_option_id, or neither")
        return self


class TrackingMappingsIn(Request):
    items: list[TrackingMappingIn] = Field(min_length=1, max_length=400)


class PeriodQuery(Request):
    """Calendar days in the clinic's zone, both included; at most a year."""

    first: Day
    last: Day

    @model_validator(mode="after")
    def _order(self) -> PeriodQuery:
        if not 0 <= (self.last - self.first).days <= 366:
            raise ValueError("last is the same day as first or later, and at most a year after it")
        return self


class OperationsQuery(PageQuery):
    status: Literal["pending", "sending", "uncertain", "done", "failed", "cancelled"] | None = None


class PullTask(Request):
    tenant_id: StoredId
    categories: list[Code] = Field(default_factory=list, max_length=20)
    hinted: bool = False


class DrainTask(Request):
    practice_id: StoredId


class SweepTask(Request):
    """``cursor``: where the page before this one ended; ``began``: the sweep it belongs to, an instant."""

    cursor: Annotated[str, StringConstraints(max_length=2000)]
    began: Annotated[str, StringConstraints(max_length=40)]


class ListsTask(Request):
    practice_id: StoredId


class SealTask(Request):
    practice_id: StoredId


class JobTask(Request):
    practice_id: StoredId
    job_id: StoredId
    step: int | None = None
