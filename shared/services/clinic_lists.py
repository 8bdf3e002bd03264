"""The clinic's own lists with what became of each in Xero: how they are read, and the patients.

A list is read in the order that the records have, page by page. What a filter leaves is found by looking through the
pages, so many at a time: the records may be kept anywhere, and no filter needs an index.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from shared.domain.contacts import Privacy, details_hash, person_of_patient
from shared.domain.likeness import is_found
from shared.domain.links import ContactLink
from shared.domain.operations import Operation
from shared.domain.people import BOOKKEEPER
from shared.domain.records import Patient
from shared.domain.standing import goes_on
from shared.ports import Ports
from shared.services import paths
from shared.services.connections import read_connection
from shared.services.documents import foreign_cursor
from shared.services.open_operations import open_on_contacts
from shared.services.people import privacy_of

#: Pages that one call looks through for what a filter leaves.
PAGES = 10

Row = TypeVar("Row")


@dataclass(frozen=True)
class PatientRow:
    """``behind``: the clinic says something of the patient that its contact was not told yet."""

    patient: Patient
    patient_name: str | None
    link: ContactLink | None
    operation: Operation | None
    behind: bool

    def is_a(self, wanted: str) -> bool:
        """``wanted``: the contact's state, not_sent, waiting or needs_you."""
        if wanted in ("waiting", "needs_you"):
            return self.operation is not None and goes_on(self.operation) == (wanted == "waiting")
        return wanted == (self.link.state if self.link else "not_sent")


def list_patients(
    ports: Ports,
    practice_id: str,
    *,
    state: str | None,
    search: str | None,
    role: str,
    limit: int,
    cursor: str | None,
) -> tuple[list[PatientRow], str | None]:
    """By id, each with its contact as far as we know it, and the next cursor.

    Fewer than ``limit``, even none, may come with more to follow. ``role`` decides what a patient is called, see
    ``shown_as``.
    """
    tenant_id = read_connection(ports, practice_id).tenant_id or ""
    privacy, as_told = privacy_of(ports, practice_id), shown_as(ports, practice_id, role)

    def page(size: int, cursor: str | None) -> tuple[list[PatientRow], str | None]:
        patients, following = ports.records.patients(practice_id, limit=size, cursor=cursor)
        named = {one.id: name_shown(one, as_told) for one in patients}
        found = [
            one for one in patients if not search or is_found(search, (one.id, one.reference, named[one.id]))
        ]
        documents = ports.store.get_many([paths.contact_link(practice_id, one.id) for one in found])
        links: dict[str, ContactLink | None] = dict.fromkeys(one.id for one in found)
        for document in documents.values():
            link = ContactLink.from_data(document.data)
            if link.tenant_id == tenant_id:  # a contact in another organisation is none here
                links[link.person_id] = link
        operations = open_on_contacts(ports, practice_id, tenant_id, links)
        rows = []
        for one in found:
            linked = links[one.id]
            behind = linked is not None and linked.details_hash != details_hash(
                person_of_patient(one, privacy)
            )
            rows.append(PatientRow(one, named[one.id], linked, operations.get(one.id), behind))
        return [row for row in rows if state is None or row.is_a(state)], following

    return look_through(page, limit, cursor)


def look_through(
    page: Callable[[int, str | None], tuple[list[Row], str | None]], limit: int, cursor: str | None
) -> tuple[list[Row], str | None]:
    """Never more than ``limit``: each page asks for what is missing. InvalidInput for a cursor that is none."""
    rows: list[Row] = []
    for _ in range(PAGES):
        try:
            found, cursor = page(limit - len(rows), cursor)
        except ValueError:
            raise foreign_cursor() from None
        rows += found
        if cursor is None or len(rows) == limit:
            break
    return rows, cursor


def shown_as(ports: Ports, practice_id: str, role: str) -> Privacy:
    """Who meets the patients sees their names; a bookkeeper sees what the practice tells its books."""
    return privacy_of(ports, practice_id) if role == BOOKKEEPER else Privacy()


def name_shown(patient: Patient, as_told: Privacy) -> str | None:
    person = person_of_patient(patient, as_told)
    return None if person.erased else person.name
