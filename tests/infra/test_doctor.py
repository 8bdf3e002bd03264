"""The doctor of configurations: every problem at once, each by its variable, never a secret."""

from __future__ import annotations

import io
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from infra import doctor
from infra.doctor_clock import clock_problems
from infra.doctor_rules import HIDDEN, problems

GOOD = {
    "BACKEND": "gcp",
    "GOOGLE_CLOUD_PROJECT": "my-clinic-ledger",
    "REGION": "australia-southeast1",
    "PUBLIC_URL": "https://ledger.example.com",
    "XERO_CLIENT_ID": "0123456789ABCDEF0123456789ABCDEF",
    "XERO_CLIENT_SECRET": HIDDEN,
    "XERO_WEBHOOK_KEY": HIDDEN,
    "XERO_REDIRECT_URI": "https://ledger.example.com/xero/oauth/callback/",
    "AUTH_ISSUER": "https://issuer.example.com",
    "TASKS_ISSUER": "https://accounts.google.com",
    "TASKS_SERVICE_ACCOUNT": "ledger-tasks@my-clinic-ledger.iam.gserviceaccount.com",
    "FUNCTION_TARGET": "oauth",
    "FUNCTION_SOURCE": "functions/oauth/main.py",
    "PYTHONPATH": "/workspace",
}
SECRET = "hunter2-hunter2"


def named(given: dict[str, str]) -> set[str]:
    return {problem.name for problem in problems(given)}


def test_a_good_one() -> None:
    """Nothing to say about a deployment as Terraform makes it, nor about an empty environment on one machine."""
    assert problems(GOOD) == []
    assert problems({}) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BACKEND", "firestore"),
        ("GOOGLE_CLOUD_PROJECT", ""),
        ("REGION", ""),
        ("PUBLIC_URL", ""),
        ("PUBLIC_URL", "ledger.example.com"),
        ("PUBLIC_URL", "http://ledger.example.com"),
        ("PUBLIC_URL", "https://ledger.example.com/"),
        ("XERO_CLIENT_ID", ""),
        ("XERO_CLIENT_SECRET", ""),
        ("XERO_CLIENT_SECRET", f"{SECRET}\n"),
        ("XERO_WEBHOOK_KEY", ""),
        ("XERO_REDIRECT_URI", "https://ledger.example.com/xero/oauth/callback"),
        ("XERO_REDIRECT_URI", "https://other.example.com/xero/oauth/callback/"),
        ("XERO_API_URL", "https://api.xero.com.evil.example"),
        ("XERO_SCOPES", "offline_access accounting.contacts accounting.invoices accounting.payments"),
        ("XERO_PKCE", "yes"),
        ("AUTH_ISSUER", ""),
        ("TASKS_SERVICE_ACCOUNT", "somebody@example.com"),
        ("CORS_ORIGINS", "https://app.example.com/path"),
        ("RETURN_URLS", "https://app.example.com"),
        ("RESERVED_CALLS_MINUTE", "60"),
        ("BATCH_SIZE", "0"),
        ("BATCH_SIZE", "many"),
        ("LOG_LEVEL", "LOUD"),
        ("REHEARSAL_URL", "http://localhost:8081"),
        ("CLOCK_AHEAD_SECONDS", "60"),
        ("XERO_CLIENTID", "x"),
        ("FUNCTION_SOURCE", "functions/worker/main.py"),
        ("PYTHONPATH", ""),
    ],
)
def test_each_problem_is_named(name: str, value: str) -> None:
    """One thing wrong, one variable named; a misspelt name is itself named."""
    given = {**GOOD, name: value}
    if name == "XERO_CLIENTID":
        del given["XERO_CLIENT_ID"]
    expected = {name} | ({"XERO_CLIENT_ID"} if name == "XERO_CLIENTID" else set())
    if name == "PUBLIC_URL":
        expected |= (
            {"XERO_REDIRECT_URI"} if not GOOD["XERO_REDIRECT_URI"].startswith(value or "http://") else set()
        )
    assert named(given) == expected


def test_everything_at_once() -> None:
    """Not the first problem only; what stops the deployment comes before remarks."""
    given = {"BACKEND": "gcp", "XERO_SCOPES": "accounting.transactions", "BATCH_SIZE": "500"}
    found = problems(given)
    assert {p.name for p in found} == {
        "AUTH_ISSUER",
        "BATCH_SIZE",
        "GOOGLE_CLOUD_PROJECT",
        "PUBLIC_URL",
        "REGION",
        "TASKS_SERVICE_ACCOUNT",
        "XERO_CLIENT_ID",
        "XERO_CLIENT_SECRET",
        "XERO_SCOPES",
        "XERO_WEBHOOK_KEY",
    }
    assert [p.stops for p in found] == sorted((p.stops for p in found), reverse=True)


def test_half_a_xero_app_on_one_machine() -> None:
    """With an id and no secret the local stack would ask Xero and be refused."""
    assert "XERO_CLIENT_SECRET" in named({"XERO_CLIENT_ID": "x"})


