"""Ten thousand invoices drained minute after minute, then reconciled: calls, limits, CPU time, memory.

A process of its own, ``python -m tests.benchmarks.draining COUNT``: the product with all its functions, so one function
by itself uses less. The simulator is another process. The clock is moved to whatever is due next.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from infra.local.settings import ROOT
from tests.benchmarks.bulk import Bulk, Calls
from tests.benchmarks.figures import Figure, at_least, at_most
from tests.benchmarks.xero_apart import MeteredProduct, product_apart

A_MINUTE = 60
CHANGES = 100


def run(quick: bool) -> list[Figure]:
    command = [sys.executable, "-m", "tests.benchmarks.draining", "3000" if quick else "10000"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return [Figure(**figure) for figure in json.loads(done.stdout.splitlines()[-1])]


def measured(count: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, product_apart(Path(folder), LOG_LEVEL="WARNING") as product:
        bulk = Bulk(product)
        bulk.patients(1)
        bulk.appointments(count, patients=1)
        product.advance(61)  # the minute of the setting up is over
        product.counted = lambda: _links(product, "AUTHORISED")
        product.metered.clear()
        _forget_peak_memory()
        calls = bulk.create_all()
        peak = _peak_memory()
        assert _links(product, "AUTHORISED") == count + 1
        return [*_limits(count, calls), _cpu(count, product), _memory(count, peak), _reconciled(count, bulk)]


def _limits(count: int, calls: Calls) -> list[Figure]:
    """The minutes begin with their first call, as Xero's do; the last one is not full, so it does not count."""
    at, begins = calls.at, [0]
    for position, moment in enumerate(at):
        if moment - at[begins[-1]] >= timedelta(minutes=1):
            begins.append(position)
    full, minutes = begins[-1], (at[begins[-1]] - at[0]) / timedelta(minutes=1)
    used = full / (A_MINUTE * minutes) if minutes else 0.0
    name = f"share of the minute limit used while draining {count:,} invoices"
    detail = f"{calls.count} calls, {full} of them in the {minutes:.2f} minutes that were full"
    return [
        at_least(name, used, 0.9, "{:.1%}", detail),
        at_most("429s meanwhile", calls.refused, 0),
    ]


def _cpu(count: int, product: MeteredProduct) -> Figure:
    """The minutes that were full: the last has only what is left."""
    drains = [each for each in product.metered if each.kind == "drain" and each.done]
    assert sum(each.done for each in drains) == count
    minutes = sorted(1000 * each.cpu / each.done for each in drains[:-1] or drains)
    whole, job = (
        1000 * sum(m.cpu for m in product.metered if m.kind == kind) / count for kind in ("drain", "job")
    )
    detail = (
        f"{minutes[0]:.2f} to {minutes[-1]:.2f} in {len(minutes)} minutes; {whole:.2f} over all; the product's process"
        f" alone; keeping the intents took another {job:.2f} ms each"
    )
    name = f"own CPU time for each invoice, draining {count:,}"
    return at_most(name, round(statistics.median(minutes), 2), 2, "{:.2f} ms", detail)


def _memory(count: int, peak: float) -> Figure:
    detail = "peak of a process with all functions and the tests' client"
    return at_most(f"memory while draining {count:,}", peak, 150, "{:.0f} MB", detail)


def _reconciled(count: int, bulk: Bulk) -> Figure:
    """One hour's sweep after 100 payments in Xero; the hour before, everything was in step."""
    product = bulk.product
    product.advance(3600)
    product.reconcile()
    product.advance(3600)
    invoices = [each for each in product.invoices() if each["Status"] == "AUTHORISED"][-CHANGES:]
    for invoice in invoices:
        product.by_hand(f"invoices/{invoice['InvoiceID']}/pay")
    calls = bulk.calls_of(product.reconcile)
    assert _links(product, "PAID") == CHANGES, "the changes did not come back"
    by = ", ".join(f"{number} {endpoint}" for endpoint, number in sorted(calls.by_endpoint().items()))
    return at_most(f"calls to reconcile {count:,} links with {CHANGES} changes", calls.count, 3, "{:g}", by)


def _links(product: Any, status: str) -> int:
    """How many of our links have that status."""
    select = "SELECT count(*) FROM fields WHERE collection = ? AND field = 'status' AND value = ?"
    with product.database.reading() as connection:
        row = connection.execute(select, ("practices/demo/invoice_links", status)).fetchone()
    return int(row[0])


def _forget_peak_memory() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _peak_memory() -> float:
    """MB of this process since the peak was forgotten."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


if __name__ == "__main__":
    print(json.dumps([figure.to_data() for figure in measured(int(sys.argv[1]))]))
