"""Puts a new image of the functions into service: ``python3 -m infra.deploy deploy|smoke|shift|rollback``.

    deploy --image IMAGE@sha256:...   a new revision of every function, without traffic, under the tag ``next``
    smoke                             asks each of those revisions what it must answer without sign-in
    shift                             all traffic to ``next``; what served until then is tagged ``previous``
    rollback                          all traffic back to ``previous``

Settings stay as Terraform made them; the image alone is new. Standard library and gcloud only: it runs in Cloud Build.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

FUNCTIONS = Path(__file__).parents[1] / "functions"
NEXT, PREVIOUS = "next", "previous"
#: Public function -> a request that needs no sign-in and changes nothing, and its answer.
SMOKE = {
    "activity": ("GET", "/xero/logs/", 401),
    "console": ("GET", "/openapi.json", 200),
    "contacts": ("POST", "/xero/contacts/sync_patient/", 401),
    "invoices": ("POST", "/xero/invoices/create_invoice/", 401),
    "oauth": ("GET", "/xero/oauth/connect/", 401),
    "records": ("PUT", "/clinic/patients/p-1", 401),
    "settings": ("GET", "/xero/settings/", 401),
    "webhook": ("POST", "/xero/webhook/", 401),
}
#: What Google answers for a private function to somebody outside: it must not even be asked.
CLOSED = (403, 404)


def names() -> list[str]:
    return sorted(path.parent.name for path in FUNCTIONS.glob("*/main.py"))


def gcloud(arguments: list[str]) -> str:
    """What it prints; SystemExit with what it said when it fails."""
    done = subprocess.run(["gcloud", *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr.strip())
    return done.stdout


class Services:
    """The deployment's Cloud Run services."""

    def __init__(self, prefix: str, region: str, run: Callable[[list[str]], str] = gcloud) -> None:
        self._prefix, self._region, self._gcloud = prefix, region, run

    def run(self, verb: str, function: str, *arguments: str) -> str:
        """SystemExit naming the service with what gcloud said when it fails."""
        service = f"{self._prefix}-{function.replace('_', '-')}"
        try:
            return self._gcloud(["run", "services", verb, service, f"--region={self._region}", *arguments])
        except SystemExit as error:
            raise SystemExit(f"{service}: {error}") from None

    def traffic(self, function: str) -> list[dict[str, Any]]:
        """[{"revisionName", "percent"?, "tag"?, "url"?}]"""
        described = json.loads(self.run("describe", function, "--format=json"))
        return list(described["status"].get("traffic", []))

    def tagged(self, function: str, tag: str) -> dict[str, Any] | None:
        return next((target for target in self.traffic(function) if target.get("tag") == tag), None)


def deploy(services: Services, image: str) -> None:
    """gcloud waits until each revision has started; one that does not start is a failure and gets no traffic."""
    for name in names():
        services.run("update", name, f"--image={image}", "--no-traffic", f"--tag={NEXT}", "--quiet")
        print(f"{name}: deployed without traffic")


def smoke(services: Services, ask: Callable[[str, str], int]) -> None:
    """SystemExit naming every revision that answers otherwise than it must."""
    wrong = []
    for name in names():
        target = services.tagged(name, NEXT)
        if target is None:
            wrong.append(f"{name}: there is no revision {NEXT!r}")
            continue
        method, path, expected = SMOKE.get(name, ("POST", "/", None))
        status = ask(method, target["url"] + path)
        print(f"{name}: {method} {path} {status}")
        if status != expected and (expected is not None or status not in CLOSED):
            wrong.append(f"{name}: {method} {path} answered {status}, not {expected or 'closed'}")
    if wrong:
        raise SystemExit("\n".join(wrong))


def shift(services: Services) -> None:
    """One function after the other; when one cannot be shifted, those before it go back."""
    shifted: list[str] = []
    for name in names():
        try:
            serving = max(services.traffic(name), key=lambda target: target.get("percent", 0))
            new = services.tagged(name, NEXT)
            if new is None:
                raise SystemExit(f"{name}: there is no revision {NEXT!r}; deploy first")
            if serving["revisionName"] != new["revisionName"]:
                tag = f"--update-tags={PREVIOUS}={serving['revisionName']}"
                services.run("update-traffic", name, tag, "--quiet")
                shifted.append(name)
                services.run("update-traffic", name, f"--to-tags={NEXT}=100", "--quiet")
            print(f"{name}: {new['revisionName']} serves")
        except SystemExit:
            rollback(services, shifted)
            raise


def rollback(services: Services, only: list[str] | None = None) -> None:
    """Every function that can goes back; SystemExit naming those that cannot."""
    stuck = []
    for name in names() if only is None else only:
        try:
            if services.tagged(name, PREVIOUS) is None:
                raise SystemExit(f"{name}: there is no revision {PREVIOUS!r} to go back to")
            services.run("update-traffic", name, f"--to-tags={PREVIOUS}=100", "--quiet")
            print(f"{name}: back to the previous revision")
        except SystemExit as error:
            stuck.append(str(error))
    if stuck:
        raise SystemExit("\n".join(stuck))


def status_of(method: str, url: str) -> int:
    request = urllib.request.Request(url, method=method, data=None if method == "GET" else b"{}")  # noqa: S310
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - gcloud said this address  # nosec B310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        print(f"{url}: {error}")
        return 0


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python3 -m infra.deploy", description=__doc__.split("\n")[0])
    parser.add_argument("command", choices=("deploy", "smoke", "shift", "rollback"))
    parser.add_argument("--region", required=True, help="the region of the services")
    parser.add_argument("--prefix", default="ledger", help="what the services' names begin with")
    parser.add_argument("--image", help="by digest, for deploy")
    given = parser.parse_args(arguments)
    services = Services(given.prefix, given.region)
    if given.command == "deploy":
        if not re.search(r"@sha256:[0-9a-f]{64}$", given.image or ""):
            parser.error(
                "--image must end in @sha256: and 64 hex digits: a tag may mean another image tomorrow"
            )
        deploy(services, given.image)
    elif given.command == "smoke":
        smoke(services, status_of)
    elif given.command == "shift":
        shift(services)
    else:
        rollback(services)


if __name__ == "__main__":
    main(sys.argv[1:])
