"""The state machine of a write to Xero, without anything around it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain import operations as rules
from shared.domain.operations import Operation, Step, idempotency_key, next_step, operation_id
from shared.domain.times import instant

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TENANT = "6f1d3c52-8f0b-4b53-9f0a-1d2c7a9be001"


def ago(**time: float) -> str:
    return instant(NOW - timedelta(**time))


def operation(**fields: Any) -> Operation:
    made = Operation(
        id=operation_id("invoice_create", TENANT, "a-1", 1),
        kind="invoice_create",
        practice_id="demo",
        tenant_id=TENANT,
        subject={"appointment_id": "a-1"},
        request={},
        created_at=ago(hours=1),
        created_by={},
    )
    return replace(made, **fields)


UNCERTAIN = {"state": "uncertain", "maybe_done": True}
SENDING = {"state": "sending", "lease_until": ago(seconds=1)}


@pytest.mark.parametrize(
    ("fields", "step"),
    [
        ({"state": "pending"}, Step.SEND),
        ({"state": "pending", "key_first_sent_at": ago(minutes=1)}, Step.SEND),
        ({"state": "pending", "key_first_sent_at": ago(hours=9)}, Step.SEND),
        ({"state": "done"}, Step.STOP),
        ({"state": "failed"}, Step.STOP),
        ({"state": "cancelled"}, Step.STOP),
        ({"state": "failed", "maybe_done": True}, Step.STOP),
        ({"state": "sending", "lease_until": instant(NOW + timedelta(seconds=1))}, Step.WAIT),
        (SENDING | {"key_first_sent_at": ago(seconds=46)}, Step.SEND_AGAIN),
        (SENDING | {"key_first_sent_at": ago(minutes=4, seconds=59)}, Step.SEND_AGAIN),
        (SENDING | {"key_first_sent_at": ago(minutes=5)}, Step.LOOK_UP),
        (SENDING | {"key_first_sent_at": None}, Step.LOOK_UP),
        (UNCERTAIN | {"key_first_sent_at": ago(seconds=3)}, Step.SEND_AGAIN),
        (UNCERTAIN | {"key_first_sent_at": ago(minutes=5)}, Step.LOOK_UP),
        (UNCERTAIN | {"key_first_sent_at": ago(days=3)}, Step.LOOK_UP),
        (UNCERTAIN | {"key_first_sent_at": ago(seconds=3), "kept_error": True}, Step.LOOK_UP),
    ],
)
def test_next_step(fields: dict[str, Any], step: Step) -> None:
    """Never sent is sent; a lost answer is sent again while the key lives, looked up after, or if an error is kept."""
    assert next_step(operation(**fields), NOW) is step


@pytest.mark.parametrize(
    ("age", "trusted", "forgotten"),
    [
        ({"seconds": 0}, True, False),
        ({"minutes": 4, "seconds": 59}, True, False),
        ({"minutes": 5}, False, False),
        ({"minutes": 6}, False, False),
        ({"minutes": 6, "seconds": 59}, False, False),
        ({"minutes": 7}, False, True),
        ({"days": 1}, False, True),
    ],
)
def test_key_life(age: dict[str, float], trusted: bool, forgotten: bool) -> None:
    """Between five and seven minutes a key is neither trusted to replay nor taken for forgotten."""
    aged = operation(key_first_sent_at=ago(**age))
    assert (rules.key_is_trusted(aged, NOW), rules.key_is_forgotten(aged, NOW)) == (trusted, forgotten)


def test_key_never_used() -> None:
    """A key that was never sent cannot replay anything, and nothing can be done under it any more."""
    fresh = operation()
    assert not rules.key_is_trusted(fresh, NOW)
    assert rules.key_is_forgotten(fresh, NOW)


@pytest.mark.parametrize(
    ("fields", "key_starts"),
    [
        ({"state": "pending"}, NOW),
        ({"state": "pending", "key_first_sent_at": ago(minutes=3)}, NOW),
        (UNCERTAIN | {"key_first_sent_at": ago(minutes=3)}, NOW - timedelta(minutes=3)),
        (SENDING | {"key_first_sent_at": ago(minutes=3)}, NOW - timedelta(minutes=3)),
        (SENDING | {"key_first_sent_at": None}, NOW),
    ],
)
def test_claim(fields: dict[str, Any], key_starts: datetime) -> None:
    """A claim holds the lease; the key's age counts from its first use that may have arrived, not from later ones."""
    claimed = operation(**fields)
    rules.claim(claimed, NOW)
    assert claimed.state == "sending"
    assert claimed.key_first_sent_at == instant(key_starts)
    assert claimed.lease_until == claimed.next_attempt_at == instant(NOW + rules.SENDING_LEASE)
    assert next_step(claimed, NOW) is Step.WAIT


def test_claim_keeps_first_sent() -> None:
    """When it was first sent is kept through every further try."""
    claimed = operation(first_sent_at=ago(hours=2))
    rules.claim(claimed, NOW)
    assert claimed.first_sent_at == ago(hours=2)


def test_new_key() -> None:
    """A new key is another one, unused, and forgets what was feared of the old one."""
    old = operation(**UNCERTAIN, key_first_sent_at=ago(hours=1), kept_error=True, body="{}")
    new = replace(old)
    rules.new_key(new)
    assert idempotency_key(new) != idempotency_key(old)
    assert (new.key_first_sent_at, new.kept_error, new.maybe_done) == (None, False, False)


