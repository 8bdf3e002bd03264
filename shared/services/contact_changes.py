"""A contact changed in Xero: merged into another, archived, restored. Its details there are the clinic's own affair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shared.domain.links import ContactLink
from shared.domain.times import instant
from shared.domain.xero_records import ContactSnapshot
from shared.ports import Ports
from shared.ports.store import Document, Update, VersionChanged
from shared.services import paths
from shared.services.activity_log import SYSTEM, Entry, entry_write
from shared.services.documents import find_by


def converge_contacts(ports: Ports, practice_id: str, snapshots: Sequence[ContactSnapshot]) -> int:
    """How many links changed. Several people may share a contact, after a merge in Xero for one."""
    by_id = {snapshot.contact_id: snapshot for snapshot in snapshots}
    documents = find_by(ports.store, paths.contact_links(practice_id), "contact_id", list(by_id))
    return sum(_converge(ports, practice_id, document, by_id) for document in list(documents))


def _converge(ports: Ports, practice_id: str, document: Document, by_id: dict[str, ContactSnapshot]) -> bool:
    link = ContactLink.from_data(document.data)
    fresh = _fresh(link, by_id)
    if fresh == link:
        return False
    merged = fresh.contact_id != link.contact_id
    entry = Entry(
        action="contact.changed_in_xero",
        sentence="Contact merged into another in Xero" if merged else f"Contact {fresh.state} in Xero",
        actor=dict(SYSTEM),
        subject={"patient_id": link.person_id},
        before={"contact_id": link.contact_id, "state": link.state},
        after={"contact_id": fresh.contact_id, "state": fresh.state},
        xero_id=fresh.contact_id,
    )
    fresh = replace(fresh, updated_at=instant(ports.clock.now()))
    try:
        ports.store.batch(
            [Update(document.path, fresh.to_data(), document.version), entry_write(ports, practice_id, entry)]
        )
    except VersionChanged:
        return False  # somebody is at it; the overlap of the next pull brings it again
    return True


def _fresh(link: ContactLink, by_id: dict[str, ContactSnapshot]) -> ContactLink:
    """Merges are followed as far as these snapshots know them; then the last contact's status counts."""
    contact_id, seen = link.contact_id, {link.contact_id}
    while contact_id in by_id and (merged_to := by_id[contact_id].merged_to):
        contact_id = merged_to
        if contact_id in seen:
            break  # no chain, a circle: Xero would have to be wrong
        seen.add(contact_id)
    state = link.state
    if contact_id in by_id and state != "erased":
        state = "linked" if by_id[contact_id].status == "ACTIVE" else "archived"
    merged = link.merged or contact_id != link.contact_id
    return replace(link, contact_id=contact_id, state=state, merged=merged)
