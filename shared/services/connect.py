"""Connecting a practice to its Xero organisation: consent, exchange, choice.

The state is random, kept hashed, used once, lives ten minutes and belongs to the person who asked and to the browser
that carries the matching cookie. The organisation is one of *this* consent's (its ``authEventId``), never simply the
first in the list.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from shared.domain.errors import InvalidInput, LedgerError
from shared.domain.people import Person
from shared.domain.times import instant, parse_instant
from shared.ports import Ports
from shared.ports.accounting import Connection, TokenSet
from shared.ports.store import VersionChanged
from shared.services import paths
from shared.services.activity_log import Entry, actor_of, record
from shared.services.attach import attach
from shared.services.connections import read_connection
from shared.services.documents import modify
from shared.services.tokens import drop_unused, read_grant, save_new_grant

STATE_LIFETIME = timedelta(minutes=10)


class CallbackRefused(LedgerError):
    """The browser came back with something that must not be accepted; nothing was connected."""

    code = "callback_refused"
    status = 400
    title = "This connection attempt is not valid any more"


@dataclass(frozen=True)
class Started:
    authorize_url: str
    browser_secret: str  # goes into the cookie


@dataclass(frozen=True)
class Outcome:
    """``kind``: connected | choose | none | denied | refused, with the ``error`` that refused it."""

    kind: str
    tenant_name: str | None = None
    choices: tuple[dict[str, str], ...] = ()
    return_to: str | None = None
    error: LedgerError | None = None


def start_connect(ports: Ports, person: Person, return_to: str | None) -> Started:
    check_return_to(ports, return_to)
    state, browser_secret, verifier = (secrets.token_urlsafe(48) for _ in range(3))
    ports.store.create(
        paths.oauth_state(_hash(state)),
        {
            "practice_id": person.practice_id,
            "person": actor_of(person),
            "browser_hash": _hash(browser_secret),
            "code_verifier": verifier if ports.config.pkce else None,
            "return_to": return_to,
            "expires_at": instant(ports.clock.now() + STATE_LIFETIME),
        },
    )
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    url = ports.xero.identity.authorize_url(
        state=state, code_challenge=challenge if ports.config.pkce else None
    )
    return Started(url, browser_secret)


def check_return_to(ports: Ports, return_to: str | None) -> None:
    """Only our own paths and configured prefixes: an open redirect would lend our name to anybody."""
    if return_to is None:
        return
    # As sent and as a proxy or browser may decode it: neither may lead away.
    for form in (return_to, unquote(return_to), unquote(unquote(return_to))):
        own_path = form.startswith("/") and not form.startswith("//")
        allowed = own_path or any(_below(form, prefix) for prefix in ports.config.list("RETURN_URLS"))
        if not (allowed and return_to.isascii() and form.isprintable() and "\\" not in form):
            raise InvalidInput.of("return_to", "use a path of this service or a prefix listed in RETURN_URLS")


def _below(url: str, prefix: str) -> bool:
    """Of the same origin, and the path is the prefix's or below it: ``/app`` allows ``/app/x``, not ``/apple``."""
    try:
        there, allowed = urlsplit(url), urlsplit(prefix)
    except ValueError:
        return False
    same_origin = (there.scheme, there.netloc) == (allowed.scheme, allowed.netloc)
    steps = there.path.split("/")
    folder = allowed.path.rstrip("/") + "/"
    return same_origin and ".." not in steps and f"{there.path}/".startswith(folder)


