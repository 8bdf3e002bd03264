"""The token set in time: clocks that disagree, renewal before expiry, weeks of silence."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.adapters.xero.client import XeroClient
from shared.domain.errors import AnswerLost
from shared.ports import Ports
from shared.services import paths
from shared.services.pull_changes import pull_changes
from shared.services.tokens import access_token
from tests.consents import status, token_calls
from tests.faults.dying import Killed
from tests.faults.refreshing import grant_of
from tests.product import REDIRECT_URI, TENANTS, Product
from tests.xero_simulator.accounting.demo import HARBOUR_STREET
from tests.xero_simulator.applications import CLIENT_ID, CLIENT_SECRET

EXPIRED = 1900
DUE = 1600  # less than five minutes left


class Shifted:
    """The product's clock as another machine sees it."""

    def __init__(self, product: Product, seconds: float) -> None:
        self._product, self._by = product, timedelta(seconds=seconds)

    def now(self) -> datetime:
        return self._product.clock.now() + self._by


def machine(product: Product, seconds: float) -> Ports:
    clock, url = Shifted(product, seconds), product.simulator.url
    xero = XeroClient(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        redirect_uri=REDIRECT_URI,
        login_url=url,
        identity_url=url,
        api_url=url,
        now=clock.now,
    )
    return replace(product.ports, clock=clock, xero=xero)


def test_clocks_five_minutes_apart(product: Product) -> None:
    """Two machines, one five minutes ahead of the other, share a grant for two hours: every pull of either ends well
    by its second try at the latest, and the connection is never taken for lost."""
    product.connect()
    machines = [machine(product, 300), machine(product, 0)]
    for _ in range(60):
        product.advance(120)
        for ports in machines:
            if pull_changes(ports, HARBOUR_STREET).stopped:
                product.advance(5)
                assert pull_changes(ports, HARBOUR_STREET).stopped is None
            assert status(product)["status"] == "connected"
    assert len(token_calls(product)) <= 6


def test_two_holders_of_the_lease_lose_nothing(product: Product) -> None:
    """A machine whose clock is further ahead than we allow for takes the lease away from one that is still waiting
    for Xero: both get a working token, and the grant goes on."""
    product.connect()
    product.advance(EXPIRED)
    grant_id = grant_of(product)
    product.simulator.fault("delay", path="/connect/token", seconds=0.5, when="after")
    got: list[str] = []
    slow = threading.Thread(target=lambda: got.append(access_token(product.ports, grant_id)))
    slow.start()
    while product.ports.store.get(paths.lease(f"grant-{grant_id}")) is None:
        pass
    got.append(access_token(machine(product, 400), grant_id))
    slow.join()
    assert len(token_calls(product)) == 2
    for bearer in got:
        assert product.ports.xero.accounting(HARBOUR_STREET, bearer).organisation().name
    product.advance(EXPIRED)
    access_token(product.ports, grant_id)
    assert status(product)["status"] == "connected"


def test_renewed_before_it_expires(product: Product) -> None:
    """With less than ten minutes left the next use renews the token, so that Xero never sees an expired one."""
    product.connect()
    product.advance(1100)
    assert pull_changes(product.ports, HARBOUR_STREET).stopped is None
    assert token_calls(product) == []
    product.advance(DUE - 1100)
    assert pull_changes(product.ports, HARBOUR_STREET).stopped is None
    assert len(token_calls(product)) == 1
    assert [call["status"] for call in product.xero_calls() if call["status"] == 401] == []


def test_quiet_clinics_are_kept_alive(product: Product) -> None:
    """A clinic that does nothing for ten weeks is renewed weekly and still works; one used yesterday is left alone."""
    product.ready("demo")
    product.connect("other")
    for _ in range(10):
        product.advance(6 * 86400)
        assert pull_changes(product.ports, TENANTS["other"]).stopped is None
        product.advance(86400)
        assert product.keep_alive() == {"refreshed": 1, "lost": 0, "later": 0, "dropped": 0}
    assert product.invoice().status_code == 201


def test_sixty_days_unused_shows(product: Product) -> None:
    """Without any renewal for 60 days Xero forgets the consent: the next use finds out and the status says so."""
    product.ready()
    product.advance(61 * 86400)
    assert product.invoice().status_code == 202
    seen = status(product)
    assert (seen["status"], seen["reason"]) == ("needs_attention", "revoked")
    assert seen["advice"]


