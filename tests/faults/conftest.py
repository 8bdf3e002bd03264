"""A clinic shared by a module's cases, each of which takes fresh people and appointments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.clinic import Clinic, ready
from tests.faults.fork_server import ForkServer, fork_server
from tests.faults.share import SHARE, chosen
from tests.product import Product, running_product


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With FAULT_SHARE: what is left out counts as deselected, and pytest says how many."""
    if SHARE > 1:
        here = [item for item in items if Path(__file__).parent in item.path.parents]
        _, left_out = chosen(here)
        items[:] = [item for item in items if item not in set(left_out)]
        config.hook.pytest_deselected(items=left_out)


@pytest.fixture(scope="module")
def shared_clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """One product and one simulator for the whole module."""
    with running_product(tmp_path_factory.mktemp("clinic")) as product:
        yield ready(product)


@pytest.fixture(autouse=True)
def nothing_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests of one clinic meet in any order."""
    shared = request.getfixturevalue("shared_clinic") if "shared_clinic" in request.fixturenames else None
    yield
    if shared is not None:
        shared.end_what_is_left()


@pytest.fixture
def case(shared_clinic: Clinic) -> Clinic:
    """The module's clinic with a fresh patient and appointment."""
    shared_clinic.case()
    return shared_clinic


@pytest.fixture
def clinic(product: Product) -> Clinic:
    """A clinic of the test's own."""
    made = ready(product)
    made.case()
    return made


@pytest.fixture(scope="session")
def forks() -> Iterator[ForkServer]:
    """Processes of their own for any product: one warm process forks them."""
    with fork_server() as server:
        yield server
