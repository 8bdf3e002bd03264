"""In which order and company operations go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.operations import Operation
from shared.domain.times import instant
from shared.services.drain_plan import Group, Way, plan

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def operation(kind: str, about: str, **fields: Any) -> Operation:
    subject = {"patient_id": about} if kind.startswith("contact") else {"appointment_id": about}
    return Operation(
        id=f"{kind}-{about}-{fields.pop('nth', 1)}",
        kind=kind,
        practice_id="demo",
        tenant_id=fields.pop("tenant_id", "t"),
        subject=subject,
        request={},
        created_at=instant(NOW),
        created_by={},
        **fields,
    )


def in_doubt(kind: str, about: str, minutes: int, **fields: Any) -> Operation:
    sent = instant(NOW - timedelta(minutes=minutes))
    return operation(
        kind, about, state="uncertain", maybe_done=True, key_first_sent_at=sent, body="{}", **fields
    )


def planned(*due: Operation, size: int = 50) -> list[tuple[Way, list[str]]]:
    return [(group.way, group.ids) for group in plan(due, NOW, "t", size)]


def test_contacts_then_invoices_then_payments() -> None:
    """Whatever the order in which they are due, and each kind together."""
    due = [
        operation(kind, about)
        for about in "ab"
        for kind in ("payment_create", "invoice_create", "contact_create")
    ]
    # payment and invoice are of one appointment here, and keep their order: so other appointments are taken
    mixed = [operation("payment_create", "x"), *due[1::3], *due[2::3], operation("payment_create", "y")]
    assert [ids[0].split("-")[0] for _, ids in planned(*mixed)] == [
        "contact_create",
        "invoice_create",
        "payment_create",
    ]
    assert [len(ids) for _, ids in planned(*mixed)] == [2, 2, 2]


def test_one_appointment_keeps_its_order() -> None:
    """Paid, then voided: never the other way round, although payments come late in the order of kinds."""
    due = [
        operation(kind, about)
        for about in "ab"
        for kind in ("payment_create", "invoice_void", "invoice_approve")
    ]
    assert planned(*due) == [
        (Way.TOGETHER, ["payment_create-a-1", "payment_create-b-1"]),
        (Way.ALONE, ["invoice_void-a-1"]),
        (Way.ALONE, ["invoice_void-b-1"]),
        (Way.TOGETHER, ["invoice_approve-a-1", "invoice_approve-b-1"]),
    ]


def test_batches_have_a_size() -> None:
    """Five in batches of two are 2, 2 and one by itself."""
    due = [operation("invoice_create", str(n)) for n in range(5)]
    assert [(way, len(ids)) for way, ids in planned(*due, size=2)] == [
        (Way.TOGETHER, 2),
        (Way.TOGETHER, 2),
        (Way.ALONE, 1),
    ]
    assert {way for way, _ in planned(*due, size=1)} == {Way.ALONE}


def test_what_never_goes_together() -> None:
    """E-mails, what a batch was refused for, and what is meant for another organisation."""
    due = [operation("invoice_email", n) for n in "ab"]
    due += [operation("invoice_create", n, alone=True) for n in "cd"]
    due += [operation("invoice_create", n, tenant_id="another") for n in "ef"]
    assert {way for way, _ in planned(*due)} == {Way.ALONE}


def test_what_is_in_doubt() -> None:
    """In a batch whose key is trusted: that batch again. Otherwise looked up, many together; one that was sent by
    itself goes again by itself."""
    due = [
        in_doubt("payment_create", "a", 1, batch_id="b-1"),
        in_doubt("payment_create", "b", 1, batch_id="b-2"),
        in_doubt("payment_create", "c", 1, batch_id="b-1"),
        in_doubt("payment_create", "d", 6, batch_id="b-3"),
        in_doubt("payment_create", "e", 6),
        in_doubt("payment_create", "f", 1, batch_id="b-1", kept_error=True),
        in_doubt("payment_create", "g", 1),
    ]
    assert planned(*due) == [
        (Way.SEND_AGAIN, ["payment_create-a-1", "payment_create-c-1"]),
        (Way.SEND_AGAIN, ["payment_create-b-1"]),
        (Way.LOOK_UP, ["payment_create-d-1", "payment_create-e-1", "payment_create-f-1"]),
        (Way.ALONE, ["payment_create-g-1"]),
    ]


def test_nothing_is_lost_or_doubled() -> None:
    """Each operation is in exactly one group."""
    kinds = (
        "contact_create",
        "contact_update",
        "invoice_create",
        "invoice_approve",
        "invoice_void",
        "invoice_email",
    )
    due = [operation(kind, about, nth=n) for n in range(3) for about in "abc" for kind in kinds]
    groups: list[Group] = list(plan(due, NOW, "t", 4))
    assert sorted(id_ for group in groups for id_ in group.ids) == sorted(each.id for each in due)
