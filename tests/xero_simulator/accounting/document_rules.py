"""What invoices and credit notes share: contact, dates, currency, numbers, lock dates and totals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlsplit

from .bodies import given, guid, text
from .contact_writing import NOT_FOUND, apply, matching
from .dates import lock_text, read_date
from .ledger import Work
from .money import ZERO, amount, rounded, tax_on
from .records import Contact, CreditNote, Invoice, Line
from .replies import Invalid

D = TypeVar("D", Invoice, CreditNote)
NOT_MODIFIABLE = "Invoice not of valid status for modification"
HAS_PAYMENTS = "This document cannot be edited as it has a payment or credit note allocated to it."
AMOUNT_TYPES = ("Exclusive", "Inclusive", "NoTax")


def contact_of(work: Work, raw: Any, sale: bool) -> Contact:
    """The contact a document is for.

    ``{"ContactID"}`` alone only points. Any further field updates that contact, and contact persons left out
    are dropped. Without an id, number or name lead to an existing contact or make a new one.
    """
    if not isinstance(raw, dict) or not given(raw):
        raise Invalid("Contact cannot be empty.")
    raw = given(raw)
    contact_id = guid(raw, "ContactID")
    contact = work.ledger.contacts.get(contact_id) if contact_id else matching(work, raw)
    if contact is None and contact_id:
        raise Invalid(NOT_FOUND)
    if contact is None:
        return _marked(work, apply(work, None, raw), sale)
    if contact.status != "ACTIVE":
        raise Invalid(f"The contact {contact.name} is {contact.status} and cannot be used on a new document.")
    if _says_more(contact, raw):
        contact = apply(work, contact, raw, drop_persons=True)
    return _marked(work, contact, sale)


def _marked(work: Work, contact: Contact, sale: bool) -> Contact:
    """The first sale makes a customer and the first bill a supplier; neither counts as a change."""
    if sale and not contact.is_customer:
        contact = work.ledger.contacts.put(replace(contact, is_customer=True))
    if not sale and not contact.is_supplier:
        contact = work.ledger.contacts.put(replace(contact, is_supplier=True))
    return contact


def _says_more(contact: Contact, raw: dict[str, Any]) -> bool:
    """Whether a document's contact element does more than point: a further field, another name or number."""
    if set(raw) - {"ContactID", "ContactNumber", "Name", "ContactStatus"}:
        return True
    named = str(raw.get("Name", contact.name)), str(raw.get("ContactNumber", contact.number))
    return tuple(map(str.casefold, named)) != (contact.name.casefold(), contact.number.casefold())


def header(work: Work, document: D, raw: dict[str, Any], problems: list[str]) -> D:
    """The fields around the lines, as far as they are sent."""
    document = replace(
        document,
        date=_day(raw, "Date", problems) or document.date,
        due_date=_day(raw, "DueDate", problems) or document.due_date,
    )
    if "Reference" in raw:
        document = replace(document, reference=text(raw, "Reference", 255, problems))
    if "LineAmountTypes" in raw:
        if raw["LineAmountTypes"] not in AMOUNT_TYPES:
            problems.append(f"LineAmountTypes must be one of {', '.join(AMOUNT_TYPES)}")
        else:
            document = replace(document, line_amount_types=raw["LineAmountTypes"])
    if "SentToContact" in raw and raw["SentToContact"] in (True, False):
        document = replace(document, sent=raw["SentToContact"])
    document = _currency(work, document, raw, problems)
    return _links(work, document, raw, problems)


def _day(raw: dict[str, Any], key: str, problems: list[str]) -> date | None:
    if raw.get(key) in (None, ""):
        return None
    day = read_date(raw[key])
    if day is None:
        problems.append(f"{key} is not a valid date")
    return day


def _currency(work: Work, document: D, raw: dict[str, Any], problems: list[str]) -> D:
    """The base currency, or another the organisation has taken on with a multicurrency plan."""
    organisation = work.settings.organisation
    code = str(raw.get("CurrencyCode") or document.currency or organisation.currency)
    if code != organisation.currency and not (organisation.multicurrency and code in organisation.currencies):
        problems.append(f"Organisation is not subscribed to currency {code}")
    rate = amount(raw.get("CurrencyRate"))
    if rate is not None:
        document = replace(document, currency_rate=rounded(rate, 6))
    return replace(document, currency=code)


def _links(work: Work, document: D, raw: dict[str, Any], problems: list[str]) -> D:
    if theme := guid(raw, "BrandingThemeID"):
        if theme not in (one.id for one in work.settings.themes):
            problems.append("The BrandingThemeID could not be found.")
        document = replace(document, branding_theme=theme)
    if "Url" in raw:
        url = text(raw, "Url", 2000, problems)
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.netloc):
            problems.append("Url must be a valid absolute url.")
        if "xero" in url.lower():
            problems.append('Url must not contain "xero".')
        document = replace(document, url=url)
    return document


def totalled(work: Work, document: D, retax: bool) -> D:
    """SubTotal, TotalTax, Total: sums of what each line was rounded to. A Total that was sent is not looked at."""
    lines = document.lines
    if retax:
        lines = tuple(_retaxed(work, line, document.line_amount_types) for line in lines)
    amounts = sum((line.line_amount for line in lines), ZERO)
    tax = sum((line.tax_amount for line in lines), ZERO)
    sub_total = amounts - tax if document.line_amount_types == "Inclusive" else amounts
    if sub_total + tax < 0:
        raise Invalid("The total of the document must not be negative.")
    return replace(
        document,
        lines=lines,
        sub_total=sub_total,
        total_tax=tax,
        total=sub_total + tax,
        total_discount=sum((line.discount for line in lines), ZERO),
    )


def _retaxed(work: Work, line: Line, types: str) -> Line:
    rate = work.settings.tax_rate(line.tax_type)
    rounding = work.settings.organisation.tax_rounding
    return replace(line, tax_amount=tax_on(line.line_amount, rate.rate, types, rounding) if rate else ZERO)


def approval_problems(work: Work, document: Invoice | CreditNote) -> list[str]:
    """What a draft may lack and an approved document may not."""
    problems = []
    if isinstance(document, Invoice) and document.due_date is None:
        problems.append("Due date cannot be empty.")
    if not document.lines:
        problems.append("One or more line items must be specified.")
    for line in document.lines:
        if line.unit_amount is None:
            continue
        account = work.settings.account(account_id=line.account_id) if line.account_id else None
        if account is None:
            problems.append("Account code must be specified.")
        elif account.status != "ACTIVE":
            problems.append(
                f"Account code '{account.code}' has been archived, or has been deleted. "
                "Each line item must reference a valid account."
            )
    return problems


def lock_problems(work: Work, day: date, what: str = "document") -> list[str]:
    """Nothing is posted, edited or voided on or before a lock date."""
    one = work.settings.organisation
    for lock, name in ((one.year_lock, "end of year lock date"), (one.period_lock, "period lock date")):
        if lock and day <= lock:
            return [f"The {what} date cannot be before the {name}, currently set at {lock_text(lock)}"]
    return []
