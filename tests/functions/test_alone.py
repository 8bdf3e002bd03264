"""Each function by itself, started exactly as it is deployed: a process of its own under functions-framework."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from infra.local.settings import ROOT
from tests.deployed import deployed

NAMES = sorted(folder.parent.name for folder in (ROOT / "functions").glob("*/main.py"))
#: function -> a request and what it answers without sign-in: status, content type
FIRST = {
    "appointment_completed": ("POST", "/", 400, "text/html; charset=utf-8"),  # this is no CloudEvent
    "activity": ("GET", "/xero/logs/", 401, "application/problem+json"),
    "console": ("GET", "/", 200, "text/html; charset=utf-8"),
    "contacts": ("POST", "/xero/contacts/sync_patient/", 401, "application/problem+json"),
    "invoices": ("POST", "/xero/invoices/create_invoice/", 401, "application/problem+json"),
    "oauth": ("GET", "/xero/oauth/connect/", 401, "application/problem+json"),
    "reconcile": ("POST", "/tasks/reconcile", 401, "application/problem+json"),
    "records": ("PUT", "/clinic/patients/p-1", 401, "application/problem+json"),
    "settings": ("GET", "/xero/settings/", 401, "application/problem+json"),
    "webhook": ("POST", "/xero/webhook/", 401, None),
    "worker": ("POST", "/tasks/drain", 401, "application/problem+json"),
}
#: The libraries of Google Cloud that talk to it; ``google.cloud.functions`` belongs to functions-framework.
CLIENTS = (
    "google.cloud.firestore",
    "google.cloud.secretmanager",
    "google.cloud.tasks",
    "google.auth",
    "grpc",
)


def test_every_function_is_tried() -> None:
    """A new function belongs into the table above."""
    assert set(NAMES) == set(FIRST)


def test_each_answers_alone(tmp_path: Path) -> None:
    """Signed routes answer 401 as a problem, the webhook 401 with nothing, the console its page."""

    def ask(name: str) -> tuple[str, int, str | None, bytes, str | None]:
        method, path, *_ = FIRST[name]
        with deployed(name, tmp_path / name) as function:
            answer = requests.request(
                method, function.address + path, json={} if method != "GET" else None, timeout=60
            )
        return (
            name,
            answer.status_code,
            answer.headers.get("Content-Type"),
            answer.content,
            answer.headers.get("Set-Cookie"),
        )

    with ThreadPoolExecutor(3) as several:
        for name, status, content_type, content, cookie in several.map(ask, NAMES):
            _, _, expected, expected_type = FIRST[name]
            assert status == expected, (name, content)
            assert cookie is None
            if name == "webhook":
                assert content == b""
            else:
                assert content_type == expected_type, name
                assert content


@pytest.mark.parametrize("backend", ["embedded", "gcp"])
def test_importing_does_nothing(tmp_path: Path, backend: str) -> None:
    """Importing every main.py connects nowhere, opens no database and loads no client of Google Cloud, let alone makes
    one: a client made before the web server forks may hang afterwards."""
    program = f"""
import importlib.util, json, sys
seen = []
FORBIDDEN = ("socket.connect", "socket.getaddrinfo", "socket.sendto", "sqlite3.connect", "subprocess.Popen")
sys.addaudithook(lambda event, args: seen.append(event) if event in FORBIDDEN else None)
for name in {NAMES!r}:
    spec = importlib.util.spec_from_file_location("main", f"functions/{{name}}/main.py")
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
clients = sorted(m for m in sys.modules if m.startswith({CLIENTS!r}))
print(json.dumps([seen, clients]))
"""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "STATE_DIR": str(tmp_path / "state"),
        "BACKEND": backend,
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[[], []]"
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("name", ["webhook", "console"])
def test_the_quick_ones_do_not_load_xeros_library(name: str) -> None:
    """Xero waits five seconds for a webhook's answer, and the page should not wait either."""
    program = f"""
import importlib.util, sys
spec = importlib.util.spec_from_file_location("main", "functions/{name}/main.py")
spec.loader.exec_module(importlib.util.module_from_spec(spec))
print(sorted(m for m in sys.modules if m.startswith("xero_python")))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
