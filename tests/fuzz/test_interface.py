"""No request makes a 500, and every answer is one that the description names. ``make fuzz`` for the long form."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from schemathesis.core.failures import FailureGroup

from tests.fuzz.interface import Fuzz
from tests.product import running_product

#: Requests to each operation, and sequences of requests; the same ones for the same FUZZ_SEED.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES") or 4)
SEQUENCES = int(os.environ.get("FUZZ_SEQUENCES") or 8)
SEED = int(os.environ.get("FUZZ_SEED") or 1)


@pytest.fixture
def fuzz(tmp_path: Path) -> Iterator[Fuzz]:
    """Nobody is told to slow down: that would hide what lies behind."""
    with running_product(tmp_path, RATE_LIMIT="0") as product:
        fuzzing = Fuzz(product)
        fuzzing.prepare()
        yield fuzzing


def test_every_operation(fuzz: Fuzz, capsys: pytest.CaptureFixture[str]) -> None:
    """Each with bodies, queries and ids of every shape, valid or not, of the practice or of nobody."""
    operations = fuzz.operations()
    for operation in operations:
        fuzz.each(operation, EXAMPLES, SEED)
    with capsys.disabled():
        print(
            f"\n{sum(fuzz.outcomes.values())} requests to {len(operations)} operations: {dict(fuzz.outcomes)}"
        )
    assert sum(fuzz.outcomes.values()) >= len(operations)
    assert {200, 202, 404, 409, 422} <= set(fuzz.outcomes)


def test_in_sequence(fuzz: Fuzz, capsys: pytest.CaptureFixture[str]) -> None:
    """What one answered goes into the next: made, looked at, changed, cancelled, in any order."""
    fuzz.in_sequence(SEQUENCES, 15)
    with capsys.disabled():
        print(f"\n{sum(fuzz.outcomes.values())} requests in {SEQUENCES} sequences: {dict(fuzz.outcomes)}")
    assert {200, 404, 422} <= set(fuzz.outcomes)


def test_it_notices_what_is_not_described(fuzz: Fuzz, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash, and an answer of another shape."""
    logs = next(o for o in fuzz.operations() if (o.method, o.path) == ("get", "/xero/logs/"))
    fuzz.each(logs, 1, SEED)
    with monkeypatch.context() as patch:
        patch.setattr(fuzz.product.ports.store, "query", lambda *_, **__: 1 / 0)
        with pytest.raises(AssertionError, match="curl"):
            fuzz.each(logs, 1, SEED)
    other = fuzz.schema.raw_schema["components"]["schemas"]["LogListing"]
    other["required"] = ["something_else"]
    strict = Fuzz(fuzz.product)
    strict.schema = schemathesis.openapi.from_dict(fuzz.schema.raw_schema)
    strict.schema.app = fuzz.schema.app
    again = next(o for o in strict.operations() if (o.method, o.path) == ("get", "/xero/logs/"))
    with pytest.raises(FailureGroup):
        strict.each(again, 1, SEED)
