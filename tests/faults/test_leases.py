"""Single flight between processes: eight that want one grant's token, four that drain one practice, all at once."""

from __future__ import annotations

import time
from signal import SIGKILL
from typing import Any

import pytest

from shared.services import tokens
from shared.services.connections import pause
from shared.services.tokens import access_token
from tests.consents import share_consent, status, token_calls
from tests.faults.clinic import TENANT, Clinic, put_in
from tests.faults.fork_server import ForkServer, Task, case_of
from tests.faults.refreshing import grant_of, killed, processes_ask
from tests.product import Product
from tests.xero_simulator.accounting.demo import HARBOUR_STREET, THAMES_OSTEOPATHY

EXPIRED = 1900
#: Less than ten minutes left, so it is due; by the clocks that are ahead and by those behind it is good or not.
DUE = 1450
LEASE_OVER = tokens.LEASE_SECONDS + 1
LEASE_OVER_FOR_ALL = LEASE_OVER + tokens.CLOCKS_DIFFER.total_seconds()
#: Eight clocks over five minutes.
SCATTERED = [-150.0, -110.0, -70.0, -20.0, 20.0, 70.0, 110.0, 150.0]


@pytest.mark.parametrize("ahead", [[0.0] * 8, SCATTERED], ids=["one time", "five minutes apart"])
def test_eight_processes_refresh_once(product: Product, forks: ForkServer, ahead: list[float]) -> None:
    """One expired token, eight processes: one call to Xero, and every one of them ends with the new token."""
    product.connect()
    product.advance(EXPIRED)
    product.simulator.fault("delay", path="/connect/token", seconds=0.4)
    answers = processes_ask(product, forks, ahead=ahead, patient=True)
    assert len(token_calls(product)) == 1
    assert [answer.result for answer in answers] == [access_token(product.ports, grant_of(product))] * 8


def test_nobody_uses_a_dead_token_whatever_the_clocks_say(product: Product, forks: ForkServer) -> None:
    """While one renews a token that is due, the others use it only where it lives by every clock."""
    product.connect()
    old = access_token(product.ports, grant_of(product))
    product.advance(DUE)
    product.simulator.fault("delay", path="/connect/token", seconds=0.4)
    answers = processes_ask(product, forks, ahead=SCATTERED, patient=True)
    fresh = access_token(product.ports, grant_of(product))
    assert len(token_calls(product)) == 1
    given = {answer.result for answer in answers}
    assert fresh in given
    assert given <= {old, fresh}
    for bearer in given:
        assert product.ports.xero.accounting(HARBOUR_STREET, bearer).organisation().name


@pytest.mark.parametrize(
    ("death", "calls"),
    [
        ("before xero.identity.refresh", 0),
        ("during xero.identity.refresh", 1),
        ("after xero.identity.refresh", 1),
        ("after secrets.add", 1),
    ],
)
def test_holder_is_killed(product: Product, forks: ForkServer, death: str, calls: int) -> None:
    """Whichever of eight processes holds the lease is killed: until it ends nobody asks Xero, then one of eight others
    does, unless the new token was kept already; all have the new token and the connection works."""
    product.ready()
    product.advance(EXPIRED)
    answers = processes_ask(product, forks, 8, death=death)
    assert (
        sorted((answer.signal, answer.result) for answer in answers if answer.signal == 0)
        == [(0, "busy")] * 7
    )
    assert [answer.signal for answer in answers if answer.signal] == [SIGKILL]
    wait_for_token_calls(product, calls)

    product.advance(LEASE_OVER)
    assert {answer.result for answer in processes_ask(product, forks, ahead=SCATTERED)} == {"busy"}
    assert len(token_calls(product)) == calls

    product.advance(LEASE_OVER_FOR_ALL)
    answers = processes_ask(product, forks, 8, patient=True)
    assert len(token_calls(product)) == (calls if death == "after secrets.add" else calls + 1)
    assert [answer.result for answer in answers] == [access_token(product.ports, grant_of(product))] * 8
    assert product.invoice().status_code == 201
    assert status(product)["status"] == "connected"


