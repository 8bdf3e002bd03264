"""The one place where adapters are chosen and wired. Everything is made on first use, nothing at import.

Clients made at import would be made before the web server forks its workers, and some hang afterwards; and a
function that never needs a client should not pay for it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from shared.config import Config
from shared.ports import Ports
from shared.ports.clock import Clock
from shared.ports.tasks import Tasks

if TYPE_CHECKING:
    from shared.http.sign_in import SignIn


class _Installed:
    """What a test put in place of the real wiring."""

    config: Config | None = None
    ports: Ports | None = None
    sign_in: SignIn | None = None


def install(ports: Ports | None, sign_in: SignIn | None) -> None:
    """Use these instead of what the environment says; None goes back to the environment. For tests."""
    _Installed.ports, _Installed.sign_in = ports, sign_in
    _Installed.config = ports.config if ports else None


def get_config() -> Config:
    return _Installed.config or _config()


def get_ports() -> Ports:
    return _Installed.ports or _ports()


def get_tasks() -> Tasks:
    """Apart from the rest, because the webhook needs nothing else."""
    return _Installed.ports.tasks if _Installed.ports else _tasks()


def get_clock() -> Clock:
    return _Installed.ports.clock if _Installed.ports else _clock()


def get_sign_in() -> SignIn:
    return _Installed.sign_in or _sign_in()


@cache
def _config() -> Config:
    return Config.from_environment()


@cache
def _ports() -> Ports:
    config = get_config()
    if config["BACKEND"] != "embedded":
        raise RuntimeError(f"BACKEND={config['BACKEND']} is not known; use embedded")
    from shared.adapters.embedded.secrets import SqliteSecrets
    from shared.adapters.embedded.store import SqliteStore
    from shared.adapters.store_records import StoreClinicRecords
    from shared.adapters.xero.client import XeroClient

    state = Path(config["STATE_DIR"])
    store = SqliteStore(state / "ledger.sqlite")
    return Ports(
        store=store,
        secrets=SqliteSecrets(state / "ledger.sqlite", state / "secrets.key"),
        tasks=get_tasks(),
        xero=XeroClient(
            client_id=config["XERO_CLIENT_ID"],
            client_secret=config["XERO_CLIENT_SECRET"],
            redirect_uri=config.redirect_uri,
            scopes=config.scopes,
            login_url=config["XERO_LOGIN_URL"],
            identity_url=config["XERO_IDENTITY_URL"],
            api_url=config["XERO_API_URL"],
            now=_clock().now,
        ),
        records=StoreClinicRecords(store),
        clock=_clock(),
        config=config,
    )


@cache
def _tasks() -> Tasks:
    from shared.adapters.embedded.tasks import SqliteTasks

    return SqliteTasks(Path(get_config()["STATE_DIR"]) / "ledger.sqlite", _clock())


@cache
def _clock() -> Clock:
    from shared.adapters.system_clock import SystemClock

    return SystemClock(float(get_config()["CLOCK_AHEAD_SECONDS"]))


@cache
def _sign_in() -> SignIn:
    from shared.http.sign_in import SignIn

    config = get_config()
    return SignIn(
        issuer=config["AUTH_ISSUER"],
        audience=config["AUTH_AUDIENCE"],
        tasks_issuer=config["TASKS_ISSUER"] or config["AUTH_ISSUER"],
        tasks_audience=config["TASKS_AUDIENCE"] or config["PUBLIC_URL"],
        tasks_service_account=config["TASKS_SERVICE_ACCOUNT"],
        practice_claim=config["AUTH_PRACTICE_CLAIM"],
        role_claim=config["AUTH_ROLE_CLAIM"],
    )
