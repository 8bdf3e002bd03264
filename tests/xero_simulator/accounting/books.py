"""One organisation's books behind the simulator's interface: what a request reaches, and what it left behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ..interface import Call, Event, Reply
from . import by_hand, contacts, credit_notes, invoices, payments, settings_pages
from .contact_view import contact_view
from .document_view import credit_note_view, invoice_view
from .freezing import freeze, thaw
from .ledger import Ledger, Work
from .listing import Query
from .payment_view import payment_view
from .records import Contact, CreditNote, Deposit, Invoice, Payment
from .replies import Refused, not_found
from .settings import Counters, Settings

ENDPOINTS: dict[str, Callable[[Call, Work], Reply]] = {
    "contacts": contacts.answer,
    "invoices": invoices.answer,
    "payments": payments.answer,
    "creditnotes": credit_notes.answer,
    **dict.fromkeys(settings_pages.PAGES, settings_pages.answer),
}
KINDS = {
    "contact": Contact,
    "invoice": Invoice,
    "payment": Payment,
    "credit_note": CreditNote,
    "deposit": Deposit,
}


class OrganisationBooks:
    """Implements ``interface.Books``. Not thread-safe."""

    def __init__(self, tenant_id: str, settings: Settings) -> None:
        self.tenant_id = tenant_id
        self.ledger = Ledger(settings)

    @property
    def name(self) -> str:
        return self.ledger.settings.organisation.name

    @name.setter
    def name(self, value: str) -> None:
        self.ledger.settings.organisation.name = value
        self.ledger.settings_changed = True

    @property
    def offline(self) -> bool:
        return self.ledger.settings.organisation.offline

    @offline.setter
    def offline(self, value: bool) -> None:
        self.ledger.settings.organisation.offline = value
        self.ledger.settings_changed = True

    def handle(self, call: Call) -> Reply:
        work = Work(self.ledger, call.now, call.client_id, 4 if Query(call).get("unitdp") == "4" else 2)
        try:
            with work.step():
                answer = ENDPOINTS.get(call.path[0].lower()) if call.path else None
                if answer is None:
                    raise not_found()
                reply = answer(call, work)
        except Refused as refused:
            return refused.reply
        work.commit()
        return reply

    def by_hand(
        self, kind: str, resource_id: str, action: str, fields: dict[str, Any], now: datetime
    ) -> Reply:
        work = Work(self.ledger, now)
        reply = by_hand.perform(work, kind, resource_id, action, fields)
        work.commit()
        return reply

    def take_events(self) -> list[Event]:
        taken, self.ledger.events = self.ledger.events, []
        return taken

    def take_dirty(self) -> dict[str, dict[str, Any] | None]:
        found: dict[str, dict[str, Any] | None] = {}
        for table in self.ledger.tables:
            for record_id in table.dirty:
                record = table.get(record_id)
                found[f"{table.name}:{record_id}"] = (
                    None if record is None else freeze(record) | {"place": table.places[record_id]}
                )
            table.dirty.clear()
        if self.ledger.settings_changed:
            found["settings"] = freeze(self.ledger.settings)
        if self.ledger.counters_changed:
            found["counters"] = freeze(self.ledger.counters)
        self.ledger.settings_changed = self.ledger.counters_changed = False
        return found

    def load(self, documents: Mapping[str, dict[str, Any]]) -> None:
        """Everything kept earlier takes the place of the demo data, whose own first state is kept too."""
        ledger = self.ledger
        if "settings" in documents:
            ledger.settings = thaw(Settings, documents["settings"])
        if "counters" in documents:
            ledger.counters = thaw(Counters, documents["counters"])
        for table in ledger.tables:
            kept = [one for key, one in documents.items() if key.partition(":")[0] == table.name]
            table.replace_all((int(one["place"]), thaw(KINDS[table.name], one)) for one in kept)
        ledger.events.clear()

    def snapshot(self) -> dict[str, list[dict[str, Any]]]:
        ledger = self.ledger
        work = Work(ledger, datetime.now().astimezone(), unitdp=4)
        return {
            "contacts": [
                contact_view(one) | ({"MergedToContactID": one.merged_into} if one.merged_into else {})
                for one in ledger.contacts
            ],
            "invoices": [invoice_view(one, work) for one in ledger.invoices],
            "payments": [payment_view(one, work) for one in ledger.payments],
            "credit_notes": [credit_note_view(one, work) for one in ledger.credit_notes],
        }
