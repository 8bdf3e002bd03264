"""What the simulator's HTTP edge and its accounting books agree on.

The edge (``server.py`` and its neighbours) speaks OAuth, limits, faults, idempotency and webhooks; the
books (``accounting/``) know contacts, invoices, payments and their rules. They meet here and only here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


def _refuse_nothing(index: int) -> str | None:
    return None


@dataclass(frozen=True)
class Call:
    """One request to ``/api.xro/2.0/<path>``, already authorised and inside its limits."""

    method: str  # GET, POST, PUT, DELETE
    path: tuple[str, ...]  # ("Invoices", "<id>", "History"): decoded segments after /api.xro/2.0/
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    now: datetime  # the simulator's clock, aware UTC
    client_id: str  # the calling app; documents remember it for createdByMyApp
    #: A planned fault's message for the element of this index that is to be refused although it is fine.
    refusal: Callable[[int], str | None] = _refuse_nothing


@dataclass(frozen=True)
class Reply:
    """The books' answer: ``body`` is JSON-ready (Decimal allowed), text, or None for an empty body."""

    status: int
    body: Any = None
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """A change that Xero would announce by webhook."""

    category: str  # INVOICE, CONTACT, CREDITNOTE
    kind: str  # CREATE, UPDATE
    resource_id: str
    at: datetime
    data: dict[str, str] | None = None  # CREDITNOTE carries {"Type", "Status"}


class Books(Protocol):
    """One organisation's books. Not thread-safe: the edge holds the organisation's lock around each call."""

    tenant_id: str
    name: str  # as /connections shows it
    offline: bool  # 503 in plain text, "The Organisation is offline"

    def handle(self, call: Call) -> Reply: ...

    def take_events(self) -> list[Event]:
        """The events since last asked, oldest first; forgets them."""

    def take_dirty(self) -> dict[str, dict[str, Any] | None]:
        """Documents changed since last asked, ``{key: JSON-ready document or None if gone}``; forgets them."""

    def load(self, documents: Mapping[str, dict[str, Any]]) -> None:
        """Take over documents that ``take_dirty`` gave earlier, in place of the demo data."""

    def snapshot(self) -> dict[str, list[dict[str, Any]]]:
        """``{"contacts", "invoices", "payments", "credit_notes"}`` in Xero's own shapes."""

    def by_hand(
        self, kind: str, resource_id: str, action: str, fields: dict[str, Any], now: datetime
    ) -> Reply:
        """What a person does in Xero's own pages.

        kind ``invoices``: pay, void, delete, edit; ``contacts``: archive, restore, merge, edit;
        ``organisation`` (resource_id ""): set lock dates, plan, time zone, offline.
        """


# tests.xero_simulator.accounting.demo gives:  def demo_books(now: datetime) -> list[Books]
