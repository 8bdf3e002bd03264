"""Hands our stand-in for the provider to Terraform: ``python -m tests.infra.provider FOLDER`` prints what to set.

Terraform takes a provider from a folder that a configuration file names under ``dev_overrides``; that file is named by
``TF_CLI_CONFIG_FILE``. The real provider is used wherever this is not set and the registry can be reached.
"""

from __future__ import annotations

import sys
from pathlib import Path

from infra.terraform_check import ROOT

PYTHON = ROOT / ".venv-terraform" / "bin" / "python"
PROGRAM = Path(__file__).with_name("provider_program.py")
CONFIGURATION = """provider_installation {{
  dev_overrides {{ "hashicorp/google" = "{folder}" }}
  direct {{}}
}}
"""


def stand_in(folder: Path) -> Path:
    """Writes both into ``folder`` and gives the file for ``TF_CLI_CONFIG_FILE``."""
    program = folder / "terraform-provider-google"
    program.write_text(f'#!/bin/sh\nexec "{PYTHON}" "{PROGRAM}"\n')
    program.chmod(0o755)
    configuration = folder / "terraform.rc"
    configuration.write_text(CONFIGURATION.format(folder=folder))
    return configuration


if __name__ == "__main__":
    print(stand_in(Path(sys.argv[1]).resolve()))
