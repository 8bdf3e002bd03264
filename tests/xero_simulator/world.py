"""One simulated Xero: its organisations and everything it remembers. A reset makes another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from .applications import WEBHOOK_KEY, Application
from .clock import Clock
from .connections import Connections
from .courier import Courier
from .faults import Faults
from .idempotency import Idempotency
from .interface import Books, Reply
from .limits import DAY, Limits
from .messages import Response, json_response, text_response
from .persistence import Store, Work
from .recorder import Recorder
from .tokens import Tokens
from .webhooks import Webhooks

BooksFactory = Callable[[datetime], Iterable[Books]]


@dataclass(frozen=True)
class Settings:
    """What a simulator is started with."""

    application: Application = field(default_factory=Application)
    webhook_url: str = ""
    webhook_key: str = WEBHOOK_KEY
    day_limit: int = DAY


@dataclass
class Organisation:
    """The books of one organisation, touched by one request at a time."""

    books: Books
    lock: threading.Lock = field(default_factory=threading.Lock)


class World:
    """Loads what the store has kept, or begins with the demo organisations."""

    def __init__(self, settings: Settings, store: Store, make_books: BooksFactory) -> None:
        self.application = settings.application
        self._store = store
        self.clock = Clock(float(store.load("clock").get("offset", 0.0)))
        self.tokens = Tokens(self.clock, store)
        self.connections = Connections(self.clock, store)
        self.limits = Limits(self.clock, settings.day_limit)
        self.idempotency = Idempotency(self.clock, store)
        self.faults = Faults()
        self.webhooks = Webhooks(self.clock, store, settings.webhook_url, settings.webhook_key)
        self.recorder = Recorder()
        self.organisations = {books.tenant_id: Organisation(books) for books in make_books(self.clock.now())}
        self.courier = Courier(self.webhooks, self.work)
        self._load_books()

    def work(self) -> Work:
        return Work(self._store)

    def collect(self, organisation: Organisation, work: Work) -> None:
        """Take the books' changed documents and events into this work; the organisation's lock is held."""
        books = organisation.books
        for key, document in books.take_dirty().items():
            work.put(_kind(books), key, document)
        events = books.take_events()
        if events and self.connections.is_connected(books.tenant_id):
            self.webhooks.add(books.tenant_id, events, work)

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        work = self.work()
        work.put_newest("clock", "offset", lambda: self.clock.offset)
        work.commit()

    def _load_books(self) -> None:
        """A new state file gets the demo documents; an old one gives its own back."""
        work = self.work()
        for organisation in self.organisations.values():
            books = organisation.books
            kept = self._store.load(_kind(books), exact=True)
            if kept:
                books.load(kept)
            for key, document in books.take_dirty().items():
                work.put(_kind(books), key, document)
            books.take_events()
        self.tokens.save_signing_key(work)
        work.commit()


def _kind(books: Books) -> str:
    return f"books {books.tenant_id}"


def response_of(reply: Reply) -> Response:
    """The books' answer as bytes."""
    if reply.body is None:
        return Response(reply.status, b"", dict(reply.headers))
    if isinstance(reply.body, bytes):
        return Response(reply.status, reply.body, {"Content-Type": reply.content_type, **reply.headers})
    if isinstance(reply.body, str):
        response = text_response(reply.status, reply.body, reply.content_type)
    else:
        response = json_response(reply.status, reply.body, {"Content-Type": reply.content_type})
    response.headers |= reply.headers
    return response
