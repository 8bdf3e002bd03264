"""A contact changed in Xero: merged into another, archived, restored. Its details there are the clinic's own affair."""

from __future__ import annotations

from dataclasses import replace

from shared.domain.links import ContactLink
from shared.domain.times import instant
from shared.domain.xero_records import ContactSnapshot
from shared.ports import Ports
from shared.ports.store import Update, VersionChanged, Where
from shared.services import paths
from shared.services.activity_log import SYSTEM, Entry, entry_write


def converge_contact(ports: Ports, practice_id: str, snapshot: ContactSnapshot) -> bool:
    """True when the link changed."""
    page = ports.store.query(
        paths.contact_links(practice_id), where=[Where("contact_id", "==", snapshot.contact_id)], limit=1
    )
    if not page.items:
        return False
    document = page.items[0]
    link = ContactLink.from_data(document.data)
    fresh = _fresh(link, snapshot)
    if fresh == link:
        return False
    entry = Entry(
        action="contact.changed_in_xero",
        sentence="Contact merged into another in Xero"
        if snapshot.merged_to
        else f"Contact {fresh.state} in Xero",
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


def _fresh(link: ContactLink, snapshot: ContactSnapshot) -> ContactLink:
    if snapshot.merged_to:
        return replace(link, contact_id=snapshot.merged_to)
    if link.state == "erased":
        return link
    return replace(link, state="linked" if snapshot.status == "ACTIVE" else "archived")
