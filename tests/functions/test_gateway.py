"""The gateway: one origin, the right function, the request unchanged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from werkzeug.test import Client

from infra.local.gateway import Gateway, load_functions
from infra.local.ports import free_port, is_free
from infra.local.routing_table import PREFIXES, function_for
from infra.local.settings import ROOT

MAIN = """
import time

NAME = {name!r}

def {name}(request):
    if request.args.get("slow"):
        time.sleep(float(request.args["slow"]))
    sent = request.get_data(as_text=True)
    return {{"function": NAME, "path": request.path, "script": request.script_root, "method": request.method,
            "query": request.query_string.decode(), "body": sent}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A functions folder with one made-up function per entry of the real table."""
    for name in PREFIXES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.py").write_text(textwrap.dedent(MAIN.format(name=name)))
    return tmp_path


@pytest.fixture
def client(folder: Path) -> Client:
    return Client(Gateway(load_functions(folder)))


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("/xero/oauth/connect/", "oauth"),
        ("/xero/connections/status", "oauth"),
        ("/xero/contacts/p-1/", "contacts"),
        ("/xero/invoices/create_invoice/", "invoices"),
        ("/xero/items/", "settings"),
        ("/xero/tax_rates", "settings"),
        ("/clinic/patients/p-1", "records"),
        ("/xero/operations/o-1/retry/", "activity"),
        ("/xero/webhook/", "webhook"),
        ("/xero/webhook", "webhook"),
        ("/tasks/pull", "worker"),
        ("/tasks/reconcile", "reconcile"),
        ("/tasks/reconcile/", "reconcile"),
        ("/tasks/reconciled", "worker"),
        ("/", "console"),
        ("/openapi.json", "console"),
        ("/xero/webhooks", "console"),
        ("/assets/app.js", "console"),
    ],
)
def test_longest_prefix_of_whole_segments_wins(client: Client, path: str, function: str) -> None:
    """Each path reaches its function, with and without the slash, and sees the whole path it was called with."""
    answer = client.get(path).json
    assert answer is not None
    assert (answer["function"], answer["path"], answer["script"]) == (function, path, "")


def test_request_is_handed_over_unchanged(client: Client) -> None:
    """Method, query, escaped characters and body arrive as they were sent."""
    answer = client.put("/clinic/patients/a%2Fb?x=1&y=%20", data='{"a": 1}').json
    assert answer == {
        "function": "records",
        "path": "/clinic/patients/a/b",
        "script": "",
        "method": "PUT",
        "query": "x=1&y=%20",
        "body": '{"a": 1}',
    }


def test_functions_do_not_share_their_modules(client: Client) -> None:
    """All ten are loaded as the module ``main``; each still sees its own globals, in any order of calls."""
    for _ in range(2):
        for name, prefixes in PREFIXES.items():
            answer = client.get(prefixes[0].rstrip("/") + "/")
            assert answer.json is not None
            assert answer.json["function"] == name


def test_missing_function_is_a_404_with_a_problem(folder: Path) -> None:
    """A function that is not there yet does not keep the others from answering."""
    functions = load_functions(folder)
    del functions["webhook"]
    client = Client(Gateway(functions))
    answer = client.post("/xero/webhook/")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert client.get("/xero/logs/").status_code == 200


def test_unreachable_function_is_an_error_at_the_start(folder: Path) -> None:
    """A folder that no prefix leads to would be dead code; it is named."""
    (folder / "extra").mkdir()
    (folder / "extra" / "main.py").write_text("def extra(request): return 'x'")
    with pytest.raises(ValueError, match="extra"):
        Gateway(load_functions(folder))


def test_no_prefix_no_function() -> None:
    """Without a catch-all, an unknown path belongs to nobody."""
    assert function_for("/elsewhere", {"worker": ("/tasks",)}) is None


class Served:
    """The gateway under gunicorn, as the stack starts it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "infra.local.gateway_server", "--functions", str(folder)]
        environment = {**os.environ, "PORT": str(self.port)}
        self.process = subprocess.Popen(
            [*command, "--parent-pid", str(os.getpid())], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
        )
        self.url = f"http://127.0.0.1:{self.port}"

    def wait(self) -> None:
        until = time.monotonic() + 30
        while is_free(self.port):
            assert self.process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)


@pytest.fixture
def served(folder: Path) -> Iterator[Served]:
    gateway = Served(folder)
    try:
        gateway.wait()
        yield gateway
    finally:
        gateway.process.terminate()
        gateway.process.wait(15)


def test_slow_requests_do_not_hold_up_others(served: Served) -> None:
    """Under gunicorn many requests run at once, and connections are kept for the next request."""
    with ThreadPoolExecutor(8) as pool, requests.Session() as session:
        assert session.get(served.url, timeout=30).status_code == 200
        started = time.monotonic()
        slow = [pool.submit(requests.get, f"{served.url}/tasks/x?slow=1", timeout=30) for _ in range(8)]
        quick = session.get(f"{served.url}/xero/logs/", timeout=30)
        assert [each.result().status_code for each in slow] == [200] * 8
        assert time.monotonic() - started < 5
        assert quick.headers.get("Connection", "keep-alive").lower() == "keep-alive"
        assert json.loads(quick.text)["function"] == "activity"


def test_request_under_way_is_finished_when_the_gateway_stops(served: Served) -> None:
    """SIGTERM lets the request that is being answered end well, then the gateway exits with 0."""
    with ThreadPoolExecutor(1) as pool:
        requests.get(served.url, timeout=30)
        slow = pool.submit(requests.get, f"{served.url}/tasks/x?slow=1.5", timeout=30)
        time.sleep(0.5)
        served.process.terminate()
        assert slow.result().status_code == 200
        assert served.process.wait(15) == 0
