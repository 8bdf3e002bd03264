"""The port ``Accounting``: one organisation, one bearer, the official SDK's operations on our transport."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from xero_python.accounting import AccountingApi

from shared.adapters.xero import batches, reading, writes
from shared.adapters.xero.api_client import BearerApiClient
from shared.adapters.xero.errors import json_of
from shared.adapters.xero.reading import Kind, Reading
from shared.adapters.xero.transport import Answer, Transport
from shared.domain.errors import AnswerLost, InvalidInput, Missing
from shared.domain.xero_records import (
    AccountSnapshot,
    ActionSnapshot,
    BrandingThemeSnapshot,
    ContactSnapshot,
    CreditNoteSnapshot,
    CurrencySnapshot,
    InvoiceSnapshot,
    ItemSnapshot,
    OrganisationSnapshot,
    RecordProblem,
    TaxRateSnapshot,
    TrackingCategorySnapshot,
    Usage,
    XeroPage,
)
from shared.ports.accounting import IDS_PER_CALL, BatchRequest, ElementAnswer, WriteRequest

T = TypeVar("T")
log = logging.getLogger(__name__)
#: Xero's largest page. A search is read to its end, because a document missed would be made a second time.
SEARCH_PAGE = 1000
#: A search term that matches more than this is no search.
SEARCH_PAGES = 20


class XeroAccounting:
    """Make one per use. ``usage`` and ``problems`` (records set aside) are those of the latest call."""

    def __init__(self, transport: Transport, tenant_id: str, access_token: str, *, api_url: str) -> None:
        if not all(text and text.isascii() and text.isprintable() for text in (tenant_id, access_token)):
            raise ValueError("a tenant and a bearer are needed, in printable ASCII")
        self.usage = Usage()
        self.problems: list[RecordProblem] = []
        self._tenant_id = tenant_id
        self._client = BearerApiClient(transport, access_token)
        self._api = AccountingApi(api_client=self._client, base_url=f"{api_url.rstrip('/')}/api.xro/2.0")

    def send(self, write: WriteRequest) -> Any:
        """Carry out one write; ValueError, before anything is sent, for one that is put together wrongly."""
        method, keywords = writes.arguments(write)
        if write.target_id is not None:
            _segment(write.target_id)
        return writes.outcome(write, self._call(method, **keywords))

    def send_batch(self, batch: BatchRequest) -> list[ElementAnswer]:
        """Carry out a batch; ValueError, before anything is sent, for one that is put together wrongly."""
        method, keywords = batches.arguments(batch)
        return batches.outcomes(batch, self._call(method, **keywords))

    def contact(self, contact_id_or_number: str) -> ContactSnapshot | None:
        return self._one(reading.CONTACT, "get_contact", contact_id=_segment(contact_id_or_number))

    def invoice(self, invoice_id_or_number: str) -> InvoiceSnapshot | None:
        return self._one(
            reading.INVOICE, "get_invoice", invoice_id=_segment(invoice_id_or_number), **writes.FOUR_DECIMALS
        )

    def credit_note(self, id_or_number: str) -> CreditNoteSnapshot | None:
        return self._one(
            reading.CREDIT_NOTE,
            "get_credit_note",
            credit_note_id=_segment(id_or_number),
            **writes.FOUR_DECIMALS,
        )

    def invoices_changed(self, since: datetime | None, *, page: int = 1, page_size: int = 100) -> XeroPage:
        """Ordered by id: while pages are read, a changed invoice can then appear twice but none can slip
        through, as it could if a change moved it to the end. The cursor to keep is ``as_of`` of the *first*
        page."""
        return self._page(
            reading.INVOICE,
            "get_invoices",
            since,
            page,
            page_size,
            order="InvoiceID",
            created_by_my_app=True,
            **writes.FOUR_DECIMALS,
        )

    def invoices_dated(self, first: date, last: date, *, page: int = 1, page_size: int = 100) -> XeroPage:
        """Ordered by id, so that no change can hide one. The dates are the only text in the clause."""
        after, until = (f"DateTime({day.year}, {day.month}, {day.day})" for day in (first, last))
        return self._page(
            reading.INVOICE,
            "get_invoices",
            None,
            page,
            page_size,
            where=f'Type=="ACCREC" AND Date>={after} AND Date<={until}',
            order="InvoiceID",
            created_by_my_app=True,
            **writes.FOUR_DECIMALS,
        )

    def invoices_by_id(self, invoice_ids: Sequence[str]) -> list[InvoiceSnapshot]:
        """Paged, because a list without pages comes without its lines. AnswerLost for one that is there but
        unreadable: not there would then be a guess."""
        return self._named(reading.INVOICE, "get_invoices", "i_ds", invoice_ids, **writes.FOUR_DECIMALS)

    def invoices_numbered(self, numbers: Sequence[str]) -> list[InvoiceSnapshot]:
        return self._named(
            reading.INVOICE, "get_invoices", "invoice_numbers", numbers, **writes.FOUR_DECIMALS
        )

    def contacts_by_id(self, contact_ids: Sequence[str]) -> list[ContactSnapshot]:
        return self._named(reading.CONTACT, "get_contacts", "i_ds", contact_ids, include_archived=True)

    def contacts_changed(self, since: datetime | None, *, page: int = 1, page_size: int = 100) -> XeroPage:
        return self._page(
            reading.CONTACT, "get_contacts", since, page, page_size, order="ContactID", include_archived=True
        )

    def invoices_found(self, text: str) -> list[InvoiceSnapshot]:
        """Reads every page of matches. AnswerLost when the very document looked for is there but
        unreadable, or when there are more matches than can be looked through: not found would then be a
        guess."""
        found: list[InvoiceSnapshot] = []
        for page in range(1, SEARCH_PAGES + 1):
            options = {"search_term": text, "page": page, "page_size": SEARCH_PAGE, "order": "InvoiceID"}
            options |= {"created_by_my_app": True, **writes.FOUR_DECIMALS}
            document = json_of(self._call("get_invoices", **options))
            result = self._noted(reading.read_all(reading.INVOICE, document))
            if any(_is_named(raw, text) for raw in result.set_aside):
                raise AnswerLost("Xero has the invoice, but it could not be read", answered=True)
            found += result.records
            if page >= reading.page_count(document, result.count, page, SEARCH_PAGE):
                return found
        raise AnswerLost("Xero has too many documents like this one to look through", answered=True)

    def organisation(self) -> OrganisationSnapshot:
        found = self._one(reading.ORGANISATION, "get_organisations")
        if found is None:
            raise AnswerLost("Xero's answer names no organisation", answered=True)
        return found

    def accounts(self) -> list[AccountSnapshot]:
        return self._list(reading.ACCOUNT, "get_accounts")

    def tax_rates(self) -> list[TaxRateSnapshot]:
        return self._list(reading.TAX_RATE, "get_tax_rates")

    def tracking_categories(self) -> list[TrackingCategorySnapshot]:
        """Archived ones too, so that a mapping to one can be told from a mapping to nothing."""
        return self._list(reading.TRACKING, "get_tracking_categories", include_archived=True)

    def items(self) -> list[ItemSnapshot]:
        return self._list(reading.ITEM, "get_items", **writes.FOUR_DECIMALS)

    def branding_themes(self) -> list[BrandingThemeSnapshot]:
        return self._list(reading.BRANDING_THEME, "get_branding_themes")

    def currencies(self) -> list[CurrencySnapshot]:
        """Those that the organisation has subscribed to, its own among them."""
        return self._list(reading.CURRENCY, "get_currencies")

    def actions(self) -> list[ActionSnapshot]:
        return self._list(reading.ACTION, "get_organisation_actions")

    def online_invoice_url(self, invoice_id: str) -> str | None:
        """The page where the patient sees the invoice; Xero has one for approved sales invoices only."""
        try:
            answer = self._call("get_online_invoice", invoice_id=_segment(invoice_id))
        except Missing:
            return None
        first = next(iter(reading.raw_list(json_of(answer), "OnlineInvoices")), None)
        url = first.get("OnlineInvoiceUrl") if isinstance(first, dict) else None
        return url if isinstance(url, str) and url else None

    def invoice_notes(self, invoice_id: str) -> list[str]:
        """A note that cannot be read is no note of ours: those are plain text."""
        found = json_of(self._call("get_invoice_history", invoice_id=_segment(invoice_id)))
        records = reading.raw_list(found, "HistoryRecords")
        texts = (record.get("Details") for record in records if isinstance(record, dict))
        return [text for text in texts if isinstance(text, str)]

    def _call(self, method: str, **keywords: Any) -> Answer:
        """One operation of the SDK; ``_preload_content=False`` keeps its strict models away from the
        answer."""
        self.problems = []
        try:
            operation = getattr(self._api, method)
            answer: Answer = operation(xero_tenant_id=self._tenant_id, _preload_content=False, **keywords)
            return answer
        finally:
            self.usage = self._client.usage

    def _one(self, kind: Kind[T], method: str, **keywords: Any) -> T | None:
        try:
            answer = self._call(method, **keywords)
        except Missing:
            return None
        return reading.read_one(kind, json_of(answer))

    def _list(self, kind: Kind[T], method: str, **keywords: Any) -> list[T]:
        return self._noted(reading.read_all(kind, json_of(self._call(method, **keywords)))).records

    def _named(
        self, kind: Kind[T], method: str, parameter: str, names: Sequence[str], **keywords: Any
    ) -> list[T]:
        if len(names) > IDS_PER_CALL:
            raise ValueError(f"at most {IDS_PER_CALL} names a call")
        keywords |= {parameter: list(names), "page": 1, "page_size": SEARCH_PAGE}
        found = self._list(kind, method, **keywords)
        if self.problems:
            raise AnswerLost(f"Xero has a record ({kind.name}) that could not be read", answered=True)
        return found

    def _page(
        self, kind: Kind[Any], method: str, since: datetime | None, page: int, page_size: int, **keywords: Any
    ) -> XeroPage:
        if since is not None:
            keywords["if_modified_since"] = modified_since(since)
        answer = self._call(method, page=page, page_size=page_size, **keywords)
        document = json_of(answer)
        found = self._noted(reading.read_all(kind, document))
        last = reading.page_count(document, found.count, page, page_size)
        return XeroPage(found.records, page, last, reading.clock_of(answer, document), found.problems)

    def _noted(self, found: Reading[T]) -> Reading[T]:
        """Keeps the problems for whoever asks and names them in the log, without the records themselves."""
        self.problems += found.problems
        for problem in found.problems:
            log.warning("Xero %s %s set aside: %s", problem.kind, problem.record_id, problem.reason)
        return found


def modified_since(since: datetime) -> str:
    """``2026-11-24T08:00:00`` in UTC: Xero takes neither zone nor fraction. Cut, not rounded: rather once
    more."""
    if since.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _segment(text: str) -> str:
    """An id or number as one step of a path. The SDK quotes it, but dots would still climb out of the
    path."""
    if text.strip() in ("", ".", ".."):
        raise InvalidInput.of("id", "is not the id or number of a Xero document")
    return text


def _is_named(raw: Any, text: str) -> bool:
    """Whether an unreadable record is the one looked for; one that is no object at all may be."""
    return not isinstance(raw, dict) or text in (raw.get("InvoiceNumber"), raw.get("Reference"))
