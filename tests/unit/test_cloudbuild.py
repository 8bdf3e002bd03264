"""cloudbuild.yaml: its steps in their order, its substitutions, the commands it names, and what it ships."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from infra import deploy
from infra.local.settings import ROOT
from shared.config import CONFIGURATION

BUILD: dict[str, Any] = yaml.safe_load((ROOT / "cloudbuild.yaml").read_text(encoding="utf-8"))
STEPS = {step["id"]: step for step in BUILD["steps"]}
#: https://cloud.google.com/build/docs/build-config-file-schema
BUILD_KEYS = {"steps", "substitutions", "options", "timeout"}
STEP_KEYS = {"id", "name", "entrypoint", "args", "env"}
BUILT_IN = {"PROJECT_ID", "BUILD_ID"}
#: Read by the build itself, the buildpack or a step; not by the functions.
OF_THE_BUILD = {
    "TAGGED",
    "GOOGLE_PYTHON_VERSION",
    "GOOGLE_FUNCTION_TARGET",
    "GOOGLE_FUNCTION_SOURCE",
}


def words(step: dict[str, Any]) -> list[str]:
    return [*step.get("args", []), *step.get("env", [])]


def test_schema() -> None:
    """Only keys that Cloud Build knows, each step named, every image by a tag or a family of Google's."""
    assert set(BUILD) == BUILD_KEYS
    assert len(STEPS) == len(BUILD["steps"])
    for step in BUILD["steps"]:
        assert set(step) <= STEP_KEYS
        assert {"id", "name", "entrypoint", "args"} <= set(step)
        assert all(isinstance(word, str) for word in words(step))
    assert re.fullmatch(r"\d+s", BUILD["timeout"])


def test_order() -> None:
    """Tested before it is built, built once, asked before it gets traffic."""
    assert list(STEPS) == [
        "what the tests need",
        "checks and tests",
        "what is shipped",
        "build",
        "push by digest",
        "deploy",
        "smoke test",
        "shift traffic",
    ]
    assert STEPS["checks and tests"]["args"] == ["-c", ".ci/run"]


def test_substitutions() -> None:
    """Each that is used is declared or Cloud Build's own, none is declared in vain, the shell's dollars are doubled."""
    used: set[str] = set()
    for step in BUILD["steps"]:
        for word in words(step):
            plain = word.replace("$$", "")
            used |= set(re.findall(r"\$\{(\w+)\}", plain))
            assert "$" not in re.sub(r"\$\{\w+\}", "", plain), word
    assert used == set(BUILD["substitutions"]) | BUILT_IN


def test_same_names_as_terraform() -> None:
    """The defaults fit the variables' defaults, and the trigger sets the same substitutions."""
    trigger = (ROOT / "infra/terraform/build.tf").read_text(encoding="utf-8")
    assert {f"{name} " in trigger for name in BUILD["substitutions"]} == {True}
    variables = (ROOT / "infra/terraform/variables.tf").read_text(encoding="utf-8")
    assert f'default     = "{BUILD["substitutions"]["_PREFIX"]}"' in variables


def test_every_variable_is_known() -> None:
    """Neither a function's setting is misspelt here, nor set here at all: settings are Terraform's."""
    text = (ROOT / "cloudbuild.yaml").read_text(encoding="utf-8")
    set_here = set(re.findall(r"(?:--env=|\[\")([A-Z][A-Z_]+)=", text))
    assert set_here == OF_THE_BUILD
    assert set_here & set(CONFIGURATION) == set()


def test_what_it_names_is_there() -> None:
    """Files, the function of the default target, and the commands of infra.deploy with their arguments."""
    assert (ROOT / STEPS["what the tests need"]["args"][-1] / "Dockerfile").is_file()
    assert "--tag=" + STEPS["checks and tests"]["name"] in STEPS["what the tests need"]["args"]
    assert (ROOT / ".ci/run").is_file()
    arguments = dict(
        word.removeprefix("--env=").split("=", 1) for word in STEPS["build"]["args"] if "--env=" in word
    )
    assert arguments["GOOGLE_FUNCTION_TARGET"] in deploy.names()
    assert (ROOT / arguments["GOOGLE_FUNCTION_SOURCE"]).is_file()
    commands = " ".join(" ".join(STEPS[name]["args"]) for name in ("deploy", "smoke test", "shift traffic"))
    assert re.findall(r"infra\.deploy (\w+)", commands) == ["deploy", "smoke", "shift"]
    with pytest.raises(SystemExit):
        deploy.main(["deploy", "--region=r", "--image=functions:latest"])


def test_the_tests_find_what_they_require() -> None:
    """What ``.ci/run`` asks for is installed where Cloud Build runs it."""
    installed = (ROOT / "infra/ci/Dockerfile").read_text(encoding="utf-8")
    required = set(re.findall(r"^need (\w+)", (ROOT / ".ci/run").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"make", "terraform"} <= required
    for each in required | {
        "chromium",
        "default-jre-headless",
        "google-cloud-cli-firestore-emulator",
        "python3-venv",
    }:
        assert f" {each}" in installed, each


def test_the_image_has_everything_that_runs_and_nothing_else() -> None:
    """What is copied holds every function and what they import; tests and tools stay behind."""
    script = STEPS["what is shipped"]["args"][1]
    assert "cp -r functions shared requirements.txt .ship/" in script
    assert "--path=.ship" in STEPS["build"]["args"]
    imported = {
        line.split()[1].split(".")[0]
        for folder in ("functions", "shared")
        for path in (ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"(from|import) (infra|tests|functions|shared)\b", line)
    }
    assert imported <= {"functions", "shared"}


def test_uploads_leave_the_machine_s_own_behind() -> None:
    """No virtual environment, state, secrets or history are uploaded; the tests are, because the build runs them."""
    ignored = (ROOT / ".gcloudignore").read_text(encoding="utf-8").splitlines()
    for needed in (".git", ".venv/", ".local/", "node_modules/", "*.tfvars", "*.tfstate*", ".env*"):
        assert needed in ignored
    assert not [line for line in ignored if line.startswith(("tests", "infra/local", ".ci"))]
