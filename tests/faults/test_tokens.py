"""The token set survives company, death, wrong clocks, silence and refusal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.errors import ConnectionLost
from shared.domain.times import instant
from shared.ports.secrets import SecretMissing
from shared.services import paths, tokens
from shared.services.connections import recover_or_lose
from shared.services.pull_changes import pull_changes
from shared.services.tokens import access_token, read_grant
from tests.consents import status, token_calls
from tests.faults.clinic import put_in
from tests.faults.fork_server import ForkServer
from tests.faults.refreshing import grant_of, killed, threads_ask
from tests.product import Product
from tests.xero_simulator.accounting.demo import HARBOUR_STREET

EXPIRED = 1900
DUE = 1300  # less than ten minutes left, more than five
LEASE = tokens.LEASE_SECONDS + 1
LEASE_OVER_FOR_ALL = LEASE + tokens.CLOCKS_DIFFER.total_seconds()


def versions(product: Product) -> list[int]:
    return product.ports.secrets.versions(read_grant(product.ports, grant_of(product)).secret_name)


# -- company -------------------------------------------------------------------------------------------------


def test_token_still_good_is_used_while_it_is_renewed(product: Product) -> None:
    """While a token is good for minutes yet nobody waits: one renews it, the others go on with what they have."""
    product.connect()
    old = access_token(product.ports, grant_of(product))
    product.advance(DUE)
    product.simulator.fault("delay", path="/connect/token", seconds=0.3)
    answers = threads_ask(product, 8)
    fresh = access_token(product.ports, grant_of(product))
    assert fresh != old
    assert set(answers) == {old, fresh}
    assert len(token_calls(product)) == 1


def test_busy_costs_no_invoice(product: Product) -> None:
    """An invoice asked for while somebody else renews an expired token is accepted, and made seconds later."""
    product.ready()
    product.advance(EXPIRED)
    until = instant(product.clock.now() + timedelta(seconds=30))
    product.ports.store.create(
        paths.lease(f"grant-{grant_of(product)}"), {"owner": "somebody", "until": until}
    )
    answer = product.invoice()
    assert answer.status_code == 202
    assert answer.json["next_attempt_at"]
    assert token_calls(product) == []
    product.settle(60)
    assert len(product.invoices()) == 1
    assert len(token_calls(product)) == 1


def test_refused_while_somebody_else_renews_is_not_the_end(product: Product) -> None:
    """Xero refuses the bearer just while another worker renews it: the old bearer proves nothing, the connection
    stays and the invoice is made."""
    product.ready()
    until = instant(product.clock.now() + timedelta(seconds=30))
    product.ports.store.create(
        paths.lease(f"grant-{grant_of(product)}"), {"owner": "somebody", "until": until}
    )
    product.simulator.fault("status", path="/api.xro/", status=401, body={"Detail": "TokenExpired"})
    product.simulator.fault("status", path="/connections", status=401, body={"Detail": "TokenExpired"})
    assert product.invoice().status_code == 202
    assert status(product)["status"] == "connected"
    product.settle(60)
    assert len(product.invoices()) == 1


def test_identity_service_failing_is_not_the_end(product: Product) -> None:
    """The bearer is refused and the renewal cannot be had either, for minutes: the invoice waits, the connection
    stays."""
    product.ready()
    product.simulator.fault("status", path="/api.xro/", status=401, body={"Detail": "TokenExpired"})
    product.simulator.fault("drop_before", path="/connect/token", count=3)
    assert product.invoice().status_code == 202
    assert status(product)["status"] == "connected"
    product.settle(120)
    assert len(product.invoices()) == 1
    assert status(product)["status"] == "connected"


# -- death ---------------------------------------------------------------------------------------------------


def test_killed_between_answer_and_keeping(product: Product, forks: ForkServer) -> None:
    """Killed with Xero's answer in hand: until the lease ends nobody calls Xero, then the old refresh token works
    within its 30 minutes of grace, and work that waited is done."""
    product.ready()
    product.advance(EXPIRED)
    killed(product, forks, "before secrets.add")
    assert len(token_calls(product)) == 1
    assert versions(product) == [1]
    assert product.invoice().status_code == 202
    assert len(token_calls(product)) == 1
    product.settle(LEASE + 30)
    assert len(token_calls(product)) == 2
    assert status(product)["status"] == "connected"
    assert len(product.invoices()) == 1


def test_killed_and_noticed_after_the_grace(product: Product, forks: ForkServer) -> None:
    """Nobody asks for more than the 30 minutes of grace: only then a person is needed, and is told."""
    product.ready()
    product.advance(EXPIRED)
    killed(product, forks, "before secrets.add")
    product.advance(31 * 60)
    assert product.invoice().status_code == 202
    seen = status(product)
    assert (seen["status"], seen["reason"]) == ("needs_attention", "revoked")


def test_killed_between_keeping_and_pointing(product: Product, forks: ForkServer) -> None:
    """Killed with the new version kept: it is taken up without another call, however late."""
    product.ready()
    product.advance(EXPIRED)
    killed(product, forks, "after secrets.add")
    assert versions(product) == [1, 2]
    assert read_grant(product.ports, grant_of(product)).version == 1
    product.advance(LEASE_OVER_FOR_ALL)
    assert product.invoice().status_code == 201
    assert read_grant(product.ports, grant_of(product)).version == 2
    assert len(token_calls(product)) == 1


def test_orphan_version_counts_even_when_it_has_expired(product: Product, forks: ForkServer) -> None:
    """Found an hour later, when only the orphan's refresh token still works: that one is used."""
    product.ready()
    product.advance(EXPIRED)
    killed(product, forks, "after secrets.add")
    product.advance(3600)
    assert product.invoice().status_code == 201
    assert read_grant(product.ports, grant_of(product)).version == 3
    assert len(token_calls(product)) == 2


