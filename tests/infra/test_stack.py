"""The Terraform files against the code: functions, paths, environment variables, roles, log fields."""

from __future__ import annotations

import re

from infra.local.routing_table import EVENT_FUNCTIONS, PREFIXES
from infra.terraform_check import MODULE, ROOT
from shared.config import CONFIGURATION
from tests.infra.stack_files import all_text, block, functions, keys, lists, text

FOLDERS = {path.parent.name for path in (ROOT / "functions").glob("*/main.py")}
#: Read by functions-framework and gunicorn, or by Google's libraries; none of ours.
RUNTIME = {
    "FUNCTION_TARGET",
    "FUNCTION_SOURCE",
    "FUNCTION_SIGNATURE_TYPE",
    "PYTHONPATH",
    "THREADS",
    "CLOUD_RUN_TIMEOUT_SECONDS",
}
PRIVATE = {"worker", "reconcile"} | EVENT_FUNCTIONS


def test_every_function_is_deployed() -> None:
    """One row for each folder, and the private ones are those that a task, the schedule or an event calls."""
    table = functions()
    assert set(table) == FOLDERS
    assert {name for name, row in table.items() if row["public"] == "false"} == PRIVATE


def test_the_url_map_is_the_local_table() -> None:
    """The same paths lead to the same functions as in the local stack; none leads to a private one."""
    expected = {name: list(paths) for name, paths in PREFIXES.items() if name not in PRIVATE}
    assert lists("functions.tf", "paths = {") == expected


def test_every_environment_variable_is_known() -> None:
    """A misspelt one would be ignored, and the default taken."""
    static = set(re.findall(r'env = "([A-Z_]+)"', block("secrets.tf", "static_secrets = {")))
    ours = keys("services.tf", "environment = merge(") | keys("services.tf", "own = {") | static
    assert {"BACKEND", "XERO_CLIENT_SECRET", "XERO_WEBHOOK_KEY"} <= ours
    assert ours - set(CONFIGURATION) == set()
    assert keys("services.tf", "runtime = {") == RUNTIME


def test_a_task_has_time_to_end() -> None:
    """The worker is given longer than Cloud Tasks waits at most, so that it ends by itself."""
    assert int(functions()["worker"]["timeout"]) >= 900
    assert 'attempt_deadline = "900s"' in text("scheduler.tf")


def test_every_role_has_its_reason() -> None:
    """Each role that is given stands in the list with a reason, and none stands there in vain."""
    given = set(re.findall(r'^\s*role\s*= "(roles/[\w.]+)"', all_text(), re.M))
    reasons = block("accounts.tf", "reasons = {")
    reasoned = set(re.findall(r'"(roles/[\w.]+)"\s*= "\w', reasons))
    assert given == reasoned
    assert not [role for role in given if role in ("roles/owner", "roles/editor") or role.endswith(".admin")]


def test_every_grant_is_looked_at_by_the_modules_test() -> None:
    """A new resource that gives a role is one that the assertion over all roles must name."""
    grants = set(re.findall(r'^resource "(google_\w+_iam_member)" "(\w+)"', all_text(), re.M))
    tested = text("tests/stack.tftest.hcl")
    assert {f"{kind}.{name}" for kind, name in grants if f"{kind}.{name}" not in tested} <= {
        "google_project_iam_member.token_secret_creator",  # a role of our own, of one permission
    }
    assert not re.findall(r'^resource "google_\w+_iam_(binding|policy)"', all_text(), re.M)


def test_nobody_is_everybody() -> None:
    """Public functions go without Google's check; nothing is ever granted to everybody."""
    assert "allUsers" not in all_text()
    assert "allAuthenticatedUsers" not in all_text()


def test_no_secret_passes_through_terraform() -> None:
    """Its state keeps every value that it is given."""
    assert "google_secret_manager_secret_version" not in all_text()
    assert "secret_data" not in all_text()


def test_metrics_read_fields_that_are_logged() -> None:
    """Each field and message of a metric's filter is one that the code writes."""
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (
            ROOT / "shared/http/logs.py",
            ROOT / "shared/services/activity_log.py",
            ROOT / "shared/services/connections.py",
        )
    )
    filters = "\n".join(re.findall(r"^\s*filter = (.*)$", block("monitoring.tf", "log_metrics = {"), re.M))
    fields = set(re.findall(r"jsonPayload\.(\w+)", filters))
    words = set(re.findall(r'jsonPayload\.\w+=\\"([\w. ]+)\\"', filters))
    assert fields == {"status", "message", "action", "outcome", "operation_id"}
    assert {word for word in words | fields - {"message"} if f'"{word}"' not in code} == set()


def test_variables_are_described_and_checked() -> None:
    """Each variable says what it is; those that people type in are checked."""
    source = text("variables.tf")
    names = re.findall(r'^variable "(\w+)"', source, re.M)
    for name in names:
        assert "description = " in block("variables.tf", f'variable "{name}"'), name
    unchecked = {n for n in names if "validation {" not in block("variables.tf", f'variable "{n}"')}
    assert unchecked == {
        "auth_audience",
        "budget",
        "deletion_protection",
        "firestore_location",
        "repository",
        "time_zone",
        "webhook_min_instances",
    }


def test_the_example_asks_for_nothing_unknown() -> None:
    """It passes on variables of the module only, and shows a value for each that has no default."""
    example = (MODULE / "examples/complete/main.tf").read_text(encoding="utf-8")
    passed = set(re.findall(r"^\s+(\w+)\s*= var\.\1$", example, re.M)) - {"billing_project"}
    known = set(re.findall(r'^variable "(\w+)"', text("variables.tf"), re.M))
    assert passed <= known
    needed = {n for n in known if "default" not in block("variables.tf", f'variable "{n}"')}
    shown = (MODULE / "examples/complete/terraform.tfvars.example").read_text(encoding="utf-8")
    assert {n for n in needed - {"image"} if not re.search(rf"^{n} ", shown, re.M)} == set()
