"""Each guard of the token set is needed: take it away, and what the tests of ``test_tokens`` prove is no longer so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from shared.services import tokens
from shared.services.tokens import access_token
from tests.consents import status, token_calls
from tests.faults.fork_server import ForkServer
from tests.faults.refreshing import grant_of, killed, threads_ask
from tests.product import Product


@contextmanager
def everybody_holds_it(*_: Any, **__: Any) -> Iterator[bool]:
    yield True


@pytest.mark.parametrize("guarded", [True, False])
def test_lease_is_what_makes_it_one_refresh(
    product: Product, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Eight threads and one expired token: one call with the lease; without it Xero is asked several times."""
    product.connect()
    product.advance(1900)
    product.simulator.fault("delay", path="/connect/token", seconds=0.3, count=8)
    if not guarded:
        monkeypatch.setattr(tokens, "lease", everybody_holds_it)
    threads_ask(product, 8)
    calls = len(token_calls(product))
    assert calls == 1 if guarded else calls > 1


@pytest.mark.parametrize("guarded", [True, False])
def test_newer_version_is_what_saves_a_killed_refresh(
    product: Product, forks: ForkServer, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Killed before pointing at the new version, found after the grace: looking for newer versions saves the
    connection; without looking it is lost."""
    product.ready()
    product.advance(1900)
    killed(product, forks, "after secrets.add")
    product.advance(3600)
    if not guarded:
        monkeypatch.setattr(product.ports.secrets, "versions", lambda name: [])
    product.invoice()
    assert status(product)["status"] == ("connected" if guarded else "needs_attention")


@pytest.mark.parametrize("guarded", [True, False])
def test_reading_again_under_the_lease_spares_the_second_call(
    product: Product, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Somebody renewed between our first look and our lease: the second look finds it; seeing neither the new pointer
    nor the new version, we would ask Xero again."""
    product.connect()
    product.advance(1900)
    grant_id = grant_of(product)
    stale = tokens.read_grant(product.ports, grant_id)
    fresh = access_token(product.ports, grant_id)
    looks = iter([stale] if guarded else [stale, stale])
    real = tokens._active
    monkeypatch.setattr(tokens, "_active", lambda ports, grant: next(looks, None) or real(ports, grant))
    if not guarded:
        monkeypatch.setattr(product.ports.secrets, "versions", lambda name: [])
    again = access_token(product.ports, grant_id)
    assert (again == fresh) is guarded
    assert len(token_calls(product)) == (1 if guarded else 2)
