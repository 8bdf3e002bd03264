"""What is wrong with a deployment's configuration, all of it at once: ``python -m infra.doctor`` (``make doctor``).

Looks at the environment variables of the shell, or at those of a deployed function:

    gcloud run services describe ledger-oauth --region REGION --format json | make -s doctor ARGS=--service

It shows no secret. Of others it only asks the time, and with ``--offline`` not even that.
0: all right, or only remarks; 1: something is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from infra.doctor_clock import clock_problems
from infra.doctor_rules import HIDDEN, Problem, problems
from shared.config import CONFIGURATION, Config


def of_service(description: dict[str, Any]) -> tuple[dict[str, str], list[Problem]]:
    """The variables of a Cloud Run service as ``gcloud run services describe --format json`` gives it, and what only
    shows there."""
    spec = description["spec"]["template"]["spec"]
    variables = spec["containers"][0].get("env", [])
    given = {each["name"]: each.get("value", HIDDEN if "valueFrom" in each else "") for each in variables}
    found = []
    for each in variables:
        version = each.get("valueFrom", {}).get("secretKeyRef", {}).get("key", "1")
        if version == "latest":
            message = "reads the secret's latest version; a rollback would not bring the old value back"
            found.append(Problem(each["name"], message, stops=False))
    threads, concurrency = given.get("THREADS"), spec.get("containerConcurrency")
    if concurrency is not None and threads != str(concurrency):
        message = f"is {threads or 'missing'}; the service sends up to {concurrency} requests at once"
        found.append(Problem("THREADS", message))
    return given, found


def of_machine(given: dict[str, str]) -> list[Problem]:
    """Where the embedded backend keeps its files."""
    if given.get("BACKEND", "embedded") != "embedded":
        return []
    folder = Path(given.get("STATE_DIR") or CONFIGURATION["STATE_DIR"][0])
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        return [Problem("STATE_DIR", f"{folder} cannot be written to")]
    key = Config.from_environment(given).secrets_key_file
    if key.exists() and key.stat().st_mode & 0o077:
        return [Problem("STATE_DIR", f"others may read {key}; chmod 600 it")]
    return []


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.doctor", description=__doc__.split("\n")[0])
    parser.add_argument("--service", action="store_true", help="read a service's description from stdin")
    parser.add_argument("--offline", action="store_true", help="do not ask anybody for the time")
    options = parser.parse_args(arguments)
    if options.service:
        try:
            given, found = of_service(json.load(sys.stdin))
        except (ValueError, KeyError, IndexError, TypeError):
            print("This is not what `gcloud run services describe ... --format json` prints.")
            return 1
    else:
        given = {name: value for name, value in os.environ.items() if value}
        found = of_machine(given) + ([] if options.offline else clock_problems(given))
    found = problems(given) + found
    for problem in found:
        print(f"{'WRONG ' if problem.stops else 'remark'} {problem.name}: {problem.message}")
    wrong = sum(problem.stops for problem in found)
    print(f"{wrong} wrong, {len(found) - wrong} to think over" if found else "Nothing is wrong.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
