"""What changed in Xero comes back: a webhook is only a hint, this is the truth.

Asks for everything of ours modified since the tenant's cursor and brings the links up to it. The cursor is Xero's own
clock from the answer, never ours, and a few minutes overlap: Xero's times are to the second and not all changes of
one second need be visible at once. Repeats, disorder and lost webhooks are harmless, because converging twice changes
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.errors import ConnectionLost, LedgerError, NotFound, Paused, XeroError
from shared.domain.links import UNAPPROVED, InvoiceLink, is_paid, link_after
from shared.domain.times import instant, parse_instant
from shared.domain.xero_records import ContactSnapshot, InvoiceSnapshot, RecordProblem
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.ports.store import Document, Update, VersionChanged
from shared.services import paths
from shared.services.activity_log import SYSTEM, Entry, entry_write, record
from shared.services.approve_by_rule import approve_by_rule
from shared.services.connections import (
    note_usage,
    open_accounting,
    pause,
    practice_of,
    read_connection,
    read_tenant,
    recover_or_lose,
)
from shared.services.contact_changes import converge_contacts
from shared.services.documents import find_by, modify
from shared.services.organisation_facts import complete_facts

OVERLAP = timedelta(minutes=5)
PAGE_SIZE = 1000
#: How soon to come back when Xero cannot be reached, in steps of the clock: all that came meanwhile comes back as one.
RETRY_SECONDS = 30
#: An outage of hours must not use up the day's calls: the wait grows with its length, up to this.
LONGEST_RETRY_SECONDS = 600
#: Xero announces a change within seconds and tries again at once: one that old should have been announced.
ANNOUNCED_WITHIN = timedelta(minutes=15)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Pulled:
    """``retry_at``: when to come back, None when the pull is complete or a person is needed."""

    invoices_seen: int = 0
    drafts_seen: int = 0
    links_changed: int = 0
    contacts_seen: int = 0
    contacts_changed: int = 0
    problems: list[RecordProblem] = field(default_factory=list)
    latest_change: datetime = LONG_AGO  # Xero's time of the latest change that was news to us
    retry_at: datetime | None = None
    stopped: str | None = None


def pull_changes(
    ports: Ports, tenant_id: str, *, categories: tuple[str, ...] = (), hinted: bool = False
) -> Pulled:
    """What a hint named; both invoices and contacts when nothing was named (the scheduled sweep)."""
    pulled = Pulled()
    try:
        practice_id = practice_of(ports, tenant_id)
    except NotFound:
        pulled.stopped = "unknown_tenant"
        return pulled
    connection = read_connection(ports, practice_id)
    if connection.tenant_id != tenant_id:
        pulled.stopped = (
            "unknown_tenant"  # not this practice's any more: its client would ask another organisation
        )
        return pulled
    if hinted:
        _note(ports, tenant_id, "last_webhook_at")
    try:
        accounting = open_accounting(ports, practice_id)
        complete_facts(ports, connection, accounting)
        if not categories or set(categories) - {"CONTACT"}:
            _pull_invoices(ports, practice_id, tenant_id, accounting, pulled)
        if not categories or "CONTACT" in categories:
            _pull_contacts(ports, practice_id, tenant_id, accounting, pulled)
    except LedgerError as error:
        _stopped(ports, practice_id, tenant_id, error, pulled)
        return pulled
    _note(ports, tenant_id, "last_pull_at", failing_since=None)
    if not hinted:
        _watch_webhook(ports, tenant_id, pulled)
    if not hinted or pulled.drafts_seen:
        approve_by_rule(ports, practice_id, tenant_id)
    note_usage(ports, tenant_id, accounting.usage)
    _record(ports, practice_id, pulled, accounting)
    return pulled


def _pull_invoices(
    ports: Ports, practice_id: str, tenant_id: str, accounting: Accounting, pulled: Pulled
) -> None:
    def converge(records: list[InvoiceSnapshot]) -> None:
        pulled.invoices_seen += len(records)
        pulled.drafts_seen += sum(record.status in UNAPPROVED for record in records)
        by_id = {snapshot.invoice_id: snapshot for snapshot in records}
        links = find_by(ports.store, paths.invoice_links(practice_id), "invoice_id", list(by_id))
        for document in list(links):
            snapshot = by_id[document.data["invoice_id"]]
            if converge_invoice(ports, practice_id, document, snapshot):
                pulled.links_changed += 1
                pulled.latest_change = max(pulled.latest_change, snapshot.updated_at or pulled.latest_change)

    _sweep(ports, tenant_id, "invoices_cursor", accounting.invoices_changed, converge, pulled)


def _pull_contacts(
    ports: Ports, practice_id: str, tenant_id: str, accounting: Accounting, pulled: Pulled
) -> None:
    def converge(records: list[ContactSnapshot]) -> None:
        pulled.contacts_seen += len(records)
        pulled.contacts_changed += converge_contacts(ports, practice_id, records)

    _sweep(ports, tenant_id, "contacts_cursor", accounting.contacts_changed, converge, pulled)


def _sweep(
    ports: Ports, tenant_id: str, cursor_field: str, fetch: Any, converge: Any, pulled: Pulled
) -> None:
    """All pages since the cursor; the cursor moves only when every page is in."""
    text = read_tenant(ports, tenant_id).get(cursor_field)
    since = parse_instant(text) - OVERLAP if text else None
    page_number, as_of = 1, None
    while True:
        page = fetch(since, page=page_number, page_size=PAGE_SIZE)
        as_of = as_of or page.as_of  # what changes while we page is after this and comes with the next pull
        converge(page.records)
        pulled.problems += page.problems
        if page_number >= page.page_count:
            break
        page_number += 1
    new_cursor = instant(as_of)

    def forward(data: dict[str, Any]) -> dict[str, Any] | None:
        return None if data.get(cursor_field, "") >= new_cursor else data | {cursor_field: new_cursor}

    modify(ports.store, paths.tenant(tenant_id), forward)


def converge_invoice(
    ports: Ports, practice_id: str, document: Document | None, snapshot: InvoiceSnapshot
) -> bool:
    """Bring one link up to what Xero says, with its log entry; True when it changed. An older answer never wins."""
    for _ in range(6):
        if document is None or document.data["invoice_id"] != snapshot.invoice_id:
            return False
        link = InvoiceLink.from_data(document.data)
        fresh = link_after(link, snapshot, instant(ports.clock.now()))
        if fresh is None:
            return False
        shown = ("status", "total", "amount_due", "amount_paid", "amount_credited")
        entry = Entry(
            action="invoice.paid" if is_paid(fresh) and not is_paid(link) else "invoice.changed_in_xero",
            sentence="Paid in Xero" if is_paid(fresh) and not is_paid(link) else "Changed in Xero",
            actor=dict(SYSTEM),
            subject={"appointment_id": link.appointment_id},
            before={name: getattr(link, name) for name in shown},
            after={name: getattr(fresh, name) for name in shown},
            xero_id=link.invoice_id,
        )
        try:
            ports.store.batch(
                [
                    Update(document.path, fresh.to_data(), document.version),
                    entry_write(ports, practice_id, entry),
                ]
            )
            return True
        except VersionChanged:
            document = ports.store.get(document.path)
    return False  # it keeps changing under us; the overlap of the next pull brings it


def _note(ports: Ports, tenant_id: str, name: str, **others: str | None) -> None:
    now = instant(ports.clock.now())
    modify(ports.store, paths.tenant(tenant_id), lambda data: data | {name: now} | others)


def _retry_at(ports: Ports, tenant_id: str) -> datetime:
    """A third of the outage so far from now, on a step of the clock that everybody who fails meanwhile shares."""
    now = ports.clock.now()
    since = read_tenant(ports, tenant_id).get("failing_since")
    if since is None:
        _note(ports, tenant_id, "failing_since")
    gone_by = (now - parse_instant(since)).total_seconds() if since else 0.0
    wait = min(max(gone_by / 3, RETRY_SECONDS), LONGEST_RETRY_SECONDS)
    step = int(wait // RETRY_SECONDS) * RETRY_SECONDS
    return datetime.fromtimestamp((int(now.timestamp()) // step + 1) * step, UTC)


def _watch_webhook(ports: Ports, tenant_id: str, pulled: Pulled) -> None:
    """The sweep found a change that Xero should have announced, and no webhook came since: a person is told."""
    last = read_tenant(ports, tenant_id).get("last_webhook_at")
    announced = last is not None and parse_instant(last) >= pulled.latest_change
    old_enough = ports.clock.now() - pulled.latest_change > ANNOUNCED_WITHIN
    if pulled.latest_change > LONG_AGO and old_enough and not announced:
        _note(ports, tenant_id, "webhook_missed_at")


def _stopped(ports: Ports, practice_id: str, tenant_id: str, error: LedgerError, pulled: Pulled) -> None:
    """Why the pull did not get through, and when to come back."""
    pulled.stopped = error.code
    now = ports.clock.now()
    if isinstance(error, Paused):
        pulled.retry_at = error.until or pause(ports, tenant_id, error.problem, error.retry_after)
    elif isinstance(error, ConnectionLost):
        if recover_or_lose(ports, practice_id, error):
            pulled.retry_at = now + timedelta(seconds=3)
    elif error.retry or isinstance(error, XeroError):
        pulled.retry_at = _retry_at(ports, tenant_id)
    entry = Entry(
        "pull",
        error.detail,
        dict(SYSTEM),
        outcome="waiting" if pulled.retry_at else "failed",
        code=error.code,
    )
    record(ports, practice_id, entry)


def _record(ports: Ports, practice_id: str, pulled: Pulled, accounting: Accounting) -> None:
    """One entry per pull, and one per record that could not be read: set aside, the rest went on."""
    sentence = f"Asked Xero what changed: {pulled.links_changed} of {pulled.invoices_seen} invoices"
    entries = [
        Entry(
            "pull",
            sentence,
            dict(SYSTEM),
            after={
                "invoices_seen": pulled.invoices_seen,
                "links_changed": pulled.links_changed,
                "contacts_seen": pulled.contacts_seen,
                "contacts_changed": pulled.contacts_changed,
                "unreadable": len(pulled.problems),
            },
            calls_left_minute=accounting.usage.minute,
            calls_left_day=accounting.usage.day,
        )
    ]
    entries += [
        Entry(
            "pull.unreadable",
            f"A {p.kind} from Xero could not be read: {p.reason}",
            dict(SYSTEM),
            outcome="failed",
            xero_id=p.record_id,
            code="unreadable_record",
        )
        for p in pulled.problems[:50]
    ]
    ports.store.batch([entry_write(ports, practice_id, entry) for entry in entries])