OTHERS = {
    "another body": {"body": '{"a": 2}'},
    "another operation": {"id": operation_id("invoice_create", TENANT, "a-2", 1)},
    "another round": {"key_round": 1},
    "another target": {"target_id": "inv-2"},
    "another organisation": {"tenant_id": "b2a7e6f4-3c1d-4d8e-8b5f-2e3d8bacf002"},
}


@pytest.mark.parametrize("change", OTHERS.values(), ids=OTHERS)
def test_keys_differ(change: dict[str, Any]) -> None:
    """Whatever makes it another request makes it another key: Xero scopes keys to the app alone."""
    one = operation(body='{"a": 1}', target_id="inv-1")
    assert idempotency_key(replace(one, **change)) != idempotency_key(one)


@pytest.mark.parametrize(
    "change", [{"attempts": 9}, UNCERTAIN, {"reason": "x"}, {"created_by": {"subject": "x"}}]
)
def test_keys_stay(change: dict[str, Any]) -> None:
    """Sending the same thing again uses the same key, however often and by whomever."""
    one = operation(body='{"a": 1}')
    assert idempotency_key(replace(one, **change)) == idempotency_key(one)


@pytest.mark.parametrize("tenant", [TENANT, "t" * 36, "t" * 90])
@pytest.mark.parametrize("key_round", [0, 7, 10**6])
def test_key_form(tenant: str, key_round: int) -> None:
    """A key starts with the organisation, is plain ASCII and has at most Xero's 128 characters."""
    key = idempotency_key(operation(tenant_id=tenant, key_round=key_round, body="Zoë " * 5000))
    assert key.startswith(tenant[:80])
    assert key.endswith(f":{key_round}")
    assert len(key) <= 128
    assert key.isascii()
    assert key.isprintable()


def test_operation_ids() -> None:
    """The same intent has the same id; kind and every part count, and parts do not run into each other."""
    ids = [
        operation_id("invoice_create", "t", "a", 1),
        operation_id("invoice_create", "t", "a", 2),
        operation_id("invoice_create", "t", "b", 1),
        operation_id("invoice_void", "t", "a", 1),
        operation_id("invoice_create", "ta", 1),
        operation_id("invoice_create", "t", "a1"),
    ]
    assert len(set(ids)) == len(ids)
    assert operation_id("invoice_create", "t", "a", 1) == ids[0]


@pytest.mark.parametrize(("maybe_done", "state"), [(True, "uncertain"), (False, "pending")])
def test_wait(maybe_done: bool, state: str) -> None:
    """What waits says why and until when; "uncertain" exactly when its fate in Xero is open."""
    waiting = operation(state="sending", maybe_done=maybe_done, lease_until=ago(seconds=1))
    rules.wait(waiting, until=NOW, code="paused", reason="Xero asks us to wait")
    assert (waiting.state, waiting.next_attempt_at, waiting.lease_until) == (state, instant(NOW), None)
    assert (waiting.reason_code, waiting.reason) == ("paused", "Xero asks us to wait")


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 2), (1, 2), (2, 5), (4, 60), (8, 3600), (900, 3600)])
def test_back_off(attempts: int, seconds: int) -> None:
    """The waits grow to an hour and no further."""
    assert rules.back_off(operation(attempts=attempts), NOW) == NOW + timedelta(seconds=seconds)


def test_impatience_does_not_put_the_next_attempt_off() -> None:
    """Attempts made by themselves wait longer and longer; eight presses in ten seconds do not make an hour of it."""
    waits, gone_by = [], 0
    for attempts in range(1, 9):
        tried = operation(attempts=attempts, created_at=ago(seconds=gone_by))
        waits.append(int((rules.back_off(tried, NOW) - NOW).total_seconds()))
        gone_by += waits[-1]
    assert waits == list(rules.BACK_OFF_SECONDS)
    pressed = operation(attempts=8, created_at=ago(seconds=10))
    assert rules.back_off(pressed, NOW) - NOW == timedelta(seconds=30)


@pytest.mark.parametrize("state", rules.ENDED)
def test_end(state: str) -> None:
    """What has ended is due never again and holds no lease."""
    ended = operation(state="sending", lease_until=ago(seconds=-9), next_attempt_at=ago(seconds=-9))
    rules.end(ended, state, code="c", reason="r")
    assert ended.ended
    assert (ended.lease_until, ended.next_attempt_at) == (None, None)
    assert next_step(ended, NOW) is Step.STOP


def test_stored_and_read_back() -> None:
    """The stored form gives the same operation back, and a field of a later version does no harm."""
    kept = operation(**UNCERTAIN, body="{}", prepared={"number": "CL-1"}, key_round=3)
    assert Operation.from_data(kept.to_data() | {"of_a_later_version": 1}) == kept


def test_margins() -> None:
    """The margins that everything rests on: a lease outlives the client's timeouts, a key is trusted a minute short."""
    from shared.adapters.xero.transport import CONNECT_TIMEOUT, READ_TIMEOUT

    assert timedelta(seconds=CONNECT_TIMEOUT + READ_TIMEOUT) < rules.SENDING_LEASE
    six = timedelta(minutes=6)
    assert rules.KEY_TRUSTED_FOR + timedelta(seconds=CONNECT_TIMEOUT + READ_TIMEOUT) < six
    assert six + timedelta(seconds=CONNECT_TIMEOUT + READ_TIMEOUT) <= rules.KEY_FORGOTTEN_AFTER


def test_it_has_its_place_in_lists_from_the_start() -> None:
    """Kept by another's end, not by a person: it was last moved when it was made."""
    made = operation()
    assert made.updated_at == made.created_at
