"""What each function loads, at import and with its first requests: a cold start pays for every library.

The tables are what may be loaded and no more; who adds a library to one decides that the function shall start later.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.settings import ROOT

MODELS = {"annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"}
#: Checking a token's signature.
SIGN_IN = {"certifi", "charset_normalizer", "cryptography", "idna", "jwt", "requests", "urllib3"}
TEXTS = {"simplejson", "tzlocal"}
#: function -> a request of its own, the libraries that its import loads, those that a first request adds
TABLE = {
    "activity": ("GET", "/xero/logs/", MODELS | TEXTS, SIGN_IN),
    "contacts": ("GET", "/xero/contacts/", MODELS | TEXTS, SIGN_IN),
    "invoices": ("GET", "/xero/invoices/", MODELS | TEXTS, SIGN_IN),
    "oauth": ("GET", "/xero/connections/status/", MODELS | TEXTS, SIGN_IN),
    "reconcile": ("POST", "/tasks/reconcile", MODELS | TEXTS, SIGN_IN),
    "records": ("PUT", "/clinic/patients/p-1", MODELS | TEXTS, SIGN_IN),
    "settings": ("GET", "/xero/settings/", MODELS | {"simplejson"}, SIGN_IN),
    "worker": ("POST", "/tasks/drain", MODELS | TEXTS, SIGN_IN),
    "webhook": ("POST", "/xero/webhook/", set(), set()),
}
#: Nobody signs in there and nothing is deferred: ``test_alone`` sees to their import.
WITHOUT_REQUESTS = {"appointment_completed", "console"}
WEBHOOK_AT_IMPORT = {
    "shared.bootstrap",
    "shared.config",
    "shared.domain",
    "shared.domain.errors",
    "shared.ports",
    "shared.ports.tasks",
    "shared.services",
    "shared.services.drain_tasks",
    "shared.services.receive_webhook",
}
WEBHOOK_FIRST_EVENT = {
    "shared.adapters",
    "shared.adapters.embedded",
    "shared.adapters.embedded.database",
    "shared.adapters.embedded.field_index",
    "shared.adapters.embedded.schema",
    "shared.adapters.embedded.tasks",
    "shared.adapters.known_names",
    "shared.adapters.queried_fields",
    "shared.adapters.store_rules",
    "shared.adapters.system_clock",
    "shared.adapters.task_rules",
    "shared.domain.times",
    "shared.ports.clock",
    "shared.ports.secrets",
    "shared.ports.store",
}


def loaded(name: str, folder: Path, backend: str) -> list[set[str]]:
    """After import, after a refused request, after a served one."""
    method, path, *_ = TABLE[name]
    settings = {"BACKEND": backend, "STATE_DIR": str(folder / "state"), "XERO_WEBHOOK_KEY": "a-key"}
    on_google = {"GOOGLE_CLOUD_PROJECT": "clinic", "REGION": "sydney"} if backend == "gcp" else {}
    done = subprocess.run(
        [sys.executable, "-m", "tests.functions.loaded_modules", name, method, path, str(folder)],
        cwd=ROOT,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), **settings, **on_google},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [set(each) for each in json.loads(done.stdout.splitlines()[-1])]


def libraries(names: set[str]) -> set[str]:
    return {name for name in names if not name.startswith(("shared", "functions"))}


def test_every_function_is_held() -> None:
    names = {folder.parent.name for folder in (ROOT / "functions").glob("*/main.py")}
    assert set(TABLE) | WITHOUT_REQUESTS == names


@pytest.mark.parametrize("name", sorted(TABLE))
def test_libraries(name: str, tmp_path: Path) -> None:
    """Exactly the table's; no adapter before a request is let in, and Xero's library not before Xero is asked."""
    *_, at_import, first = TABLE[name]
    imported, refused, served = loaded(name, tmp_path, "embedded")
    assert libraries(imported) == at_import
    assert libraries(served) == at_import | first
    assert [module for module in refused if module.startswith("shared.adapters")] == []


def test_the_webhook_loads_next_to_nothing(tmp_path: Path) -> None:
    """Of our own modules too: these and no others, a refused event none more, the first good one the queue."""
    imported, refused, served = loaded("webhook", tmp_path, "embedded")
    assert imported == refused == WEBHOOK_AT_IMPORT
    assert served - imported == WEBHOOK_FIRST_EVENT


@pytest.mark.parametrize("name", ["webhook", "invoices"])
def test_a_refused_request_loads_nothing_of_googles(name: str, tmp_path: Path) -> None:
    """In the cloud as well: whoever is not signed in, or has no signature, costs no client."""
    imported, refused = loaded(name, tmp_path, "gcp")
    assert {each for each in imported | refused if each.split(".")[0] in ("google", "grpc")} == set()
