"""The local stack's own rules: settings, state folder, scheduler."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.local import stack, state, summary
from infra.local.scheduler import Job, Scheduler
from infra.local.settings import Settings
from shared.adapters.embedded.secrets import SqliteSecrets
from shared.adapters.system_clock import SystemClock
from shared.config import CONFIGURATION


def test_defaults_are_the_simulator_on_the_usual_ports() -> None:
    """With nothing set the stack talks to the simulator and everything is on loopback."""
    settings = Settings.from_environment({})
    given = settings.for_processes({})
    assert settings.simulated
    assert (
        given["XERO_API_URL"]
        == given["XERO_LOGIN_URL"]
        == given["XERO_IDENTITY_URL"]
        == "http://localhost:8081"
    )
    assert given["XERO_REDIRECT_URI"] == "http://localhost:8080/xero/oauth/callback/"
    assert given["TASKS_AUDIENCE"] == given["PUBLIC_URL"] == "http://localhost:8080"
    assert given["AUTH_ISSUER"] == "http://localhost:8082"
    assert Path(given["STATE_DIR"]).is_absolute()


def test_ports_carry_through_to_every_address() -> None:
    """Another port changes all addresses that contain it."""
    given = Settings.from_environment({"PORT": "9000", "ISSUER_PORT": "9002"}).for_processes({})
    assert given["XERO_REDIRECT_URI"] == "http://localhost:9000/xero/oauth/callback/"
    assert (given["PUBLIC_URL"], given["AUTH_ISSUER"]) == ("http://localhost:9000", "http://localhost:9002")


def test_the_processes_know_a_rehearsal_from_xero() -> None:
    """What they read is what was meant, so that the desk is there in a rehearsal and never beside Xero itself."""
    real = {"XERO_CLIENT_ID": "id", "XERO_CLIENT_SECRET": "secret"}
    for environment in ({}, real):
        meant = Settings.from_environment(environment)
        assert Settings.from_environment(meant.for_processes(environment)).simulated == meant.simulated


def test_real_xero_leaves_xeros_addresses_alone() -> None:
    """With an app of one's own nothing points at the simulator, and no key of the simulator's is trusted."""
    environment = {"XERO_CLIENT_ID": "id", "XERO_CLIENT_SECRET": "secret"}
    settings = Settings.from_environment(environment)
    given = settings.for_processes(environment)
    assert not settings.simulated
    assert not {"XERO_LOGIN_URL", "XERO_IDENTITY_URL", "XERO_API_URL"} & set(given)
    assert (given["XERO_CLIENT_ID"], given["XERO_CLIENT_SECRET"], given["XERO_WEBHOOK_KEY"]) == (
        "id",
        "secret",
        "",
    )


def test_a_clock_ahead_reaches_the_processes_and_is_never_used_with_xero_itself(tmp_path: Path) -> None:
    """Rehearsals let both clocks, ours and the simulator's, run ahead; Xero's own cannot."""
    given = Settings.from_environment({"CLOCK_AHEAD_SECONDS": "480"}).for_processes({})
    assert given["CLOCK_AHEAD_SECONDS"] == "480.0"
    ahead = SystemClock(float(given["CLOCK_AHEAD_SECONDS"])).now() - SystemClock().now()
    assert abs(ahead.total_seconds() - 480) < 5
    real = {"XERO_CLIENT_ID": "id", "XERO_CLIENT_SECRET": "secret", "STATE_DIR": str(tmp_path / "state")}
    assert stack.run(Settings.from_environment(real | {"CLOCK_AHEAD_SECONDS": "480"})) == 1


@pytest.mark.parametrize("value", ["-1", "soon"])
def test_a_clock_ahead_that_makes_no_sense_is_refused(value: str) -> None:
    """The sentence names the variable."""
    with pytest.raises(ValueError, match="CLOCK_AHEAD_SECONDS"):
        Settings.from_environment({"CLOCK_AHEAD_SECONDS": value})


def test_reconciles_every_minute_where_webhooks_cannot_arrive() -> None:
    """Xero cannot reach a loopback address, so payments are pulled each minute instead of hourly."""
    real = {"XERO_CLIENT_ID": "id", "XERO_CLIENT_SECRET": "secret"}
    assert Settings.from_environment({}).reconcile_every == 3600
    assert Settings.from_environment(real).reconcile_every == 60
    assert (
        Settings.from_environment({**real, "PUBLIC_URL": "https://me.tunnel.example"}).reconcile_every == 3600
    )
    assert Settings.from_environment({"RECONCILE_EVERY_SECONDS": "5"}).reconcile_every == 5


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"PORT": "http"}, "PORT"),
        ({"SIMULATOR_PORT": "70000"}, "SIMULATOR_PORT"),
        ({"PORT": "8082"}, "ISSUER_PORT"),
        ({"XERO_CLIENT_ID": "id"}, "XERO_CLIENT_SECRET"),
        ({"RECONCILE_EVERY_SECONDS": "never"}, "RECONCILE_EVERY_SECONDS"),
        ({"BACKEND": "cloud"}, "BACKEND"),
    ],
)
def test_wrong_setting_is_named(environment: dict[str, str], named: str) -> None:
    """The sentence names the variable to change."""
    with pytest.raises(ValueError, match=named):
        Settings.from_environment(environment)


def test_processes_get_only_names_the_product_or_the_stack_knows() -> None:
    """No setting is misspelt between the stack and the product's own configuration."""
    stacks_own = {
        "PORT",
        "SIMULATOR_PORT",
        "ISSUER_PORT",
        "RECONCILE_EVERY_SECONDS",
        "PYTHONPATH",
        "PYTHONUNBUFFERED",
    }
    assert set(Settings.from_environment({}).for_processes({})) - stacks_own <= set(CONFIGURATION)