def wait_for_token_calls(product: Product, count: int) -> None:
    """A killed process's request may still be on its way through Xero."""
    deadline = time.monotonic() + 5
    while len(token_calls(product)) < count:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_who_saw_the_lease_all_along_need_not_doubt_the_clocks(product: Product, forks: ForkServer) -> None:
    """A process that itself has seen a dead one's lease for its whole length takes over at once."""
    product.ready()
    product.advance(EXPIRED)
    killed(product, forks, "after xero.identity.refresh")
    assert product.invoice().status_code == 202
    product.advance(LEASE_OVER)
    product.run_tasks()
    assert len(product.invoices()) == 1
    assert len(token_calls(product)) == 2


@pytest.mark.parametrize("without", ["", "skew"])
def test_clocks_that_differ_are_allowed_for(product: Product, forks: ForkServer, without: str) -> None:
    """A lease that was just taken, seen by clocks five minutes ahead: it holds. Without the allowance it does not."""
    product.connect()
    product.advance(EXPIRED)
    killed(product, forks, "before xero.identity.refresh")
    answers = processes_ask(product, forks, ahead=[300.0] * 8, without=without)
    assert ({answer.result for answer in answers} == {"busy"}) is not bool(without)
    assert len(token_calls(product)) == (1 if without else 0)


def test_siblings_share_the_new_token(product: Product, forks: ForkServer) -> None:
    """Two organisations of one consent, four processes each, all at once: one renewal, and both go on with it."""
    grant_id = share_consent(product, THAMES_OSTEOPATHY)
    product.advance(EXPIRED)
    product.simulator.fault("delay", path="/connect/token", seconds=0.4)
    seen = len(product.simulator.requests())
    notes = {"grant_id": grant_id, "patient": True}
    tasks = [
        Task("ask_xero", case={"notes": notes | {"practice": practice}}) for practice in ("demo", "other")
    ]
    answers = forks.run(product, *tasks * 4)
    assert len(token_calls(product)) == 1
    fresh = f"Bearer {access_token(product.ports, grant_id)}"
    asked = [call for call in product.simulator.requests(seen) if call["path"].startswith("/api.xro/")]
    used = [(header(call, "xero-tenant-id"), header(call, "authorization"), call["status"]) for call in asked]
    assert sorted(used) == sorted([(TENANT, fresh, 200), (THAMES_OSTEOPATHY, fresh, 200)] * 4)
    assert len({answer.result for answer in answers[::2]} & {answer.result for answer in answers[1::2]}) == 0


def header(call: dict[str, Any], name: str) -> str:
    return next(value for key, value in call["headers"].items() if key.lower() == name)


def test_four_processes_drain_one_practice(clinic: Clinic, forks: ForkServer, monkeypatch: Any) -> None:
    """Six invoices and their contacts wait, four processes drain: each is sent once, and Xero is never asked more than
    five things at a time."""
    product, limits = clinic.product, clinic.product.simulator.world.limits
    pause(clinic.ports, TENANT, "minute", 3600)
    appointments = []
    for _ in range(6):
        clinic.case()
        assert clinic.create().link is None
        appointments.append(clinic.appointment_id)
    product.advance(3600)
    running, enter = [], limits.enter

    def counted(client_id: str, tenant_id: str) -> dict[str, str]:
        headers = enter(client_id, tenant_id)
        running.append(limits.running(tenant_id))
        return headers

    monkeypatch.setattr(limits, "enter", counted)
    product.simulator.fault("delay", path="/api.xro/", seconds=0.02, count=200)
    seen = len(product.simulator.requests())
    forks.run(product, *[Task("drain", case=case_of(clinic))] * 4)
    product.settle(300)
    calls = product.simulator.requests(seen)
    assert 0 < max(running) <= 5
    assert [call for call in calls if call["status"] != 200] == []
    sent = [invoice["Reference"] for invoice in put_in(product, "Invoices")]
    assert sorted(sent) == sorted(appointments)
    assert sorted(invoice["Reference"] for invoice in product.invoices()) == sorted(appointments)
