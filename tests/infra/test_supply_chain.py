"""What runs has a list with licences, none of them unwelcome; what is known of it is asked."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest

from infra.local.settings import ROOT
from infra.supply_chain import __main__ as supply_chain
from infra.supply_chain.licences import licence_of, not_allowed, table


def component(name: str, *licences: str) -> dict[str, Any]:
    return {"name": name, "version": "1.0", "licenses": [{"expression": licence} for licence in licences]}


def listed() -> dict[str, set[tuple[str, str]]]:
    """The tables of docs/licences.md: name and version of each package."""
    text = (ROOT / "docs/licences.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    rows = re.compile(r"^\| (\S+) \| (\S+) \| \S", re.MULTILINE)
    return {
        section.split()[0]: set(rows.findall(section)) - {("package", "version"), ("---", "---")}
        for section in sections
    }


def test_the_list_is_what_is_installed() -> None:
    """Run ``make sbom`` after ``make lock``, or when the page's packages change."""
    required = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    functions = set(re.findall(r"^([a-z0-9][\w.-]*)==([^\s;]+)", required, re.MULTILINE))
    assert listed()["Functions"] == functions
    lock = json.loads((ROOT / "functions/console/page/package-lock.json").read_text(encoding="utf-8"))
    direct = lock["packages"][""]["dependencies"]
    assert set(direct.items()) <= listed()["Page"]
    locked = {
        (path.rpartition("node_modules/")[2], each.get("version")) for path, each in lock["packages"].items()
    }
    assert listed()["Page"] <= locked


@pytest.mark.parametrize(
    ("licences", "allowed"),
    [
        (["MIT"], True),
        (["Apache-2.0 OR GPL-3.0-only"], True),
        (["MIT AND GPL-3.0-only"], False),
        (["MIT", "AGPL-3.0-only"], False),
        (["(MIT OR CC0-1.0)"], True),
        (["SSPL-1.0"], False),
        ([], False),
    ],
)
def test_licences(licences: list[str], allowed: bool) -> None:
    """One of several alternatives is enough; of several parts each must be allowed; none named is not allowed."""
    assert (not_allowed({"components": [component("x", *licences)]}) == []) is allowed


def test_licences_of_what_is_installed() -> None:
    """However old the package's way of saying it; and never a guess."""
    assert licence_of("pydantic") == "MIT"
    assert licence_of("google-cloud-tasks") == "Apache-2.0"
    assert licence_of("certifi") == "MPL-2.0"
    assert licence_of("no-such-package") is None
    assert "| x | 1.0 | ? |" in table({"functions": {"components": [component("x")]}})


@pytest.mark.parametrize(
    ("code", "said", "status"),
    [
        (0, "No known vulnerabilities found", 0),
        (1, "jinja2 3.1.0 PYSEC-2026-1", 1),
        (0, "watchdog could not be audited", 2),
        (1, "npm error audit endpoint returned an error", 2),
    ],
)
def test_audit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: int, said: str, status: int
) -> None:
    """What is known fails; that nobody could be asked is said and is not taken for "nothing known"."""
    answer = subprocess.CompletedProcess([], code, stdout=said, stderr="")
    monkeypatch.setattr(supply_chain, "run", lambda *_, **__: answer)
    assert supply_chain.audit() == status
    shown = capsys.readouterr().out
    assert shown.count("NOT ASKED") == (5 if status == 2 else 0)
