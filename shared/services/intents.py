"""Keeping the intents of many at once: what bulk work wants is kept here, cheaply, and sent by the drain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from shared.domain.contacts import Person
from shared.domain.errors import StoreUnavailable
from shared.domain.operations import Operation
from shared.ports import Ports
from shared.services import operations
from shared.services.build_invoice import read_appointment
from shared.services.people import payer_of
from shared.services.shared_reads import read_for_preparing, sharing_reads
from shared.services.sync_contact import wanted_contact


def keep_intents(ports: Ports, practice_id: str, wanted: Sequence[Operation]) -> None:
    """One that was done before, yet is wanted again, belongs to another organisation's link: it is found and linked
    anew."""
    for done in operations.keep_all(ports, practice_id, wanted):
        operations.do_over(ports, done)


def contacts_first(ports: Ports, practice_id: str, invoices: Sequence[Operation]) -> list[list[Operation]]:
    """The contacts that these invoices need and that are not as the clinic says: their intents, kept, each kind by
    itself."""
    people: dict[str, tuple[Person, dict[str, str]]] = {}
    shared = sharing_reads(ports)
    read_for_preparing(shared, practice_id, [operation.subject for operation in invoices])
    for operation in invoices:
        try:
            appointment = read_appointment(shared, practice_id, operation.subject["appointment_id"])
            payer = payer_of(shared, practice_id, appointment)
        except StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001, S112  the invoice's own run meets the same, with its reason  # nosec B112
            continue
        people.setdefault(payer.id, (payer, operation.created_by))
    wanted = [
        contact
        for person, actor in people.values()
        if (contact := wanted_contact(shared, practice_id, person, False, actor)) is not None
    ]
    keep_intents(ports, practice_id, wanted)
    by_kind: dict[str, list[Operation]] = defaultdict(list)
    for contact in wanted:
        by_kind[contact.kind].append(contact)
    return list(by_kind.values())
