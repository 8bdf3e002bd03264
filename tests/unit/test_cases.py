"""docs/cases.md names tests that exist."""

from __future__ import annotations

import re

from infra.local.settings import ROOT


def test_every_case_has_its_test() -> None:
    """Each row ends in the name of a test function that is there."""
    rows = [
        line for line in (ROOT / "docs" / "cases.md").read_text("utf-8").splitlines() if line.startswith("| ")
    ][2:]
    named = [re.findall(r"`(test_\w+)`", row) for row in rows]
    there = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)
    }
    assert len(rows) > 30
    assert [
        row for row, names in zip(rows, named, strict=True) if len(names) != 1 or names[0] not in there
    ] == []
