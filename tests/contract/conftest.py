"""Each contract test runs once per backend."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from shared.adapters.embedded.database import Database
from shared.ports.secrets import Secrets
from shared.ports.store import Store
from tests.contract.backends import BACKENDS, STORES, Backend, TaskWorld


@pytest.fixture(params=sorted(BACKENDS))
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    return BACKENDS[request.param](tmp_path)


@pytest.fixture(params=sorted(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return STORES[request.param](tmp_path)


@pytest.fixture
def place() -> str:
    """A collection that no other test uses."""
    return f"practices/{uuid.uuid4().hex}/things"


@pytest.fixture
def secrets(backend: Backend) -> Secrets:
    return backend.secrets()


@pytest.fixture
def secret_name() -> str:
    return f"grant-{uuid.uuid4().hex}"


@pytest.fixture
def world(backend: Backend) -> TaskWorld:
    return backend.task_world()


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """For tests of the embedded backend alone: a file of its own."""
    return Database(tmp_path / "ledger.sqlite")
