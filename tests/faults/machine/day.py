"""A day at the clinic as a state machine: the rules are what may happen next, in any order.

Its parts are in this folder; ``test_state_machine.py`` plays it.
"""

from __future__ import annotations

import random

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.faults.machine.bookkeeper import Bookkeeper
from tests.faults.machine.checks import Checks, total_of
from tests.faults.machine.delivery import Post, Tasks
from tests.faults.machine.staff import ACTS, Staff
from tests.faults.machine.stage import Set, Stage
from tests.faults.machine.trouble import NONE, Trouble, other_faults, plan, troubles

#: Two of one name, and one who pays for another.
PATIENTS = {"p-1": {"first_name": "Anna", "last_name": "Lee"},
            "p-2": {"first_name": "Anna", "last_name": "Lee"},
            "p-3": {"first_name": "Bo", "last_name": "Oh", "payer": {"patient_id": "p-1"}}}  # fmt: skip
DETAILS = {"phone": "0400 000 000", "email": "x@example.com"}
APPOINTMENTS = {"a-1": "p-1", "a-2": "p-2", "a-3": "p-3", "a-4": "p-1"}
#: What an earlier day left: most of what people do needs an invoice to do it with.
INVOICED = ("a-1", "a-2")
HOUR = 3600

patients = st.sampled_from(sorted(PATIENTS))
appointments = st.sampled_from(sorted(APPOINTMENTS))
seeds = st.integers(0, 999)
quantities = st.sampled_from(["1", "2", "3", "1.333"])
amounts = st.sampled_from(["100.00", "25.06", "33.33", "87.45", "0.05"])
lines = st.lists(st.tuples(quantities, amounts), min_size=1, max_size=2)
#: A request, a key's five trusted minutes and its six, a task's lease, a token's half hour, a pause.
jumps = st.sampled_from([1, 20, 200, 330, 400, 700, 1900, 2 * HOUR])
LONGEST_PAUSE = 24 * HOUR + 2 * HOUR
LIMITS = {"minute": 60, "day": 5000}


