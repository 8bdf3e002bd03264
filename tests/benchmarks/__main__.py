"""Every figure of speed and cost: ``make bench``, or ``python -m tests.benchmarks [--quick] [--only NAME]``.

    --quick      small sizes and few rounds: minutes become one, and the figures say less
    --only NAME  one family of figures; may be given several times

Prints a table and writes ``bench.json`` into STATE_DIR (default ``.local``): a list of figures with ``figure``,
``value``, ``target``, ``ok`` and ``detail``. Exit status 1 when a figure is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import calls, draining, fairness, paid, starting, webhook
from tests.benchmarks.figures import Figure

FAMILIES: dict[str, Callable[[bool], list[Figure]]] = {
    "starting": starting.run,
    "webhook": webhook.run,
    "calls": calls.run,
    "draining": draining.run,
    "paid": paid.run,
    "fairness": fairness.run,
}


def main(argv: list[str]) -> int:
    options = _parser().parse_args(argv)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {_load()}\n")
    print("| figure | value | target | | spread, detail |\n| --- | --- | --- | --- | --- |")
    figures: list[Figure] = []
    for name in options.only or FAMILIES:
        figures += _measured(name, options.quick)
    kept = Path(os.environ.get("STATE_DIR") or ".local") / "bench.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps([each.to_data() for each in figures], ensure_ascii=False, indent=1) + "\n")
    missed = [each.figure for each in figures if not each.ok]
    print(f"\n{len(figures) - len(missed)} of {len(figures)} reached; kept in {kept}")
    return 1 if missed else 0


def _measured(name: str, quick: bool) -> list[Figure]:
    """With a line for each figure; a family that fails is a figure that is missed, and the others go on."""
    began = time.monotonic()
    try:
        figures = FAMILIES[name](quick)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and the exit status is 1
        figures = [Figure(name, "not measured", "", False, f"{type(error).__name__}: {error}"[:300])]
    for each in figures:
        verdict = "ok" if each.ok else "**missed**"
        print(f"| {each.figure} | {each.value} | {each.target} | {verdict} | {each.detail} |", flush=True)
    print(f"{name}: {time.monotonic() - began:.0f} s, {_load()}", file=sys.stderr, flush=True)
    return figures


def _load() -> str:
    return f"load {os.getloadavg()[0]:.1f}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", action="append", choices=list(FAMILIES), metavar="NAME")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
