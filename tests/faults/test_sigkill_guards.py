"""With a guard taken out, a process that is killed does harm: so ``test_sigkill`` would see it go missing."""

from __future__ import annotations

import pytest

from shared.services.operations import SAFETY_NET
from shared.services.writes.payments import PaymentCreate
from tests.faults.clinic import Clinic
from tests.faults.deaths import begin
from tests.faults.fork_server import ForkServer
from tests.faults.test_sigkill import CASES, act, play


@pytest.mark.parametrize("without", ["", "safety_net"])
def test_without_the_safety_net(clinic: Clinic, forks: ForkServer, without: str) -> None:
    """The intent is kept and nobody has been asked to look after it: killed there, it would wait for ever, and the
    outcome says so."""
    begin(clinic, CASES["payment"])
    clinic.product.advance(2 * SAFETY_NET.total_seconds())
    clinic.product.run_tasks()  # those of the scene would look after this as well
    act(clinic, forks, "payment", "after store.create", without)
    clinic.let_time_pass()
    (operation,) = clinic.operations("payment_create")
    assert operation.state == ("pending" if without else "done")
    if without:
        with pytest.raises(AssertionError, match="pending"):
            CASES["payment"].outcome(clinic)


@pytest.mark.parametrize("guarded", [True, False])
def test_without_the_look_up(
    clinic: Clinic, forks: ForkServer, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Killed when Xero has the payment and we do not know it, found when Xero has forgotten the key."""
    play(clinic, forks, "payment", "after xero.accounting.send")
    if not guarded:
        monkeypatch.setattr(PaymentCreate, "look_up", lambda *_: None)
    clinic.product.advance(600)
    clinic.let_time_pass()
    assert len(clinic.payments()) == (1 if guarded else 2)
