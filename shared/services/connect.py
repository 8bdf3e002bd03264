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
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from shared.domain.errors import Conflict, InvalidInput, LedgerError, XeroError
from shared.domain.people import Person
from shared.domain.time_zones import iana_name
from shared.domain.times import instant, parse_instant
from shared.ports import Ports
from shared.ports.accounting import Connection
from shared.ports.store import VersionChanged, Where
from shared.services import paths
from shared.services.activity_log import Entry, actor_of, record
from shared.services.connections import read_connection, read_tenant
from shared.services.documents import modify
from shared.services.drain import requeue_waiting
from shared.services.drain_tasks import wake_pull
from shared.services.tokens import access_token, drop_tokens, read_grant, save_new_grant

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
    """``kind``: connected | choose | none | denied."""

    kind: str
    tenant_name: str | None = None
    choices: tuple[dict[str, str], ...] = ()
    return_to: str | None = None


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
    own_path = return_to.startswith("/") and not return_to.startswith("//") and "\\" not in return_to
    allowed = any(_below(return_to, prefix) for prefix in ports.config.list("RETURN_URLS"))
    if not return_to.isprintable() or not (own_path or allowed):
        raise InvalidInput.of("return_to", "use a path of this service or a prefix listed in RETURN_URLS")


def _below(url: str, prefix: str) -> bool:
    there, allowed = urlsplit(url), urlsplit(prefix)
    same_origin = (there.scheme, there.netloc) == (allowed.scheme, allowed.netloc)
    return same_origin and "\\" not in url and there.path.startswith(allowed.path)


def finish_connect(ports: Ports, query: dict[str, str], browser_secret: str | None) -> Outcome:
    """The callback. ``query`` is what Xero sent: state with code, or state with error."""
    kept = _take_state(ports, query.get("state", ""), browser_secret)
    practice_id, person, return_to = kept["practice_id"], kept["person"], kept.get("return_to")
    if query.get("error") or not query.get("code"):
        record(
            ports,
            practice_id,
            Entry("connection.denied", "Access was not granted in Xero", person, outcome="failed"),
        )
        return Outcome("denied", return_to=return_to)
    tokens = ports.xero.identity.exchange(query["code"], code_verifier=kept.get("code_verifier"))
    grant_id = uuid.uuid4().hex
    save_new_grant(ports, grant_id, tokens)
    event = tokens.authentication_event_id
    found = [
        c
        for c in ports.xero.identity.connections(tokens.access_token, authentication_event_id=event)
        if c.tenant_type == "ORGANISATION"
    ]
    if not found:
        drop_tokens(ports, read_grant(ports, grant_id))
        return Outcome("none", return_to=return_to)
    before = read_connection(ports, practice_id)
    if len(found) == 1 and before.tenant_id in (None, found[0].tenant_id):
        return Outcome(
            "connected", _attach(ports, practice_id, grant_id, found[0], person), return_to=return_to
        )
    choices = tuple(
        {"tenant_id": c.tenant_id, "tenant_name": c.tenant_name, "connection_id": c.connection_id}
        for c in found
    )
    waiting = {"choices": list(choices), "choice_grant_id": grant_id, "choice_by": person}
    choosing: dict[str, Any] = {} if before.status == "connected" else {"status": "choosing"}
    modify(ports.store, paths.connection(practice_id), lambda data: data | waiting | choosing)
    return Outcome("choose", choices=choices, return_to=return_to)


def select_organisation(ports: Ports, person: Person, tenant_id: str) -> str:
    """Connect one of the organisations that the last consent offered; gives its name."""
    connection = read_connection(ports, person.practice_id)
    offered = {c["tenant_id"]: c for c in connection.data.get("choices", [])}
    if tenant_id not in offered:
        names = ", ".join(f"{c['tenant_name']} ({t})" for t, c in offered.items()) or "none; connect first"
        raise InvalidInput.of("tenant_id", f"choose one of the organisations just consented to: {names}")
    row = offered[tenant_id]
    chosen = Connection(row["connection_id"], tenant_id, row["tenant_name"], "ORGANISATION", None)
    return _attach(ports, person.practice_id, connection.data["choice_grant_id"], chosen, actor_of(person))


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


def _attach(ports: Ports, practice_id: str, grant_id: str, chosen: Connection, person: dict[str, str]) -> str:
    before = read_connection(ports, practice_id)
    _claim_tenant(ports, practice_id, grant_id, chosen)
    facts = _organisation_facts(ports, grant_id, chosen)
    data = {
        "status": "connected",
        "tenant_id": chosen.tenant_id,
        "connection_id": chosen.connection_id,
        "grant_id": grant_id,
        "connected_by": person,
        "connected_at": instant(ports.clock.now()),
        **facts,
    }
    ports.store.put(paths.connection(practice_id), data)
    name = str(facts["tenant_name"])
    record(
        ports,
        practice_id,
        Entry(
            "connection.connected",
            f"Connected to {name}",
            person,
            before={"tenant_id": before.tenant_id, "status": before.status},
            after={"tenant_id": chosen.tenant_id, "status": "connected"},
        ),
    )
    _drop_unused_grant(ports, before.grant_id, grant_id)
    requeue_waiting(ports, practice_id)  # what was made while disconnected flows by itself
    wake_pull(ports.tasks, chosen.tenant_id, ports.clock.now())
    return name


def _claim_tenant(ports: Ports, practice_id: str, grant_id: str, chosen: Connection) -> None:
    owner = read_tenant(ports, chosen.tenant_id).get("practice_id")
    if owner and owner != practice_id:
        other = read_connection(ports, owner)
        if other.status == "connected" and other.tenant_id == chosen.tenant_id:
            raise Conflict(
                "This organisation is already connected by another practice; disconnect it there first",
                code="organisation_taken",
            )
    mine = {"practice_id": practice_id, "grant_id": grant_id, "connection_id": chosen.connection_id}
    modify(ports.store, paths.tenant(chosen.tenant_id), lambda data: data | mine)


def _organisation_facts(ports: Ports, grant_id: str, chosen: Connection) -> dict[str, Any]:
    """Name, zone and currency of the organisation; only the name if Xero does not answer just now."""
    try:
        organisation = ports.xero.accounting(chosen.tenant_id, access_token(ports, grant_id)).organisation()
    except XeroError:
        return {"tenant_name": chosen.tenant_name}
    return {
        "tenant_name": organisation.name or chosen.tenant_name,
        "short_code": organisation.short_code,
        "base_currency": organisation.base_currency,
        "country_code": organisation.country_code,
        "time_zone": iana_name(organisation.time_zone),
    }


def _drop_unused_grant(ports: Ports, old: str | None, new: str) -> None:
    """A replaced grant's tokens are destroyed unless a sibling organisation still lives on it. It is not revoked:
    revoking removes all of that person's connections, the new one too."""
    if not old or old == new:
        return
    if not ports.store.query("tenants", where=[Where("grant_id", "==", old)], limit=1).items:
        drop_tokens(ports, read_grant(ports, old))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