def finish_connect(ports: Ports, query: dict[str, str], browser_secret: str | None) -> Outcome:
    """The callback. ``query`` is what Xero sent: state with code, or state with error.

    Raises CallbackRefused where the state is not good: then nobody knows who asked, nor where to go back to.
    """
    kept = _take_state(ports, query.get("state", ""), browser_secret)
    practice_id, person, return_to = kept["practice_id"], kept["person"], kept.get("return_to")
    if query.get("error") or not query.get("code"):
        record(
            ports,
            practice_id,
            Entry("connection.denied", "Access was not granted in Xero", person, outcome="failed"),
        )
        return Outcome("denied", return_to=return_to)
    try:
        tokens = ports.xero.identity.exchange(query["code"], code_verifier=kept.get("code_verifier"))
        outcome = _with_tokens(ports, practice_id, person, tokens)
    except LedgerError as error:
        outcome = Outcome("refused", error=error)
    return replace(outcome, return_to=return_to)


def _with_tokens(ports: Ports, practice_id: str, person: dict[str, str], tokens: TokenSet) -> Outcome:
    grant_id = uuid.uuid4().hex
    save_new_grant(ports, grant_id, tokens)
    try:
        return _connect_or_offer(ports, practice_id, person, grant_id, tokens)
    except LedgerError:
        drop_unused(ports, grant_id)
        raise


def _connect_or_offer(
    ports: Ports, practice_id: str, person: dict[str, str], grant_id: str, tokens: TokenSet
) -> Outcome:
    """Exactly one organisation, and no other than before: connected. Else a person chooses."""
    event = tokens.authentication_event_id
    found = [
        c
        for c in ports.xero.identity.connections(tokens.access_token, authentication_event_id=event)
        if c.tenant_type == "ORGANISATION"
    ]
    if not found:
        drop_unused(ports, grant_id)
        return Outcome("none")
    before = read_connection(ports, practice_id)
    if len(found) == 1 and before.tenant_id in (None, found[0].tenant_id):
        return Outcome("connected", attach(ports, practice_id, grant_id, found[0], person))
    choices = [
        {"tenant_id": c.tenant_id, "tenant_name": c.tenant_name, "connection_id": c.connection_id}
        for c in found
    ]
    waiting = {"choices": choices, "choice_grant_id": grant_id}
    choosing: dict[str, Any] = {} if before.status == "connected" else {"status": "choosing"}
    modify(ports.store, paths.connection(practice_id), lambda data: data | waiting | choosing)
    drop_unused(ports, before.data.get("choice_grant_id"))  # the choice that was left open before
    return Outcome("choose", choices=tuple(choices))


def select_organisation(ports: Ports, person: Person, tenant_id: str) -> str:
    """Connect one of the organisations that the last consent offered; gives its name."""
    connection = read_connection(ports, person.practice_id)
    offered = {c["tenant_id"]: c for c in connection.data.get("choices", [])}
    if tenant_id not in offered:
        names = ", ".join(f"{c['tenant_name']} ({t})" for t, c in offered.items()) or "none; connect first"
        raise InvalidInput.of("tenant_id", f"choose one of the organisations just consented to: {names}")
    grant_id = connection.data["choice_grant_id"]
    read_grant(ports, grant_id)  # NotConnected when the choice was left open so long that it has lapsed
    row = offered[tenant_id]
    chosen = Connection(row["connection_id"], tenant_id, row["tenant_name"], "ORGANISATION", None)
    return attach(ports, person.practice_id, grant_id, chosen, actor_of(person))


def _take_state(ports: Ports, state: str, browser_secret: str | None) -> dict[str, Any]:
    """The kept state, now used up. The cookie is checked first, so that a stranger cannot use it up for others."""
    refused = CallbackRefused(
        "Start again from the clinic's page: this link was used before, is too old, or was "
        "opened in another browser than the one that asked for it."
    )
    document = ports.store.get(paths.oauth_state(_hash(state)))
    if document is None:
        raise refused
    if not hmac.compare_digest(document.data["browser_hash"], _hash(browser_secret or "")):
        raise refused
    try:
        ports.store.delete(document.path, version=document.version)
    except VersionChanged:
        raise refused from None
    if ports.clock.now() >= parse_instant(document.data["expires_at"]):
        raise refused
    return document.data


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