def run(
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, str],
    *arguments: str,
    stdin: str = "",
    online: bool = False,
) -> int:
    for name in os.environ:
        monkeypatch.delenv(name)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    return doctor.main([*arguments, *([] if online else ["--offline"])])


def service(**changes: Any) -> dict[str, Any]:
    """As gcloud describes a Cloud Run service."""
    env: list[dict[str, Any]] = [{"name": n, "value": v} for n, v in GOOD.items() if v != HIDDEN]
    env += [
        {"name": n, "valueFrom": {"secretKeyRef": {"name": "ledger-x", "key": "1"}}}
        for n in ("XERO_CLIENT_SECRET", "XERO_WEBHOOK_KEY")
    ]
    env.append({"name": "THREADS", "value": "20"})
    container = {"image": "x", "env": env} | changes.pop("container", {})
    spec = {"containers": [container], "containerConcurrency": 20} | changes
    return {"kind": "Service", "spec": {"template": {"spec": spec}}}


def test_of_the_shell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Says all and ends with 1; a secret's value is not shown."""
    given = {"STATE_DIR": str(tmp_path), "XERO_CLIENT_SECRET": f"{SECRET} ", "LOG_LEVEL": "LOUD"}
    assert run(monkeypatch, given) == 1
    shown = capsys.readouterr().out
    assert SECRET not in shown
    for name in ("XERO_CLIENT_ID", "XERO_CLIENT_SECRET", "LOG_LEVEL"):
        assert f"WRONG  {name}: " in shown
    assert run(monkeypatch, {"STATE_DIR": str(tmp_path)}) == 0
    assert capsys.readouterr().out == "Nothing is wrong.\n"


def test_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A state folder that is a file; a key that others may read."""
    (tmp_path / "file").write_text("")
    assert run(monkeypatch, {"STATE_DIR": str(tmp_path / "file")}) == 1
    (tmp_path / "secrets.key").write_text("")
    (tmp_path / "secrets.key").chmod(0o644)
    assert run(monkeypatch, {"STATE_DIR": str(tmp_path)}) == 1
    assert "chmod 600" in capsys.readouterr().out
    (tmp_path / "secrets.key").chmod(0o600)
    assert run(monkeypatch, {"STATE_DIR": str(tmp_path)}) == 0

    (tmp_path / "elsewhere.key").write_text("")
    (tmp_path / "elsewhere.key").chmod(0o640)
    apart = {"STATE_DIR": str(tmp_path), "SECRETS_KEY_FILE": str(tmp_path / "elsewhere.key")}
    assert run(monkeypatch, apart) == 1
    assert f"others may read {tmp_path}/elsewhere.key" in capsys.readouterr().out


@contextmanager
def telling_the_time(ahead: timedelta) -> Iterator[str]:
    """Somebody whose clock differs; the address."""

    class Answer(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response_only(405)
            self.send_header("Date", format_datetime(datetime.now(UTC) + ahead, usegmt=True))
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("seconds", "words", "stops"),
    [(0, [], []), (-21, ["ahead of"], [False]), (95, ["behind"], [True]), (-3600, ["ahead of"], [True])],
)
def test_clocks_that_differ(seconds: int, words: list[str], stops: list[bool]) -> None:
    """By more than sign-in lets pass it is wrong, by more than half of that a remark."""
    with telling_the_time(timedelta(seconds=seconds)) as address:
        found = clock_problems({"AUTH_ISSUER": address})
    assert [problem.stops for problem in found] == stops
    assert all(word in problem.message for word, problem in zip(words, found, strict=True))


def test_nobody_tells_the_time(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A remark: the provider's address may be wrong, or it is not running. Xero is asked for a real app only."""
    with telling_the_time(timedelta(0)) as address:
        pass
    given = {"AUTH_ISSUER": address, "XERO_IDENTITY_URL": address}
    assert [problem.name for problem in clock_problems(given)] == ["AUTH_ISSUER"]
    given |= {"XERO_CLIENT_ID": "x", "XERO_CLIENT_SECRET": "y"}
    assert [problem.name for problem in clock_problems(given)] == ["AUTH_ISSUER", "XERO_IDENTITY_URL"]
    assert run(monkeypatch, {"AUTH_ISSUER": address}, online=True) == 0
    assert f"remark AUTH_ISSUER: nobody at {address}" in capsys.readouterr().out


def test_of_a_service(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """As it is deployed: secrets are there without being seen, threads are the concurrency."""
    assert run(monkeypatch, {}, "--service", stdin=json.dumps(service())) == 0
    assert run(monkeypatch, {}, "--service", stdin=json.dumps(service(containerConcurrency=80))) == 1
    assert "THREADS: is 20" in capsys.readouterr().out
    late = service()
    late["spec"]["template"]["spec"]["containers"][0]["env"][-2]["valueFrom"]["secretKeyRef"]["key"] = (
        "latest"
    )
    assert run(monkeypatch, {}, "--service", stdin=json.dumps(late)) == 0
    assert "remark XERO_WEBHOOK_KEY" in capsys.readouterr().out
    for nonsense in ("", "[]", "{}", '{"spec": {"template": {"spec": {"containers": []}}}}'):
        assert run(monkeypatch, {}, "--service", stdin=nonsense) == 1
