"""A practice's settings and mappings, as they decide what a document looks like."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from shared.domain.privacy_defaults import default_privacy

INVOICE_STATUSES = ("DRAFT", "SUBMITTED", "AUTHORISED")


@dataclass(frozen=True)
class PracticeSettings:
    """Stored as one document; a missing field has the default given here."""

    time_zone: str | None = None  # IANA name; until set, the connected organisation's zone
    clinic_time_zones: dict[str, str] = field(default_factory=dict)  # clinic id -> IANA name
    invoice_status: str = "DRAFT"
    payment_terms_days: int = 14
    amounts: str = "exclusive"  # when an appointment does not say
    default_account_code: str | None = None
    default_tax_type: str | None = None
    invoice_prefix: str = "CL-"
    appointment_url: str | None = None  # "https://app.clinic.example/appointments/{appointment_id}"
    use_clinic_tracking: bool = False
    tracking_required: bool = False  # clinic and practitioner must be mapped before anything is sent
    payment_accounts: dict[str, str] = field(default_factory=dict)  # cash, card, transfer -> account code
    branding_theme_id: str | None = None
    privacy_mode: str = (
        "full"  # how a patient is named in Xero, see domain/contacts.py; unset: domain/privacy_defaults.py
    )
    contact_details: str | None = None  # all, email, none; None: as the privacy mode has it
    confirmed_bank_accounts: list[str] = field(default_factory=list)  # a person said: payments may go there
    numbering: str = (
        "ours"  # "xero": Xero numbers the invoices, our Reference alone ties them to the appointment
    )
    auto_approve: dict[str, Any] | None = None  # see domain/auto_approval.py; None: a person approves
    invoice_no_shows: bool = False  # bulk invoicing and completeness count appointments nobody came to
    invoice_on_completed: str | None = (
        None  # invoices by themselves once completed, from this day (ISO date) on
    )
    log_retention_days: int = 2557  # of the activity log, whole blocks; seven years
    email_after_approval: bool = False  # Xero e-mails each invoice once it is approved

    def zone_of(self, clinic_id: str | None, otherwise: str | None) -> str:
        """The IANA name of the zone in which the clinic's days are counted; ``otherwise`` is the organisation's."""
        return self.clinic_time_zones.get(clinic_id or "") or self.time_zone or otherwise or "UTC"

    def to_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any] | None, country: str | None = None) -> PracticeSettings:
        """None is a field that was reset: it has its default; of ``privacy_mode`` that is the country's."""
        known = {k: v for k, v in (data or {}).items() if k in cls.__dataclass_fields__ and v is not None}
        return cls(**{"privacy_mode": default_privacy(country).mode, **known})


@dataclass(frozen=True)
class ItemMapping:
    """What a service is in the books."""

    service_code: str
    account_code: str | None = None
    tax_type: str | None = None
    item_code: str | None = None
    description: str | None = None  # the billing label; replaces the clinic's own wording

    @classmethod
    def from_data(cls, service_code: str, data: dict[str, Any]) -> ItemMapping:
        known = {k: v for k, v in data.items() if k in cls.__dataclass_fields__ and k != "service_code"}
        return cls(service_code=service_code, **known)


@dataclass(frozen=True)
class TrackingMapping:
    """What a clinic or a practitioner is in the books: a tracking option, an income account, or both.

    Options by id, because names change in Xero; the names are kept for people to read.
    """

    id: str
    kind: str  # clinic | practitioner
    tracking_category_id: str | None = None
    tracking_option_id: str | None = None
    category_name: str | None = None
    option_name: str | None = None
    account_code: str | None = None

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> TrackingMapping:
        return cls(**{k: v for k, v in data.items() if k in cls.__dataclass_fields__})

    @property
    def rule(self) -> str:
        return f"{self.kind} {self.id!r}"
