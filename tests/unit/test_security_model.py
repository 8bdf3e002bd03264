"""docs/security.md names tests that exist, for every line."""

from __future__ import annotations

import re

from infra.local.settings import ROOT


def test_every_line_of_the_model_has_its_tests() -> None:
    """Each row ends in the names of test functions that are there."""
    model, _, _ = (ROOT / "docs/security.md").read_text("utf-8").partition("## Figures")
    tables = re.findall(r"^\|.*\| test \|\n\| --- .*\n((?:\|.*\n)+)", model, re.MULTILINE)
    rows = [row for table in tables for row in table.splitlines()]
    there = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)
    }
    assert len(tables) == 8
    assert len(rows) > 45
    missing = {}
    for row in rows:
        names = set(re.findall(r"`(test_\w+)`", row.rstrip("| ").rpartition(" | ")[2]))
        if not names or names - there:
            missing[row] = names - there
    assert missing == {}
