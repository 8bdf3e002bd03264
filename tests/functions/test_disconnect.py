"""Ending the connection, and what becomes of siblings and of the work made meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared import bootstrap
from shared.adapters.xero.client import XeroClient
from shared.services import paths
from tests.consents import share_consent, status, token_calls
from tests.faults.clinic import put_in
from tests.product import Product
from tests.xero_simulator.accounting.demo import HARBOUR_STREET, KAURI_PHYSIO, THAMES_OSTEOPATHY


def ended(product: Product) -> tuple[int, list[str]]:
    """How often the consent was revoked, and the paths of the connections deleted."""
    deleted = [call["path"] for call in product.xero_calls("DELETE", "/connections/")]
    return len(product.xero_calls("POST", "/connect/revocation")), deleted


def connected_in_xero(product: Product) -> set[str]:
    tenants = product._control("GET", "tenants")["tenants"]
    return {each["tenantId"] for each in tenants if each["connected"]}


def unreachable(product: Product) -> None:
    """From now on nothing listens where Xero is thought to be."""
    nowhere = "http://127.0.0.1:9"
    xero = XeroClient(
        client_id="x",
        client_secret="x",
        redirect_uri="x",
        login_url=nowhere,
        identity_url=nowhere,
        api_url=nowhere,
    )
    bootstrap.install(replace(product.ports, xero=xero), product.sign_in)


def test_alone_the_consent_is_revoked(product: Product) -> None:
    """The only organisation of its user: the consent is revoked, and no token set stays with us."""
    product.connect()
    seen = product.ok("POST", "/xero/oauth/disconnect/")
    assert seen["status"] == "disconnected"
    assert ended(product) == (1, [])
    assert connected_in_xero(product) == set()
    assert product.ports.store.query("grants").items == []
    with product.database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM secrets").fetchone()[0] == 0


def test_disconnecting_twice_is_no_error(product: Product) -> None:
    """The second time there is nothing left to do, and Xero is not asked again."""
    product.connect()
    product.ok("POST", "/xero/oauth/disconnect/")
    calls = len(product.xero_calls(path="/"))
    assert product.ok("POST", "/xero/oauth/disconnect/")["status"] == "disconnected"
    assert len(product.xero_calls(path="/")) == calls


def test_sibling_of_the_same_user_lives_on(product: Product) -> None:
    """The same Xero user connected another practice: only the one connection is deleted, and the other practice goes
    on sending, also when its token has to be renewed."""
    product.connect("demo", user="shared-person")
    product.connect("other", user="shared-person")
    product.patient(practice="other")
    product.appointment(practice="other")

    product.ok("POST", "/xero/oauth/disconnect/")

    revoked, deleted = ended(product)
    assert (revoked, len(deleted)) == (0, 1)
    assert connected_in_xero(product) == {KAURI_PHYSIO}
    assert len(product.ports.store.query("grants").items) == 1
    product.advance(3600)
    assert product.invoice(practice="other").status_code == 201
    product.ok("POST", "/xero/oauth/disconnect/", practice="other")
    assert ended(product)[0] == 1


def test_sibling_on_the_same_consent_lives_on(product: Product) -> None:
    """Two organisations of one consent share one token set: while one lives, it is neither revoked nor destroyed."""
    share_consent(product, THAMES_OSTEOPATHY)

    product.ok("POST", "/xero/oauth/disconnect/")

    assert ended(product)[0] == 0
    assert connected_in_xero(product) == {THAMES_OSTEOPATHY}
    product.advance(3600)
    product.patient(practice="other")
    product.appointment(practice="other")
    assert product.invoice(practice="other").status_code == 201


def test_open_choice_is_given_up_too(product: Product) -> None:
    """Disconnecting with a choice still open revokes that consent as well: nothing of it stays behind."""
    product.consent(tenants=[HARBOUR_STREET, THAMES_OSTEOPATHY])
    product.ok("POST", "/xero/oauth/disconnect/")
    assert connected_in_xero(product) == set()
    assert product.ports.store.query("grants").items == []
    assert status(product)["choices"] == []


def test_xero_unreachable_changes_nothing(product: Product) -> None:
    """When Xero cannot be told, the answer is 503 and the connection is exactly as before."""
    product.connect()
    before = status(product)
    unreachable(product)
    answer = product.call("POST", "/xero/oauth/disconnect/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert status(product) == before
    bootstrap.install(product.ports, product.sign_in)
    product.ready()
    assert product.invoice().status_code == 201


@pytest.mark.parametrize("path", ["/connect/revocation", "/connections"])
def test_answer_lost_changes_nothing_here(product: Product, path: str) -> None:
    """Xero breaks off: the connection stays ours, and disconnecting again finishes whatever was half done."""
    product.connect()
    product.simulator.fault("drop_after_commit", path=path)
    assert product.call("POST", "/xero/oauth/disconnect/").status_code == 504
    assert status(product)["status"] == "connected"
    assert product.ok("POST", "/xero/oauth/disconnect/")["status"] == "disconnected"
    assert connected_in_xero(product) == set()
    assert product.ports.store.query("grants").items == []


def test_bearer_that_lapsed_unnoticed(product: Product) -> None:
    """Our clock is behind, Xero already refuses the bearer: that is no sign of having been forgotten, the consent is
    revoked all the same."""
    product.connect()
    product.simulator.advance(1900)
    product.ok("POST", "/xero/oauth/disconnect/")
    assert ended(product) == (1, [])
    assert connected_in_xero(product) == set()


def test_already_removed_in_xero(product: Product) -> None:
    """Somebody removed the app in Xero: disconnecting here still works and leaves nothing behind."""
    product.connect()
    product._control("POST", "revoke", {})
    assert product.ok("POST", "/xero/oauth/disconnect/")["status"] == "disconnected"
    assert product.ports.store.query("grants").items == []


def test_invoices_made_while_disconnected_flow_once_after_reconnecting(product: Product) -> None:
    """Five invoices asked for while disconnected are each accepted with a reason, cost no call, and after the
    reconnect are created by themselves, once."""
    product.ready()
    product.ok("POST", "/xero/oauth/disconnect/")
    calls = len(product.xero_calls())
    for n in range(5):
        product.patient(f"w-{n}")
        product.appointment(f"wait-{n}", f"w-{n}")
        answer = product.invoice(f"wait-{n}")
        assert answer.status_code == 202, answer.get_data(as_text=True)
        assert answer.json["reason"]
        assert answer.json["next_attempt_at"] is None
    product.settle(120, step=30)
    assert len(product.xero_calls()) == calls

    product.connect()
    product.settle(30)

    assert len(product.invoices()) == 5
    for n in range(5):
        assert product.ok("GET", f"/xero/invoices/wait-{n}/", "reception")["status"] == "AUTHORISED"
    assert len(put_in(product, "Invoices")) == 5
    product.settle(900, step=60)
    product.reconcile()
    assert len(product.invoices()) == 5


def test_what_waited_goes_to_its_own_organisation_only(product: Product) -> None:
    """Asked for before, then the practice connects another organisation: the invoice is not made there, and is made
    when the practice comes back to its own."""
    product.ready()
    product.ok("POST", "/xero/oauth/disconnect/")
    assert product.invoice().status_code == 202
    product.consent(tenants=[THAMES_OSTEOPATHY])
    product.ok("POST", "/xero/connections/select/", json={"tenant_id": THAMES_OSTEOPATHY})
    product.settle(60)
    product.reconcile()
    assert product._control("GET", f"tenants/{THAMES_OSTEOPATHY}/books")["invoices"] == []
    product.consent()
    product.ok("POST", "/xero/connections/select/", json={"tenant_id": HARBOUR_STREET})
    product.settle(60)
    assert len(product.invoices()) == 1


def test_waiting_in_the_moment_of_connecting_is_not_forgotten(product: Product) -> None:
    """An operation that began to wait for the connection just after the reconnect had looked for such: the sweep
    finds it."""
    product.ready()
    product.ok("POST", "/xero/oauth/disconnect/")
    operation_id = product.invoice().json["operation_id"]
    waiting = product.ports.store.get(paths.operation("demo", operation_id))
    assert waiting is not None
    product.ports.store.delete(waiting.path)
    product.connect()
    product.settle(30)
    product.ports.store.put(waiting.path, waiting.data)
    product.settle(120, step=30)
    assert product.invoices() == []
    product.reconcile()
    product.settle(30)
    assert len(product.invoices()) == 1


def test_refresh_on_request(product: Product) -> None:
    """The owner's renew button fetches a new token now and shows its expiry."""
    product.connect()
    before = status(product)["token_expires_at"]
    product.advance(60)
    seen = product.ok("POST", "/xero/oauth/refresh/")
    assert seen["token_expires_at"] > before
    assert len(token_calls(product)) == 1


def test_refresh_when_access_was_withdrawn(product: Product) -> None:
    """Renewing a connection that was removed in Xero says that an owner must reconnect, and the status shows it."""
    product.connect()
    product._control("POST", "revoke", {})
    answer = product.call("POST", "/xero/oauth/refresh/")
    assert (answer.status_code, answer.json["code"]) == (409, "needs_reconnect")
    seen = status(product)
    assert (seen["status"], seen["reason"]) == ("needs_attention", "revoked")


def test_refresh_without_a_connection(product: Product) -> None:
    """There is nothing to renew before connecting, nor while a choice is open."""
    assert product.call("POST", "/xero/oauth/refresh/").json["code"] == "not_connected"
    product.consent(tenants=[HARBOUR_STREET, THAMES_OSTEOPATHY])
    assert product.call("POST", "/xero/oauth/refresh/").status_code == 409
