"""One pass over a period: every appointment with its invoice in Xero, and Xero's invoices that nobody has.

Xero is asked for pages of a thousand invoices and, if links lead to invoices that are not among them, once more by
id. Appointments are read page by page and let go again; of Xero's invoices only what is compared is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from shared.domain.booked import ZERO, Booked, booked_in_xero, on_contact
from shared.domain.completeness import Difference, InClinic, InXero, difference, is_credited, orphan, sent_of
from shared.domain.corrections import changed_parts, is_as_it_was, record_of, request_after
from shared.domain.errors import InvalidInput
from shared.domain.links import InvoiceLink
from shared.domain.operations import Operation
from shared.domain.records import Appointment
from shared.domain.selection import is_to_be_invoiced
from shared.domain.times import instant, zone
from shared.domain.xero_records import InvoiceSnapshot
from shared.ports import Ports
from shared.ports.accounting import IDS_PER_CALL, Accounting
from shared.ports.store import Document
from shared.services import paths
from shared.services.appointment_invoices import invoices_there, links_of, unfinished
from shared.services.documents import find_by
from shared.services.people import read_contact_link, who_pays
from shared.services.practice_books import PracticeBooks, read_practice_books
from shared.services.xero_calls import using_xero

PAGE = 200
XERO_PAGE = 1000


@dataclass(frozen=True)
class Row:
    """One appointment, or one invoice in Xero without any. A side is None when it does not belong to the period."""

    appointment: Appointment | None
    clinic: InClinic | None
    xero: InXero | None
    difference: Difference | None

    @property
    def clinic_id(self) -> str | None:
        return self.appointment.clinic_id if self.appointment else None

    @property
    def charged(self) -> bool:
        """Whether the clinic counts it."""
        return self.clinic is not None and self.clinic.wanted

    @property
    def booked_there(self) -> bool:
        return self.xero is not None and self.xero.lives


class Comparison:
    """Both days included. ``rows`` raises the XeroError when Xero cannot be asked; nothing is written."""

    def __init__(self, ports: Ports, practice_id: str, first: date, last: date) -> None:
        self.ports, self.practice_id, self.first, self.last = ports, practice_id, first, last
        self.books: PracticeBooks = read_practice_books(ports, practice_id)

    def rows(self) -> Iterator[Row]:
        there = self._ask(self._dated)
        by_reference = {invoice.reference: invoice for invoice in there.values() if invoice.lives}
        absent: list[InClinic] = []
        for page in appointment_pages(self.books, self.first, self.last):
            for clinic in self._sides(page):
                if not self._is_inside(clinic.day):
                    continue  # a person accepted another date for its invoice: it counts there
                link = clinic.living_link
                if link is None:
                    yield self._without(clinic, self._unlinked(clinic, there, by_reference))
                elif link.invoice_id in there:
                    yield self._row(clinic, there.pop(link.invoice_id))
                else:
                    absent.append(clinic)
        yield from self._absent(absent)
        yield from self._left_over([invoice for invoice in there.values() if invoice.lives])

    def _is_inside(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.last

    def _unlinked(
        self, clinic: InClinic, there: dict[str, InXero], by_reference: Mapping[str | None, InXero]
    ) -> InXero | None:
        """An invoice that is the appointment's by its reference, although the link to it was lost."""
        invoice = by_reference.get(clinic.appointment.id)
        if invoice is None or invoice.invoice_id not in there:
            return None
        if self._known([invoice]):
            return None  # a former one, or another appointment's: told among what is left over
        return there.pop(invoice.invoice_id)

    def _without(self, clinic: InClinic, unlinked: InXero | None) -> Row:
        if unlinked is None:
            return Row(clinic.appointment, clinic, None, difference(clinic, None))
        return Row(clinic.appointment, clinic, unlinked, orphan(unlinked, clinic))

    def _row(self, clinic: InClinic, invoice: InXero | None) -> Row:
        clinic = self._with_contact(clinic, invoice)
        found = difference(clinic, invoice)
        inside = invoice is None or invoice.booked is None or self._is_inside(invoice.booked.date)
        if is_credited(clinic):
            inside = False  # a credit note of ours stands against it
        return Row(
            clinic.appointment,
            clinic if self._is_inside(clinic.day) else None,
            invoice if inside else None,
            found,
        )

    # -- Xero's side -----------------------------------------------------------------------------------------

    def _ask(self, question: Callable[[Accounting], dict[str, InXero]]) -> dict[str, InXero]:
        return using_xero(self.ports, self.practice_id, question)

    def _dated(self, accounting: Accounting) -> dict[str, InXero]:
        found: dict[str, InXero] = {}
        page_number = 1
        while True:
            page = accounting.invoices_dated(self.first, self.last, page=page_number, page_size=XERO_PAGE)
            found |= _in_xero(page.records, {problem.record_id for problem in page.problems})
            if page_number >= page.page_count:
                return found
            page_number += 1

    def _absent(self, sides: list[InClinic]) -> Iterator[Row]:
        """Links to invoices that the period does not have: perhaps a person changed the date. So many that one call
        does not hold them are no slips of a person, and count as missing without a call each."""
        ids = [side.living_link.invoice_id for side in sides[:IDS_PER_CALL] if side.living_link]
        found = self._ask(lambda accounting: _in_xero(*invoices_there(accounting, ids))) if ids else {}
        for side in sides:
            link = side.living_link
            yield self._row(side, found.get(link.invoice_id) if link else None)

    def _left_over(self, invoices: list[InXero]) -> Iterator[Row]:
        """Living invoices of ours that no appointment of the period has."""
        known = self._known(invoices)
        for invoice in invoices:
            document = known.get(invoice.invoice_id)
            is_former = document is not None and document.path.startswith(self._former)
            if document is not None and is_former and document.data.get("credited_by"):
                continue  # corrected: a credit note of ours stands against it
            owner = document.data["appointment_id"] if document and not is_former else None
            appointment = self.ports.records.appointment(self.practice_id, owner) if owner else None
            if appointment is None:
                yield Row(None, None, invoice, orphan(invoice))
            else:
                yield self._row(next(self._sides([appointment])), invoice)

    @property
    def _former(self) -> str:
        return f"{paths.former_invoices(self.practice_id)}/"

    def _known(self, invoices: Iterable[InXero]) -> dict[str, Document]:
        """By InvoiceID: the link that leads there, or what is remembered of it as an appointment's former invoice."""
        ids = [invoice.invoice_id for invoice in invoices]
        former = self.ports.store.get_many([paths.former_invoice(self.practice_id, id_) for id_ in ids])
        links = find_by(self.ports.store, paths.invoice_links(self.practice_id), "invoice_id", ids)
        found = {document.id: document for document in former.values()}
        found |= {document.data["invoice_id"]: document for document in links}
        return {id_: one for id_, one in found.items() if one.data["tenant_id"] == self.books.tenant_id}

    # -- the clinic's side -----------------------------------------------------------------------------------

    def _sides(self, appointments: list[Appointment]) -> Iterator[InClinic]:
        where = (self.ports, self.practice_id, self.books.tenant_id, appointments)
        links = links_of(*where)
        waiting = unfinished(*where, links)
        for appointment in appointments:
            side = self._side(appointment, links.get(appointment.id))
            operation = waiting.get(appointment.id)
            yield _with_operation(side, operation) if operation else side

    def _side(self, appointment: Appointment, link: InvoiceLink | None) -> InClinic:
        day = self.books.day_of(appointment)
        living = link if link is not None and not link.is_over else None
        changed = self._changed_parts(appointment, day, living)
        wanted = is_to_be_invoiced(appointment, invoice_no_shows=self.books.settings.invoice_no_shows)
        if appointment.status == "no_show" and living is not None and living.sent.get("no_show"):
            wanted = True  # a person charged it although nobody came
        sent = sent_of(living)
        if sent is not None and not changed:
            # What was sent, as long as the record is the same: a new mapping makes no old invoice wrong.
            return InClinic(appointment, sent.date or day, wanted, link, sent)
        request = request_after(living, changed) if living else {}
        if "date" in request:  # a person accepted another day than the appointment's own
            day = date.fromisoformat(request["date"])
        booked, problem = self._booked(appointment, request)
        if booked is not None and sent is not None:
            booked = on_contact(booked, sent.contact_id)
        return InClinic(appointment, day, wanted, link, booked, problem, bool(changed))

    def _changed_parts(self, appointment: Appointment, day: date, link: InvoiceLink | None) -> list[str]:
        """Of the record since its invoice was made; whether they matter to the books shows when both are compared."""
        then = link.sent.get("record") if link else None
        if not then or is_as_it_was(then, appointment):
            return []
        return changed_parts(then, record_of(appointment, day), places_matter=True)

    def _booked(
        self, appointment: Appointment, request: Mapping[str, Any]
    ) -> tuple[Booked | None, str | None]:
        """What would be invoiced now, as it would stand in the books; or why nothing can be."""
        document, errors = self.books.document_of(appointment, request)
        booked = None
        if document is not None:
            booked, errors = self.books.price(document)
        return booked, "; ".join(f"{e.field}: {e.message}" for e in errors) or None

    def _with_contact(self, clinic: InClinic, invoice: InXero | None) -> InClinic:
        """The payer's contact as it is now, where that may matter: contacts are merged, payers change."""
        booked = clinic.booked
        if booked is None or booked.contact_id is None or invoice is None or invoice.booked is None:
            return clinic
        if not clinic.changed and booked.contact_id == invoice.booked.contact_id:
            return clinic
        try:
            payer, _ = who_pays(self.ports, self.practice_id, clinic.appointment)
        except InvalidInput:
            return clinic
        link = read_contact_link(self.ports, self.practice_id, payer.id)
        known = link.contact_id if link and link.tenant_id == self.books.tenant_id else f"(new) {payer.id}"
        return replace(clinic, booked=on_contact(booked, known))


