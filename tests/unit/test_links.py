"""What we remember of an invoice follows Xero, and an older answer never undoes a newer one."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.links import InvoiceLink, is_paid, link_after, link_from
from shared.domain.xero_records import InvoiceSnapshot

T0 = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NOW = "2026-11-24T09:00:05.000000Z"
LATER = "2026-11-24T10:00:00.000000Z"


def snapshot(minutes: int | None = 0, due: str = "110.00", **fields: Any) -> InvoiceSnapshot:
    base = InvoiceSnapshot(
        invoice_id="i-1",
        type="ACCREC",
        invoice_number="CL-a-1",
        reference="a-1",
        contact_id="c-1",
        status="AUTHORISED",
        currency="AUD",
        sub_total=Decimal("100"),
        total_tax=Decimal("10"),
        total=Decimal("110"),
        amount_due=Decimal(due),
        amount_paid=Decimal("110.00") - Decimal(due),
        amount_credited=Decimal(0),
        date=date(2026, 11, 24),
        due_date=date(2026, 12, 8),
        fully_paid_on=None,
        updated_at=None if minutes is None else T0 + timedelta(minutes=minutes),
    )
    return replace(base, **fields)


def linked(minutes: int | None = 0, **fields: Any) -> InvoiceLink:
    return link_from(
        snapshot(minutes, **fields),
        appointment_id="a-1",
        tenant_id="t-1",
        generation=1,
        now=NOW,
        rules={"date": "x"},
    )


def test_older_never_wins() -> None:
    """Part payment, payment, and the late arrival of the first of them: the newest stays."""
    link = linked()
    newer, older = snapshot(2, "0.00", status="PAID"), snapshot(1, "60.00")
    after = link_after(link, newer, LATER)
    assert after is not None
    assert (after.status, after.amount_due, after.amount_paid) == ("PAID", "0.00", "110.00")
    assert link_after(after, older, LATER) is None


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_any_order_of_arrival_ends_the_same(order: tuple[int, ...]) -> None:
    """Four states of one invoice in all 24 orders, one of them twice: always the newest in the end."""
    states = [snapshot(n, due) for n, due in enumerate(("110.00", "80.00", "30.00", "0.00"))]
    link = linked(-1)
    for place in (*order, order[0]):
        link = link_after(link, states[place], LATER) or link
    assert link.amount_due == "0.00"


def test_the_same_again_changes_nothing() -> None:
    """A duplicate webhook writes nothing, not even a time."""
    assert link_after(linked(), snapshot(), LATER) is None


def test_same_moment_other_content_is_taken() -> None:
    """Not every change moves Xero's UpdatedDateUTC: what was read later counts."""
    after = link_after(linked(), snapshot(0, "50.00"), LATER)
    assert after is not None
    assert (after.amount_due, after.updated_at) == ("50.00", LATER)


def test_an_answer_without_its_time_is_taken() -> None:
    """Without UpdatedDateUTC there is nothing to call it older by."""
    after = link_after(linked(), snapshot(None, "50.00"), LATER)
    assert after is not None
    assert after.amount_due == "50.00"


def test_what_is_ours_survives_what_is_xeros() -> None:
    """Rules, generation, the note of having e-mailed and of what was sent do not come from Xero and stay."""
    link = replace(linked(), emailed_at=NOW, sent_total="110.00", generation=2)
    after = link_after(link, snapshot(5, "0.00"), LATER)
    assert after is not None
    kept = (after.rules, after.emailed_at, after.sent_total, after.generation, after.tenant_id)
    assert kept == ({"date": "x"}, NOW, "110.00", 2, "t-1")


def test_amounts_are_text_with_cents() -> None:
    """As Xero computed them, always two places."""
    link = linked()
    assert (link.sub_total, link.total_tax, link.total, link.amount_credited) == (
        "100.00",
        "10.00",
        "110.00",
        "0.00",
    )


def test_stored_and_read_is_the_same() -> None:
    """And a field that a later version adds does not break this one."""
    link = linked()
    assert InvoiceLink.from_data(link.to_data() | {"not_yet_known": 1}) == link


@pytest.mark.parametrize(
    ("status", "due", "paid"),
    [
        ("PAID", "0.00", True),
        ("AUTHORISED", "0.00", False),
        ("AUTHORISED", "40.00", False),
        ("PAID", "0.01", False),
    ],
)
def test_paid_is_xeros_word_and_nothing_due(status: str, due: str, paid: bool) -> None:
    """Part paid and part credited is normal on the way there."""
    assert is_paid(linked(status=status, due=due)) is paid


@pytest.mark.parametrize(
    ("status", "over"), [("VOIDED", True), ("DELETED", True), ("PAID", False), ("DRAFT", False)]
)
def test_only_voided_and_deleted_are_over(status: str, over: bool) -> None:
    """Only then may the appointment get another invoice."""
    assert linked(status=status).is_over is over
