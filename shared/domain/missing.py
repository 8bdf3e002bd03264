"""What the clinic's appointments name that nobody has mapped yet, and how many of them wait for it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.domain.errors import FieldError
from shared.domain.records import Appointment

KINDS = ("service", "practitioner", "clinic", "payment_method")
ACCOUNT_OF_LINE = re.compile(r"line_items\[(\d+)\]\.account_code")

#: A thing that can be mapped: its kind and its id; a line without a service code has none.
Thing = tuple[str, str | None]


@dataclass
class Tally:
    """``seen``: in how many appointments that are still to be invoiced each thing occurs; ``blocked``: in how many of
    them it keeps the invoice from being sent. ``wording`` is to compare with, never to be shown: it may tell of a
    patient."""

    seen: Counter[Thing] = field(default_factory=Counter)
    blocked: Counter[Thing] = field(default_factory=Counter)
    wording: dict[Thing, str] = field(default_factory=dict)

    def add(self, appointment: Appointment, errors: Sequence[FieldError]) -> None:
        """``errors``: why its document cannot be built, by field, as ``build_invoice`` gives them."""
        codes = [line.service_code or None for line in appointment.line_items]
        places: dict[str, Thing] = {
            "clinic_id": ("clinic", appointment.clinic_id),
            "practitioner_id": ("practitioner", appointment.practitioner_id),
        }
        things = {("service", code) for code in codes} | {thing for thing in places.values() if thing[1]}
        self.seen.update(things)
        self.wording |= {
            ("service", line.service_code or None): line.description for line in appointment.line_items
        }
        blocking = {places[error.field] for error in errors if error.field in places}
        for error in errors:
            line = ACCOUNT_OF_LINE.fullmatch(error.field)
            if line:
                blocking.add(("service", codes[int(line[1])]))
        self.blocked.update(blocking & things)


@dataclass(frozen=True)
class Missing:
    """``appointments`` still to be invoiced that name it; ``waiting`` for it, which cannot be sent before."""

    kind: str
    id: str | None
    appointments: int
    waiting: int
    message: str
    where: str


def missing_of(tally: Tally, mapped: set[Thing]) -> list[Missing]:
    """``mapped``: services with an account, clinics and practitioners with an option. What most wait for first."""
    found = [
        _missing(kind, id_, count, tally.blocked[kind, id_])
        for (kind, id_), count in tally.seen.items()
        if (kind, id_) not in mapped and (id_ or tally.blocked[kind, id_])
    ]
    return sorted(
        found, key=lambda one: (-one.waiting, KINDS.index(one.kind), -one.appointments, one.id or "")
    )


def _missing(kind: str, id_: str | None, count: int, waiting: int) -> Missing:
    if id_ is None:
        message = "lines without a service code have no account; set a default_account_code"
        return Missing(kind, id_, count, waiting, message, "/xero/settings/")
    if kind == "service":
        rest = "and no other account is set for it" if waiting else "so another rule chooses its account"
        return Missing(kind, id_, count, waiting, f"service {id_!r} is not mapped, {rest}", "/xero/items/")
    rest = "which the practice requires" if waiting else "so its lines are not tracked by it"
    message = f"{kind} {id_!r} has no tracking option, {rest}"
    return Missing(kind, id_, count, waiting, message, "/xero/tracking/")


def missing_method(method: str, payments: int, waiting: int) -> Missing:
    message = f"payments were recorded as {method!r}, which has no account any more"
    return Missing("payment_method", method, payments, waiting, message, "/xero/settings/")
