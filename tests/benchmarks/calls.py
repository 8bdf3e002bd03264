"""What bulk work costs in calls of Xero's: ``python -m tests.benchmarks.calls [--documents 1000] [--drained 10000]``.

Counted at the simulator, on the embedded backend, with the product and the simulator in one process and a clock that
is moved; an organisation in daily use, so its lists of accounts and tax rates are known. Xero's webhooks are off: each
one that comes while a bulk job runs costs a pull in a bucket of two seconds, whatever it announces.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.benchmarks.bulk import Bulk
from tests.product import running_product

Figure = dict[str, Any]


@contextmanager
def fresh(**settings: str) -> Iterator[Bulk]:
    with tempfile.TemporaryDirectory() as folder, running_product(Path(folder), **settings) as product:
        yield Bulk(product)


def figure(name: str, value: Any, target: str, ok: bool, **more: Any) -> Figure:
    return {"figure": name, "value": value, "target": target, "ok": ok, **more}


def new_patients(count: int) -> Figure:
    """Each with one appointment, none known to Xero."""
    with fresh() as bulk:
        bulk.patients(count)
        bulk.appointments(count, count)
        calls = bulk.create_all()
        made = len(bulk.product.invoices()) - 1
    most = 45 * count // 1000
    name = f"calls for {count:,} new patients and {count:,} new invoices"
    return figure(
        name, calls.count, f"≤ {most}", calls.count <= most and made == count, by=calls.by_endpoint()
    )


def known_patients(count: int) -> Figure:
    """Whose contacts are there and as the clinic says."""
    with fresh() as bulk:
        bulk.patients(count)
        synced = bulk.sync_all()
        bulk.appointments(count, count)
        bulk.product.advance(61)
        calls = bulk.create_all()
        made = len(bulk.product.invoices()) - 1
    most = 22 * count // 1000
    name = f"calls for {count:,} invoices of known patients"
    more = {"by": calls.by_endpoint(), "calls to make the contacts": synced.count}
    return figure(name, calls.count, f"≤ {most}", calls.count <= most and made == count, **more)


def drained(count: int) -> list[Figure]:
    """So many invoices of one patient, minute after minute: how much of what the minute allows bulk work is used."""
    with fresh() as bulk:
        bulk.patients(1)
        bulk.appointments(count, 1)
        cpu = time.thread_time()
        calls = bulk.create_all()
        cpu = time.thread_time() - cpu
        made = len(bulk.product.invoices()) - 1
        kept_back = int(bulk.product.ports.config["RESERVED_CALLS_MINUTE"])
    allowed, at = 60 - kept_back, calls.at
    whole = (calls.count - 1) // allowed  # minutes of which the next one has begun
    share = whole / ((at[whole * allowed] - at[0]) / timedelta(minutes=1)) if whole else 0.0
    name = f"share of the minute's calls used while draining {count:,} invoices (of {allowed}; {kept_back} kept back)"
    own = 1000 * cpu / count
    return [
        figure(name, f"{share:.0%}", "≥ 90 %", share >= 0.9 and made == count, calls=calls.count),
        figure("429s meanwhile", calls.refused, "0", calls.refused == 0),
        figure("own CPU time for each invoice, job and drain", f"{own:.1f} ms", "≤ 2 ms", own <= 2),
    ]


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.calls", description=__doc__)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--drained", type=int, default=10_000)
    parser.add_argument("--json", action="store_true", help="one JSON list instead of a table")
    options = parser.parse_args(argv)
    figures = [new_patients(options.documents), known_patients(options.documents), *drained(options.drained)]
    if options.json:
        print(json.dumps(figures, ensure_ascii=False, indent=1))
    else:
        print("| figure | value | target | |\n| --- | --- | --- | --- |")
        for each in figures:
            print(
                f"| {each['figure']} | {each['value']} | {each['target']} | {'ok' if each['ok'] else 'missed'} |"
            )
    return 0 if all(each["ok"] for each in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
