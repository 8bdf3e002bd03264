"""Tokens, secrets and patients' names stay where they belong, whatever happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.consents import start
from tests.functions.edges import logged
from tests.product import Product
from tests.xero_simulator.applications import CLIENT_SECRET, WEBHOOK_KEY


@pytest.fixture
def log() -> Iterator[list[str]]:
    """Every line that any logger writes, at the most talkative level."""
    with logged(by_everybody=True) as lines:
        yield lines


@pytest.fixture
def answers(product: Product, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every answer of ours, headers and body; tasks included."""
    seen: list[str] = []
    raw = product.raw

    def remembering(*arguments: Any, **options: Any) -> TestResponse:
        response = raw(*arguments, **options)
        seen.append(f"{response.headers}\n{response.get_data(as_text=True)}")
        return response

    monkeypatch.setattr(product, "raw", remembering)
    return seen


def tokens_of(product: Product) -> set[str]:
    """Every token that the simulator has given out."""
    found: set[str] = set()
    for call in product.xero_calls("POST", "/connect/token"):
        if call["status"] == 200:
            answer = json.loads(call["response"])
            found |= {
                answer[name] for name in ("access_token", "refresh_token", "id_token") if name in answer
            }
    return found


FAULTS: list[dict[str, Any]] = [
    {"kind": "drop_before"},
    {"kind": "drop_after_commit"},
    {"kind": "garbage"},
    {"kind": "garbage", "variant": "html"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 401, "body": {"Status": 401, "Detail": "TokenExpired"}},
    {"kind": "rate_limit", "retry_after": 1},
    {"kind": "offline"},
]
VALIDATION = {
    "ErrorNumber": 10,
    "Type": "ValidationException",
    "Message": "A validation exception occurred",
    "Elements": [{"Name": "Zebedee Quill", "ValidationErrors": [{"Message": "Zebedee Quill is not valid"}]}],
}
FAULTS.append({"kind": "status", "status": 400, "body": VALIDATION})
FAULTS.append(
    {"kind": "status", "status": 403, "body": {"Status": 403, "Detail": "AuthenticationUnsuccessful"}}
)


def test_no_token_secret_or_name_in_logs_answers_or_storage(
    product: Product,
    log: list[str],
    answers: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each kind of failure in turn, then a refresh and a disconnect: no log line, answer, log entry or file holds a
    token or a secret, and no log line or log entry a patient's name."""
    product.ready()
    product.patient("p-9", first_name="Zebedee", last_name="Quill", email="zq@example.com")
    for n, fault in enumerate(FAULTS):
        product.simulator.fault(path="/api.xro/", **fault)
        product.appointment(f"a-{n}", "p-9")
        product.invoice(f"a-{n}")
        product.advance(2000)
        product.run_tasks()
    product.connect()
    product.ok("POST", "/xero/oauth/refresh/")
    log_entries = json.dumps(product.ok("GET", "/xero/logs/?limit=200")["items"])
    product.ok("POST", "/xero/oauth/disconnect/")

    tokens = tokens_of(product)
    assert len(tokens) > 10
    secret = tokens | {CLIENT_SECRET, WEBHOOK_KEY}
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"practices/demo" in stored
    assert [s for s in secret if s.encode() in stored] == []
    written = "\n".join(log) + "".join(capsys.readouterr())
    assert written.count('"request"') > 20
    for text in (written, "\n".join(answers), log_entries):
        assert [s for s in secret if s in text] == []
    for name in ("Zebedee", "Quill", "zq@example.com"):
        assert name not in written
        assert name not in log_entries


def test_tasks_carry_ids_only(product: Product) -> None:
    """The queue of deferred work holds neither tokens nor a patient's details."""
    product.ready()
    product.simulator.fault("drop_before", path="/api.xro/", count=50)
    assert product.invoice().status_code == 202
    with product.database.reading() as connection:
        tasks = " ".join(row[0] for row in connection.execute("SELECT body FROM tasks"))
    assert "practice_id" in tasks
    assert "Anna" not in tasks
    assert [token for token in tokens_of(product) if token in tasks] == []


def test_state_is_in_no_log(product: Product, log: list[str]) -> None:
    """The state and the browser's secret are for one browser: no line of ours repeats them."""
    attempt = start(product)
    product.raw("GET", f"/xero/oauth/callback/?state={attempt.query['state']}&code=a-secret-code")
    lines = [line for line in log if "/xero/oauth" in line]
    assert lines
    text = "\n".join(lines)
    assert attempt.query["state"] not in text
    assert "a-secret-code" not in text
    assert attempt.cookie.partition("=")[2] not in text
