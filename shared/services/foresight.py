"""What sending an appointment's invoice would meet, found out without sending or keeping anything.

Everything is read from what is known here: records, links, operations, the organisation's cached lists and facts. Many
appointments are looked at together, so that a page of them costs few reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.domain.booked import Booked, on_contact
from shared.domain.contacts import HOW_TO_RESTORE, Person, contact_name
from shared.domain.errors import FieldError, InvalidInput
from shared.domain.health_identifiers import description_errors
from shared.domain.invoices import InvoiceDocument
from shared.domain.links import ContactLink, InvoiceLink
from shared.domain.records import Appointment
from shared.domain.stale import stale_in_document
from shared.services import paths
from shared.services.appointment_invoices import links_of, unfinished
from shared.services.connections import read_connection
from shared.services.documents import find_by
from shared.services.organisation_facts import locked_until
from shared.services.people import code_for_payer, who_pays
from shared.services.practice_books import PracticeBooks
from shared.services.writes.locks import DATE_IT_LATER, sentence
from shared.services.xero_lists import cached_lists

PLAN_LIMIT = (
    "the organisation's plan lets no more invoices be approved this month; upgrade it, or send a draft"
)
NO_CURRENCY = (
    "the organisation does not use {currency}; add it in Xero (its largest plan has it), or change it here"
)


@dataclass
class Foreseen:
    """``document`` and ``booked`` None: they cannot be told before the problems are mended."""

    appointment: Appointment
    document: InvoiceDocument | None = None
    booked: Booked | None = None
    contact_id: str | None = None
    link: InvoiceLink | None = None  # of its living invoice
    sources: dict[str, str] = field(default_factory=dict)
    problems: list[FieldError] = field(default_factory=list)
    notices: list[FieldError] = field(default_factory=list)

    def problem(self, name: str, message: str) -> None:
        self.problems.append(FieldError(name, message))

    def notice(self, name: str, message: str) -> None:
        self.notices.append(FieldError(name, message))


class Foresight:
    """For one practice, at this moment."""

    def __init__(self, books: PracticeBooks) -> None:
        self.books, self.ports, self.practice_id = books, books.ports, books.practice_id
        self.connection = read_connection(self.ports, self.practice_id)
        self.lists = cached_lists(
            self.ports, self.practice_id, books.tenant_id, ("accounts", "tax_rates", "currencies", "actions")
        )
        self.locked = locked_until(self.connection.data)

    def look_at(self, appointments: Sequence[Appointment], request: Mapping[str, Any]) -> list[Foreseen]:
        """In the same order. ``request`` as for ``create_invoice``."""
        where = (self.ports, self.practice_id, self.books.tenant_id, appointments)
        links = links_of(*where)
        foreseen = [self._document(one, links.get(one.id), request) for one in appointments]
        people = {seen.appointment.id: self._payer(seen) for seen in foreseen}
        self._contacts(foreseen, people)
        self._numbers(foreseen)
        waiting = unfinished(*where, links)
        for seen in foreseen:
            self._organisation(seen)
            operation = waiting.get(seen.appointment.id)
            if operation is not None:
                why = operation.reason or "about to be sent"
                seen.notice("appointment_id", f"asked for already ({operation.state}): {why}")
        return foreseen

    def _document(
        self, appointment: Appointment, link: InvoiceLink | None, request: Mapping[str, Any]
    ) -> Foreseen:
        seen = Foreseen(appointment)
        if link is not None and not link.is_over:
            seen.link = link
            seen.problem("appointment_id", f"already invoiced as {link.invoice_number}")
        generation = link.generation + 1 if link and link.is_over else 1
        code = code_for_payer(self.ports, self.practice_id, appointment)
        document, errors = self.books.document_of(appointment, {**request, "generation": generation}, code)
        seen.document, seen.problems = document, seen.problems + errors
        if document is None:
            return seen
        seen.problems += description_errors(line.item.description for line in document.lines)
        stale = stale_in_document(document, self.books.context.lists)
        seen.problems += [each.problem() for each in stale]
        self._price(seen, document, {each.field for each in stale})
        return seen

    def _price(self, seen: Foreseen, document: InvoiceDocument, named: set[str]) -> None:
        if not self.books.chart.accounts:
            return  # not known: the caller says why there are no totals
        for index, line in enumerate(document.lines):
            name = f"line_items[{index}].account_code"
            account = self.books.chart.accounts.get(line.item.account_code or "")
            if name not in named and (account is None or account["status"] != "ACTIVE"):
                seen.problem(name, "not an active account of the organisation")
        seen.booked, unknown = self.books.price(document)
        seen.problems += unknown
        fetched = self.lists.get("tax_rates", {}).get("fetched_at", "just now")
        seen.sources["totals"] = f"tax of each line rounded to cents, then added; Xero's rates of {fetched}"

    def _payer(self, seen: Foreseen) -> Person | None:
        try:
            person, _ = who_pays(self.ports, self.practice_id, seen.appointment)
        except InvalidInput as unknown:
            seen.problems += unknown.errors
            return None
        if seen.appointment.payer:
            seen.sources["contact"] = "the appointment's payer"
        else:
            itself = person.id == seen.appointment.patient_id
            seen.sources["contact"] = "the patient" if itself else "the patient's payer"
        if person.erased:
            seen.problem("contact", "the patient was erased and has no contact in Xero to invoice")
        if not person.email and self.books.settings.email_after_approval:
            seen.notice("contact", "has no e-mail address, so the invoice cannot be e-mailed after approval")
        return person

    def _contacts(self, foreseen: list[Foreseen], people: Mapping[str, Person | None]) -> None:
        """Whether each payer's contact can be used, and whether its name is somebody else's already."""
        payers = {person.id: person for person in people.values() if person}
        found = self.ports.store.get_many([paths.contact_link(self.practice_id, id_) for id_ in payers])
        links = [ContactLink.from_data(document.data) for document in found.values()]
        contacts = {link.person_id: link for link in links if link.tenant_id == self.books.tenant_id}
        names = {contact_name(payers[id_]) for id_ in payers if id_ not in contacts}
        taken = {
            document.data["name_sent"]
            for document in find_by(
                self.ports.store, paths.contact_links(self.practice_id), "name_sent", sorted(names)
            )
            if document.data["tenant_id"] == self.books.tenant_id
        }
        for seen in foreseen:
            person = people[seen.appointment.id]
            if person is None:
                continue
            contact = contacts.get(person.id)
            if contact is None:
                if contact_name(person) in taken:
                    name = contact_name(person, 1)
                    seen.notice("contact", f"another contact has this name, so it will be called {name!r}")
                continue
            seen.contact_id = contact.contact_id
            seen.booked = on_contact(seen.booked, contact.contact_id) if seen.booked else None
            if contact.state == "archived":
                seen.problem("contact", HOW_TO_RESTORE)

    def _numbers(self, foreseen: list[Foreseen]) -> None:
        """Numbers that another document of ours has; what else is in Xero is found when Xero is asked."""
        wanted = [seen.document.number for seen in foreseen if seen.document and seen.document.number]
        held: dict[str, set[str]] = {}
        for collection in (paths.invoice_links(self.practice_id), paths.former_invoices(self.practice_id)):
            for document in find_by(self.ports.store, collection, "invoice_number", wanted):
                held.setdefault(document.data["invoice_number"], set()).add(document.data["appointment_id"])
        for seen in foreseen:
            number = seen.document.number if seen.document else None
            others = held.get(number or "", set()) - {seen.appointment.id if seen.link else ""}
            if number and others:
                seen.notice("invoice_number", f"{number} is taken, so the next free number will be used")

    def _organisation(self, seen: Foreseen) -> None:
        document = seen.document
        if self.connection.tenant_id and self.connection.status != "connected":
            seen.notice(
                "connection", "Xero does not accept the connection now; it waits until an owner connects"
            )
        if document is None:
            return
        if self.locked and document.date <= self.locked:
            seen.problem("date", sentence(document.date, self.locked, DATE_IT_LATER))
        known = {row["code"] for row in self.lists.get("currencies", {}).get("items", [])}
        currency = document.currency
        if currency and known and currency not in known | {self.books.base_currency}:
            seen.problem("currency", NO_CURRENCY.format(currency=currency))
        allowed = {row["name"]: row["allowed"] for row in self.lists.get("actions", {}).get("items", [])}
        if document.status == "AUTHORISED" and not allowed.get("CreateApprovedInvoice", True):
            seen.problem("status", PLAN_LIMIT)


def named(problems: Iterable[FieldError]) -> list[dict[str, str]]:
    """Each once, as an answer shows it."""
    return [vars(problem) for problem in dict.fromkeys(problems)]
