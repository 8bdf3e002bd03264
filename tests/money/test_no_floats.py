"""Between a clinic's amount and the bytes on the wire there is no binary fraction."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain import wire
from tests.money.test_table import as_sent

ROOT = Path(__file__).parents[2]
#: Files that reckon with fractions of a second, or with how alike two names are: nothing else is a float here.
NO_MONEY = (
    "shared/domain/likeness.py",
    "shared/bootstrap.py",
    "shared/adapters/embedded/",
    "shared/adapters/google_rpc.py",
    "shared/adapters/cloud_tasks/tasks.py",
    "shared/adapters/sealed/key_ring.py",
    "shared/adapters/system_clock.py",
    "shared/adapters/xero/limits.py",
    "shared/adapters/xero/client.py",
    "shared/adapters/xero/transport.py",
    "shared/adapters/xero/identity.py",
    "shared/http/keys.py",
    "shared/http/logs.py",
    "shared/services/overview.py",
    "shared/services/pull_changes.py",
)
#: Files that read JSON in which there are no amounts, or amounts as text only, and why.
JSON_WITHOUT_NUMBERS = {
    "shared/services/tokens.py": "tokens and their expiry",
    "shared/services/receive_webhook.py": "ids and times",
    "shared/adapters/store_cursor.py": "positions in a list",
    "shared/adapters/store_rules.py": "documents, whose amounts are decimal strings",
    "shared/adapters/embedded/store_query.py": "documents, whose amounts are decimal strings",
    "shared/adapters/embedded/field_index.py": "documents, whose amounts are decimal strings",
    "shared/adapters/embedded/store.py": "documents, whose amounts are decimal strings",
    "shared/adapters/firestore/commit.py": "documents, whose amounts are decimal strings",
    "shared/adapters/embedded/task_queue.py": "ids",
    "shared/adapters/sealed/key_ring.py": "keys and their names",
}


def parsed() -> Iterator[tuple[str, ast.AST]]:
    for folder in ("shared", "functions"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "node_modules" not in path.parts:
                yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def fractions_in(tree: ast.AST) -> Iterator[str]:
    """Literals with a point, the type itself. A check that refuses floats is
    none of these."""
    checked = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in checked:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"{node.lineno}: {node.value}"
        elif isinstance(node, ast.Name) and node.id in ("float", "round"):
            yield f"{node.lineno}: {node.id}"


def test_floats_are_for_no_money() -> None:
    """No float literal, ``float`` or ``round`` in any file but the few that measure time or likeness."""
    found = {name: list(fractions_in(tree)) for name, tree in parsed() if not name.startswith(NO_MONEY)}
    assert {name: hits for name, hits in found.items() if hits} == {}


@pytest.mark.parametrize("slip", ["float(amount)", "x: float", "amount * 1.15", "round(amount, 2)"])
def test_a_slip_would_be_seen(slip: str) -> None:
    """The reader of the code finds each way in which a float comes in."""
    assert list(fractions_in(ast.parse(slip)))


def test_json_is_read_with_decimals() -> None:
    """``json.loads`` without ``parse_float`` would make floats of amounts; where it is used there are none."""
    found = {
        name
        for name, tree in parsed()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("loads", "load")
        and getattr(node.func.value, "id", "") in ("json", "simplejson")
        and "parse_float" not in {word.arg for word in node.keywords}
    }
    assert found <= set(JSON_WITHOUT_NUMBERS)


def amounts(least: int, most: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.integers(least, most).map(lambda n: Decimal(n).scaleb(-places))


@settings(max_examples=500, deadline=None, database=None)
@given(amounts(1, 10**7, 4), amounts(-(10**10), 10**10, 4), amounts(0, 10**6, 4))
def test_the_wire_has_exactly_the_digits(quantity: Decimal, price: Decimal, rate: Decimal) -> None:
    """Each amount stands in the text as it stands in the Decimal, digit for digit, zeros at the end included."""
    document = as_sent([(f"{quantity:f}", f"{price:f}", "10", f"{rate:f}%", "OUTPUT")], "exclusive", "a-1")
    text = wire.dumps(document.body("c-1"))
    assert f'"Quantity":{quantity:f},"UnitAmount":{price:f},' in text
    assert f'"DiscountRate":{rate:f}' in text
