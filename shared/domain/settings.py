"""A practice's settings and mappings, as they decide what a document looks like."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

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
    payment_accounts: dict[str, str] = field(default_factory=dict)  # cash, card, transfer -> account code
    branding_theme_id: str | None = None

    def to_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any] | None) -> PracticeSettings:
        """None is a field that was reset: it has its default."""
        known = {k: v for k, v in (data or {}).items() if k in cls.__dataclass_fields__ and v is not None}
        return cls(**known)


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
    """Which tracking option a clinic or a practitioner stands for; ids, because names change in Xero."""

    id: str
    kind: str  # clinic | practitioner
    tracking_category_id: str
    tracking_option_id: str
    category_name: str | None = None
    option_name: str | None = None

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> TrackingMapping:
        return cls(**{k: v for k, v in data.items() if k in cls.__dataclass_fields__})
