"""Every write that goes in batches against every way in which a batch can be let down: each member done once."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain import wire
from shared.services import batch_work
from shared.services.writes.batched import BATCHED
from tests.faults.clinic import Clinic
from tests.faults.crowd import BATCH_CALLS, Crowd
from tests.faults.test_matrix import FAULTS, IMPATIENT, WRITES, Write

KINDS = [write for write in WRITES if write.kind in BATCH_CALLS]
SIZE = 3


def go_together(crowd: Crowd, write: Write) -> None:
    """The scene for each, and what is asked for waits."""
    crowd.case()
    for member in crowd.members:
        write.first(member)
    crowd.wait_together(write.ask)


def plan(crowd: Crowd, write: Write, **fault: Any) -> None:
    method, plural = BATCH_CALLS[write.kind]
    crowd.product.simulator.fault(method=method, path=f"/api.xro/2.0/{plural}", **fault)


def test_every_kind_is_here() -> None:
    """Each kind that the drain sends in batches is in the matrix."""
    assert {write.kind for write in KINDS} == set(BATCHED) == set(BATCH_CALLS)


@pytest.mark.parametrize("late", [False, True], ids=["soon", "after_the_key"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("write", KINDS, ids=lambda write: write.kind)
def test_once_whatever_happens(
    shared_clinic: Clinic, monkeypatch: pytest.MonkeyPatch, write: Write, fault: str, late: bool
) -> None:
    """The batch meets the fault: afterwards exactly one of each in Xero, the links right, the logs whole."""
    crowd, product = Crowd(shared_clinic, SIZE), shared_clinic.product
    go_together(crowd, write)
    plan(crowd, write, **FAULTS[fault])
    with monkeypatch.context() as patch:
        if "slow" in fault:
            patch.setattr(product.ports.xero._transport, "read_timeout", IMPATIENT)  # type: ignore[attr-defined]
        crowd.drain()
    assert product.simulator.world.faults.pending() == []  # it struck
    for member in crowd.members:
        operation = member.operation(write.kind)
        assert (operation.state in ("pending", "uncertain"), operation.reason_code is None) == (True, False)

    if late:  # the queue rests: nobody looks until Xero has forgotten the key
        for member in crowd.members:
            member.quiet()
        product.advance(460)
    if fault == "403":
        product.connect()
    crowd.let_time_pass()

    assert len(crowd.sent(write.kind)[0]) == SIZE  # they did go together
    crowd.assert_ended()
    for member in crowd.members:
        member.assert_log_is_whole()
        assert (member.operation(write.kind).state, write.count(member)) == ("done", 1)
    assert crowd.batches_kept() == 0


@pytest.mark.parametrize("hit", [{"index": 0}, {"index": 1}, {"index": [1, 2]}, {"every": 1}], ids=str)
@pytest.mark.parametrize("write", KINDS, ids=lambda write: write.kind)
def test_partly_failed(shared_clinic: Clinic, write: Write, hit: dict[str, Any]) -> None:
    """Xero refuses some elements although they are fine: those fail with Xero's reason, the others are done, and a
    person who tries again gets the rest."""
    crowd = Crowd(shared_clinic, SIZE)
    go_together(crowd, write)
    plan(crowd, write, kind="partly_failed", message="The moon is full", **hit)
    drained = crowd.drain()
    refused = hit.get("index", [0, 1, 2])
    positions = refused if isinstance(refused, list) else [refused]
    states = [member.operation(write.kind).state for member in crowd.members]
    assert states.count("failed") == len(positions) == drained.failed
    assert states.count("done") == SIZE - len(positions)
    for member in crowd.members:
        operation = member.operation(write.kind)
        if operation.state == "failed":
            assert "The moon is full" in str(operation.reason)
            shared_clinic.product.ok("POST", f"/xero/operations/{operation.id}/retry/", "reception")
    crowd.let_time_pass()
    crowd.assert_ended()
    assert [write.count(member) for member in crowd.members] == [1, 1, 1]


@pytest.mark.parametrize("position", range(SIZE))
@pytest.mark.parametrize("write", KINDS, ids=lambda write: write.kind)
def test_poison_stops_nobody(
    shared_clinic: Clinic, monkeypatch: pytest.MonkeyPatch, write: Write, position: int
) -> None:
    """One malformed element, for which Xero refuses the whole request with 400: the others are done all the same."""
    crowd = Crowd(shared_clinic, SIZE)
    go_together(crowd, write)
    composed, (_, plural) = batch_work.composed, BATCH_CALLS[write.kind]

    def poisoned(bodies: Any) -> str:
        document = wire.loads(composed(bodies))
        document[plural][position][f"{plural[:-1]}ID"] = "no id at all"
        return wire.dumps(document)

    monkeypatch.setattr(batch_work, "composed", poisoned)
    crowd.drain()
    assert [len(elements) for elements in crowd.sent(write.kind)] == [SIZE]
    for member in crowd.members:
        waits = member.operation(write.kind)
        assert (waits.state, waits.alone) == ("pending", True)
    crowd.let_time_pass()
    crowd.assert_ended()
    assert [write.count(member) for member in crowd.members] == [1, 1, 1]
    assert [len(elements) for elements in crowd.sent(write.kind) if len(elements) > 1] == [
        SIZE
    ]  # once is enough
