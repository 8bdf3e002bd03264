"""Days at the clinic that Hypothesis makes up: whatever happens in whatever order, nothing twice, nothing lost.

``STATE_MACHINE_EXAMPLES=500 pytest tests/faults/test_state_machine.py`` plays so many others than the fixed ones.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from infra.local.signing_key import KEY_FILE
from tests.faults.machine.day import ClinicDay
from tests.faults.machine.stage import Stage
from tests.faults.share import SHARE
from tests.product import running_product

#: Fixed ones, the same on every machine; or, asked for by number, new ones every time.
EXAMPLES = int(os.environ.get("STATE_MACHINE_EXAMPLES") or 0)
STEPS = int(os.environ.get("STATE_MACHINE_STEPS") or 30)
PLAY = settings(
    max_examples=EXAMPLES or 40 // SHARE,
    stateful_step_count=STEPS,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("stage")
    with running_product(folder) as product:
        yield Stage(folder, product.simulator, folder / KEY_FILE)


def test_any_day(stage: Stage) -> None:
    run_state_machine_as_test(partial(ClinicDay, stage), settings=PLAY)