def test_renewal_whose_answer_is_lost(product: Product) -> None:
    """Xero rotates the token and the line breaks: the next attempt renews with the old one, nobody is bothered."""
    product.ready()
    product.advance(EXPIRED)
    product.simulator.fault("drop_after_commit", path="/connect/token")
    assert product.invoice().status_code == 202
    product.settle(60)
    assert len(product.invoices()) == 1
    assert status(product)["status"] == "connected"


def test_disconnected_while_xero_renews(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """The grant is dropped while the token endpoint answers: the new tokens are not left behind in the secrets."""
    product.connect()
    product.advance(EXPIRED)
    grant = read_grant(product.ports, grant_of(product))
    real = product.ports.xero.identity.refresh

    def dropped_meanwhile(refresh_token: str) -> Any:
        answer = real(refresh_token)
        product.ports.secrets.delete(grant.secret_name)
        product.ports.store.delete(paths.grant(grant.id))
        return answer

    monkeypatch.setattr(product.ports.xero.identity, "refresh", dropped_meanwhile)
    with pytest.raises(ConnectionLost):
        access_token(product.ports, grant.id)
    assert product.ports.secrets.versions(grant.secret_name) == []


# -- versions ------------------------------------------------------------------------------------------------


def test_previous_version_is_kept_and_older_ones_destroyed(product: Product) -> None:
    """After four renewals the version in use and the one before it can be read, the others not any more."""
    product.connect()
    for _ in range(4):
        product.advance(EXPIRED)
        access_token(product.ports, grant_of(product))
    assert versions(product) == [4, 5]
    name = read_grant(product.ports, grant_of(product)).secret_name
    with pytest.raises(SecretMissing):
        product.ports.secrets.access(name, 3)


def test_slow_reader_whose_version_was_destroyed(product: Product) -> None:
    """Somebody read the pointer, then the token was renewed three times: they get the token in use, not an error."""
    product.connect()
    before = read_grant(product.ports, grant_of(product))
    for _ in range(3):
        product.advance(EXPIRED)
        fresh = access_token(product.ports, before.id)
    assert tokens._read(product.ports, before).access_token == fresh


def test_token_set_gone_from_the_secrets(product: Product) -> None:
    """The secret was deleted by hand: a person is asked to reconnect, nothing crashes, other clinics' renewals go on,
    and after the reconnect what waited flows."""
    product.ready()
    product.connect("other")
    product.ports.secrets.delete(read_grant(product.ports, grant_of(product)).secret_name)
    assert product.invoice().status_code == 202
    seen = status(product)
    assert (seen["status"], seen["reason"]) == ("needs_attention", "tokens_missing")
    assert seen["advice"]
    product.advance(7 * 86400)
    assert product.keep_alive()["refreshed"] == 1
    product.connect()
    product.settle(30)
    assert len(product.invoices()) == 1


def test_token_without_expiry_counts_as_expired(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """Xero says no expires_in: the token is never taken to be good for ever, each use renews it, and works."""
    issue = product.simulator.world.tokens._issue

    def without_expiry(*arguments: Any, **named: Any) -> dict[str, Any]:
        return {k: v for k, v in issue(*arguments, **named).items() if k != "expires_in"}

    monkeypatch.setattr(product.simulator.world.tokens, "_issue", without_expiry)
    product.connect()
    calls = len(token_calls(product))
    for n in range(1, 4):
        assert pull_changes(product.ports, HARBOUR_STREET).stopped is None
        assert len(token_calls(product)) == calls + n


def test_kept_token_set_without_expiry_counts_as_expired() -> None:
    """A token set kept by hand or by an older program without an expiry reads as long expired."""
    kept = tokens._unpack(
        b'{"access_token": "a", "refresh_token": "r", "scopes": [], "authentication_event_id": null,'
        b' "xero_user_id": null}'
    )
    assert kept.expires_at.year == 1970


# -- refusal -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token_expired", [True, False])
def test_invalid_grant_waits_for_a_person(product: Product, token_expired: bool) -> None:
    """Access withdrawn in Xero: the status says so with the reason, nothing calls Xero any more however much time
    passes, and after the reconnect everything flows, once."""
    product.ready()
    product._control("POST", "revoke", {})
    if token_expired:
        product.advance(EXPIRED)
    first = product.invoice()
    assert first.status_code == 202
    assert "reconnect" in first.json["reason"]
    seen = status(product)
    assert (seen["status"], seen["reason"]) == ("needs_attention", "revoked")
    (entry,) = product.ok("GET", "/xero/logs/?action=connection.lost")["items"]
    assert entry["code"] == "revoked"

    asked = len(product.simulator.requests())
    for n in range(2, 5):
        product.appointment(f"a-{n}")
        assert product.invoice(f"a-{n}").status_code == 202
    product.settle(7200, step=600)
    product.reconcile()
    product.advance(8 * 86400)
    product.keep_alive()
    assert len(product.simulator.requests()) == asked

    product.connect()
    product.settle(60)
    assert len(product.invoices()) == 4
    assert len(put_in(product, "Invoices")) == 4


def test_loss_of_the_old_consent_does_not_end_the_new_one(product: Product) -> None:
    """A call that began before the reconnect comes back refused after it: that says nothing of the new connection."""
    product.ready()
    product._control("POST", "revoke", {})
    with pytest.raises(ConnectionLost) as lost:
        access_token(product.ports, grant_of(product), force=True)
    product.connect()
    assert recover_or_lose(product.ports, "demo", lost.value)
    assert status(product)["status"] == "connected"


def test_refused_token_set_says_nothing_of_a_newer_one(product: Product) -> None:
    """Marking a grant lost for one version leaves it alone when another version is in use by then."""
    product.connect()
    grant_id = grant_of(product)
    product.advance(EXPIRED)
    access_token(product.ports, grant_id)
    tokens.mark_lost(product.ports, grant_id, "revoked", version=1)
    assert read_grant(product.ports, grant_id).status == "active"
    tokens.mark_lost(product.ports, grant_id, "revoked", version=2)
    assert read_grant(product.ports, grant_id).status == "needs_reconnect"
