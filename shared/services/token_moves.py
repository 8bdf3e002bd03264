"""Token sets on the move between stores, and those that nobody points at any more.

A grant's document names its secret, and the name says which store has it. So a token set moves while everything runs:
copied under the grant's lease, pointed at, then deleted where it was. What a crash leaves behind is a copy that no
grant names; the sweep finds it.
"""

from __future__ import annotations

from datetime import timedelta

from shared.domain.times import instant, parse_instant
from shared.ports import Ports
from shared.ports.secrets import TOKEN_STORES, SecretMissing
from shared.services import paths
from shared.services.documents import each_document, modify
from shared.services.leases import lease
from shared.services.tokens import CLOCKS_DIFFER, LEASE_SECONDS, Grant, read_grant, secret_name_for

SWEEP = "sweeps/secrets"
#: A consent takes seconds between its secret and its grant; a secret without one at two sweeps is nobody's.
SWEEP_EVERY = timedelta(days=1)


def move_all(ports: Ports) -> dict[str, int]:
    """Every grant's token set to where TOKEN_STORE says; how many moved, were there already, are busy or have none.

    May be run again at any time, and is to be run again while any was busy.
    """
    counts = {"moved": 0, "there": 0, "busy": 0, "empty": 0}
    for document in list(each_document(ports.store, "grants")):
        counts[_move(ports, document.id)] += 1
    return counts


def _move(ports: Ports, grant_id: str) -> str:
    with lease(ports, f"grant-{grant_id}", LEASE_SECONDS, skew=CLOCKS_DIFFER) as held:
        if not held:
            return "busy"  # it is being renewed
        grant = read_grant(ports, grant_id)
        target = secret_name_for(ports, grant_id)
        if grant.secret_name == target:
            return "there"
        # A version newer than the pointer is what a crash left, and the live one.
        newest = max([grant.version, *ports.secrets.versions(grant.secret_name)])
        try:
            payload = ports.secrets.access(grant.secret_name, newest)
        except SecretMissing:
            return "empty"
        version = ports.secrets.add(target, payload)
        return "moved" if _point(ports, grant, target, version, newest) else "busy"


def _point(ports: Ports, grant: Grant, target: str, version: int, copied: int) -> bool:
    def moved(data: dict[str, object]) -> dict[str, object] | None:
        if (data.get("secret_name"), data.get("version")) != (grant.secret_name, grant.version):
            return None
        # An orphan's own expiry is not known here: the next use renews it at once.
        expiry = {} if copied == grant.version else {"expires_at": data["refreshed_at"]}
        return data | {"secret_name": target, "version": version} | expiry

    after = modify(ports.store, paths.grant(grant.id), moved)
    if after is None or after.data["secret_name"] != target:
        return False
    ports.secrets.delete(grant.secret_name)
    return True


def sweep_secrets(ports: Ports) -> int:
    """Deletes the token sets that no grant names, once a day; gives how many. Crashes leave them: between a consent's
    secret and its grant, or while one was moved."""
    now = ports.clock.now()
    known = ports.store.get(SWEEP)
    before: set[str] = set(known.data["strangers"]) if known else set()
    if known and now < parse_instant(known.data["at"]) + SWEEP_EVERY:
        return 0
    names = [name for prefix in TOKEN_STORES.values() for name in ports.secrets.names(prefix)]
    strangers = _strangers(ports, names)
    ports.store.put(SWEEP, {"at": instant(now), "strangers": sorted(strangers - before)})
    return sum(_delete_stranger(ports, name) for name in sorted(strangers & before))


def _delete_stranger(ports: Ports, name: str) -> bool:
    with lease(ports, f"grant-{_grant_id(name)}", LEASE_SECONDS, skew=CLOCKS_DIFFER) as held:
        if not held or not _strangers(ports, [name]):
            return False
        ports.secrets.delete(name)
        return True


def _strangers(ports: Ports, names: list[str]) -> set[str]:
    """Those that no grant names."""
    at = {name: paths.grant(_grant_id(name)) for name in names}
    grants = ports.store.get_many(list(at.values()))
    return {n for n, path in at.items() if path not in grants or grants[path].data["secret_name"] != n}


def _grant_id(secret_name: str) -> str:
    prefix = next(prefix for prefix in TOKEN_STORES.values() if secret_name.startswith(prefix))
    return secret_name.removeprefix(prefix)