def test_summary_gives_commands_for_this_stack() -> None:
    """The token command carries the variables that differ from their defaults, and no machine needs guessing."""
    text = summary.text(Settings.from_environment({"PORT": "9000", "STATE_DIR": "/tmp/elsewhere"}))
    assert "PORT=9000 STATE_DIR=/tmp/elsewhere .venv/bin/python -m infra.local token" in text
    assert "http://localhost:9000/xero/connections/status/" in text
    assert "PORT=" not in summary.text(Settings.from_environment({}))


def test_state_is_private_and_held_once(tmp_path: Path) -> None:
    """Two stacks never work in one folder, and its files are the user's alone."""
    folder = tmp_path / "state"
    with state.held(folder):
        assert folder.stat().st_mode & 0o077 == 0
        with pytest.raises(state.StateInUse, match="process"), state.held(folder):
            pass
        with pytest.raises(state.StateInUse):
            state.reset(folder)
    with state.held(folder):
        pass


def test_the_key_of_the_state_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the key is kept; a folder without data is named."""
    monkeypatch.delenv("SECRETS_KEY_FILE", raising=False)
    with pytest.raises(ValueError, match=r"ledger\.sqlite"):
        state.rotate_key(tmp_path)
    apart = tmp_path / "apart.key"
    for key_file in (tmp_path / "secrets.key", apart):
        SqliteSecrets(tmp_path / state.DATABASE_FILE, key_file).add(f"grant-{key_file.stem}", b"token set")
        before = key_file.read_bytes()
        if key_file == apart:
            monkeypatch.setenv("SECRETS_KEY_FILE", str(apart))
            SqliteSecrets(tmp_path / state.DATABASE_FILE).delete("grant-secrets")
        assert state.rotate_key(tmp_path).startswith("1 token sets")
        assert key_file.read_bytes() != before


def test_reset_deletes_only_what_the_stack_made(tmp_path: Path) -> None:
    """A STATE_DIR that points at somebody's documents is not cleared."""
    (tmp_path / "documents").mkdir()
    with pytest.raises(ValueError, match="delete it yourself"):
        state.reset(tmp_path / "documents")
    folder = state.prepare(tmp_path / "state")
    state.reset(folder)
    assert not folder.exists()
    assert state.reset(folder).startswith("Nothing to clear")


def test_a_stack_on_google_begins_empty_but_never_empties_another(tmp_path: Path) -> None:
    """What it keeps on disk is worth nothing without what was in memory; an embedded stack's folder is left alone."""
    assert Settings.from_environment({"BACKEND": "gcp"}).state_dir.name == ".local-gcp"
    folder = state.prepare(tmp_path / "state")
    (folder / "simulator.sqlite").touch()
    state.empty(folder)
    assert [path.name for path in folder.iterdir()] == [state.LOCK_FILE]
    (folder / "simulator.sqlite").touch()
    (folder / Settings.from_environment({}).database.name).touch()
    with pytest.raises(state.StateInUse, match="STATE_DIR"):
        state.empty(folder)
    assert (folder / "simulator.sqlite").exists()


class Calls:
    """What a scheduler called, on a clock that the test moves."""

    def __init__(self, memory: Path) -> None:
        self.now = 1_000_000.0
        self.accepted = True
        self.paths: list[str] = []
        self.memory = memory

    def post(self, path: str) -> bool:
        self.paths.append(path)
        return self.accepted

    def scheduler(self) -> Scheduler:
        jobs = [Job("/tasks/reconcile", 3600.0, at_start=True), Job("/tasks/keep_alive", 604_800.0)]
        return Scheduler(jobs, self.post, self.memory, now=lambda: self.now)


@pytest.fixture
def calls(tmp_path: Path) -> Calls:
    return Calls(tmp_path / "scheduler.json")


def test_reconciles_at_start_and_hourly(calls: Calls) -> None:
    """What was missed while the stack was down is caught up at once, then every hour."""
    scheduler = calls.scheduler()
    assert scheduler.run_due() == 3600
    calls.now += 3599
    assert scheduler.run_due() == 1
    calls.now += 1
    scheduler.run_due()
    assert calls.paths == ["/tasks/reconcile", "/tasks/reconcile"]


def test_refused_call_is_tried_again_soon(calls: Calls) -> None:
    """A function that is not ready is called again with growing waits, not an hour later."""
    calls.accepted = False
    scheduler = calls.scheduler()
    waits = []
    for _ in range(7):
        waits.append(scheduler.run_due())
        calls.now += waits[-1]
    assert waits == [2, 4, 8, 16, 32, 60, 60]


def test_weekly_call_counts_across_restarts(calls: Calls) -> None:
    """A stack that is restarted every day still makes its weekly call."""
    for _ in range(9):
        calls.scheduler().run_due()
        calls.now += 86_400
    assert calls.paths.count("/tasks/keep_alive") == 1


def test_spoilt_memory_is_no_obstacle(calls: Calls) -> None:
    """A half-written file of the scheduler does not keep the stack from starting."""
    calls.memory.write_text('{"/tasks/keep_al')
    calls.scheduler().run_due()
    assert calls.paths == ["/tasks/reconcile"]
