"""Checks infra/terraform: ``python -m infra.terraform_check`` (``make terraform``).

Format, validity, the module's own tests and a plan of the example, without reaching Google. The provider comes from
Terraform's registry, or from wherever ``TF_CLI_CONFIG_FILE`` says (a mirror, or a stand-in named by ``dev_overrides``).
Where neither answers, what was not run is said; ``--require`` makes that a failure. checkov's rules come last, from the
environment that ``infra/local/setup_venv.py terraform`` makes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULE = ROOT / "infra" / "terraform"
EXAMPLE = MODULE / "examples" / "complete"
CHECKOV = ROOT / ".venv-terraform" / "bin" / "checkov"
NO_PROVIDER = ("Failed to query available provider packages", "Could not connect to")
NOT_INITIALISED = ("Missing required provider", "Required plugins are not installed", "terraform init")


def terraform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Without colours; output of both kinds together."""
    environment = {**os.environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    return subprocess.run(
        ["terraform", f"-chdir={folder}", *arguments, "-no-color"],
        check=False,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )


def provider(folder: Path) -> str:
    """``override`` or ``installed``, or the empty text where no provider can be had."""
    terraform(folder, "get")
    tried = terraform(folder, "validate")
    if "development overrides are in effect" in tried.stdout:
        return "override"
    if tried.returncode == 0 or not any(words in tried.stdout for words in NOT_INITIALISED):
        return "installed"
    started = terraform(folder, "init", "-backend=false", "-input=false")
    if started.returncode and not any(words in started.stdout for words in NO_PROVIDER):
        raise SystemExit(started.stdout)
    return "" if started.returncode else "installed"


def step(folder: Path, *arguments: str) -> None:
    print(f"terraform {' '.join(arguments)} ({folder.relative_to(ROOT)})", flush=True)
    done = terraform(folder, *arguments)
    if done.returncode:
        print(done.stdout)
        raise SystemExit(f"terraform {arguments[0]} failed")


def checks() -> list[str]:
    """Runs what can be run; gives what was not, each with its reason. SystemExit when something is wrong."""
    left_out = []
    if shutil.which("terraform") is None:
        return ["terraform is not installed: neither format, validity, tests nor plan were checked"]
    step(MODULE, "fmt", "-check", "-recursive", "-diff")
    kinds = {folder: provider(folder) for folder in (MODULE, EXAMPLE)}
    if not all(kinds.values()):
        return ["no provider to be had (see TF_CLI_CONFIG_FILE): validate, test and plan were not run"]
    for folder in kinds:
        step(folder, "validate")
    step(MODULE, "test")
    if kinds[EXAMPLE] == "override" or os.environ.get("GOOGLE_APPLICATION_CREDENTIALS"):
        step(EXAMPLE, "plan", "-input=false", "-lock=false", "-var-file=terraform.tfvars.example")
    else:
        left_out.append("no credentials of Google: the example was not planned (the module's tests plan it)")
    return left_out


def checkov() -> list[str]:
    if not CHECKOV.exists():
        return [f"{CHECKOV.relative_to(ROOT)} is missing (make terraform): its rules were not checked"]
    print("checkov", flush=True)
    done = subprocess.run(
        [str(CHECKOV), "--config-file", str(MODULE / "checkov.yaml"), "-d", str(MODULE)], check=False
    )
    if done.returncode:
        raise SystemExit("checkov found something; mend it, or add it to checkov.yaml with its reason")
    return []


if __name__ == "__main__":
    missing = checks() + checkov()
    for each in missing:
        print(f"NOT RUN: {each}")
    if missing and "--require" in sys.argv:
        sys.exit(1)
