"""What people do in Xero's own pages, past us; what Xero refuses them is simply not done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.faults.clinic import TENANT
from tests.faults.machine.stage import Set
from tests.xero_simulator.accounting.records import Contact, CreditNote, Invoice, Payment
from tests.xero_simulator.organisations import organisations, revoke


class Bookkeeper:
    def __init__(self, played: Set) -> None:
        self._clinic = played.clinic
        self.handled: set[str] = set()  # invoices that somebody changed since the last check
        self.edited: set[str] = set()  # invoices whose lines are not as we sent them
        self.merged: set[str] = set()  # contacts that took part in a merge

    # -- looking ---------------------------------------------------------------------------------------------

    @property
    def _ledger(self) -> Any:
        return self._clinic._ledger

    def invoices(self, appointment_id: str) -> list[Invoice]:
        """All that were ever ours for this appointment, oldest first."""
        return [i for i in self._ledger.invoices if i.reference == appointment_id]

    def living(self, appointment_id: str) -> list[Invoice]:
        """Of those, the ones that still ask for money or had it: not over, and no credit note of ours cancels it."""
        cancelled = {note.number.removesuffix("-CN") for note in self.credit_notes()}
        found = self.invoices(appointment_id)
        return [i for i in found if i.status not in ("VOIDED", "DELETED") and i.number not in cancelled]

    def payments(self) -> list[Payment]:
        return list(self._ledger.payments)

    def credit_notes(self) -> list[CreditNote]:
        return list(self._ledger.credit_notes)

    def contacts(self, patient_id: str) -> list[Contact]:
        return [c for c in self._ledger.contacts if c.number == patient_id]

    # -- doing -----------------------------------------------------------------------------------------------

    def act(self, kind: str, record_id: str, action: str, **fields: Any) -> bool:
        """``invoices`` pay, approve, void, delete, edit; ``contacts`` archive, restore, merge; ``payments`` delete;
        ``organisation`` edit. True when Xero took it."""
        world = self._clinic.product.simulator.world
        path = (TENANT, kind) if kind == "organisation" else (TENANT, kind, record_id, action)
        answer = organisations(world, "POST", path, fields)
        assert answer is not None
        if kind == "invoices":
            self.handled.add(record_id)
        return answer.status == 200

    def edit_lines(self, invoice: Invoice, unit_amount: str) -> None:
        line = {"Description": "By hand", "Quantity": 1, "UnitAmount": unit_amount, "AccountCode": "200"}
        if self.act("invoices", invoice.id, "edit", LineItems=[line]):
            self.edited.add(invoice.id)

    def remove_payments(self, invoice: Invoice) -> None:
        for payment in self.payments():
            if payment.invoice_id == invoice.id:
                self.act("payments", payment.id, "delete")
        self.handled.add(invoice.id)

    def merge(self, contact: Contact, into: Contact) -> None:
        if self.act("contacts", contact.id, "merge", into=into.id):
            self.merged |= {contact.id, into.id}

    def credit(self, invoice: Invoice, amount: str) -> None:
        """A credit note written by hand and applied."""
        if self._ledger.contact(invoice.contact_id).status != "ACTIVE":
            return
        line = {"Description": "Goodwill", "Quantity": 1, "UnitAmount": amount, "AccountCode": "200"}
        note = self._clinic.in_xero(
            "PUT",
            "CreditNotes",
            Type="ACCRECCREDIT",
            Status="AUTHORISED",
            Contact={"ContactID": invoice.contact_id},
            LineItems=[line],
        )
        self.act("credit_notes", note["CreditNoteID"], "allocate", invoice_id=invoice.id)
        self.handled.add(invoice.id)

    def mark_as_sent(self, invoice: Invoice) -> None:
        """Printed and handed over; the mark says nothing about an e-mail."""
        self._ledger.invoices.put(replace(invoice, sent=True))

    def revoke(self) -> None:
        revoke(self._clinic.product.simulator.world, TENANT)

    def offline(self, off: bool) -> None:
        self.act("organisation", "", "edit", offline=off)

    def limits(self, *, minute: int, day: int) -> None:
        self._clinic.product.simulator.world.limits.change(TENANT, minute=minute, day=day)
