"""The short soak, as a test: the real stack under faults and kills for half a minute, then the accounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.plan import Plan
from tests.soak.soak import run

#: One seed here, so that a red run can be played again; `make soak` takes a new one each time.
SEED = 20261125
LEAST_KILLS, LEAST_OPERATIONS, LEAST_FAULTS = 3, 150, 30


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the stack's processes through /proc")
def test_nothing_is_doubled_or_lost(tmp_path: Path) -> None:
    """Hundreds of operations through a fifth of faults, kills of every process and jumps of the clock: every
    appointment once, every payment on both sides, everything that failed says why, all figures equal to the cent."""
    plan = Plan.short(SEED)
    outcome = run(plan, tmp_path, print)
    print(outcome.text())
    assert outcome.problems == [], f"seed {plan.seed}"
    # It was a bad day indeed; a quiet one would prove nothing.
    assert sum(outcome.kills.values()) >= LEAST_KILLS
    assert sum(outcome.operations.values()) >= LEAST_OPERATIONS
    assert sum(outcome.struck.values()) >= LEAST_FAULTS
    assert outcome.jumps >= 2
