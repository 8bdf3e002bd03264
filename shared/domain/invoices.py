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
from shared.domain.wording import worded

ACCOUNTS_OWN_TAX = "the account's default in Xero"
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
    number: str | None  # None: Xero gives its own
    currency: str | None
    url: str | None
    branding_theme_id: str | None
    lines: tuple[DocumentLine, ...]
    rules: dict[str, str]

    @property
    def every_rule(self) -> dict[str, Any]:
        """The rule behind each field, and of each line under ``lines``."""
        return self.rules | {"lines": [line.rules for line in self.lines]}

    def body(self, contact_id: str) -> dict[str, Any]:
        """Xero's fields. The contact carries its id alone: any other field would change the contact."""
        body: dict[str, Any] = {
            "Type": "ACCREC",
            "Contact": {"ContactID": contact_id},
            "Reference": self.appointment_id,
            "Date": self.date.isoformat(),
            "DueDate": self.due_date.isoformat(),
            "LineAmountTypes": LINE_AMOUNT_TYPES[self.amounts],
            "Status": self.status,
            "LineItems": [_line_body(line) for line in self.lines],
        }
        optional = {
            "InvoiceNumber": self.number,
            "CurrencyCode": self.currency,
            "Url": self.url,
            "BrandingThemeID": self.branding_theme_id,
        }
        return body | {name: value for name, value in optional.items() if value}

    def dated(self, day: dt.date) -> InvoiceDocument:
        """With the date that a person accepted, as when its own day is locked; due as many days later as before."""
        rules = self.rules | {"date": f"accepted by a person instead of {self.date}"}
        return replace(self, date=day, due_date=day + (self.due_date - self.date), rules=rules)


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
    use_clinic_tracking: bool | None = None,
    generation: int = 1,
    default_zone: str = "UTC",
    patient_code: str | None = None,
) -> tuple[InvoiceDocument | None, list[FieldError]]:
    """The document, or everything that is missing. ``lines`` None takes the appointment's own,
    ``use_clinic_tracking`` None the practice's setting; ``patient_code`` when somebody else than the patient pays."""
    errors: list[FieldError] = []
    if appointment.status == "cancelled":
        errors.append(
            FieldError("appointment_id", "the appointment is cancelled; change its status before invoicing")
        )
    source = "the request" if lines is not None else "the appointment"
    chosen = lines if lines is not None else appointment.line_items
    if not chosen:
        errors.append(FieldError("line_items", "give at least one line, here or on the appointment"))
    places = _places(appointment, mappings)
    tracking, tracking_errors = _tracking(appointment, places, settings, use_clinic_tracking)
    errors += tracking_errors
    resolved = [
        _resolve_line(i, line, settings, mappings, places, tracking, source) for i, line in enumerate(chosen)
    ]
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
        number=invoice_number(settings.invoice_prefix, appointment, generation)
        if settings.numbering == "ours"
        else None,
        currency=appointment.currency,
        url=_url(settings.appointment_url, appointment.id),
        branding_theme_id=settings.branding_theme_id,
        lines=tuple(_worded(line, mappings, settings.privacy_mode, patient_code) for line, _ in resolved),
        rules={
            "date": day_rule,
            "due_date": f"payment terms of {settings.payment_terms_days} days",
            "amounts": "the appointment" if appointment.amounts else "the practice's default",
            "status": "the practice's setting invoice_status",
            "number": _number_rule(settings, appointment, generation),
            "reference": "the appointment's id, which ties the document to it",
            "currency": "the appointment" if appointment.currency else "the organisation's base currency",
            **({"branding_theme_id": "the practice's setting"} if settings.branding_theme_id else {}),
        },
    )
    return document, []


def _number_rule(settings: PracticeSettings, appointment: Appointment, generation: int) -> str:
    if settings.numbering != "ours":
        return "Xero's own numbering, by the practice's setting"
    code = "reference" if appointment.reference else "id"
    again = f", issued again as number {generation}" if generation > 1 else ""
    return f"prefix {settings.invoice_prefix!r} and the appointment's {code}{again}"


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


def _places(appointment: Appointment, mappings: Mappings) -> list[TrackingMapping]:
    """The mappings of the practitioner and the clinic, in the order of precedence."""
    named = (("practitioner", appointment.practitioner_id or ""), ("clinic", appointment.clinic_id or ""))
    return [mappings.tracking[place] for place in named if place in mappings.tracking]


