"""What must hold: after every step of the state machine, and in the end when faults have ceased and time has passed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from shared.domain.operations import ENDED, Operation
from shared.ports.store import Where
from shared.services import paths
from tests.faults.clinic import PRACTICE
from tests.faults.machine.bookkeeper import Bookkeeper
from tests.faults.machine.stage import Set
from tests.xero_simulator.accounting.records import Invoice

#: A wait without a time is one for a person, and says for what.
FOR_A_PERSON = {"needs_reconnect"}
EDITS = {"Edited", "Approved", "Voided", "Deleted"}
SETTLING = {"Payment", "Credit Applied"}
CENT = Decimal("0.01")


def total_of(lines: list[dict[str, Any]]) -> Decimal:
    """Of lines at 10 % on top, each rounded by itself, as the appointments here have them."""
    nets = [
        (Decimal(line["quantity"]) * Decimal(line["unit_amount"])).quantize(CENT, ROUND_HALF_UP)
        for line in lines
    ]
    return sum((net + (net / 10).quantize(CENT, ROUND_HALF_UP) for net in nets), Decimal("0.00"))


class Checks:
    def __init__(self, played: Set, books: Bookkeeper, patients: list[str], appointments: list[str]) -> None:
        self._set, self._books = played, books
        self._patients, self._appointments = patients, appointments
        self.totals: dict[str, set[Decimal]] = {a: set() for a in appointments}  # every one it ever had
        self._seen: dict[str, tuple[int, bool]] = {}  # invoice -> lines of history, anything applied

    def operations(self) -> list[Operation]:
        store, found, cursor = self._set.product.ports.store, [], None
        while True:
            page = store.query(
                paths.operations(PRACTICE),
                where=[Where("updated_at", ">", "")],
                order_by="updated_at",
                limit=500,
                cursor=cursor,
            )
            found += [Operation.from_data(document.data) for document in page.items]
            cursor = page.next_cursor
            if cursor is None:
                return sorted(found, key=lambda operation: operation.created_at)

    # -- after every step ------------------------------------------------------------------------------------

    def always(self) -> None:
        assert not self._set.calls_while_paused, self._set.calls_while_paused
        operations = self.operations()
        problems = [*self._doubled(), *self._unexplained(operations), *self._touched_after_payment()]
        assert not problems, problems

    def _doubled(self) -> Iterator[str]:
        for appointment_id in self._appointments:
            living = [i.number for i in self._books.living(appointment_id)]
            if len(living) > 1:
                yield f"{appointment_id} has {len(living)} living invoices: {living}"
            for invoice in self._books.invoices(appointment_id):
                yield from self._doubled_on(invoice, self.totals[appointment_id])
        notes = Counter(c.number for c in self._books.credit_notes())
        yield from (f"{count} credit notes {number}" for number, count in notes.items() if count > 1)
        references = Counter(p.reference for p in self._books.payments() if p.reference)
        yield from (f"{count} payments {name}" for name, count in references.items() if count > 1)
        for patient_id in self._patients:
            if len(self._books.contacts(patient_id)) > 1:
                yield f"{patient_id} has several contacts"

    def _doubled_on(self, invoice: Invoice, totals: set[Decimal]) -> Iterator[str]:
        lines = Counter(
            (n.changes, n.details) for n in invoice.history if n.changes in ("Note", "Invoice sent")
        )
        yield from (
            f"{invoice.number}: {what} {count} times" for (what, _), count in lines.items() if count > 1
        )
        if invoice.id not in self._books.edited and invoice.total not in totals:
            yield f"{invoice.number}: {invoice.total} in Xero, the appointment only ever had {totals}"

    def _unexplained(self, operations: list[Operation]) -> Iterator[str]:
        for o in operations:
            named = f"{o.kind} of {o.subject} is {o.state}"
            if o.state == "failed" and not (o.reason and o.reason_code):
                yield f"{named} and nothing says why"
            known = o.reason and o.reason_code in FOR_A_PERSON
            if o.state not in ENDED and o.next_attempt_at is None and not known:
                yield f"{named}, without a time or a person to wait for ({o.reason_code})"
            if o.state == "uncertain" and not o.reason:
                yield f"{named} and nothing says why"

    def _touched_after_payment(self) -> Iterator[str]:
        """By us, that is: what somebody did in Xero was Xero's to allow."""
        for invoice in self._ours():
            lines, settled = self._seen.get(invoice.id, (0, False))
            for note in invoice.history[lines:] if invoice.id not in self._books.handled else ():
                settled = settled or note.changes in SETTLING
                if settled and note.changes in EDITS:
                    yield f"{invoice.number} was {note.changes.lower()} after a payment or credit"
            self._seen[invoice.id] = len(invoice.history), bool(invoice.settled)
        self._books.handled.clear()

    def _ours(self) -> list[Invoice]:
        return [invoice for a in self._appointments for invoice in self._books.invoices(a)]

    # -- in the end ------------------------------------------------------------------------------------------

    def nothing_waits(self) -> None:
        waiting = [
            (o.kind, o.subject, o.state, o.reason_code, o.next_attempt_at)
            for o in self.operations()
            if o.state not in ENDED
        ]
        assert not waiting, waiting

    def in_the_end(self, attention: list[dict[str, Any]]) -> None:
        operations = self.operations()
        shown = {o["operation_id"] for cause in attention for o in cause["operations"]}
        problems = [
            *self._links(),
            *self._results(operations),
            *(
                f"failed and not shown: {o.kind}"
                for o in operations
                if o.state == "failed" and o.id not in shown
            ),
        ]
        assert not problems, problems

    def _links(self) -> Iterator[str]:
        clinic = self._set.clinic
        for appointment_id in self._appointments:
            clinic.appointment_id = appointment_id
            link, invoices = clinic.invoice_link, {i.id: i for i in self._books.invoices(appointment_id)}
            if link is not None:
                yield from self._differences(appointment_id, link, invoices.get(link.invoice_id))
            for invoice in self._books.living(appointment_id):
                if link is None or link.invoice_id != invoice.id:
                    yield f"{appointment_id}: {invoice.number} is in Xero and not linked"

    def _differences(self, appointment_id: str, link: Any, invoice: Invoice | None) -> Iterator[str]:
        if invoice is None:
            yield f"{appointment_id} is linked to an invoice that is not its own"
            return
        here = (link.status, link.total, link.amount_due, link.amount_paid, link.amount_credited)
        amounts = (invoice.total, invoice.amount_due, invoice.amount_paid, invoice.amount_credited)
        there = (invoice.status, *(f"{amount:.2f}" for amount in amounts))
        if here != there:
            yield f"{appointment_id}: {here} here, {there} in Xero"

    def _results(self, operations: list[Operation]) -> Iterator[str]:
        """What is done left its document; what failed or was cancelled left none."""
        payments = Counter(p.reference for p in self._books.payments())
        invoices = {i.id for i in self._ours()}
        sent = {i.id for i in self._ours() if any(n.changes == "Invoice sent" for n in i.history)}
        for o in operations:
            if o.kind in ("payment_create", "refund_create") and payments[o.id] != int(o.state == "done"):
                yield f"{o.kind} {o.request} is {o.state}, and {payments[o.id]} times in Xero"
            if o.kind == "invoice_create" and o.state == "done" and o.result["invoice_id"] not in invoices:
                yield f"invoice of {o.subject} is done and not in Xero"
            refused = o.kind == "invoice_email" and o.state == "failed" and o.reason_code != "maybe_done"
            if refused and o.request["invoice_id"] in sent:
                yield f"the e-mail of {o.subject} failed ({o.reason_code}) and was sent"
        asked = {o.request["invoice_id"] for o in operations if o.kind == "invoice_email"}
        yield from (f"invoice {one} was e-mailed and nobody asked" for one in sent - asked)

    def details(self, wanted: dict[str, dict[str, str]]) -> None:
        """What the clinic says of a patient is in Xero, unless somebody there merged or archived the contact."""
        asked = {o.subject.get("patient_id"): o for o in self.operations() if o.kind.startswith("contact")}
        for patient_id, details in wanted.items():
            for contact in self._books.contacts(patient_id):
                if contact.id in self._books.merged or contact.status != "ACTIVE":
                    continue
                phones = [phone["PhoneNumber"] for phone in contact.phones if phone.get("PhoneNumber")]
                reason = asked[patient_id].reason if patient_id in asked else None
                assert details["phone"] in phones, (patient_id, details, phones, reason)
