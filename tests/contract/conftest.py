"""Each contract test runs once per backend."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.adapters.embedded.database import Database
from shared.ports.secrets import Secrets
from shared.ports.store import Store
from tests.contract.backends import SECRETS, STORES, TASK_WORLDS, TaskWorld


@pytest.fixture(params=sorted(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return STORES[request.param](tmp_path)


@pytest.fixture
def place() -> str:
    """A collection that no other test uses."""
    return f"practices/{uuid.uuid4().hex}/things"


@pytest.fixture(params=sorted(SECRETS))
def secrets(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Secrets]:
    with SECRETS[request.param](tmp_path) as made:
        yield made


@pytest.fixture
def secret_name() -> str:
    return f"grant-{uuid.uuid4().hex}"


@pytest.fixture(params=sorted(TASK_WORLDS))
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TaskWorld]:
    with TASK_WORLDS[request.param](tmp_path) as made:
        yield made


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """For tests of the embedded backend alone: a file of its own."""
    return Database(tmp_path / "ledger.sqlite")
