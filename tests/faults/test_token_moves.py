"""Token sets move between the two stores while they are used; what nobody names is swept away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.adapters.embedded.secrets import SqliteSecrets
from shared.adapters.sealed.key_ring import KeyRing
from shared.adapters.sealed.secrets import SealedSecrets
from shared.adapters.token_stores import TokenStores
from shared.config import Config
from shared.domain.errors import StoreUnavailable
from shared.ports import Ports
from shared.services import paths, tokens
from shared.services.leases import lease
from shared.services.token_moves import SWEEP_EVERY, move_all, sweep_secrets
from shared.services.tokens import access_token, read_grant
from tests.consents import token_calls
from tests.faults.dying import Killed, Life, mortal
from tests.faults.refreshing import grant_of
from tests.product import Product

DAY = SWEEP_EVERY.total_seconds()


def choosing(ports: Ports, token_store: str) -> Ports:
    return replace(ports, config=Config({**ports.config.values, "TOKEN_STORE": token_store}))


@pytest.fixture
def ports(product: Product) -> Ports:
    """A connected practice with its token set in Secret Manager's place, and the other store to move to."""
    product.connect()
    ring = KeyRing(SqliteSecrets(":memory:"), "ring")
    ring.add_key(datetime.now(UTC))
    stores = TokenStores(product.ports.secrets, SealedSecrets(product.ports.store, ring))
    return choosing(replace(product.ports, secrets=stores), "firestore")


def test_there_and_back_while_it_is_used(product: Product, ports: Ports) -> None:
    """The same token before and after, renewed in the new place, and nothing left in the old one."""
    grant_id = grant_of(product)
    old, bearer = read_grant(ports, grant_id), access_token(ports, grant_id)
    assert move_all(ports) == {"moved": 1, "there": 0, "busy": 0, "empty": 0}
    moved = read_grant(ports, grant_id)
    assert (old.secret_name, moved.secret_name) == (f"xero-grant-{grant_id}", f"sealed-grant-{grant_id}")
    assert access_token(ports, grant_id) == bearer
    assert ports.secrets.versions(old.secret_name) == []
    assert token_calls(product) == []

    product.advance(1900)
    fresh = access_token(ports, grant_id)
    assert fresh != bearer
    back = choosing(ports, "secret_manager")
    assert move_all(back)["moved"] == 1
    assert move_all(back)["there"] == 1
    assert access_token(back, grant_id) == fresh
    assert read_grant(back, grant_id).secret_name == old.secret_name
    assert ports.secrets.names("sealed-grant-") == []


def test_who_read_the_pointer_before_finds_it_moved(product: Product, ports: Ports) -> None:
    """Both have version 1: the name tells them apart, and nobody has to reconnect."""
    before = read_grant(ports, grant_of(product))
    move_all(ports)
    assert read_grant(ports, before.id).version == before.version
    assert tokens._read(ports, before).access_token == access_token(ports, before.id)
    assert read_grant(ports, before.id).status == "active"


def test_what_a_crash_left_moves_as_the_live_one(product: Product, ports: Ports) -> None:
    """Killed between Xero's answer and the pointer, moved when the old token set is worth nothing any more."""
    grant_id = grant_of(product)
    with pytest.raises(Killed):
        access_token(mortal(ports, "after secrets.add"), grant_id, force=True)
    product.advance(3600)
    assert move_all(ports)["moved"] == 1
    assert access_token(ports, grant_id)
    assert read_grant(ports, grant_id).status == "active"


def test_killed_at_any_moment_of_a_move(product: Product, ports: Ports) -> None:
    """The token set is in one place or the other, can be used at once, and a second run and the sweep clear up."""
    grant_id = grant_of(product)
    bearer = access_token(ports, grant_id)
    life, target = Life("never"), ports
    move_all(mortal(target, life))
    assert len(life.trace) > 15
    for death in range(1, len(life.trace) + 1):
        target = choosing(
            ports, "secret_manager" if target.config["TOKEN_STORE"] == "firestore" else "firestore"
        )
        try:
            move_all(mortal(target, death))
        except Killed:
            pass
        assert access_token(ports, grant_id) == bearer, life.trace[death - 1]
        ports.store.delete(paths.lease(f"grant-{grant_id}"))  # the dead one's; it would end by itself
        assert move_all(target)["busy"] == 0
        assert access_token(ports, grant_id) == bearer
    for _ in range(3):
        sweep_secrets(ports)
        product.clock.offset += SWEEP_EVERY
    kept = ports.secrets.names("xero-grant-") + ports.secrets.names("sealed-grant-")
    assert kept == [read_grant(ports, grant_id).secret_name]


def test_one_that_is_being_renewed_waits_its_turn(product: Product, ports: Ports) -> None:
    """A refresh under way would point at the old place afterwards."""
    grant_id = grant_of(product)
    with lease(ports, f"grant-{grant_id}", 45) as held:
        assert held
        assert move_all(ports)["busy"] == 1
    assert move_all(ports)["moved"] == 1


def test_a_refresh_that_outlived_its_lease_is_not_lost_to_a_move(product: Product, ports: Ports) -> None:
    """Its token set is the newer one wherever the older was moved to meanwhile; moving again is all it takes."""
    grant_id = grant_of(product)
    slow = read_grant(ports, grant_id)
    renewed = ports.xero.identity.refresh(tokens.refresh_token_of(ports, slow))
    move_all(ports)
    tokens._point_at(ports, slow, renewed, ports.secrets.add(slow.secret_name, tokens._pack(renewed)))
    assert access_token(ports, grant_id) == renewed.access_token
    assert move_all(ports)["moved"] == 1
    assert access_token(ports, grant_id) == renewed.access_token


def test_nobodys_token_set_is_swept_the_second_day(product: Product, ports: Ports) -> None:
    """What a consent that died left. The first look only notes it: the grant may be written a moment later."""
    for name in ("xero-grant-lost", "sealed-grant-lost", "xero-grant-late"):
        ports.secrets.add(name, b"tokens")
    mine = read_grant(ports, grant_of(product)).secret_name
    assert sweep_secrets(ports) == 0
    ports.store.put(paths.grant("late"), {"secret_name": "xero-grant-late", "version": 1})
    product.clock.offset += SWEEP_EVERY / 2
    assert sweep_secrets(ports) == 0
    product.clock.offset += SWEEP_EVERY / 2
    assert sweep_secrets(ports) == 2
    assert ports.secrets.names("xero-grant-") == sorted([mine, "xero-grant-late"])
    assert ports.secrets.names("sealed-grant-") == []


def test_the_hourly_reconcile_sweeps(product: Product) -> None:
    """Nobody has to think of it."""
    product.connect()
    product.ports.secrets.add("xero-grant-lost", b"tokens")
    product.reconcile()
    product.advance(DAY + 60)
    product.reconcile()
    assert "xero-grant-lost" not in product.ports.secrets.names("xero-grant-")


def test_a_version_that_cannot_be_destroyed_now_costs_nothing(
    product: Product, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token set is safe and used; the next refresh destroys what is too old."""
    grant_id = grant_of(product)
    name = read_grant(ports, grant_id).secret_name

    def out_of_order(*_: object) -> None:
        raise StoreUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(product.ports.secrets, "destroy", out_of_order)
        for _ in range(3):
            access_token(ports, grant_id, force=True)
    assert ports.secrets.versions(name) == [1, 2, 3, 4]
    access_token(ports, grant_id, force=True)
    assert ports.secrets.versions(name) == [4, 5]
