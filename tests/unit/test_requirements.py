"""What is installed is exact, hashed, and contains what was agreed."""

from __future__ import annotations

import re

import pytest

from infra.local.settings import ROOT

AGREED = ("functions-framework", "google-cloud-firestore", "google-cloud-secret-manager", "google-cloud-tasks",
          "requests", "xero-python", "pytest", "gunicorn", "grpcio")  # fmt: skip
FILES = ("requirements.txt", "tests/requirements.txt")
TOOLS = ("infra/terraform/requirements.txt", "infra/supply_chain/requirements.txt")


def entries(file: str) -> dict[str, str]:
    """name -> the whole entry, its continuation lines included."""
    text = (ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return {re.split(r"[=\[ ;<>!~]", line.strip(), maxsplit=1)[0].lower(): line for line in lines}


@pytest.mark.parametrize("file", [*FILES, *TOOLS])
def test_every_package_is_exact_and_hashed(file: str) -> None:
    """Each entry is name==version with hashes; the project itself (`.`) is none, because a build would cache it."""
    found = entries(file)
    wrong = [name for name, line in found.items() if "==" not in line or "--hash=sha256:" not in line]
    assert found
    assert wrong == []
    assert "." not in found


@pytest.mark.parametrize("file", FILES)
def test_the_agreed_packages_are_there(file: str) -> None:
    """All that was agreed is installed, and never the urllib3 that breaks the official SDK."""
    found = entries(file)
    assert [name for name in AGREED if name not in found] == []
    assert "urllib3==2.6.0 " not in found["urllib3"]


def test_tests_run_on_what_is_deployed() -> None:
    """Every version of the deployed list is the one the tests use."""
    deployed, tested = (entries(file) for file in FILES)

    def version(line: str) -> str:
        return line.split("==", 1)[1].split()[0]

    assert {n: version(e) for n, e in deployed.items()} == {n: version(tested[n]) for n in deployed}
