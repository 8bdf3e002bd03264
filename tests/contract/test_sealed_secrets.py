"""Sealed secrets: nothing readable at rest, nothing that can be moved, and keys that change without a loss."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.local.settings import ROOT
from shared.adapters.embedded.secrets import SqliteSecrets
from shared.adapters.embedded.store import SqliteStore
from shared.adapters.sealed import key_ring
from shared.adapters.sealed.key_ring import KeyRing
from shared.adapters.sealed.secrets import SealedSecrets
from shared.domain.errors import Conflict, StoreUnavailable
from tests.emulators import emulator
from tests.google_stand_in.in_process import in_process

PAYLOAD = b"refresh-token-that-nobody-may-read"
NOW = datetime(2026, 11, 25, tzinfo=UTC)
SETTLED = NOW + timedelta(seconds=2 * key_ring.KEEP_SECONDS)


@pytest.fixture
def manager() -> SqliteSecrets:
    """Where the ring is kept."""
    return SqliteSecrets(":memory:")


@pytest.fixture
def store() -> SqliteStore:
    return SqliteStore(":memory:")


@pytest.fixture
def ring(manager: SqliteSecrets) -> KeyRing:
    made = KeyRing(manager, "ring")
    made.add_key(NOW)
    return made


@pytest.fixture
def sealed(store: SqliteStore, ring: KeyRing) -> SealedSecrets:
    made = SealedSecrets(store, ring)
    made.add("grant", PAYLOAD)
    return made


def document(store: SqliteStore, name: str = "grant") -> dict[str, Any]:
    found = store.get(f"sealed/{name}")
    assert found is not None
    return found.data


def test_nothing_can_be_read_at_rest(store: SqliteStore, sealed: SealedSecrets) -> None:
    """The same payload is sealed differently each time, and a destroyed one is gone."""
    sealed.add("grant", PAYLOAD)
    first, second = document(store)["versions"].values()
    assert PAYLOAD.decode() not in json.dumps(document(store))
    assert first["nonce"] != second["nonce"]
    sealed.destroy("grant", 1)
    assert list(document(store)["versions"].values()) == [second]


@pytest.mark.parametrize("moved", ["name", "number", "key"])
def test_a_ciphertext_moved_elsewhere_does_not_open(
    store: SqliteStore, ring: KeyRing, sealed: SealedSecrets, moved: str
) -> None:
    """Grant, version and key are bound to it. Not SecretMissing: nobody must reconnect because of it."""
    data = document(store)
    name, number = "other" if moved == "name" else "grant", "2" if moved == "number" else "1"
    text = data["versions"]["1"] | ({"key": ring.add_key(NOW)} if moved == "key" else {})
    store.put(f"sealed/{name}", data | {"versions": {number: text}})
    with pytest.raises(StoreUnavailable):
        sealed.access(name, int(number))


def test_an_instance_with_an_old_ring_reads_what_the_new_key_sealed(
    store: SqliteStore, manager: SqliteSecrets, ring: KeyRing, sealed: SealedSecrets
) -> None:
    """A key it does not know makes it look again at once; what it knows it keeps for ten minutes."""
    now = [0.0]
    other = SealedSecrets(store, KeyRing(manager, "ring", lambda: now[0]))
    assert other.access("grant", 1) == PAYLOAD
    key_id = ring.add_key(NOW)
    other.add("grant", b"with the old key")
    assert document(store)["versions"]["2"]["key"] != key_id
    sealed.add("grant", b"with the new key")
    assert document(store)["versions"]["3"]["key"] == key_id
    assert [other.access("grant", n) for n in (1, 2, 3)] == [
        PAYLOAD,
        b"with the old key",
        b"with the new key",
    ]
    now[0] = key_ring.KEEP_SECONDS
    other.add("grant", b"x")
    assert document(store)["versions"]["4"]["key"] == key_id


def test_rotation(store: SqliteStore, ring: KeyRing, sealed: SealedSecrets) -> None:
    """New key, reseal, forget: all can be read at every step, and at the end one key is enough."""
    key_id = ring.add_key(NOW)
    assert sealed.access("grant", 1) == PAYLOAD
    assert sealed.reseal("grant")
    assert not sealed.reseal("grant")
    assert {version["key"] for version in document(store)["versions"].values()} == {key_id}
    assert ring.forget_old_keys(SETTLED) == 1
    assert (list(ring.newest().keys), sealed.access("grant", 1)) == ([key_id], PAYLOAD)


def test_keys_are_not_forgotten_while_somebody_may_use_them(ring: KeyRing) -> None:
    """An instance seals with the key before for up to ten minutes."""
    ring.add_key(NOW)
    with pytest.raises(Conflict, match="Wait 20 minutes"):
        ring.forget_old_keys(NOW + timedelta(seconds=1))
    assert len(ring.newest().keys) == 2


@pytest.mark.parametrize(
    "payload",
    [
        b"nonsense",
        b"[]",
        b'{"primary": "k", "since": "2026-11-25T00:00:00Z", "keys": {}}',
        b'{"primary": "k", "since": "2026-11-25T00:00:00Z", "keys": {"k": "c2hvcnQ="}}',
    ],
)
def test_a_damaged_ring_is_an_outage(manager: SqliteSecrets, store: SqliteStore, payload: bytes) -> None:
    """And so is none at all, or one that lost a key: the right one brings everything back."""
    broken = SealedSecrets(store, KeyRing(manager, "ring"))
    with pytest.raises(StoreUnavailable, match="new-key"):
        broken.add("grant", PAYLOAD)
    manager.add("ring", payload)
    with pytest.raises(StoreUnavailable):
        broken.add("grant", PAYLOAD)
    assert store.get("sealed/grant") is None


def test_a_key_that_is_gone_is_an_outage(
    manager: SqliteSecrets, store: SqliteStore, sealed: SealedSecrets
) -> None:
    """Not a lost connection: putting the ring's older version back mends it."""
    manager.delete("ring")
    stranger = KeyRing(manager, "ring")
    stranger.add_key(NOW)
    with pytest.raises(StoreUnavailable, match="no longer holds the key"):
        SealedSecrets(store, stranger).access("grant", 1)


def test_the_commands() -> None:
    """On Google's emulator and the stand-in: the first key, moving nothing, and a key too new to be the only one."""
    host = emulator()
    with in_process() as google:
        environment = {
            **os.environ,
            "BACKEND": "gcp",
            "TOKEN_STORE": "firestore",
            "GOOGLE_CLOUD_PROJECT": f"test-{google.port}",
            "REGION": "sydney",
            "FIRESTORE_EMULATOR_HOST": host,
            "SECRET_MANAGER_ENDPOINT": google.address,
        }

        def run(command: str, **changes: str) -> tuple[int, str]:
            done = subprocess.run(
                [sys.executable, "-m", "infra.token_store", command],
                cwd=ROOT,
                env=environment | changes,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            return done.returncode, done.stdout + done.stderr

        assert run("forget-keys")[0] == 1
        assert run("new-key")[0] == 0
        assert run("move") == (0, "0 moved, 0 there, 0 busy, 0 empty\n")
        status, said = run("forget-keys")
        assert (status, "Wait" in said) == (1, True)
        assert run("move", BACKEND="embedded")[0] == run("move", REGION="")[0] == 2
