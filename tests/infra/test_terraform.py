"""Terraform's own checks, where Terraform and a provider are to be had; nothing reaches Google."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from infra.terraform_check import EXAMPLE, MODULE, ROOT, provider, terraform

pytestmark = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The module with what it reads beside it, to break."""
    shutil.copytree(MODULE, tmp_path / "terraform", ignore=shutil.ignore_patterns(".terraform*"))
    shutil.copy(ROOT / "infra/firestore.indexes.json", tmp_path)
    return tmp_path / "terraform"


def needs_provider(folder: Path) -> None:
    if not provider(folder):
        pytest.skip("no provider to be had: set TF_CLI_CONFIG_FILE (see infra/terraform_check.py)")


def test_format() -> None:
    """As ``terraform fmt`` writes it."""
    done = terraform(MODULE, "fmt", "-check", "-recursive")
    assert done.returncode == 0, done.stdout


def test_valid_and_its_own_tests_pass(copy: Path) -> None:
    """Openness, roles, queues, protection, addresses: tests/stack.tftest.hcl."""
    needs_provider(copy)
    for step in ("validate", "test"):
        done = terraform(copy, step)
        assert done.returncode == 0, done.stdout


def test_the_example_is_planned(copy: Path) -> None:
    """Everything in one go; the real provider would ask Google, so only a stand-in plans here."""
    example = copy / EXAMPLE.relative_to(MODULE)
    if provider(example) != "override":
        pytest.skip("no stand-in for the provider: set TF_CLI_CONFIG_FILE (see infra/terraform_check.py)")
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
    needs_provider(copy)
    content = (copy / name).read_text()
    assert right in content
    (copy / name).write_text(content.replace(right, wrong))
    assert terraform(copy, "validate").returncode != 0


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        (
            "functions.tf",
            "worker                = { public = false",
            "worker                = { public = true",
        ),
        ("variables.tf", "<= 5 &&", "<= 50 &&"),
        ("build.tf", '"roles/run.developer"', '"roles/run.admin"'),
    ],
)
def test_a_wrong_plan_is_found(copy: Path, name: str, right: str, wrong: str) -> None:
    """The module's tests notice a private function that is open, a rate too high, a role too many."""
    needs_provider(copy)
    content = (copy / name).read_text()
    assert right in content
    (copy / name).write_text(content.replace(right, wrong))
    assert terraform(copy, "test").returncode != 0
