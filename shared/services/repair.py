"""Repairing what a period's completeness shows, one difference at a time, by the operations that people use.

Every repair may be pressed again: what is done already is left alone, what waits goes on waiting. Repairs that end a
document in Xero or overwrite what a person entered there are done only when a person names them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from shared.domain.completeness import SAFE_REPAIRS, Difference
from shared.domain.errors import LedgerError, StoreUnavailable
from shared.domain.links import InvoiceLink
from shared.domain.operations import Operation
from shared.domain.xero_records import InvoiceSnapshot
from shared.ports import Ports
from shared.ports.accounting import IDS_PER_CALL
from shared.services import invoice_actions, operations, paths
from shared.services.activity_log import Entry, record
from shared.services.appointment_invoices import invoices_there
from shared.services.comparison import Comparison
from shared.services.create_invoice import create_invoice, read_link, wanted_invoice
from shared.services.drain_tasks import wake_drain
from shared.services.invoice_corrections import update
from shared.services.night_check import check_soon
from shared.services.pull_changes import converge_invoice
from shared.services.relink import relink, write_off
from shared.services.repaired import DONE, NEEDS_PERSON, WAITING, Repaired
from shared.services.xero_calls import using_xero

#: More new invoices than this are kept as intents, and the drain sends them in batches.
SENT_AT_ONCE = 5
#: One call takes up so many, so that it ends in time; the caller presses again for the rest, which then come first.
#: Those that ask Xero one by one are fewer.
AT_ONCE, ASKED_AT_ONCE = 200, 15
#: A batch of the store reads so many.
CHUNK = 400
NOT_TRIED, ENDED, UNDER_WAY = range(3)
ASKS_XERO = ("missing_in_xero", "cancelled_here", "amount", "changed_there", "changed_here")
SENT = "Xero has the invoice"
MAKES_INVOICE = ("not_sent", "deleted_there")


def repair(
    ports: Ports,
    practice_id: str,
    first: date,
    last: date,
    *,
    kinds: Sequence[str] | None,
    items: Sequence[str] | None,
    actor: dict[str, str],
) -> dict[str, Any]:
    """``{"items": [Repaired], "left": n}``; ``left`` are neither taken up nor under way.

    Raises the XeroError when the period cannot be compared.
    """
    found = [row.difference for row in Comparison(ports, practice_id, first, last).rows() if row.difference]
    chosen = [difference for difference in found if _is_chosen(difference, kinds, items)]
    standing = _standings(ports, practice_id, chosen)
    now = _at_once(sorted(chosen, key=lambda difference: standing[id(difference)]))
    there, unreadable = _as_in_xero(ports, practice_id, now)
    bench = Bench(
        ports,
        practice_id,
        actor,
        named=kinds is not None or items is not None,
        there=there,
        unreadable=unreadable,
        sends=sum(difference.kind in MAKES_INVOICE for difference in now) <= SENT_AT_ONCE,
    )
    repaired = [bench.repair(difference) for difference in now]
    if repaired:
        counts = {
            outcome: sum(r.outcome == outcome for r in repaired) for outcome in (DONE, WAITING, NEEDS_PERSON)
        }
        sentence = f"Repaired the books of {first} to {last}: {counts[DONE]} of {len(repaired)} differences"
        record(ports, practice_id, Entry("completeness.repair", sentence, actor, after=counts))
        check_soon(ports, practice_id)
    taken = {id(difference) for difference in now}
    left = sum(standing[each] != UNDER_WAY for each in standing if each not in taken)
    return {"items": [vars(each) for each in repaired], "left": left}


def _is_chosen(difference: Difference, kinds: Sequence[str] | None, items: Sequence[str] | None) -> bool:
    if items is not None:
        return difference.appointment_id in items or difference.invoice_id in items
    return difference.kind in (kinds if kinds is not None else SAFE_REPAIRS)


def _standings(ports: Ports, practice_id: str, chosen: list[Difference]) -> dict[int, int]:
    """By ``id()``: not tried yet, tried and ended, or under way. What an earlier press took up does not come first."""
    intents = {
        id(each): paths.operation(practice_id, each.operation_id) for each in chosen if each.operation_id
    }
    wanted, states = list(intents.values()), dict[str, str]()
    for start in range(0, len(wanted), CHUNK):
        found = ports.store.get_many(wanted[start : start + CHUNK])
        states |= {path: document.data["state"] for path, document in found.items()}
    ended = dict.fromkeys(("done", "failed", "cancelled"), ENDED)
    standing = {path: ended.get(state, UNDER_WAY) for path, state in states.items()}
    return {id(each): standing.get(intents.get(id(each), ""), NOT_TRIED) for each in chosen}


def _at_once(chosen: list[Difference]) -> list[Difference]:
    asking = [difference for difference in chosen if difference.kind in ASKS_XERO][ASKED_AT_ONCE:]
    later = {id(difference) for difference in asking}
    return [difference for difference in chosen if id(difference) not in later][:AT_ONCE]


def _as_in_xero(
    ports: Ports, practice_id: str, chosen: list[Difference]
) -> tuple[dict[str, InvoiceSnapshot], set[str]]:
    """By InvoiceID; and the ids of those that are there but cannot be read."""
    ids = [difference.invoice_id for difference in chosen if difference.invoice_id]
    found: dict[str, InvoiceSnapshot] = {}
    unreadable: set[str] = set()
    for start in range(0, len(ids), IDS_PER_CALL):
        ask = partial(invoices_there, invoice_ids=ids[start : start + IDS_PER_CALL])
        invoices, others = using_xero(ports, practice_id, ask)
        found |= {invoice.invoice_id: invoice for invoice in invoices}
        unreadable |= others
    return found, unreadable


@dataclass
class Bench:
    """Where differences are repaired. ``named``: a person chose them; ``there``: Xero's side as it is now; ``sends``:
    new invoices are sent at once, not only kept."""

    ports: Ports
    practice_id: str
    actor: dict[str, str]
    named: bool
    there: dict[str, InvoiceSnapshot]
    unreadable: set[str]
    sends: bool

    def repair(self, difference: Difference) -> Repaired:
        repairs: dict[str, Callable[[Difference], Repaired]] = {
            "not_sent": self.send,
            "status": self.take_over,
            "orphan": self.adopt,
            "deleted_there": self.make_again,
            "missing_in_xero": self.look_once_more,
            "cancelled_here": self.void,
            "amount": self.send_again,
            "changed_there": self.send_again,
            "changed_here": self.send_again,
        }
        if difference.invoice_id in self.unreadable:
            return Repaired.of(
                difference, NEEDS_PERSON, "Xero's record of it cannot be read; look at it there"
            )
        try:
            return repairs[difference.kind](difference)
        except StoreUnavailable:
            raise
        except LedgerError as error:
            return Repaired.of(difference, NEEDS_PERSON, error.detail)

    def send(self, difference: Difference) -> Repaired:
        if difference.operation_id is None:
            return self._create(difference, {})
        operation = operations.read(self.ports, self.practice_id, difference.operation_id)
        if operation.state == "cancelled" and not self.named:
            sentence = "A person decided against sending it; name it to send it all the same"
            return Repaired.of(difference, NEEDS_PERSON, sentence, operation.id)
        if operation.state in ("failed", "cancelled"):
            return self._create(difference, operation.request)
        return Repaired.by(difference, operation, SENT)

    def take_over(self, difference: Difference) -> Repaired:
        self._converge(difference)
        return Repaired.of(difference, DONE, "Xero's status and payments are taken over")

    def make_again(self, difference: Difference) -> Repaired:
        self._converge(difference)
        return self._create(difference, self._given(difference))

    def look_once_more(self, difference: Difference) -> Repaired:
        if difference.invoice_id in self.there:
            self._converge(difference)
            return Repaired.of(difference, DONE, "Xero has it after all; what it says is taken over")
        request = self._given(difference)
        found = write_off(self.ports, self.practice_id, str(difference.appointment_id), self.actor)
        if found is not None:
            return relink(self.ports, self.practice_id, difference, found, self.actor)
        return self._create(difference, request)

    def void(self, difference: Difference) -> Repaired:
        acted = invoice_actions.void(self.ports, self.practice_id, str(difference.invoice_id), self.actor)
        return self._by(difference, acted.operation, "Cancelled in Xero")

    def adopt(self, difference: Difference) -> Repaired:
        snapshot = self.there.get(str(difference.invoice_id))
        if snapshot is None:
            return Repaired.of(difference, DONE, "It is not in Xero any more")
        return relink(self.ports, self.practice_id, difference, snapshot, self.actor)

    def send_again(self, difference: Difference) -> Repaired:
        """A draft, or an approved invoice with nothing applied; anything else the operation refuses, and says why."""
        acted = update(self.ports, self.practice_id, str(difference.appointment_id), {}, self.actor)
        return self._by(difference, acted.operation, "Xero says again what the clinic says")

    def _create(self, difference: Difference, request: Mapping[str, Any]) -> Repaired:
        """As when a person presses it: an intent of the same appointment is taken up, not doubled."""
        where = (self.ports, self.practice_id, str(difference.appointment_id), dict(request), self.actor)
        if self.sends:
            created = create_invoice(*where)
            return self._by(difference, None if created.link else created.operation, SENT)
        wanted = wanted_invoice(*where)
        if isinstance(wanted, InvoiceLink):
            return Repaired.of(difference, DONE, SENT)
        operations.keep(self.ports, wanted)
        wake_drain(self.ports.tasks, self.practice_id, self.ports.clock.now())
        return Repaired.of(difference, WAITING, "It is sent with the others", wanted.id)

    def _by(self, difference: Difference, operation: Operation | None, done: str) -> Repaired:
        """``operation`` None: there was nothing left to do."""
        if operation is None:
            return Repaired.of(difference, DONE, done)
        return Repaired.by(difference, operation, done)

    def _given(self, difference: Difference) -> dict[str, Any]:
        """What a person gave when the invoice was made, so that the next one says the same."""
        link = read_link(self.ports, self.practice_id, str(difference.appointment_id))
        return dict(link.sent.get("request", {})) if link else {}

    def _converge(self, difference: Difference) -> None:
        snapshot = self.there.get(str(difference.invoice_id))
        document = self.ports.store.get(paths.invoice_link(self.practice_id, str(difference.appointment_id)))
        if snapshot is not None:
            converge_invoice(self.ports, self.practice_id, document, snapshot)