def _tracking(
    appointment: Appointment, places: list[TrackingMapping], settings: PracticeSettings, asked: bool | None
) -> tuple[tuple[TrackingMapping, ...], list[FieldError]]:
    """The options of every line. ``asked`` is the request's own word: True needs a mapped clinic."""
    tracked = [place for place in places if place.tracking_option_id]
    wanted = settings.use_clinic_tracking if asked is None else asked
    if settings.tracking_required:
        errors = _untracked(appointment, tracked)
    elif asked and not any(place.kind == "clinic" for place in tracked):
        errors = [FieldError("use_clinic_tracking", _no_option("clinic", appointment.clinic_id))]
    else:
        errors = []
    if errors or not (wanted or settings.tracking_required):
        return (), errors
    # Xero takes one option per category and two categories per line; the practitioner comes before the clinic.
    by_category = {place.tracking_category_id: place for place in reversed(tracked)}
    return tuple(sorted(by_category.values(), key=lambda place: place.kind)), []


def _untracked(appointment: Appointment, tracked: list[TrackingMapping]) -> list[FieldError]:
    ids = {"clinic": appointment.clinic_id, "practitioner": appointment.practitioner_id}
    if not any(ids.values()):
        return [FieldError("clinic_id", "the practice requires tracking; name a clinic or a practitioner")]
    mapped = {place.kind for place in tracked}
    return [
        FieldError(f"{kind}_id", f"the practice requires tracking; {_no_option(kind, id_)}")
        for kind, id_ in ids.items()
        if id_ and kind not in mapped
    ]


def _no_option(kind: str, id_: str | None) -> str:
    if not id_:
        return f"the appointment names no {kind}_id to take the tracking from"
    return f"{kind} {id_!r} has no tracking option yet; map it at /xero/tracking/"


def _resolve_line(
    index: int,
    line: LineItem,
    settings: PracticeSettings,
    mappings: Mappings,
    places: list[TrackingMapping],
    tracking: tuple[TrackingMapping, ...],
    source: str,
) -> tuple[DocumentLine, list[FieldError]]:
    mapping = mappings.items.get(line.service_code or "")
    service = f"service {line.service_code!r}"
    account, account_rule = _first(
        (line.account_code, source),
        (mapping and mapping.account_code, service),
        *((place.account_code, place.rule) for place in places),
        (settings.default_account_code, "the practice's default account"),
    )
    tax, tax_rule = _first(
        (line.tax_type, source),
        (mapping and mapping.tax_type, service),
        (settings.default_tax_type, "the practice's default tax"),
        (None, ACCOUNTS_OWN_TAX),
    )
    description, description_rule = _first(
        (mapping and mapping.description, f"billing label of {service}"),
        (line.description, source),
    )
    errors = []
    if not account:
        where = f"map {service} at /xero/items/" if line.service_code else "give one with the line"
        message = f"no account: {where}, or set a default_account_code at /xero/settings/"
        errors.append(FieldError(f"line_items[{index}].account_code", message))
    if abs(line_amount(line)) > LARGEST_LINE:
        errors.append(FieldError(f"line_items[{index}]", f"the amount is larger than {LARGEST_LINE}"))
    item = replace(line, account_code=account, tax_type=tax, description=description or line.description)
    rules = {
        "account_code": account_rule,
        "tax_type": tax_rule,
        "description": description_rule,
        "amounts": source,
    }
    if mapping and mapping.item_code:
        rules["item_code"] = service
    if tracking:
        rules["tracking"] = " and ".join(place.rule for place in tracking)
    return DocumentLine(item, mapping.item_code if mapping else None, tracking, rules), errors


def _worded(
    line: DocumentLine, mappings: Mappings, privacy_mode: str, patient_code: str | None
) -> DocumentLine:
    mapping = mappings.items.get(line.item.service_code or "")
    item, rule = worded(
        line.item,
        line.rules["description"],
        has_label=bool(mapping and mapping.description),
        privacy_mode=privacy_mode,
        patient_code=patient_code,
    )
    return replace(line, item=item, rules=line.rules | {"description": rule})


def _first(*candidates: tuple[Any, str]) -> tuple[Any, str]:
    """The first candidate that has a value, with the rule that gave it; the last one's rule when none has."""
    return next(((value, rule) for value, rule in candidates if value), candidates[-1])