def test_keep_alive_finds_the_withdrawn_ones(product: Product) -> None:
    """The weekly renewal is also how a quiet clinic's withdrawn access is noticed; a Xero that cannot be reached is
    tried again next time."""
    product.connect("demo")
    product.connect("other")
    product.advance(7 * 86400)
    product.simulator.fault("drop_before", path="/connect/token", count=2)
    assert product.keep_alive()["later"] == 2
    product._control("POST", "revoke", {"tenantId": HARBOUR_STREET})
    assert product.keep_alive() == {"refreshed": 1, "lost": 1, "later": 0, "dropped": 0}
    assert status(product, "demo")["status"] == "needs_attention"
    assert status(product, "other")["status"] == "connected"


@pytest.mark.parametrize("how", ["the answer is lost", "the process dies"])
def test_a_renewal_of_a_good_token_that_came_to_nothing_is_asked_for_again(
    product: Product, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Xero renews but nobody hears of it, while our access token has long to live: the next use asks again, within
    Xero's half hour, instead of resting on the old token until it is too late."""
    product.connect()
    grant_id = grant_of(product)
    if how == "the answer is lost":
        product.simulator.fault("drop_after_commit", path="/connect/token")
        with pytest.raises(AnswerLost):
            access_token(product.ports, grant_id, force=True)
    else:
        with monkeypatch.context() as patched:
            patched.setattr(product.ports.secrets, "add", killed)
            with pytest.raises(Killed):
                access_token(product.ports, grant_id, force=True)
        product.advance(360)  # the dead one's lease, whatever the clocks say
    assert pull_changes(product.ports, HARBOUR_STREET).stopped is None
    assert len(token_calls(product)) == 2
    product.advance(EXPIRED)
    assert pull_changes(product.ports, HARBOUR_STREET).stopped is None
    assert status(product)["status"] == "connected"


def killed(*_arguments: object) -> int:
    raise Killed


def test_keep_alive_whose_answer_is_lost_is_asked_for_again_at_once(product: Product) -> None:
    """The week's renewal is done in Xero, its answer lost: the pull that follows renews within Xero's half hour, and an
    hour later the connection still lives."""
    product.connect()
    product.advance(5)
    product.run_tasks()  # what connecting asked for
    product.advance(8 * 86_400)
    product.simulator.fault("drop_after_commit", path="/connect/token")
    assert product.keep_alive()["later"] == 1
    product.advance(5)
    product.run_tasks()
    product.advance(3600)
    assert pull_changes(product.ports, HARBOUR_STREET).stopped is None
    assert status(product)["status"] == "connected"


@pytest.mark.parametrize("body", [{"error": "invalid_client"}, {"Title": "Unauthorized", "Status": 401}])
def test_refused_app_costs_no_operation(product: Product, body: dict[str, object]) -> None:
    """A payment's answer was lost; then the identity service refuses our app's secret for a while. That is no verdict
    on the payment: it waits, shown with the reason, and is found out when the secret is right again."""
    product.ready(payment_accounts={"card": "880"})
    assert product.invoice().status_code == 201
    product.simulator.fault("drop_after_commit", method="PUT", path="/api.xro/2.0/Payments")
    paid = {"method": "card", "reference": "till-1"}
    path = "/xero/invoices/a-1/payments/"
    assert product.call("POST", path, "reception", json=paid).status_code == 202
    product.simulator.fault("status", path="/connect/token", status=401, body=body, count=3)
    product.advance(EXPIRED)
    product.run_tasks()
    waiting = product.ok("GET", "/xero/operations/?status=uncertain", "reception")["items"]
    assert [(o["kind"], bool(o["reason"]), bool(o["next_attempt_at"])) for o in waiting] == [
        ("payment_create", True, True)
    ]
    product.settle(7200, step=60)
    assert product.ok("GET", "/xero/invoices/a-1/", "reception")["status"] == "PAID"
    assert len(product.books()["payments"]) == 1
    assert product.ok("GET", "/xero/operations/?status=failed", "reception")["items"] == []
