"""``python -m tests.soak --minutes 10 --appointments 1500 --seed 7 [--faults 0.2] [--short] [--keep FOLDER]``."""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

from tests.soak.plan import Plan
from tests.soak.processes import SoakFailed
from tests.soak.soak import run


def main(argv: list[str]) -> int:
    """0 when nothing was duplicated, lost or left unexplained; 1 with the list otherwise."""
    options = _parser().parse_args(argv)
    seed = random.randrange(10**6) if options.seed is None else options.seed
    if options.short:
        plan = Plan.short(seed, options.faults)
    else:
        plan = Plan(seed, minutes=options.minutes, appointments=options.appointments, faults=options.faults)
    signal.signal(signal.SIGTERM, _exit)
    began = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {line}", flush=True)

    say(f"seed {seed}: {plan.appointments} appointments, {plan.minutes:g} minutes, {plan.faults:.0%} faults")
    with tempfile.TemporaryDirectory(prefix="soak-", ignore_cleanup_errors=True) as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            outcome = run(plan, folder, say)
        except SoakFailed as failure:
            print(failure, file=sys.stderr)
            return 1
    print(outcome.text())
    return 1 if outcome.problems else 0


def _exit(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)  # so that what was started is stopped


def _parser() -> argparse.ArgumentParser:
    defaults = Plan(0)
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=defaults.minutes)
    parser.add_argument("--appointments", type=int, default=defaults.appointments)
    parser.add_argument("--seed", type=int, help="the same seed has the same people, clicks and kills")
    parser.add_argument(
        "--faults", type=float, default=defaults.faults, help="share of the requests that are hit"
    )
    parser.add_argument("--short", action="store_true", help="a minute in all, as the tests do it")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave state and log there")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
