"""The operator's command for bulk work, against the functions over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server

from infra import bulk
from infra.local.gateway import Gateway, load_functions
from infra.local.settings import ROOT
from tests.product import Product

PERIOD = ["--from", "2026-11-24", "--to", "2026-11-24", "--zone", "Australia/Sydney"]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def url(product: Product, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The functions on loopback; while the command waits, time passes and the tasks run."""
    product.ready()
    server = make_server("127.0.0.1", 0, Gateway(load_functions(ROOT / "functions")), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def wait(_: float) -> None:
        product.advance(5)
        product.run_tasks()

    monkeypatch.setattr("infra.bulk.time.sleep", wait)
    monkeypatch.setenv("CLINIC_LEDGER_TOKEN", product.token("reception"))
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def run(url: str, *words: str) -> int:
    return bulk.main(["--url", url, *words])


def test_a_period_s_invoices(url: str, product: Product, capsys: Capture) -> None:
    """Progress line by line when it is no terminal, the bar full at the end, status 0."""
    product.appointment("a-2")
    assert run(url, "create_all", *PERIOD) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == f"[{'-' * 30}] Looking through the records: 0 so far, 0 done"
    assert lines[-1] == f"[{'#' * 30}] 2 of 2 done"
    assert len(product.invoices()) == 2


def test_a_dry_run_sends_nothing(url: str, product: Product, capsys: Capture) -> None:
    """What is missing is named with its appointment, and the status says that a person is needed."""
    product.appointment("a-2", line_items=[{"description": "x", "unit_amount": 1}])
    assert run(url, "create_all", *PERIOD, "--dry-run") == 1
    shown = capsys.readouterr().out
    assert "Nothing is sent: 1 could be, 1 have a problem" in shown
    assert "  a-2: " in shown
    assert product.invoices() == []


def test_watched_cancelled_and_resumed(url: str, capsys: Capture) -> None:
    """A job is watched by its id; one that has ended can neither be cancelled nor resumed, and says so."""
    assert run(url, "sync_all") == 0
    job = capsys.readouterr().out.splitlines()[0].removeprefix("job ")
    assert run(url, "watch", job) == 0
    for turn in ("cancel", "resume"):
        assert run(url, turn, job) == 1
        assert capsys.readouterr().err == "This job is done\n"


@pytest.mark.parametrize(("token", "status"), [("", 2), ("nonsense", 1)])
def test_without_a_good_token(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture, token: str, status: int
) -> None:
    """A plain sentence and no trace."""
    monkeypatch.setenv("CLINIC_LEDGER_TOKEN", token)
    assert run(url, "sync_all") == status
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_nobody_there(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """Where nothing listens, it says so."""
    monkeypatch.setenv("CLINIC_LEDGER_TOKEN", "x")
    assert run("http://127.0.0.1:1", "sync_all") == 1
    assert "does not answer" in capsys.readouterr().err


def test_an_unknown_zone(capsys: Capture) -> None:
    """Refused before anything is asked."""
    with pytest.raises(SystemExit) as left:
        run("http://127.0.0.1:1", "create_all", *PERIOD[:4], "--zone", "Sydney/Nowhere")
    assert left.value.code == 2
    assert "Australia/Sydney" in capsys.readouterr().err
