"""The deploy program against a stand-in for gcloud that keeps revisions, tags and traffic as Cloud Run does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra import deploy
from infra.local.settings import ROOT
from tests.functions.test_alone import FIRST

IMAGE = "r-docker.pkg.dev/p/ledger/functions@sha256:" + "0" * 64


class Cloud:
    """Keeps revisions, tags and traffic; called with gcloud's arguments."""

    def __init__(self) -> None:
        self.broken: dict[str, set[str]] = {}  # verb -> services
        self.services: dict[str, dict[str, Any]] = {}
        for name in deploy.names():
            service = f"ledger-{name.replace('_', '-')}"
            first = f"{service}-00000"
            self.services[service] = {"serving": first, "revisions": {first: "old"}, "tags": {}}

    def __call__(self, arguments: list[str]) -> str:
        group, kind, verb, name, *rest = arguments
        assert (group, kind) == ("run", "services")
        flags = dict(flag.removeprefix("--").partition("=")[::2] for flag in rest)
        assert flags.pop("region") == "r"
        if name in self.broken.get(verb, ()):
            raise SystemExit("it does not start")
        service = self.services[name]
        tags, revisions = service["tags"], service["revisions"]
        if verb == "describe":
            assert flags == {"format": "json"}
            traffic = [{"revisionName": service["serving"], "percent": 100}]
            traffic += [
                {"revisionName": r, "tag": t, "url": f"https://{t}---{name}"} for t, r in tags.items()
            ]
            return json.dumps({"status": {"traffic": traffic}})
        if verb == "update":
            assert flags.keys() == {"image", "no-traffic", "tag", "quiet"}
            revision = f"{name}-{len(revisions):05}"
            revisions[revision], tags[flags["tag"]] = flags["image"], revision
        elif "update-tags" in flags:
            tag, _, revision = flags["update-tags"].partition("=")
            assert revision in revisions
            tags[tag] = revision
        else:
            tag, _, percent = flags["to-tags"].partition("=")
            assert percent == "100"
            service["serving"] = tags[tag]
        return ""

    def serving(self) -> set[str]:
        """The images that get traffic."""
        return {service["revisions"][service["serving"]] for service in self.services.values()}


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def services(cloud: Cloud) -> deploy.Services:
    return deploy.Services("ledger", "r", cloud)


def answers(method: str, url: str) -> int:
    """As the deployed functions: private ones are closed."""
    name = url.split("---ledger-")[1].split("/")[0].replace("-", "_")
    return FIRST[name][2] if name in deploy.SMOKE and name != "console" else 200 if name == "console" else 403


def test_deploy_smoke_shift_rollback(cloud: Cloud, services: deploy.Services) -> None:
    """Nothing serves the new image before the shift; everything does after it; nothing after the rollback."""
    deploy.deploy(services, IMAGE)
    assert cloud.serving() == {"old"}
    deploy.smoke(services, answers)
    deploy.shift(services)
    assert cloud.serving() == {IMAGE}
    deploy.shift(services)  # again: what serves is not tagged as the previous one
    deploy.rollback(services)
    assert cloud.serving() == {"old"}


def test_one_that_does_not_start_stops_the_deployment(cloud: Cloud, services: deploy.Services) -> None:
    """Before any traffic."""
    cloud.broken = {"update": {"ledger-worker"}}
    with pytest.raises(SystemExit, match="ledger-worker: it does not start"):
        deploy.deploy(services, IMAGE)
    assert cloud.serving() == {"old"}


def test_a_shift_that_breaks_off_goes_back(cloud: Cloud, services: deploy.Services) -> None:
    """All or none: functions of two versions do not stay side by side."""
    deploy.deploy(services, IMAGE)
    cloud.broken = {"update-traffic": {"ledger-settings"}}
    with pytest.raises(SystemExit, match="ledger-settings"):
        deploy.shift(services)
    assert cloud.serving() == {"old"}


def test_shift_and_rollback_need_what_they_go_to(services: deploy.Services) -> None:
    """Named, one and all."""
    with pytest.raises(SystemExit, match="deploy first"):
        deploy.shift(services)
    with pytest.raises(SystemExit) as error:
        deploy.rollback(services)
    assert len(str(error.value).splitlines()) == len(deploy.names())


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("invoices", 500),
        ("invoices", 200),
        ("console", 503),
        ("webhook", 403),
        ("worker", 401),
        ("worker", 200),
        ("reconcile", 0),
    ],
)
def test_smoke_names_what_is_wrong(services: deploy.Services, name: str, status: int) -> None:
    """A crash, a function that lets everybody in or nobody, a private one that can be reached."""
    deploy.deploy(services, IMAGE)

    def ask(method: str, url: str) -> int:
        return status if f"---ledger-{name}/" in url else answers(method, url)

    with pytest.raises(SystemExit) as error:
        deploy.smoke(services, ask)
    assert str(error.value).startswith(f"{name}: ")
    assert len(str(error.value).splitlines()) == 1


def test_smoke_asks_as_the_functions_are_tested() -> None:
    """The same requests and answers as each function gives when it runs alone; the page by its description."""
    for name, (method, path, status) in deploy.SMOKE.items():
        if name != "console":
            assert FIRST[name][:3] == (method, path, status)
    assert set(FIRST) - set(deploy.SMOKE) == {"worker", "reconcile", "appointment_completed"}


def test_the_rollback_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """infra/rollback, as a person types it, with gcloud as a program; what it cannot do is said."""
    program = tmp_path / "gcloud"
    program.write_text('#!/bin/sh\necho "$*" >> "$0.calls"\necho "not found" >&2\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("PYTHON", sys.executable)
    command = [str(ROOT / "infra/rollback"), "--region", "r"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "ledger-webhook: not found" in done.stderr
    calls = (tmp_path / "gcloud.calls").read_text().splitlines()
    assert calls[0] == "run services describe ledger-activity --region=r --format=json"
    assert len(calls) == len(deploy.names())


def test_status_of_nobody() -> None:
    """No answer is a status too."""
    assert deploy.status_of("GET", "http://127.0.0.1:9/") == 0
