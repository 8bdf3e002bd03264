"""Xero's envelopes: lists of records with paging and Xero's own clock around them.

One odd record is set aside and reported; the rest go on. An answer without its list is AnswerLost, never an
empty list: "nothing changed" must have been said, not guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Generic, TypeVar

from shared.adapters.xero import fields, records, settings_records
from shared.adapters.xero.transport import Answer
from shared.domain.errors import AnswerLost
from shared.domain.xero_records import RecordProblem

T = TypeVar("T")


@dataclass(frozen=True)
class Kind(Generic[T]):
    """One kind of record: its name in a RecordProblem, its list in the envelope, its id, its reader."""

    name: str
    list_field: str
    id_field: str
    read: Callable[[Any], T]


CONTACT = Kind("contact", "Contacts", "ContactID", records.contact)
INVOICE = Kind("invoice", "Invoices", "InvoiceID", records.invoice)
CREDIT_NOTE = Kind("credit_note", "CreditNotes", "CreditNoteID", records.credit_note)
PAYMENT = Kind("payment", "Payments", "PaymentID", records.payment)
ORGANISATION = Kind("organisation", "Organisations", "OrganisationID", settings_records.organisation)
ACCOUNT = Kind("account", "Accounts", "AccountID", settings_records.account)
TAX_RATE = Kind("tax_rate", "TaxRates", "TaxType", settings_records.tax_rate)
TRACKING = Kind(
    "tracking_category", "TrackingCategories", "TrackingCategoryID", settings_records.tracking_category
)
ITEM = Kind("item", "Items", "ItemID", settings_records.item)
BRANDING_THEME = Kind("branding_theme", "BrandingThemes", "BrandingThemeID", settings_records.branding_theme)
ACTION = Kind("action", "Actions", "Name", settings_records.action)
CURRENCY = Kind("currency", "Currencies", "Code", settings_records.currency)


@dataclass(frozen=True)
class Reading(Generic[T]):
    """The records that could be read, the raw ones that could not, and why."""

    records: list[T]
    problems: list[RecordProblem]
    set_aside: list[Any]

    @property
    def count(self) -> int:
        return len(self.records) + len(self.problems)


def read_all(kind: Kind[T], document: Any) -> Reading[T]:
    """Every record of the envelope's list, read or reported. Raises AnswerLost when the list is not there."""
    reading: Reading[T] = Reading([], [], [])
    for raw in raw_list(document, kind.list_field):
        try:
            reading.records.append(kind.read(_object(raw)))
        except fields.Unreadable as error:
            reading.problems.append(RecordProblem(kind.name, _id(raw, kind.id_field), str(error)))
            reading.set_aside.append(raw)
    return reading


def read_one(kind: Kind[T], document: Any) -> T | None:
    """The first record, None when the list is empty. Raises AnswerLost when the record cannot be read."""
    reading = read_all(kind, document)
    if reading.problems and not reading.records:
        raise AnswerLost(f"Xero's {kind.name} could not be read: {reading.problems[0].reason}", answered=True)
    return reading.records[0] if reading.records else None


def page_count(document: Any, count: int, page: int, page_size: int) -> int:
    """Xero's ``pagination.pageCount``; without it a full page means that another may follow."""
    pagination = document.get("pagination") if isinstance(document, dict) else None
    told = pagination.get("pageCount") if isinstance(pagination, dict) else None
    if isinstance(told, int) and not isinstance(told, bool):
        return told
    return page + 1 if count >= page_size else page


def clock_of(answer: Answer, document: Any) -> datetime:
    """Xero's clock when it answered: the envelope's DateTimeUTC, else the Date header, else our own clock."""
    at = fields.instant(document, "DateTimeUTC") if isinstance(document, dict) else None
    if at is None:
        try:
            at = parsedate_to_datetime(answer.headers.get("Date") or "")
        except (TypeError, ValueError, IndexError):
            at = datetime.now(UTC)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def raw_list(document: Any, field: str) -> list[Any]:
    found = document.get(field) if isinstance(document, dict) else None
    if not isinstance(found, list):
        raise AnswerLost("Xero's answer lacks the records asked for", answered=True)
    return found


def _object(raw: Any) -> Any:
    if not isinstance(raw, dict):
        raise fields.Unreadable("the record is not an object")
    return raw


def _id(raw: Any, field: str) -> str | None:
    value = raw.get(field) if isinstance(raw, dict) else None
    return value if isinstance(value, str) and 0 < len(value) <= 64 else None
