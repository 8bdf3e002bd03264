"""A connected clinic for the fault tests: fresh people and appointments for every case, time that jumps."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from shared.domain.operations import ENDED, Operation
from shared.domain.times import instant
from shared.ports import Ports
from shared.ports.store import Put, Where
from shared.services import invoice_actions, paths
from shared.services.build_invoice import read_settings
from shared.services.connections import read_connection
from shared.services.create_invoice import Created, create_invoice, read_link
from shared.services.listings import read_log
from shared.services.people import read_contact_link
from shared.services.refund import refund
from shared.services.sync_contact import ContactSync, sync_patient
from tests.product import TENANTS, Product
from tests.xero_simulator.interface import Call

PRACTICE = "demo"
TENANT = TENANTS[PRACTICE]
ACTOR = {"subject": "u-1", "name": "Rita", "role": "reception"}
WAITING = ("pending", "sending", "uncertain")
#: Seconds: no request is under way for longer.
LONGEST_REQUEST = 30


class Clinic:
    """``product`` must be connected. Cases of one clinic do not meet: each takes a fresh ``case()``."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.numbers = itertools.count(1)
        self.patient_id = self.appointment_id = ""
        self.notes: dict[str, Any] = {}  # what a case remembers for later
        self.began, self.seen = instant(product.clock.now()), 0

    @property
    def ports(self) -> Ports:
        return self.product.ports

    def case(self, **appointment: Any) -> None:
        """A patient and an appointment nobody has seen; no fault planned, no limit used up."""
        self.quiet()
        self.product.simulator.world.faults.clear()
        self.product.simulator.world.limits.change(TENANT, day=10**9)
        self.product.advance(61)
        number = next(self.numbers)
        self.patient_id, self.appointment_id = f"p-{number}", f"a-{number}"
        self.notes = {}
        self.began = instant(self.ports.clock.now())
        self.set("numbering", "ours")
        self.seen = max((r["n"] for r in self.product.simulator.requests()), default=0)
        self.put_patient(email=f"p{number}@example.com")
        self.put_appointment(**appointment)

    def put_patient(self, **fields: Any) -> None:
        self.product.patient(self.patient_id, **fields)

    def put_appointment(self, **fields: Any) -> None:
        self.product.appointment(self.appointment_id, self.patient_id, **fields)

    # -- what people do --------------------------------------------------------------------------------------

    def sync(self, *, force: bool = False) -> ContactSync:
        return sync_patient(self.ports, PRACTICE, self.patient_id, force_update=force, actor=ACTOR)

    def create(self, **request: Any) -> Created:
        return create_invoice(self.ports, PRACTICE, self.appointment_id, request, ACTOR)

    def invoiced(self, status: str = "AUTHORISED") -> None:
        """The case's appointment has its invoice, in this status."""
        self.set("invoice_status", status)
        created = self.create()
        assert created.link is not None, created.operation
        assert created.link.status == status
        self.set("invoice_status", "AUTHORISED")

    def set(self, name: str, value: Any) -> None:
        document = self.ports.store.get(paths.settings(PRACTICE))
        data = document.data if document else {}
        if data.get(name) != value:
            self.ports.store.put(paths.settings(PRACTICE), data | {name: value})

    def act(self, what: Callable[..., Any], **arguments: Any) -> invoice_actions.Acted:
        return what(self.ports, PRACTICE, self.appointment_id, actor=ACTOR, **arguments)  # type: ignore[no-any-return]

    def pay(self, reference: str = "till-1", amount: Decimal | None = None) -> invoice_actions.Acted:
        return self.act(invoice_actions.record_payment, amount=amount, method="card", reference=reference)

    def paid(self) -> None:
        """The case's appointment is invoiced and paid by card."""
        self.invoiced()
        assert self.pay().operation.state == "done"

    def invoiced_then_changed(self, status: str = "AUTHORISED") -> None:
        """The appointment costs 150.00 instead of 100.00 once its invoice is made."""
        self.invoiced(status)
        line = {"description": "Consultation", "unit_amount": "150.00", "account_code": "200"}
        self.put_appointment(line_items=[line])

    def give_back(self, reference: str = "back-1", amount: Decimal | None = None) -> invoice_actions.Acted:
        return self.act(refund, amount=amount, method="card", reference=reference)

    def in_xero(self, method: str, path: str, **body: Any) -> Any:
        """Somebody else's app, or a person, makes or changes a document there; the element that Xero answers."""
        world = self.product.simulator.world
        organisation = world.organisations[TENANT]
        with organisation.lock:
            reply = organisation.books.handle(
                Call(
                    method=method,
                    path=tuple(path.split("/")),
                    query={},
                    headers={},
                    body=json.dumps(body).encode(),
                    now=world.clock.now(),
                    client_id="somebody-else",
                )
            )
            work = world.work()
            world.collect(organisation, work)
            work.commit()
        assert reply.status == 200, reply.body
        return next(value[0] for value in reply.body.values() if isinstance(value, list) and value)

    def manual_invoice(self, **fields: Any) -> Any:
        """Somebody typed an invoice for somebody else, and used the number that is this appointment's with us."""
        body = {
            "Type": "ACCREC",
            "Contact": {"Name": "Adam Brown"},
            "InvoiceNumber": f"{self.number_prefix}{self.appointment_id}",
            "LineItems": [{"Description": "By hand", "Quantity": 1, "UnitAmount": 5, "AccountCode": "200"}],
        }
        return self.in_xero("PUT", "Invoices", **body | fields)

    def forget_link(self) -> None:
        """As when the practice was connected to another organisation and the appointment invoiced there."""
        path = paths.invoice_link(PRACTICE, self.appointment_id)
        document = self.ports.store.get(path)
        assert document is not None
        self.ports.store.put(path, document.data | {"tenant_id": "another", "invoice_id": "another"})

    def mark_as_sent(self) -> None:
        """As a person does in Xero who printed the invoice and handed it over."""
        for invoice in self.invoices():
            self._ledger.invoices.put(replace(invoice, sent=True))

    @property
    def number_prefix(self) -> str:
        return read_settings(self.ports, PRACTICE).invoice_prefix

    def writes(self, method: str, path: str) -> list[Any]:
        """What Xero was asked to write since the case began, newest last."""
        calls = self.product.simulator.requests(self.seen)
        prefix = f"/api.xro/2.0/{path}"
        return [c for c in calls if c["method"] == method and c["path"].startswith(prefix)]

    # -- time ------------------------------------------------------------------------------------------------

    def end_what_is_left(self) -> None:
        """What a case leaves waiting is over: its time would come in the midst of another case, whichever that is."""
        store = self.ports.store
        while left := store.query(
            paths.operations(PRACTICE),
            where=[Where("next_attempt_at", ">", "")],
            order_by="next_attempt_at",
            limit=500,
        ).items:
            over = {"state": "cancelled", "next_attempt_at": None}
            store.batch([Put(document.path, document.data | over) for document in left])

    def quiet(self) -> None:
        """No request is still being worked on at Xero: a slow one must not arrive after minutes that we skip."""
        deadline = time.monotonic() + 5
        while not self.product.simulator.world.recorder.is_idle():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def let_time_pass(self, *, jumps: int = 60) -> None:
        """From task to task until nothing of this case waits any more, then the pull that this woke."""
        for _ in range(jumps):
            self.product.run_tasks()
            due = self.product.dispatcher.queue.next_at()
            if due is None or not any(o.state in WAITING for o in self.operations()):
                break
            gap = (due - self.ports.clock.now()).total_seconds()
            if gap > LONGEST_REQUEST:
                self.quiet()
            self.product.advance(max(gap, 0.0) + 0.01)
        self.product.advance(3)
        self.product.run_tasks()

    # -- what came of it -------------------------------------------------------------------------------------

    def operations(self, *kinds: str) -> list[Operation]:
        """Of this case, oldest first."""
        page = self.ports.store.query(
            paths.operations(PRACTICE),
            where=[Where("updated_at", ">=", self.began)],
            order_by="updated_at",
            limit=500,
        )
        found = [Operation.from_data(document.data) for document in page.items]
        found.sort(key=lambda operation: operation.created_at)
        mine = {self.patient_id, self.appointment_id}
        return [o for o in found if mine & set(o.subject.values()) and (not kinds or o.kind in kinds)]

    def operation(self, kind: str) -> Operation:
        (found,) = self.operations(kind)
        return found

    def log(self, operation: Operation) -> list[str]:
        """The outcomes of an operation's attempts, oldest first."""
        page = read_log(
            self.ports, PRACTICE, filters={"operation_id": operation.id}, since=None, limit=200, cursor=None
        )
        return [document.data["outcome"] for document in reversed(page.items)]

    @property
    def grant_id(self) -> str:
        return str(read_connection(self.ports, PRACTICE).grant_id)

    @property
    def invoice_link(self) -> Any:
        return read_link(self.ports, PRACTICE, self.appointment_id)

    @property
    def contact_link(self) -> Any:
        return read_contact_link(self.ports, PRACTICE, self.patient_id)

    @property
    def _ledger(self) -> Any:
        return self.product.simulator.world.organisations[TENANT].books.ledger  # type: ignore[attr-defined]

    def contacts(self) -> list[Any]:
        return [c for c in self._ledger.contacts if c.number == self.patient_id]

    def invoices(self) -> list[Any]:
        return [i for i in self._ledger.invoices if i.reference == self.appointment_id]

    def payments(self) -> list[Any]:
        mine = {i.id for i in self.invoices()}
        return [p for p in self._ledger.payments if p.invoice_id in mine and p.status != "DELETED"]

    def credit_notes(self) -> list[Any]:
        return [c for c in self._ledger.credit_notes if c.reference == self.appointment_id]

    def refund_notes(self) -> list[Any]:
        return [
            c for c in self._ledger.credit_notes if c.reference.startswith(f"{self.appointment_id} refund ")
        ]

    def refunds(self) -> list[Any]:
        mine = {note.id for note in [*self.refund_notes(), *self.credit_notes()]}
        return [p for p in self._ledger.payments if p.credit_note_id in mine and p.status != "DELETED"]

    def emails(self) -> int:
        """How many e-mails Xero really sent for the case's invoices."""
        return sum(note.changes == "Invoice sent" for i in self.invoices() for note in i.history)

    def history(self) -> list[str]:
        """The notes that we wrote into the histories of the case's invoices."""
        return [note.details for i in self.invoices() for note in i.history if note.changes == "Note"]

    def replaced(self) -> set[str]:
        """The numbers of the case's invoices that a credit note of ours cancels as a whole."""
        return {
            note.number.removesuffix("-CN") for note in self.credit_notes() if note.number.endswith("-CN")
        }

    def assert_linked(self) -> None:
        """One contact and at most one living invoice, and the links say what Xero says."""
        assert len(self.contacts()) <= 1
        for contact in self.contacts():
            assert self.contact_link.contact_id == contact.id
        living = [i for i in self.invoices() if i.status not in ("VOIDED", "DELETED")]
        assert len([i for i in living if i.number not in self.replaced()]) <= 1
        if self.invoices():
            link, last = self.invoice_link, self.invoices()[-1]
            assert (link.invoice_id, link.invoice_number, link.status) == (last.id, last.number, last.status)
            amounts = (last.total, last.amount_due, last.amount_paid, last.amount_credited)
            assert (link.total, link.amount_due, link.amount_paid, link.amount_credited) == tuple(
                f"{amount:.2f}" for amount in amounts
            )

    def assert_nothing_waits(self) -> None:
        for operation in self.operations():
            assert operation.state in ENDED, (operation.kind, operation.state, operation.reason)

    def assert_log_is_whole(self) -> None:
        """One entry for each attempt, the last one says how it ended."""
        for operation in self.operations():
            log = self.log(operation)
            assert len(log) == operation.attempts, (operation.kind, log)
            assert set(log[:-1]) <= {"waiting"}
            assert log[-1] == ("ok" if operation.state == "done" else "failed")


def bodies(calls: list[Any], element: str) -> list[Any]:
    """The first document in each request's body."""
    return [json.loads(call["body"])[element][0] for call in calls]


def put_in(product: Product, element: str) -> list[Any]:
    """Every document that Xero was asked to create so far, however many went together."""
    calls = [call for call in product.xero_calls("PUT") if call["path"].endswith(f"/{element}")]
    return [document for call in calls for document in json.loads(call["body"])[element]]


def ready(product: Product) -> Clinic:
    """Connected, with an account for card payments."""
    product.connect()
    product.settings(invoice_status="AUTHORISED", payment_accounts={"card": "880"})
    return Clinic(product)
