"""Fixtures for every folder of tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.product import Product, running_product
from tests.stores import firestore_store


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """The whole product against a simulator of its own; not connected yet."""
    with running_product(tmp_path) as running:
        yield running


@pytest.fixture
def product_on_firestore(tmp_path: Path) -> Iterator[Product]:
    """The same with its documents in Google's Firestore emulator."""
    with running_product(tmp_path, make_store=firestore_store) as running:
        yield running