def period_bounds(books: PracticeBooks, first: date, last: date) -> dict[str, str]:
    """For the records' port. A day more on either side, because a clinic's zone may differ from the practice's."""
    midnight = time(tzinfo=zone(books.usual_zone))
    return {
        "starts_from": instant(datetime.combine(first - timedelta(days=1), midnight)),
        "starts_before": instant(datetime.combine(last + timedelta(days=2), midnight)),
    }


def appointment_pages(books: PracticeBooks, first: date, last: date) -> Iterator[list[Appointment]]:
    """By start, those whose calendar day is in the period."""
    bounds, cursor = period_bounds(books, first, last), None
    while True:
        page, cursor = books.ports.records.appointments(
            books.practice_id, **bounds, limit=PAGE, cursor=cursor
        )
        yield [appointment for appointment in page if first <= books.day_of(appointment) <= last]
        if cursor is None:
            return


def _with_operation(side: InClinic, operation: Operation) -> InClinic:
    if operation.state == "cancelled":
        waits = "a person decided against sending it"
    else:
        waits = operation.reason or "it is about to be sent"
    code = operation.reason_code or operation.state
    return replace(side, operation_id=operation.id, waits=waits, waits_code=code)


def _in_xero(invoices: Iterable[InvoiceSnapshot], unreadable: Collection[str | None]) -> dict[str, InXero]:
    """One whose record cannot be read is there all the same."""
    found = {id_: InXero(id_, None, None, "", ZERO, None) for id_ in unreadable if id_}
    for invoice in invoices:
        found[invoice.invoice_id] = InXero(
            invoice.invoice_id,
            invoice.invoice_number,
            invoice.reference,
            invoice.status,
            invoice.amount_due,
            booked_in_xero(invoice),
        )
    return found
