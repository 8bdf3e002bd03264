"""Whatever may need a person has a sentence here and a button on the page."""

from __future__ import annotations

import re
from pathlib import Path

from shared.domain.corrections import PROPOSALS
from shared.services import held_totals
from shared.services.attention import CAUSES
from shared.services.connection_status import REASONS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "functions/console/page/src/lib/causes.ts"
#: Where an entry of attention is made -> how its cause is written there.
WRITTEN = {
    "attention.py": ["f\"connection.{status['reason']}\"", "cause", '"webhook.silent"'],
    "differences.py": ['f"changed.{proposal}"'],
    "held_totals.py": ["CAUSE"],
    "night_check.py": ['"completeness"'],
}
KNOWN = {
    *CAUSES,
    *(f"connection.{reason}" for reason in REASONS),
    *(f"changed.{proposal}" for proposal in PROPOSALS),
    held_totals.CAUSE,
    "completeness",
    "webhook.silent",
}


def test_the_page_has_a_button_for_every_cause() -> None:
    """``REMEDIES`` of the page names exactly the causes that the interface may give, none without a button."""
    table = re.search(r"REMEDIES: .*? = \{\n(.*?)\n\}", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert table
    rows = dict(re.findall(r"^  '?([\w.]+)'?: (.+),$", table[1], re.MULTILINE))
    assert set(rows) == KNOWN
    assert "[]" not in rows.values()


def test_every_cause_has_a_sentence_and_a_remedy() -> None:
    """Nothing is told to a person as a bare code."""
    told = [
        *CAUSES.values(),
        *((sentence, sentence) for sentence in [*REASONS.values(), *PROPOSALS.values()]),
    ]
    assert all(len(sentence) > 20 and len(remedy) > 20 for sentence, remedy in told)


def test_no_entry_is_made_elsewhere() -> None:
    """A new place that makes an entry of attention is looked at here, or its cause would have no button."""
    written: dict[str, list[str]] = {}
    for path in sorted((ROOT / "shared/services").rglob("*.py")):
        found = re.findall(r"^\s+\"cause\": (.+),$", path.read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            written[path.name] = found
    assert written == WRITTEN
