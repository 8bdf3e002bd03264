"""A share of Xero's limits stays for people's clicks and for payments coming back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.domain.times import parse_instant
from shared.domain.xero_records import Usage
from shared.services.budget import deferred_until
from shared.services.connections import note_usage, pause
from shared.services.drain_tasks import drain_when_allowed
from tests.hints import waiting
from tests.product import TENANTS, Product, running_product


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """One document a call, so that a few documents are many calls."""
    with running_product(tmp_path, BATCH_SIZE="1") as running:
        yield running


def day_of(product: Product, appointments: int) -> None:
    product.ready()
    for number in range(2, appointments + 1):
        product.appointment(f"a-{number}")


def create_all(product: Product) -> str:
    period = {"starts_from": "2026-11-24T00:00:00+11:00", "starts_before": "2026-11-25T00:00:00+11:00"}
    return str(product.ok("POST", "/xero/invoices/create_all/", "reception", json=period)["job_id"])


def status(product: Product, job: str) -> str:
    return str(product.ok("GET", f"/xero/jobs/{job}/", "reception")["status"])


def refused(product: Product) -> list[Any]:
    return [call for call in product.xero_calls() if call["status"] == 429]


def test_bulk_work_leaves_the_minute_s_share(product: Product) -> None:
    """A job over more appointments than the minute allows stops at the share kept back, a click goes through
    meanwhile, and the job ends when the minutes have passed: one invoice each, not one 429."""
    day_of(product, 80)
    product.patient("p-9", last_name="Click")
    product.appointment("click", "p-9", starts_at="2026-11-27T08:00:00+11:00")
    job = create_all(product)
    product.run_tasks()
    made = len(product.invoices())
    assert 40 <= made <= 56
    assert product.invoice("click").status_code == 201
    product.settle(240)
    assert status(product, job) == "done"
    assert len(product.invoices()) == 81
    assert refused(product) == []


def test_bulk_work_leaves_the_day_s_share(product: Product) -> None:
    """With the day's share reached the job waits for hours, while a click and the pull still go through."""
    day_of(product, 40)
    product._control("POST", f"tenants/{TENANTS['demo']}/limits", {"day": 215})
    job = create_all(product)
    product.settle(120)
    made = len(product.invoices())
    assert made < 20
    assert product.invoice("a-40").status_code == 201
    product.reconcile()
    assert status(product, job) == "running"
    assert len(product.invoices()) == made + 1


def test_bulk_work_uses_the_rest_of_the_minute(product: Product) -> None:
    """At least nine in ten of Xero's sixty calls are used, minute after minute, without one refusal."""
    day_of(product, 180)
    assert product.invoice("a-1").status_code == 201
    product.advance(61)
    before = len(product.xero_calls())
    create_all(product)
    product.run_all(240)
    at = [parse_instant(call["at"]) for call in product.xero_calls()[before:]]
    a_minute = 60 - int(product.ports.config["RESERVED_CALLS_MINUTE"])
    minutes = (at[3 * a_minute] - at[0]) / timedelta(minutes=1)  # the first call of the fourth minute
    assert 3 * a_minute >= 0.9 * 60 * minutes
    assert refused(product) == []


@pytest.mark.parametrize(("left", "waits"), [(5, True), (6, False)])
def test_the_share_is_a_setting(product: Product, left: int, waits: bool) -> None:
    """Deferred work waits exactly when no more than RESERVED_CALLS_MINUTE calls are left."""
    product.connect()
    note_usage(product.ports, TENANTS["demo"], Usage(minute=left, day=4000))
    assert (deferred_until(product.ports, TENANTS["demo"]) is not None) is waits
    product.advance(61)
    assert deferred_until(product.ports, TENANTS["demo"]) is None


def test_what_xero_said_ends_the_wait(product: Product) -> None:
    """After a limit's Retry-After has passed, the count seen before it holds nothing up any longer."""
    product.connect()
    note_usage(product.ports, TENANTS["demo"], Usage(minute=0, day=4000))
    product.advance(1)
    pause(product.ports, TENANTS["demo"], "minute", 20)
    assert deferred_until(product.ports, TENANTS["demo"]) is not None
    product.advance(21)
    assert deferred_until(product.ports, TENANTS["demo"]) is None


def test_a_wake_up_is_never_the_task_that_runs(product: Product) -> None:
    """A drain that runs a moment too early, as by another machine's clock, is woken again: the name of its own task
    would add nothing to the queue."""
    tasks, now = product.ports.tasks, product.clock.now()
    until = now + timedelta(seconds=10)
    for _ in range(2):  # everybody who waits for the same moment is one task
        drain_when_allowed(tasks, "demo", now, until)
    assert len(waiting(product, "drain")) == 1
    product.advance(10.2)
    assert product.run_tasks() == 1
    drain_when_allowed(tasks, "demo", until - timedelta(milliseconds=50), until)
    assert len(waiting(product, "drain")) == 1
