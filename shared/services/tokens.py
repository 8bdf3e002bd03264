"""The access token of a grant: refreshed before it expires, by one at a time, surviving a crash at any point.

A grant is one consent: one token set, shared by all organisations of that consent. The token set is a secret with
versions; the grant document points at the version in use. The order of a refresh is what makes it safe:

1. take the lease, read the grant again;
2. a secret version newer than the pointer is what a crash left: it is the live one, point at it and stop;
3. note that we ask, and ask Xero; if we die before step 4, Xero lets the old refresh token work for 30
   minutes more, and the next use asks again;
4. add the new version; if we die before step 5, step 2 finds it;
5. point at it; 6. destroy the versions before the previous one.

The previous version stays until the next refresh, that is until the new one has been used.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.errors import Busy, ConnectionLost, NotConnected, NotSent, Rejected, StoreUnavailable
from shared.domain.times import instant, parse_instant
from shared.ports import Ports
from shared.ports.accounting import TokenSet
from shared.ports.secrets import TOKEN_STORES, SecretMissing
from shared.ports.store import Where
from shared.services import paths
from shared.services.documents import modify
from shared.services.leases import lease

#: By how much the clocks of our machines may disagree without anybody using a dead token or asking Xero twice.
CLOCKS_DIFFER = timedelta(minutes=5)
#: Early enough that, while one renews it, the others may go on with what they have whatever their clocks say.
REFRESH_BEFORE = 2 * CLOCKS_DIFFER
#: Longer than the token endpoint's timeouts, so that a slow holder is not overtaken.
LEASE_SECONDS = 45


@dataclass(frozen=True)
class Grant:
    """Stored under ``grants/{id}``. ``status``: active | needs_reconnect | revoked."""

    id: str
    secret_name: str
    version: int
    status: str
    expires_at: str
    scopes: list[str]
    refreshed_at: str
    reason: str | None = None
    asked_at: str | None = None  # a renewal was asked for and what came of it is not known (yet)


def read_grant(ports: Ports, grant_id: str) -> Grant:
    document = ports.store.get(paths.grant(grant_id))
    if document is None:
        raise NotConnected()
    return Grant(id=grant_id, **{k: v for k, v in document.data.items() if k in Grant.__dataclass_fields__})


def secret_name_for(ports: Ports, grant_id: str) -> str:
    """Where a token set is kept from now on."""
    return TOKEN_STORES[ports.config["TOKEN_STORE"]] + grant_id


def save_new_grant(ports: Ports, grant_id: str, tokens: TokenSet) -> Grant:
    """Keep the token set of a fresh consent; the secret first, so that the pointer never points at nothing."""
    secret_name = secret_name_for(ports, grant_id)
    version = ports.secrets.add(secret_name, _pack(tokens))
    data = {"secret_name": secret_name} | _pointer(ports, tokens, version)
    ports.store.put(paths.grant(grant_id), data)
    return read_grant(ports, grant_id)


def access_token(ports: Ports, grant_id: str, *, force: bool = False) -> str:
    """A bearer that is good for minutes yet. ``force`` refreshes whatever the expiry says.

    Raises ConnectionLost when a person must reconnect, Busy when somebody else is refreshing a token that cannot be
    used meanwhile, NotSent, Paused or AnswerLost when Xero's identity service cannot be reached or refuses our app.
    """
    grant = _active(ports, grant_id)
    if not force and not _due(grant, ports.clock.now()):
        return _read(ports, grant).access_token
    with lease(ports, f"grant-{grant_id}", LEASE_SECONDS, skew=CLOCKS_DIFFER) as held:
        again = _active(ports, grant_id)
        if again.version != grant.version and not _due(again, ports.clock.now()):
            return _read(ports, again).access_token
        if held:
            return _refresh(ports, again).access_token
        if not force and ports.clock.now() < parse_instant(again.expires_at) - CLOCKS_DIFFER:
            return _read(ports, again).access_token  # still good while the holder fetches the next
        raise Busy("the connection is being renewed right now; try again in a few seconds")


def _active(ports: Ports, grant_id: str) -> Grant:
    """The grant, if it may be used; one that was dropped is as lost as one that Xero refused."""
    try:
        grant = read_grant(ports, grant_id)
    except NotConnected:
        raise ConnectionLost("disconnected") from None
    if grant.status != "active":
        raise ConnectionLost(grant.reason or "revoked")
    return grant


def _due(grant: Grant, now: datetime) -> bool:
    return grant.asked_at is not None or now >= parse_instant(grant.expires_at) - REFRESH_BEFORE


def _refresh(ports: Ports, grant: Grant) -> TokenSet:
    orphan = max(ports.secrets.versions(grant.secret_name), default=grant.version)
    if orphan > grant.version:
        tokens = _unpack(ports.secrets.access(grant.secret_name, orphan))
        if ports.clock.now() < tokens.expires_at - REFRESH_BEFORE:
            _point_at(ports, grant, tokens, orphan)
            return tokens
        grant = _with_version(grant, orphan)
    old = _read(ports, grant)
    _note_asking(ports, grant)
    try:
        tokens = ports.xero.identity.refresh(old.refresh_token)
    except ConnectionLost as lost:
        # Somebody may have refreshed with this very token meanwhile: only a second look makes it final.
        again = _active(ports, grant.id)
        if again.version > grant.version and not _due(again, ports.clock.now()):
            return _read(ports, again)
        mark_lost(ports, grant.id, lost.reason, version=again.version)
        raise
    except Rejected as refused:
        # Of our app's secret, or from something in between; it says nothing of what is to be sent, which waits.
        raise NotSent(refused.detail, code=refused.code, http_status=refused.http_status) from None
    version = ports.secrets.add(grant.secret_name, _pack(tokens))
    _point_at(ports, grant, tokens, version)
    return tokens


def _note_asking(ports: Ports, grant: Grant) -> None:
    """Kept before Xero is asked. If the answer is lost, or we die, Xero has perhaps renewed, and lets the old refresh
    token ask again for half an hour only: the next use does that, not the one after the access token's expiry."""
    asked = {"asked_at": instant(ports.clock.now())}
    modify(ports.store, paths.grant(grant.id), lambda data: data | asked if data else None)


