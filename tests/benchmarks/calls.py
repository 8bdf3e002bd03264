"""What work costs in calls of Xero's, counted at the simulator while a clock is moved.

An organisation in daily use, so its lists of accounts and tax rates are known. Xero's webhooks are off while bulk jobs
run: each one that comes costs a pull in a bucket of two seconds, whatever it announces.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.bulk import Bulk, Calls
from tests.benchmarks.figures import Figure, at_most
from tests.hints import event, hint
from tests.product import running_product

#: One payload of Xero's holds at most so many events here.
EVENTS = 50
STORM_SECONDS = 10


@contextmanager
def fresh(**settings: str) -> Iterator[Bulk]:
    settings.setdefault("LOG_LEVEL", "WARNING")
    with tempfile.TemporaryDirectory() as folder, running_product(Path(folder), **settings) as product:
        yield Bulk(product)


def run(quick: bool) -> list[Figure]:
    count = 100 if quick else 1000
    return [new_patients(count), known_patients(count), *storms(500 if quick else 5000)]


def counted(name: str, calls: Calls, most: int) -> Figure:
    by = ", ".join(f"{number} {endpoint}" for endpoint, number in sorted(calls.by_endpoint().items()))
    return at_most(name, calls.count, most, "{:g}", by)


def new_patients(count: int) -> Figure:
    """Each with one appointment, none known to Xero."""
    with fresh() as bulk:
        bulk.patients(count)
        bulk.appointments(count, count)
        calls = bulk.create_all()
        assert len(bulk.product.invoices()) == count + 1
    return counted(f"calls for {count:,} new patients and {count:,} new invoices", calls, 45 * count // 1000)


def known_patients(count: int) -> Figure:
    """Whose contacts are there and as the clinic says."""
    with fresh() as bulk:
        bulk.patients(count)
        bulk.sync_all()
        bulk.appointments(count, count)
        bulk.product.advance(61)
        calls = bulk.create_all()
        assert len(bulk.product.invoices()) == count + 1
    return counted(f"calls for {count:,} invoices of known patients", calls, 22 * count // 1000)


def storms(events: int) -> list[Figure]:
    with fresh() as bulk:
        return [
            storm(bulk, events, ["INVOICE"], "invoices"),
            storm(bulk, events, ["INVOICE", "CONTACT", "CREDITNOTE", "PAYMENT"], "all kinds mixed"),
        ]


def storm(bulk: Bulk, events: int, categories: list[str], named: str) -> Figure:
    """Evenly over ten seconds, every payload signed and delivered; the tasks run as they come due."""
    product, payloads = bulk.product, events // EVENTS

    def rage() -> None:
        for payload in range(payloads):
            kinds = [categories[(payload + n) % len(categories)] for n in range(EVENTS)]
            hint(product, *(event(f"r-{n}", eventCategory=kind) for n, kind in enumerate(kinds)))
            product.advance(STORM_SECONDS / payloads)
            product.run_tasks()
        product.settle(30)

    with product.clock.standing_still():
        calls = bulk.calls_of(rage)
    return counted(f"calls for a storm of {events:,} webhook events in 10 seconds ({named})", calls, 10)
