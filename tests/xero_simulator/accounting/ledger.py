"""One organisation's data, and the work of a single request on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import uuid4

from ..interface import Event
from .dates import local_day, to_milliseconds
from .records import Contact, CreditNote, Deposit, Document, Invoice, Note, Payment
from .settings import Counters, Settings
from .tables import Table, keys

D = TypeVar("D", Contact, Invoice, CreditNote, Payment, Deposit)
USER = "System Generated"


class Ledger:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.counters = Counters()
        self.settings_changed = False
        self.counters_changed = False
        self.events: list[Event] = []
        self.contacts: Table[Contact] = Table(
            "contact",
            {
                "name": lambda one: keys(one.name),
                "number": lambda one: keys(one.number),
                "account_number": lambda one: keys(one.account_number),
            },
        )
        self.invoices: Table[Invoice] = Table(
            "invoice",
            {"number": lambda one: keys(one.number), "contact": lambda one: keys(one.contact_id)},
        )
        self.payments: Table[Payment] = Table(
            "payment",
            {
                "invoice": lambda one: keys(one.invoice_id),
                "credit_note": lambda one: keys(one.credit_note_id),
            },
        )
        self.credit_notes: Table[CreditNote] = Table(
            "credit_note",
            {
                "number": lambda one: keys(one.number),
                "contact": lambda one: keys(one.contact_id),
                "invoice": lambda one: [part.invoice_id for part in one.allocations],
            },
        )
        self.deposits: Table[Deposit] = Table(
            "deposit",
            {
                "contact": lambda one: keys(one.contact_id),
                "invoice": lambda one: [part.invoice_id for part in one.allocations],
            },
        )

    @property
    def tables(self) -> list[Table[Any]]:
        return [self.contacts, self.invoices, self.payments, self.credit_notes, self.deposits]

    def contact(self, contact_id: str) -> Contact:
        found = self.contacts.get(contact_id)
        if found is None:
            raise LookupError(contact_id)
        return found

    def invoice(self, invoice_id: str) -> Invoice:
        found = self.invoices.get(invoice_id)
        if found is None:
            raise LookupError(invoice_id)
        return found


@dataclass
class Work:
    """What one request does to the books; nothing of it counts until ``commit``."""

    ledger: Ledger
    now: datetime
    client_id: str = ""
    unitdp: int = 2

    def __post_init__(self) -> None:
        self.now = to_milliseconds(self.now)
        self._events: dict[tuple[str, str], Event] = {}

    @property
    def settings(self) -> Settings:
        return self.ledger.settings

    @property
    def today(self) -> date:
        return local_day(self.now, self.settings.organisation.time_zone)

    @contextmanager
    def step(self) -> Iterator[None]:
        """All or nothing: whatever breaks a rule in here is undone."""
        marks = [table.mark() for table in self.ledger.tables]
        counters, events = deepcopy(self.ledger.counters), dict(self._events)
        try:
            yield
        except BaseException:
            for table, mark in zip(self.ledger.tables, marks, strict=True):
                table.back_to(mark)
            self.ledger.counters, self._events = counters, events
            raise

    def commit(self) -> None:
        for table in self.ledger.tables:
            table.forget_undo()
        self.ledger.events.extend(self._events.values())
        self._events = {}

    def save_contact(self, contact: Contact, note: str = "Edited") -> Contact:
        created = self.ledger.contacts.get(contact.id) is None
        contact = replace(contact, updated=self.now)
        self._announce("CONTACT", created, contact.id)
        return self.ledger.contacts.put(self.noted(contact, "Created" if created else note))

    def save_invoice(self, invoice: Invoice, note: str = "Edited", details: str = "") -> Invoice:
        created = self.ledger.invoices.get(invoice.id) is None
        invoice = replace(invoice, updated=self.now)
        self._announce("INVOICE", created, invoice.id)
        return self.ledger.invoices.put(self.noted(invoice, "Created" if created else note, details))

    def save_credit_note(self, credit: CreditNote, note: str = "Edited", details: str = "") -> CreditNote:
        created = self.ledger.credit_notes.get(credit.id) is None
        credit = replace(credit, updated=self.now)
        data = {"Type": credit.type, "Status": credit.status}
        self._announce("CREDITNOTE", created, credit.id, data)
        return self.ledger.credit_notes.put(self.noted(credit, "Created" if created else note, details))

    def noted(self, record: D, changes: str, details: str = "", user: str = USER) -> D:
        """The record with one more line of history; that alone neither updates nor announces it."""
        return replace(record, history=(*record.history, Note(changes, details, user, self.now)))

    def _announce(
        self, category: str, created: bool, record_id: str, data: dict[str, str] | None = None
    ) -> None:
        earlier = self._events.pop((category, record_id), None)
        kind = "CREATE" if created or (earlier and earlier.kind == "CREATE") else "UPDATE"
        self._events[category, record_id] = Event(category, kind, record_id, self.now, data)

    def next_number(self, document: type[Document]) -> str:
        """The organisation's own numbering, INV-0001 and on, over numbers already used by anyone."""
        organisation, counters = self.settings.organisation, self.ledger.counters
        self.ledger.counters_changed = True
        table: Table[Any] = self.ledger.invoices if document is Invoice else self.ledger.credit_notes
        while True:
            if document is Invoice:
                number = f"{organisation.invoice_prefix}{counters.next_invoice:04d}"
                counters.next_invoice += 1
            else:
                number = f"{organisation.credit_note_prefix}{counters.next_credit_note:04d}"
                counters.next_credit_note += 1
            if not table.find("number", number):
                return number


def new_id() -> str:
    return str(uuid4())
