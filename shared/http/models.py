"""What callers send: checked here, described at /openapi.json from these very classes.

A field that is not known is refused rather than ignored: a typo in ``unit_amount`` must not become a free visit.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.domain.records import Address, Appointment, LineItem, Patient, Payer
from shared.domain.times import zone

#: The clinic's own ids. At most 50 characters, because the patient's becomes Xero's ContactNumber.
RecordId = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$", min_length=1, max_length=50)
]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]


def _decimals(places: int) -> AfterValidator:
    def check(value: Decimal) -> Decimal:
        if not value.is_finite():
            raise ValueError("give a number")
        exponent = value.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > places:
            raise ValueError(f"at most {places} decimals")
        return value

    return AfterValidator(check)


def _zone_name(value: str) -> str:
    zone(value)
    return value


def _with_offset(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("give the offset too, e.g. 2026-11-24T08:00:00+11:00")
    return value


Quantity = Annotated[Decimal, Field(gt=0, le=1_000_000), _decimals(4)]
#: Negative amounts are allowed: a gap already paid, a rebate.
UnitAmount = Annotated[Decimal, Field(ge=-9_999_999_999, le=9_999_999_999), _decimals(4)]
Money = Annotated[Decimal, Field(gt=0, le=9_999_999_999), _decimals(2)]
ZoneName = Annotated[str, AfterValidator(_zone_name)]


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
    payer: PayerIn | RecordId | None = None
    erased: bool = False

    def to_domain(self, patient_id: str) -> Patient:
        plain = self.model_dump(exclude={"address", "payer"})
        return Patient(
            id=patient_id,
            address=Address(**self.address.model_dump()) if self.address else None,
            payer=_payer(self.payer),
            **plain,
        )


class LineItemIn(Request):
    """Amounts are decimal strings (``"150.00"``); numbers are accepted."""

    description: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
    quantity: Quantity = Decimal(1)
    unit_amount: UnitAmount
    service_code: RecordId | None = None
    account_code: Annotated[str, StringConstraints(strip_whitespace=True, max_length=10)] | None = None
    tax_type: Code | None = None
    discount_rate: Annotated[Decimal, Field(ge=0, le=100), _decimals(4)] | None = None
    discount_amount: Annotated[Decimal, Field(ge=0, le=9_999_999_999), _decimals(2)] | None = None

    @model_validator(mode="after")
    def _one_discount(self) -> LineItemIn:
        if self.discount_rate is not None and self.discount_amount is not None:
            raise ValueError("give discount_rate or discount_amount, not both")
        return self

    def to_domain(self) -> LineItem:
        return LineItem(**self.model_dump())


class AppointmentIn(Request):
    patient_id: RecordId
    starts_at: Annotated[datetime, AfterValidator(_with_offset)]
    clinic_id: RecordId | None = None
    practitioner_id: RecordId | None = None
    status: Literal["booked", "arrived", "completed", "cancelled", "no_show"] = "booked"
    reference: Code | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    amounts: Literal["exclusive", "inclusive", "no_tax"] | None = None
    line_items: list[LineItemIn] = Field(default_factory=list, max_length=200)
    payer: PayerIn | RecordId | None = None

    def to_domain(self, appointment_id: str) -> Appointment:
        plain = self.model_dump(exclude={"line_items", "payer"})
        return Appointment(
            id=appointment_id,
            line_items=tuple(line.to_domain() for line in self.line_items),
            payer=_payer(self.payer),
            **plain,
        )


def _payer(given: PayerIn | str | None) -> Payer | None:
    """``"p-2"`` is short for ``{"patient_id": "p-2"}``."""
    if given is None or isinstance(given, PayerIn):
        return given.to_domain() if given else None
    return Payer(patient_id=given)


class SyncPatient(Request):
    patient_id: RecordId
    force_update: bool = False


class CreateInvoice(Request):
    """``line_items`` left out are the appointment's; ``use_clinic_tracking`` left out is the practice's setting."""

    appointment_id: RecordId
    line_items: list[LineItemIn] | None = Field(default=None, max_length=200)
    use_clinic_tracking: bool | None = None

    def to_request(self) -> dict[str, object]:
        lines = None if self.line_items is None else [line.to_domain().to_data() for line in self.line_items]
        return {"line_items": lines, "use_clinic_tracking": self.use_clinic_tracking}


class CreateAll(Request):
    """Appointments that start from ``starts_from`` (inclusive) to ``starts_before`` (exclusive)."""

    starts_from: Annotated[datetime, AfterValidator(_with_offset)]
    starts_before: Annotated[datetime, AfterValidator(_with_offset)]
    clinic_id: RecordId | None = None
    dry_run: bool = False


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
    return_to: Annotated[str, StringConstraints(max_length=500)] | None = None


class PageQuery(Request):
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, StringConstraints(max_length=2000)] | None = None


class InvoicesQuery(PageQuery):
    status: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,20}$")] | None = None


class LogsQuery(PageQuery):
    action: Annotated[str, StringConstraints(max_length=60)] | None = None
    outcome: Literal["ok", "waiting", "failed"] | None = None
    appointment_id: RecordId | None = None
    patient_id: RecordId | None = None
    operation_id: Annotated[str, StringConstraints(max_length=100)] | None = None
    actor_subject: Annotated[str, StringConstraints(max_length=255)] | None = None
    since: Annotated[datetime, AfterValidator(_with_offset)] | None = None


class RefreshQuery(Request):
    refresh: Literal["0", "1"] = "0"


class SettingsIn(Request):
    """Only the fields given are changed."""

    time_zone: ZoneName | None = None
    clinic_time_zones: dict[RecordId, ZoneName] | None = None
    invoice_status: Literal["DRAFT", "SUBMITTED", "AUTHORISED"] | None = None
    payment_terms_days: Annotated[int, Field(ge=0, le=365)] | None = None
    amounts: Literal["exclusive", "inclusive", "no_tax"] | None = None
    default_account_code: Annotated[str, StringConstraints(max_length=10)] | None = None
    default_tax_type: Annotated[str, StringConstraints(max_length=50)] | None = None
    invoice_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,20}$")] | None = None
    appointment_url: Annotated[str, StringConstraints(max_length=500)] | None = None
    use_clinic_tracking: bool | None = None
    payment_accounts: dict[Code, Annotated[str, StringConstraints(min_length=1, max_length=10)]] | None = None
    branding_theme_id: Annotated[str, StringConstraints(max_length=50)] | None = None

    @model_validator(mode="after")
    def _url(self) -> SettingsIn:
        url = self.appointment_url
        if url and (not url.startswith("https://") or "xero" in url.lower()):
            # Xero shows it as "Go to ..." and refuses addresses that contain its own name.
            raise ValueError("appointment_url starts with https:// and does not contain 'xero'")
        return self


class ItemMappingIn(Request):
    service_code: RecordId
    account_code: Annotated[str, StringConstraints(min_length=1, max_length=10)] | None = None
    tax_type: Code | None = None
    item_code: Annotated[str, StringConstraints(min_length=1, max_length=30)] | None = None
    description: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)] | None
    ) = None


class ItemMappingsIn(Request):
    """Each mapping replaces the one of its service code; others stay."""

    items: list[ItemMappingIn] = Field(min_length=1, max_length=400)


class TrackingMappingIn(Request):
    id: RecordId
    kind: Literal["clinic", "practitioner"]
    tracking_category_id: Code
    tracking_option_id: Code


class TrackingMappingsIn(Request):
    items: list[TrackingMappingIn] = Field(min_length=1, max_length=400)


class OperationsQuery(PageQuery):
    status: Literal["pending", "sending", "uncertain", "done", "failed", "cancelled"] | None = None


class PullTask(Request):
    tenant_id: Code
    categories: list[Code] = Field(default_factory=list, max_length=20)
    hinted: bool = False


class DrainTask(Request):
    practice_id: Code


class JobTask(Request):
    practice_id: Code
    job_id: Code
