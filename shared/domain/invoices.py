"""What an appointment's invoice says, and the rule behind each field.

Pure: everything it needs is handed in; what is missing or wrong comes back as field errors, all at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from shared.domain.errors import FieldError
from shared.domain.money import LARGEST_LINE, line_amount
from shared.domain.records import Appointment, LineItem
from shared.domain.settings import ItemMapping, PracticeSettings, TrackingMapping
from shared.domain.texts import without_control
from shared.domain.times import calendar_date

LINE_AMOUNT_TYPES = {"exclusive": "Exclusive", "inclusive": "Inclusive", "no_tax": "NoTax"}


@dataclass(frozen=True)
class DocumentLine:
    item: LineItem  # with description, account and tax resolved
    item_code: str | None
    tracking: tuple[TrackingMapping, ...]
    rules: dict[str, str]  # field -> the rule that chose it


@dataclass(frozen=True)
class InvoiceDocument:
    """Everything but the contact, which is known only when the contact's link is."""

    appointment_id: str
    date: dt.date
    due_date: dt.date
    amounts: str
    status: str
    number: str
    currency: str | None
    url: str | None
    branding_theme_id: str | None
    lines: tuple[DocumentLine, ...]
    rules: dict[str, str]

    def body(self, contact_id: str) -> dict[str, Any]:
        """Xero's fields. The contact carries its id alone: any other field would change the contact."""
        body: dict[str, Any] = {
            "Type": "ACCREC",
            "Contact": {"ContactID": contact_id},
            "InvoiceNumber": self.number,
            "Reference": self.appointment_id,
            "Date": self.date.isoformat(),
            "DueDate": self.due_date.isoformat(),
            "LineAmountTypes": LINE_AMOUNT_TYPES[self.amounts],
            "Status": self.status,
            "LineItems": [_line_body(line) for line in self.lines],
        }
        optional = {"CurrencyCode": self.currency, "Url": self.url, "BrandingThemeID": self.branding_theme_id}
        return body | {name: value for name, value in optional.items() if value}


def _line_body(line: DocumentLine) -> dict[str, Any]:
    item = line.item
    body: dict[str, Any] = {
        "Description": without_control(item.description),
        "Quantity": item.quantity,
        "UnitAmount": item.unit_amount,
        "AccountCode": item.account_code,
        "TaxType": item.tax_type,
        "ItemCode": line.item_code,
        "DiscountRate": item.discount_rate,
        "DiscountAmount": item.discount_amount,
        "Tracking": [
            {"TrackingCategoryID": t.tracking_category_id, "TrackingOptionID": t.tracking_option_id}
            for t in line.tracking
        ],
    }
    return {name: value for name, value in body.items() if value not in (None, [])}


@dataclass(frozen=True)
class Mappings:
    """The practice's mappings, by service code, and by kind (clinic, practitioner) and id."""

    items: Mapping[str, ItemMapping] = field(default_factory=dict)
    tracking: Mapping[tuple[str, str], TrackingMapping] = field(default_factory=dict)


def invoice_number(prefix: str, appointment: Appointment, generation: int) -> str:
    """Our prefix and the appointment's code, so that Xero itself refuses a second one; a re-issue gets ``-2``."""
    base = f"{prefix}{appointment.reference or appointment.id}"
    return base if generation == 1 else f"{base}-{generation}"


def build_invoice(
    appointment: Appointment,
    *,
    lines: tuple[LineItem, ...] | None,
    settings: PracticeSettings,
    mappings: Mappings,
    use_clinic_tracking: bool,
    generation: int = 1,
    default_zone: str = "UTC",
) -> tuple[InvoiceDocument | None, list[FieldError]]:
    """The document, or why there is none. ``lines`` None takes the appointment's own."""
    errors: list[FieldError] = []
    if appointment.status == "cancelled":
        errors.append(
            FieldError("appointment_id", "the appointment is cancelled; change its status before invoicing")
        )
    source = "the request" if lines is not None else "the appointment"
    chosen = lines if lines is not None else appointment.line_items
    if not chosen:
        errors.append(FieldError("line_items", "give at least one line, here or on the appointment"))
    tracking, tracking_errors = _tracking(appointment, mappings, use_clinic_tracking)
    errors += tracking_errors
    resolved = [_resolve_line(i, line, settings, mappings, tracking, source) for i, line in enumerate(chosen)]
    errors += [error for _, line_errors in resolved for error in line_errors]
    day, day_rule = _calendar_day(appointment, settings, default_zone)
    if errors:
        return None, errors
    document = InvoiceDocument(
        appointment_id=appointment.id,
        date=day,
        due_date=day + timedelta(days=settings.payment_terms_days),
        amounts=appointment.amounts or settings.amounts,
        status=settings.invoice_status,
        number=invoice_number(settings.invoice_prefix, appointment, generation),
        currency=appointment.currency,
        url=_url(settings.appointment_url, appointment.id),
        branding_theme_id=settings.branding_theme_id,
        lines=tuple(line for line, _ in resolved),
        rules={
            "date": day_rule,
            "due_date": f"payment terms of {settings.payment_terms_days} days",
            "amounts": "the appointment" if appointment.amounts else "the practice's default",
            "status": "the practice's setting invoice_status",
            "number": f"prefix {settings.invoice_prefix!r} and the appointment's "
            + ("reference" if appointment.reference else "id")
            + (f", issued again as number {generation}" if generation > 1 else ""),
            "reference": "the appointment's id, which ties the document to it",
            "currency": "the appointment" if appointment.currency else "the organisation's base currency",
        },
    )
    return document, []