def _point_at(ports: Ports, grant: Grant, tokens: TokenSet, version: int) -> None:
    def newer(data: dict[str, object]) -> dict[str, object] | None:
        if not data or (data["secret_name"] == grant.secret_name and int(str(data["version"])) >= version):
            return None
        # The name too: moved elsewhere while Xero answered, what was moved is the older set.
        return data | {"secret_name": grant.secret_name} | _pointer(ports, tokens, version)

    if modify(ports.store, paths.grant(grant.id), newer) is None:
        # Disconnected while Xero answered: what was just added must not outlive the grant.
        ports.secrets.delete(grant.secret_name)
        raise ConnectionLost("disconnected")
    _destroy_before(ports, grant.secret_name, version - 1)


def _destroy_before(ports: Ports, secret_name: str, version: int) -> None:
    try:
        for old in ports.secrets.versions(secret_name):
            if old < version:
                ports.secrets.destroy(secret_name, old)
    except StoreUnavailable:
        return  # the token set is safe and in use; the next refresh destroys these too


def mark_lost(ports: Ports, grant_id: str, reason: str, *, version: int | None = None) -> None:
    """The grant needs a person; nothing is retried until a new consent replaces it. With ``version`` only if that
    is still the one in use: what was said of an older token set says nothing of a newer one."""

    def lost(data: dict[str, object]) -> dict[str, object] | None:
        if not data or (version is not None and data["version"] != version):
            return None
        return data | {"status": "needs_reconnect", "reason": reason}

    modify(ports.store, paths.grant(grant_id), lost)


def is_used(ports: Ports, grant_id: str) -> bool:
    """Whether an organisation lives on the grant."""
    return bool(ports.store.query("tenants", where=[Where("grant_id", "==", grant_id)], limit=1).items)


def drop_unused(ports: Ports, grant_id: str | None) -> None:
    """Destroys the token set that no organisation lives on any more: revoked, replaced, or never chosen."""
    document = ports.store.get(paths.grant(grant_id)) if grant_id else None
    if document is None or is_used(ports, document.id):
        return
    ports.secrets.delete(document.data["secret_name"])
    ports.store.delete(document.path)


def refresh_token_of(ports: Ports, grant: Grant) -> str:
    return _read(ports, grant).refresh_token


def _pointer(ports: Ports, tokens: TokenSet, version: int) -> dict[str, object]:
    return {
        "version": version,
        "status": "active",
        "reason": None,
        "expires_at": instant(tokens.expires_at),
        "scopes": list(tokens.scopes),
        "refreshed_at": instant(ports.clock.now()),
        "asked_at": None,
    }


def _where(grant: Grant) -> tuple[str, int]:
    return grant.secret_name, grant.version


def _with_version(grant: Grant, version: int) -> Grant:
    return Grant(**{**vars(grant), "version": version})


def _read(ports: Ports, grant: Grant) -> TokenSet:
    try:
        return _unpack(ports.secrets.access(grant.secret_name, grant.version))
    except SecretMissing:
        # Others may have refreshed twice since we read the pointer, or moved it, and destroyed what it pointed at.
        again = _active(ports, grant.id)
        if _where(again) != _where(grant):
            return _read(ports, again)
        mark_lost(ports, grant.id, "tokens_missing", version=again.version)
        raise ConnectionLost("tokens_missing") from None


def _pack(tokens: TokenSet) -> bytes:
    return json.dumps({**vars(tokens), "expires_at": instant(tokens.expires_at)}).encode()


def _unpack(payload: bytes) -> TokenSet:
    data = json.loads(payload)
    # A token set without an expiry counts as expired: it must never be used for ever.
    expires_at = parse_instant(data.get("expires_at") or "1970-01-01T00:00:00Z")
    return TokenSet(**{**data, "expires_at": expires_at, "scopes": tuple(data["scopes"])})
