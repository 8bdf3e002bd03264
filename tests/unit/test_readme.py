"""README says what the code says."""

from __future__ import annotations

from infra.local.settings import ROOT
from shared.config import CONFIGURATION

START, END = "<!-- configuration", "<!-- /configuration -->"


def rows() -> list[str]:
    return [
        f"| `{name}` | {f'`{d}`' if d else ''} | {meaning} |" for name, (d, meaning) in CONFIGURATION.items()
    ]


def test_configuration_table_is_the_code_s() -> None:
    """Every setting, its default and meaning stand in README exactly as in the code, and no other does."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme[readme.index(START) : readme.index(END)]
    assert [line for line in table.splitlines() if line.startswith("| `")] == rows()


def test_every_decision_is_listed() -> None:
    """The index of decisions names each page."""
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    missing = [page.name for page in folder.glob("0*.md") if f"({page.name})" not in index]
    assert missing == []