class ClinicDay(RuleBasedStateMachine):
    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self._set: Set = stage.new_set()
        product = self._set.product
        self.staff, self.books = Staff(self._set), Bookkeeper(self._set)
        self.tasks, self.post = Tasks(product), Post(product)
        self.checks = Checks(self._set, self.books, sorted(PATIENTS), sorted(APPOINTMENTS))
        #: A task was lost, or somebody died between connecting and waking what waits.
        self._needs_sweep = False
        self._details = dict.fromkeys(PATIENTS, DETAILS)
        for name in PATIENTS:
            self._put_patient(name)
        for name in APPOINTMENTS:
            self._put_appointment(name, [("1", "100.00")], "completed")
        for name in INVOICED:
            self.staff.create(name, NONE)

    # -- the clinic's own records ----------------------------------------------------------------------------

    @rule(patient=patients, phone=st.integers(0, 9), email=st.booleans())
    def edit_patient(self, patient: str, phone: int, email: bool) -> None:
        self._details[patient] = {"phone": f"0400 000 00{phone}"} | (
            {"email": "x@example.com"} if email else {}
        )
        self._put_patient(patient)

    @rule(appointment=appointments, lines=lines, status=st.sampled_from(["completed", "cancelled"]))
    def edit_appointment(self, appointment: str, lines: list[tuple[str, str]], status: str) -> None:
        self._put_appointment(appointment, lines, status)

    def _put_patient(self, patient: str) -> None:
        self._set.product.patient(patient, **PATIENTS[patient], **self._details[patient])

    def _put_appointment(self, appointment: str, lines: list[tuple[str, str]], status: str) -> None:
        items = [
            {"description": "Visit", "quantity": q, "unit_amount": a, "account_code": "200"} for q, a in lines
        ]
        self.checks.totals[appointment].add(total_of(items))
        self._set.product.appointment(appointment, APPOINTMENTS[appointment], line_items=items, status=status)

    # -- at the desk -----------------------------------------------------------------------------------------

    @rule(patient=patients, force=st.booleans(), trouble=troubles)
    def sync(self, patient: str, force: bool, trouble: Trouble) -> None:
        self.staff.sync(patient, trouble, force=force)

    @rule(appointment=appointments, trouble=troubles)
    def create(self, appointment: str, trouble: Trouble) -> None:
        self.staff.create(appointment, trouble)

    @rule(trouble=troubles)
    def create_all(self, trouble: Trouble) -> None:
        self.staff.create_all(trouble)

    @rule(appointment=appointments, deed=st.sampled_from(sorted(ACTS)), trouble=troubles)
    def act(self, appointment: str, deed: str, trouble: Trouble) -> None:
        self.staff.act(deed, appointment, trouble)

    @rule(
        deed=st.sampled_from(["payments", "payments", "refund"]),
        appointment=appointments,
        reference=st.sampled_from(["till-1", "till-2"]),
        amount=st.sampled_from([None, "5.00"]),
        trouble=troubles,
    )
    def money(
        self, deed: str, appointment: str, reference: str, amount: str | None, trouble: Trouble
    ) -> None:
        self.staff.money(deed, appointment, reference, amount, trouble)

    @rule(which=seeds, what=st.sampled_from(["retry", "cancel", "retry_cause"]), trouble=troubles)
    def see_to_what_waits(self, which: int, what: str, trouble: Trouble) -> None:
        if what == "retry_cause":
            if causes := self.staff.attention():
                self.staff.retry_cause(causes[which % len(causes)]["cause"], trouble)
        elif found := [o for o in self.checks.operations() if o.state not in ("done", "cancelled")]:
            self.staff.press(what, found[which % len(found)].id, trouble)

    @rule(status=st.sampled_from(["DRAFT", "SUBMITTED", "AUTHORISED"]))
    def decide_status(self, status: str) -> None:
        self._set.product.settings(invoice_status=status)

    @rule(what=st.sampled_from(["connect", "connect", "refresh", "disconnect"]), trouble=troubles)
    def owner(self, what: str, trouble: Trouble) -> None:
        deaths = self.staff.deaths
        getattr(self.staff, what)(trouble)
        self._needs_sweep |= what == "connect" and self.staff.deaths > deaths

    # -- in Xero ---------------------------------------------------------------------------------------------

    @rule(
        appointment=appointments,
        action=st.sampled_from(["pay", "approve", "void", "delete"]),
        amount=st.sampled_from([None, "7.50"]),
    )
    def by_hand(self, appointment: str, action: str, amount: str | None) -> None:
        fields = {"amount": amount} if action == "pay" and amount else {}
        for invoice in self.books.invoices(appointment)[-1:]:
            self.books.act("invoices", invoice.id, action, **fields)

    @rule(appointment=appointments, amount=amounts, what=st.sampled_from(["edit", "credit", "mark", "unpay"]))
    def correct_by_hand(self, appointment: str, amount: str, what: str) -> None:
        for invoice in self.books.invoices(appointment)[-1:]:
            if what == "edit":
                self.books.edit_lines(invoice, amount)
            elif what == "credit":
                self.books.credit(invoice, amount)
            elif what == "mark":
                self.books.mark_as_sent(invoice)
            else:
                self.books.remove_payments(invoice)

    @rule(patient=patients, into=patients, what=st.sampled_from(["archive", "restore", "restore", "merge"]))
    def contact_by_hand(self, patient: str, into: str, what: str) -> None:
        for contact in self.books.contacts(patient):
            if what == "merge":
                for other in self.books.contacts(into):
                    self.books.merge(contact, other)
            else:
                self.books.act("contacts", contact.id, what)

    @rule(what=st.sampled_from(["revoke", "offline", "online", "less", "more"]))
    def xero(self, what: str) -> None:
        if what == "revoke":
            self.books.revoke()
        elif what in ("offline", "online"):
            self.books.offline(what == "offline")
        elif what == "less":
            self.books.limits(minute=20, day=60)
        else:
            self.books.limits(**LIMITS)

    @rule(trouble=other_faults)
    def fault(self, trouble: Trouble) -> None:
        self._set.product.simulator.fault(**plan(trouble, {}))

    # -- on the way, and time --------------------------------------------------------------------------------

    @rule(seed=st.none() | seeds, trouble=troubles)
    def run_tasks(self, seed: int | None, trouble: Trouble) -> None:
        with self.staff.life(trouble):
            self.tasks.run(None if seed is None else random.Random(seed))

    @rule(seed=seeds, what=st.sampled_from(["again", "again", "lose"]), trouble=troubles)
    def queue_errs(self, seed: int, what: str, trouble: Trouble) -> None:
        if what == "lose":
            self._needs_sweep |= self.tasks.lose(random.Random(seed)) > 0
        elif self.tasks.delivered:
            with self.staff.life(trouble):
                self.tasks.again(self.tasks.delivered[seed % len(self.tasks.delivered)])

    @rule(mode=st.sampled_from(["on", "duplicate", "reverse", "off"]), trouble=troubles)
    def webhooks(self, mode: str, trouble: Trouble) -> None:
        with self.staff.life(trouble):
            self.post.deliver(mode)

    @rule(path=st.sampled_from(["/tasks/reconcile", "/tasks/keep_alive"]), trouble=troubles)
    def scheduled(self, path: str, trouble: Trouble) -> None:
        self.staff.machine(path, trouble)

    @rule(seconds=jumps)
    def nothing_runs_for(self, seconds: int) -> None:
        self._jump(seconds)

    @rule(seconds=jumps)
    def time_passes(self, seconds: int) -> None:
        self._pass(seconds)

    def _jump(self, seconds: float) -> None:
        self._set.clinic.quiet()  # a request that is under way does not arrive minutes later
        self._set.product.advance(seconds)

    def _pass(self, seconds: float) -> None:
        """From task to task."""
        end = self._set.clock.now().timestamp() + seconds
        while True:
            self.tasks.run()
            left, wait = end - self._set.clock.now().timestamp(), self.tasks.next_in()
            if left <= 0 or wait is None or wait > left:
                break
            self._jump(wait + 0.01)
        self._jump(max(left, 0.0))

    # -- what must hold --------------------------------------------------------------------------------------

    @invariant()
    def holds(self) -> None:
        self.checks.always()

    def teardown(self) -> None:
        try:
            self._calm()
            self._end()
        finally:
            self._stage.strike(self._set)

    def _calm(self) -> None:
        """Faults cease, webhooks come, the longest pause goes by; an owner sees to the connection."""
        self._set.product.simulator.world.faults.clear()
        self.books.offline(False)
        self.books.limits(**LIMITS)
        self.post.deliver("on")
        self._pass(LONGEST_PAUSE)
        if not self._needs_sweep and self.staff.status() == "connected":
            self.checks.nothing_waits()  # the queue alone saw to it
        for _ in range(2):  # that the connection is gone may only show when it is used
            if self.staff.status() != "connected":
                assert self.staff.connect(NONE)
            self.staff.machine("/tasks/reconcile", NONE)
            self._pass(2 * HOUR)

    def _end(self) -> None:
        for _ in range(2):
            self.staff.machine("/tasks/reconcile", NONE)
            self._pass(2 * HOUR)
        self.checks.always()
        self.checks.nothing_waits()
        self.checks.in_the_end(self.staff.attention())
        self._everybody_looks_again()

    def _everybody_looks_again(self) -> None:
        """Pressing once more makes nothing that is there already, and brings what is not."""
        before = {a: self._living(a) for a in APPOINTMENTS}
        for patient in PATIENTS:
            self.staff.sync(patient, NONE)
        for appointment in APPOINTMENTS:
            self.staff.create(appointment, NONE)
        self._pass(2 * HOUR)
        self.checks.always()
        self.checks.nothing_waits()
        self.checks.in_the_end(self.staff.attention())
        for appointment, living in before.items():
            assert not living or living == self._living(appointment)
        self.checks.details(self._details)

    def _living(self, appointment: str) -> list[str]:
        return [invoice.id for invoice in self.books.living(appointment)]
