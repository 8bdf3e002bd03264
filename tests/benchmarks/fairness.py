"""2,000 organisations and 100,000 waiting invoices: when is the first invoice of the last organisation sent?

Simulated: the real queue, drains and store; Xero is ``canned_xero``, the workers take their tasks on a simulated clock,
each as long as its calls take. One organisation has four thousand invoices, one answers fifty times as slowly, one is
paused for an hour. The ideal sends one batch of each organisation, all workers busy, and nothing else before that.
"""

from __future__ import annotations

import heapq
import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import requests

from shared import bootstrap
from shared.adapters.xero.client import XeroClient
from shared.services.connections import pause
from tests.benchmarks import fleet
from tests.benchmarks.bulk import Bulk
from tests.benchmarks.canned_xero import CannedXero
from tests.benchmarks.figures import Figure, at_most
from tests.product import TENANTS, Product, running_product

#: 6,000 calls a minute at most, below Xero's limit of 10,000 for the whole app.
WORKERS = 40
CALL_SECONDS = 0.4
SLOW_SECONDS = 20.0
EACH = 48


def run(quick: bool) -> list[Figure]:
    organisations, waiting = (200, 10_000) if quick else (2000, 100_000)
    giant = waiting - EACH * (organisations - 1)
    with _fleet(organisations, giant) as (product, xero, tenants):
        slow, paused = tenants[0], tenants[1]
        last = _simulate(product, xero, slow, set(tenants) - {slow, paused})
        assert paused not in xero.sent
    ideal = math.ceil((organisations - 1) / WORKERS) * CALL_SECONDS
    detail = f"{last:.1f} s against {ideal:.1f} s; {WORKERS} workers, {CALL_SECONDS} s a call"
    name = f"{organisations:,} tenants, {waiting:,} waiting: the last one's first invoice sent, against the ideal"
    return [at_most(name, round(last / ideal, 2), 1.2, "{:.2f}", detail)]


@contextmanager
def _fleet(organisations: int, giant: int) -> Iterator[tuple[Product, CannedXero, list[str]]]:
    """The demo practice and its copies wait with ``EACH`` invoices, the other practice with ``giant``."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_product(Path(folder), LOG_LEVEL="ERROR") as product,
        product.clock.standing_still(),
    ):
        product.ready("other")
        assert product.invoice(practice="other").status_code == 201
        demo = Bulk(product)
        for practice, count in (("demo", EACH), ("other", giant)):
            demo.appointments(count, patients=0, practice=practice)
            fleet.keep_intents(product, practice)
        (pattern,) = product.invoices()
        xero = CannedXero(pattern, lambda: product.clock.offset / timedelta(seconds=1))
        _put_in_place(product, xero)
        tenants = [TENANTS["demo"], *fleet.copy(product, organisations - 2), TENANTS["other"]]
        practices = ["other", *(f"fleet-{number}" for number in range(organisations - 2)), "demo"]
        fleet.wake(product, practices)
        pause(product.ports, tenants[1], "minute", 3600)
        yield product, xero, tenants


def _put_in_place(product: Product, xero: CannedXero) -> None:
    session = requests.Session()
    session.mount("http://", xero)
    client = XeroClient(
        client_id="",
        client_secret="",
        redirect_uri="",
        login_url=product.simulator.url,
        identity_url=product.simulator.url,
        api_url=product.simulator.url,
        session=session,
        now=product.clock.now,
    )
    product.ports = replace(product.ports, xero=client)
    bootstrap.install(product.ports, product.sign_in)


def _simulate(product: Product, xero: CannedXero, slow: str, wanted: set[str]) -> float:
    """Seconds until all of them have sent something. The worker that is free first takes the next task that is due."""
    begin = product.dispatcher.queue.next_at()
    assert begin is not None
    product.clock.offset += begin - product.clock.now()
    start = product.clock.offset

    def takes(tenant_id: str) -> None:
        product.clock.offset += timedelta(seconds=SLOW_SECONDS if tenant_id == slow else CALL_SECONDS)

    xero.takes = takes
    free_at = [start] * WORKERS
    while wanted - set(xero.sent):
        product.clock.offset = heapq.heappop(free_at)
        tasks = product.dispatcher.queue.lease(1, fleet.LEASE)
        if tasks:
            fleet.deliver(product, tasks[0])
        else:
            due = product.dispatcher.queue.next_at()
            assert due is not None, "nothing waits, but not everybody was served"
            product.clock.offset += due - product.clock.now()
        heapq.heappush(free_at, product.clock.offset)
    return max(xero.sent[tenant] for tenant in wanted) - start.total_seconds()