def _url(pattern: str | None, appointment_id: str) -> str | None:
    url = (pattern or "").replace("{appointment_id}", appointment_id)
    return None if "xero" in url.lower() else url or None  # Xero refuses addresses that contain its name


def _calendar_day(
    appointment: Appointment, settings: PracticeSettings, default_zone: str
) -> tuple[date, str]:
    clinic_zone = settings.clinic_time_zones.get(appointment.clinic_id or "")
    zone_name = clinic_zone or settings.time_zone or default_zone
    owner = "the clinic" if clinic_zone else "the practice" if settings.time_zone else "the organisation"
    return calendar_date(
        appointment.starts_at, zone_name
    ), f"the appointment's day in {zone_name}, zone of {owner}"


def _tracking(
    appointment: Appointment, mappings: Mappings, wanted: bool
) -> tuple[tuple[TrackingMapping, ...], list[FieldError]]:
    if not wanted:
        return (), []
    if not appointment.clinic_id:
        return (), [
            FieldError("use_clinic_tracking", "the appointment names no clinic_id to take the tracking from")
        ]
    clinic = mappings.tracking.get(("clinic", appointment.clinic_id))
    if clinic is None:
        return (), [
            FieldError(
                "use_clinic_tracking",
                f"clinic {appointment.clinic_id!r} has no tracking option yet; map it at /xero/tracking/",
            )
        ]
    practitioner = mappings.tracking.get(("practitioner", appointment.practitioner_id or ""))
    both = (clinic, practitioner) if practitioner else (clinic,)
    # Xero takes one option per category and two categories per line.
    by_category = {mapping.tracking_category_id: mapping for mapping in reversed(both)}
    return tuple(sorted(by_category.values(), key=lambda m: m.kind)), []


def _resolve_line(
    index: int,
    line: LineItem,
    settings: PracticeSettings,
    mappings: Mappings,
    tracking: tuple[TrackingMapping, ...],
    source: str,
) -> tuple[DocumentLine, list[FieldError]]:
    mapping = mappings.items.get(line.service_code or "")
    account, account_rule = _first(
        (line.account_code, source),
        (mapping and mapping.account_code, f"service {line.service_code!r}"),
        (settings.default_account_code, "the practice's default account"),
    )
    tax, tax_rule = _first(
        (line.tax_type, source),
        (mapping and mapping.tax_type, f"service {line.service_code!r}"),
        (settings.default_tax_type, "the practice's default tax"),
        (None, "the account's default in Xero"),
    )
    description, description_rule = _first(
        (mapping and mapping.description, f"billing label of service {line.service_code!r}"),
        (line.description, source),
    )
    errors = []
    if not account:
        where = f"map service {line.service_code!r} at /xero/items/" if line.service_code else "give one"
        errors.append(
            FieldError(
                f"line_items[{index}].account_code", f"no account: {where}, or set a default_account_code"
            )
        )
    if abs(line_amount(line)) > LARGEST_LINE:
        errors.append(FieldError(f"line_items[{index}]", f"the amount is larger than {LARGEST_LINE}"))
    item = replace(line, account_code=account, tax_type=tax, description=description or line.description)
    rules = {
        "account_code": account_rule,
        "tax_type": tax_rule,
        "description": description_rule,
        "amounts": source,
    }
    if tracking:
        rules["tracking"] = " and ".join(f"{t.kind} {t.id!r}" for t in tracking)
    return DocumentLine(item, mapping.item_code if mapping else None, tracking, rules), errors


def _first(*candidates: tuple[Any, str]) -> tuple[Any, str]:
    """The first candidate that has a value, with the rule that gave it; the last one's rule when none has."""
    return next(((value, rule) for value, rule in candidates if value), candidates[-1])
