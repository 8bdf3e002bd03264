"""The nightly check of the last weeks: once a night, at the cost of a call, told once while it is not whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.times import instant, parse_instant
from shared.services import night_check, paths
from tests.product import TENANTS, Product

#: Long enough for any night to have begun and ended.
DAY = 86_400


def entries(product: Product) -> list[dict[str, Any]]:
    found = product.ok("GET", "/xero/attention/")["items"]
    return [entry for entry in found if entry["cause"] == "completeness"]


def checks(product: Product) -> list[dict[str, Any]]:
    return list(product.ok("GET", "/xero/logs/?action=completeness.check")["items"])


def yesterday(product: Product, appointment_id: str = "a-1") -> None:
    """An appointment of the day before the night to come."""
    product.appointment(appointment_id, starts_at=product.clock.now().isoformat())


def night(product: Product) -> None:
    """The hourly sweeps of a day and a night."""
    for _ in range(26):
        product.advance(3600)
        product.reconcile()


def test_once_a_night_and_not_at_once(product: Product) -> None:
    """A practice that just connected is left alone until its first night; then once, however often the sweep runs."""
    product.ready()
    yesterday(product)
    product.reconcile()
    assert checks(product) == []
    night(product)
    assert len(checks(product)) == 1
    night(product)
    assert len(checks(product)) == 2


def test_one_entry_while_it_is_not_whole(product: Product) -> None:
    """Three appointments without invoices are one cause with their number; repaired, it goes away by itself."""
    product.ready()
    for number in (1, 2, 3):
        yesterday(product, f"a-{number}")
    night(product)
    (entry,) = entries(product)
    assert entry["count"] == 3
    assert "3 in the clinic, 0 in Xero, difference 330.00" in entry["sentence"]
    kept = product.ports.store.get(paths.completeness("demo")).data  # type: ignore[union-attr]
    assert (kept["whole"], kept["kinds"], kept["clinic"]["count"]) == (False, {"not_sent": 3}, 3)
    assert parse_instant(kept["checked_at"]) <= product.clock.now() < parse_instant(kept["due_at"])
    period = {"first": kept["first"], "last": kept["last"]}
    product.ok("POST", "/xero/completeness/repair/", "bookkeeper", json=period)
    assert len(entries(product)) == 1  # until it is known
    product.settle(120)
    assert entries(product) == []


def test_whole_books_are_told_nobody_but_the_log(product: Product) -> None:
    """No entry for a person; the log has the counts."""
    product.ready()
    yesterday(product)
    product.invoice()
    night(product)
    assert entries(product) == []
    assert "is whole: 1 in the clinic, 1 in Xero, difference 0.00" in checks(product)[0]["sentence"]


def test_it_costs_one_call(product: Product) -> None:
    """Beside the sweep's own pull: one page of invoices, and the lists when they are old."""
    product.ready()
    yesterday(product)
    product.invoice()
    night_check.check(product.ports, "demo")
    before = len(product.xero_calls())
    assert night_check.check(product.ports, "demo")["whole"] is True
    assert len(product.xero_calls()) - before == 1


def test_calls_kept_back_for_people_are_left_alone(product: Product) -> None:
    """With the day's share used up it asks nothing, and the next sweep tries again."""
    product.ready()
    path = paths.tenant(TENANTS["demo"])
    data = product.ports.store.get(path).data  # type: ignore[union-attr]
    seen = {"calls_left_day": 100, "calls_seen_at": instant(product.clock.now())}
    product.ports.store.put(path, data | seen)
    before = len(product.xero_calls())
    assert night_check.check(product.ports, "demo") == {"stopped": "calls_kept_back"}
    assert len(product.xero_calls()) == before


def test_an_outage_is_noted_and_tried_again(product: Product) -> None:
    """What the last good night found stays; the log says why there is no new one; the next sweep asks again."""
    product.ready()
    yesterday(product)
    night(product)
    kept = product.ports.store.get(paths.completeness("demo")).data  # type: ignore[union-attr]
    product.simulator.fault("status", path="/api.xro/2.0/Invoices", status=503, count=1)
    assert "stopped" in night_check.check(product.ports, "demo")
    assert product.ports.store.get(paths.completeness("demo")).data == kept  # type: ignore[union-attr]
    assert checks(product)[0]["outcome"] == "waiting"
    product.advance(600)
    assert night_check.check(product.ports, "demo")["whole"] is False


def test_another_organisations_result_is_not_shown(product: Product) -> None:
    """Connected to another one: its own first night is waited for, the old finding is nobody's."""
    product.ready()
    yesterday(product)
    night(product)
    assert entries(product)
    path = paths.completeness("demo")
    data = product.ports.store.get(path).data  # type: ignore[union-attr]
    product.ports.store.put(path, data | {"tenant_id": "before"})
    assert entries(product) == []
    product.reconcile()
    fresh = product.ports.store.get(path).data  # type: ignore[union-attr]
    assert set(fresh) == {"tenant_id", "due_at"}


@pytest.mark.parametrize(("zone", "utc_hour"), [("Australia/Sydney", 15), ("Pacific/Auckland", 13)])
def test_the_night_is_the_practices_own(product: Product, zone: str, utc_hour: int) -> None:
    """Two o'clock where the practice is, always ahead, at most a day away."""
    product.connect()
    product.settings(time_zone=zone)
    now = product.clock.now()
    due = night_check.next_night(product.ports, "demo")
    assert now < due <= now + timedelta(days=1)
    assert due.hour == 2
    assert due.utcoffset() is not None
    assert due.timestamp() // 3600 % 24 == utc_hour  # November: daylight saving time in both
