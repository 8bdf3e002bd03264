"""Asking Xero about many documents in a few calls, before they are asked about one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from shared.domain.xero_records import ContactSnapshot, InvoiceSnapshot
from shared.ports.accounting import IDS_PER_CALL, Accounting

#: Letters in one call's address that are spent on names; servers refuse much longer ones.
NAMES_LENGTH = 1600
LIST_PAGE = 1000
#: More changes than this since a batch was sent are not looked through; each contact is then asked for by itself.
LIST_PAGES = 5


class ReadAhead:
    """An ``Accounting`` (pass it as one) that has the answers to some of its questions already; all others it asks.

    What was asked for in vain is known to be missing. Raises what ``Accounting`` raises.
    """

    def __init__(self, accounting: Accounting) -> None:
        self._accounting = accounting
        self._contacts: dict[str, ContactSnapshot | None] = {}
        self._invoices: dict[str, InvoiceSnapshot | None] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._accounting, name)

    def contact(self, contact_id_or_number: str) -> ContactSnapshot | None:
        known = self._contacts
        asked = contact_id_or_number.casefold()
        return known[asked] if asked in known else self._accounting.contact(contact_id_or_number)

    def invoice(self, invoice_id_or_number: str) -> InvoiceSnapshot | None:
        known = self._invoices
        asked = invoice_id_or_number.casefold()
        return known[asked] if asked in known else self._accounting.invoice(invoice_id_or_number)

    def take_for_new(self, numbers: Iterable[str]) -> None:
        """No contact is looked for under these numbers: creating one is refused by Xero if there is one."""
        self._contacts |= {number.casefold(): None for number in numbers}

    def contacts_by_id(self, contact_ids: Iterable[str]) -> None:
        for some in _portions(contact_ids):
            self._contacts |= {contact_id.casefold(): None for contact_id in some}
            found = self._accounting.contacts_by_id(some)
            self._contacts |= {contact.contact_id.casefold(): contact for contact in found}

    def contacts_made(self, numbers: Sequence[str], since: datetime) -> None:
        """Contacts of these numbers that were made or changed since. Of the others nothing is known when Xero has more
        changes than we look through, or one that cannot be read."""
        found: dict[str, ContactSnapshot | None] = {}
        for number in range(1, LIST_PAGES + 1):
            page = self._accounting.contacts_changed(since, page=number, page_size=LIST_PAGE)
            found |= {c.contact_number.casefold(): c for c in page.records if c.contact_number}
            if page.problems:
                break
            if number >= page.page_count:
                self.take_for_new(numbers)
                break
        wanted = {number.casefold() for number in numbers}
        self._contacts |= {number: contact for number, contact in found.items() if number in wanted}

    def invoices_by_id(self, invoice_ids: Iterable[str]) -> None:
        for some in _portions(invoice_ids):
            self._invoices |= {invoice_id.casefold(): None for invoice_id in some}
            found = self._accounting.invoices_by_id(some)
            self._invoices |= {invoice.invoice_id.casefold(): invoice for invoice in found}

    def invoices_numbered(self, numbers: Iterable[str]) -> None:
        """A sales invoice before a bill of the same number. A number with a comma is not asked for: it would be two."""
        for some in _portions(number for number in numbers if "," not in number):
            self._invoices |= {number.casefold(): None for number in some}
            found = [each for each in self._accounting.invoices_numbered(some) if each.invoice_number]
            for invoice in sorted(found, key=lambda each: each.type == "ACCREC"):
                self._invoices[str(invoice.invoice_number).casefold()] = invoice


def _portions(names: Iterable[str]) -> Iterator[Sequence[str]]:
    """Each name once, as many at a time as one call takes."""
    some: list[str] = []
    for name in dict.fromkeys(names):
        if some and (len(some) == IDS_PER_CALL or sum(map(len, some)) + len(name) > NAMES_LENGTH):
            yield some
            some = []
        some.append(name)
    if some:
        yield some
