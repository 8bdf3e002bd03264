"""The keys that seal token sets in the document store, kept as one secret: JSON
``{"primary": id, "since": instant, "keys": {id: key}}``.

New payloads are sealed with the primary key; the others still open what they sealed. Every change of the ring is a new
version of the secret that holds all keys that are still needed, so the newest version is always enough.
"""

from __future__ import annotations

import base64
import json
import secrets as random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.errors import Conflict, StoreUnavailable
from shared.domain.times import instant, parse_instant
from shared.ports.secrets import SecretMissing, Secrets

KEY_BYTES = 32
#: How long an instance uses a ring without looking again. A key it does not know makes it look at once.
KEEP_SECONDS = 600.0
MISSING = (
    "There is no key ring for the sealed tokens yet; make one with `python -m infra.token_store new-key`"
)


@dataclass(frozen=True)
class Ring:
    """Key ids never come back: each is new random text."""

    primary: str
    since: datetime
    keys: dict[str, bytes]


class KeyRing:
    """Raises StoreUnavailable when there is no ring, or it cannot be read. Thread-safe."""

    def __init__(self, secrets: Secrets, name: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._secrets, self._name, self._monotonic = secrets, name, monotonic
        self._lock = threading.Lock()
        self._ring: Ring | None = None
        self._read_at = 0.0

    def primary(self) -> tuple[str, bytes]:
        """The id and the key that new payloads are sealed with."""
        ring = self._current()
        return ring.primary, ring.keys[ring.primary]

    def key(self, key_id: str) -> bytes:
        """StoreUnavailable, not something final, for a key that the ring lost: an older version may bring it back."""
        found = self._current().keys.get(key_id) or self.newest().keys.get(key_id)
        if found is None:
            raise StoreUnavailable(f"The key ring of the sealed tokens no longer holds the key {key_id}")
        return found

    def newest(self) -> Ring:
        """As it is now, whatever was read before."""
        with self._lock:
            ring = self._read()
            if ring is None:
                raise StoreUnavailable(MISSING)
            self._ring, self._read_at = ring, self._monotonic()
            return ring

    def add_key(self, now: datetime) -> str:
        """A new primary key; makes the ring when there is none. One at a time: the caller sees to that."""
        ring, key_id = self._read(), random.token_hex(4)
        old = ring.keys if ring else {}
        self._write(Ring(key_id, now, {**old, key_id: random.token_bytes(KEY_BYTES)}))
        return key_id

    def demand_settled(self, now: datetime) -> None:
        """Conflict while an instance may still seal with the key before."""
        waits = self.newest().since + timedelta(seconds=2 * KEEP_SECONDS) - now
        if waits > timedelta():
            minutes = int(waits.total_seconds() // 60) + 1
            raise Conflict(
                f"The primary key is too new: an instance may not have seen it. Wait {minutes} minutes"
            )

    def forget_old_keys(self, now: datetime) -> int:
        """Only the primary key stays; gives how many are gone. What they still seal cannot be opened any more, so
        everything is resealed between ``demand_settled`` and this."""
        self.demand_settled(now)
        ring = self.newest()
        self._write(Ring(ring.primary, ring.since, {ring.primary: ring.keys[ring.primary]}))
        return len(ring.keys) - 1

    def _current(self) -> Ring:
        ring = self._ring
        if ring is not None and self._monotonic() - self._read_at < KEEP_SECONDS:
            return ring
        return self.newest()

    def _read(self) -> Ring | None:
        for _ in range(3):  # a version may be destroyed between the two calls
            numbers = self._secrets.versions(self._name)
            if not numbers:
                return None
            try:
                return _unpack(self._secrets.access(self._name, numbers[-1]))
            except SecretMissing:
                continue
        raise StoreUnavailable("The key ring of the sealed tokens keeps changing; try again")

    def _write(self, ring: Ring) -> None:
        number = self._secrets.add(self._name, _pack(ring))
        with self._lock:
            self._ring, self._read_at = ring, self._monotonic()
        for old in self._secrets.versions(self._name):
            if old < number - 1:  # the one before stays, in case this one is no good
                self._secrets.destroy(self._name, old)


def _pack(ring: Ring) -> bytes:
    keys = {key_id: base64.b64encode(key).decode() for key_id, key in ring.keys.items()}
    return json.dumps({"primary": ring.primary, "since": instant(ring.since), "keys": keys}).encode()


def _unpack(payload: bytes) -> Ring:
    try:
        data = json.loads(payload)
        keys = {str(key_id): base64.b64decode(key, validate=True) for key_id, key in data["keys"].items()}
        ring = Ring(str(data["primary"]), parse_instant(data["since"]), keys)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise StoreUnavailable("The key ring of the sealed tokens cannot be read") from None
    if ring.primary not in keys or any(len(key) != KEY_BYTES for key in keys.values()):
        raise StoreUnavailable("The key ring of the sealed tokens cannot be read")
    return ring
