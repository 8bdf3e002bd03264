"""What runs in a deployment: ``python -m infra.supply_chain sbom | audit`` (``make sbom``, ``make audit``).

``sbom`` writes CycloneDX bills of materials of the functions and of the staff page into ``sbom/``, each package with
its version, hashes and licence, and the list of licences into ``docs/licences.md``; a licence that is not allowed ends
it with 1. ``audit`` asks PyPI's and npm's advisory databases about every package, those of tests and tools as well:
1 when something is known, 2 when neither could be asked.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from infra.supply_chain.licences import licence_of, not_allowed, table

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".venv-supply-chain" / "bin"
PAGE = ROOT / "functions" / "console" / "page"
FOLDER = ROOT / "sbom"
LIST = ROOT / "docs" / "licences.md"
PYTHON_FILES = (
    "requirements.txt",
    "tests/requirements.txt",
    "infra/terraform/requirements.txt",
    "infra/supply_chain/requirements.txt",
)
#: What pip-audit and npm say when there is nobody to ask.
UNREACHABLE = (
    "could not be audited",
    "audit endpoint returned an error",
    "ENOTFOUND",
    "Connection",
    "ECONNREFUSED",
)
Bill = dict[str, Any]


def run(*command: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True, timeout=600)


def bill_of_functions() -> Bill:
    made = run(str(TOOLS / "cyclonedx-py"), "requirements", "--output-reproducible", "requirements.txt")
    if made.returncode:
        raise SystemExit(made.stderr)
    bill: Bill = json.loads(made.stdout)
    for component in bill["components"]:
        if licence := licence_of(component["name"]):
            component["licenses"] = [{"expression": licence}]
    return bill


def bill_of_page() -> Bill:
    made = run("npm", "sbom", "--sbom-format", "cyclonedx", "--omit", "dev", folder=PAGE)
    if made.returncode:
        raise SystemExit(f"{made.stderr}\nnpm needs the page's packages: make page")
    bill: Bill = json.loads(made.stdout)
    return bill


def sbom() -> int:
    bills = {"functions": bill_of_functions(), "page": bill_of_page()}
    FOLDER.mkdir(exist_ok=True)
    for name, bill in bills.items():
        (FOLDER / f"{name}.cdx.json").write_text(json.dumps(bill, indent=1) + "\n", encoding="utf-8")
        print(f"sbom/{name}.cdx.json: {len(bill['components'])} packages")
    LIST.write_text(table(bills), encoding="utf-8")
    wrong = [each for bill in bills.values() for each in not_allowed(bill)]
    for each in wrong:
        print(f"not allowed: {each}")
    return 1 if wrong else 0


def audit() -> int:
    asked = [
        (file, run(str(TOOLS / "pip-audit"), "--disable-pip", "--require-hashes", "-r", file))
        for file in PYTHON_FILES
    ]
    asked.append(("functions/console/page", run("npm", "audit", folder=PAGE)))
    known = unknown = 0
    for name, answer in asked:
        said = answer.stdout + answer.stderr
        if any(words in said for words in UNREACHABLE):
            unknown += 1
            print(f"{name}: NOT ASKED, the advisory database cannot be reached from here")
        elif answer.returncode:
            known += 1
            print(f"{name}:\n{said}")
        else:
            print(f"{name}: nothing known")
    return 1 if known else 2 if unknown else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m infra.supply_chain", description=__doc__)
    parser.add_argument("command", choices=["sbom", "audit"])
    sys.exit({"sbom": sbom, "audit": audit}[parser.parse_args().command]())
