"""Terraform's own checks, where Terraform and a provider are to be had; nothing reaches Google."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.terraform_check import EXAMPLE, MODULE, ROOT, provider, terraform
from tests.infra.provider import PYTHON, stand_in


def required(missing: str) -> None:
    """REQUIRE_TERRAFORM=1 makes what is missing a failure instead of a skip."""
    if os.environ.get("REQUIRE_TERRAFORM"):
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture(autouse=True, scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Our stand-in for the provider, unless ``TF_CLI_CONFIG_FILE`` names another: the same without a network."""
    if shutil.which("terraform") is None:
        required("terraform is not installed")
    if Path(os.environ.get("TF_CLI_CONFIG_FILE", "")).is_file():
        yield
        return
    if not PYTHON.exists():
        required("the stand-in's environment is missing: python3 infra/local/setup_venv.py terraform")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TF_CLI_CONFIG_FILE", str(stand_in(tmp_path_factory.mktemp("provider"))))
        yield


@pytest.fixture(scope="module")
def module(configuration: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the module with what it reads beside it, its provider and its own modules found."""
    folder = tmp_path_factory.mktemp("module")
    shutil.copytree(MODULE, folder / "terraform", ignore=shutil.ignore_patterns(".terraform*"))
    shutil.copy(ROOT / "infra/firestore.indexes.json", folder)
    assert provider(folder / "terraform"), "no provider to be had"
    return folder / "terraform"


@pytest.fixture
def copy(module: Path, tmp_path: Path) -> Path:
    """The same, to break."""
    shutil.copytree(module.parent, tmp_path / "copy")
    return tmp_path / "copy" / module.name


def change(folder: Path, name: str, right: str, wrong: str) -> None:
    content = (folder / name).read_text()
    assert right in content
    (folder / name).write_text(content.replace(right, wrong))


def test_format() -> None:
    """As ``terraform fmt`` writes it."""
    done = terraform(MODULE, "fmt", "-check", "-recursive")
    assert done.returncode == 0, done.stdout


def test_valid_and_its_own_tests_pass(copy: Path) -> None:
    """Openness, roles, queues, protection, addresses: tests/stack.tftest.hcl."""
    for step in ("validate", "test"):
        done = terraform(copy, step)
        assert done.returncode == 0, done.stdout


def test_the_example_is_planned(copy: Path) -> None:
    """Everything in one go."""
    example = copy / EXAMPLE.relative_to(MODULE)
    assert provider(example)
    done = terraform(example, "plan", "-input=false", "-var-file=terraform.tfvars.example")
    assert done.returncode == 0, done.stdout
    assert " 0 to change, 0 to destroy" in done.stdout


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("queues.tf", "max_concurrent_dispatches =", "max_concurrent_dispatch ="),
        ("services.tf", "invoker_iam_disabled =", "invoker_iam_off ="),
        ("accounts.tf", "google_service_account.tasks.name", "google_service_account.task.name"),
        ("load_balancer.tf", "path_rule", "path_rules"),
    ],
)
def test_a_wrong_name_is_found(copy: Path, name: str, right: str, wrong: str) -> None:
    """A misspelt argument, block or reference makes ``validate`` fail."""
    change(copy, name, right, wrong)
    assert terraform(copy, "validate").returncode != 0


#: What is made wrong, and the run of the module's tests that must notice it.
WRONG_PLANS = {
    "only_the_public_ones_are_open": (
        "functions.tf",
        "worker                = { public = false",
        "worker                = { public = true",
    ),
    "no_role_beyond_the_list": ("build.tf", '"roles/run.developer"', '"roles/run.admin"'),
    "six_at_once_are_refused": ("variables.tf", "<= 5 &&", "<= 50 &&"),
}


def test_wrong_plans_are_found(copy: Path) -> None:
    """The module's tests notice a private function that is open, a role too many, a rate too high: each the run that
    is about it, and the others pass. One go for all, since each takes half a minute."""
    for edit in WRONG_PLANS.values():
        change(copy, *edit)
    done = terraform(copy, "test")
    assert done.returncode != 0
    failed = re.findall(r'run "(\w+)"\.\.\. fail', done.stdout)
    assert sorted(failed) == sorted(WRONG_PLANS), done.stdout
