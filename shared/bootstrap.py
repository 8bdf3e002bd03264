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

if TYPE_CHECKING:
    from shared.adapters.sealed.key_ring import KeyRing
    from shared.http.sign_in import SignIn
    from shared.ports.clock import Clock
    from shared.ports.secrets import Secrets
    from shared.ports.store import Store
    from shared.ports.tasks import Tasks


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
    from shared.adapters.store_records import StoreClinicRecords
    from shared.adapters.xero.client import XeroClient

    store, secrets = _on_google(config) if _is_on_google(config) else _embedded(config)
    return Ports(
        store=store,
        secrets=secrets,
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


def _is_on_google(config: Config) -> bool:
    """RuntimeError naming what is wrong with the choice."""
    from shared.ports.secrets import TOKEN_STORES

    if config["BACKEND"] not in ("embedded", "gcp"):
        raise RuntimeError(f"BACKEND={config['BACKEND']} is not known; use embedded or gcp")
    if config["TOKEN_STORE"] not in TOKEN_STORES:
        raise RuntimeError(
            f"TOKEN_STORE={config['TOKEN_STORE']} is not known; use {' or '.join(TOKEN_STORES)}"
        )
    if config["BACKEND"] == "embedded":
        return False
    missing = [name for name in ("GOOGLE_CLOUD_PROJECT", "REGION") if not config[name]]
    if missing:
        raise RuntimeError(f"BACKEND=gcp needs {' and '.join(missing)}")
    return True


def _embedded(config: Config) -> tuple[Store, Secrets]:
    from shared.adapters.embedded.secrets import SqliteSecrets
    from shared.adapters.embedded.store import SqliteStore

    database = Path(config["STATE_DIR"]) / "ledger.sqlite"
    return SqliteStore(database), SqliteSecrets(database, config.secrets_key_file)


def _on_google(config: Config) -> tuple[Store, Secrets]:
    from shared.adapters.firestore.store import make_firestore_store
    from shared.adapters.sealed.secrets import SealedSecrets
    from shared.adapters.token_stores import TokenStores

    store = make_firestore_store(
        project=config["GOOGLE_CLOUD_PROJECT"], database=config["FIRESTORE_DATABASE"]
    )
    return store, TokenStores(_secret_manager(), SealedSecrets(store, get_key_ring()))


@cache
def _secret_manager() -> Secrets:
    from shared.adapters.google_clients import secret_manager_client
    from shared.adapters.secret_manager.secrets import SecretManagerSecrets

    config = get_config()
    endpoint, project = config["SECRET_MANAGER_ENDPOINT"], config["GOOGLE_CLOUD_PROJECT"]
    return SecretManagerSecrets(lambda: secret_manager_client(endpoint), project)


@cache
def get_key_ring() -> KeyRing:
    """Of the token sets that are sealed in the store; for ``BACKEND=gcp`` only."""
    from shared.adapters.sealed.key_ring import KeyRing

    return KeyRing(_secret_manager(), get_config()["TOKEN_KEY_RING"])


@cache
def _tasks() -> Tasks:
    from shared.adapters.known_names import KnownNames

    return KnownNames(_queue(), _clock())


def _queue() -> Tasks:
    config = get_config()
    if not _is_on_google(config):
        from shared.adapters.embedded.tasks import SqliteTasks

        return SqliteTasks(Path(config["STATE_DIR"]) / "ledger.sqlite", _clock())
    from shared.adapters.cloud_tasks.tasks import CloudTasks, Destination
    from shared.adapters.google_clients import cloud_tasks_client

    place = f"projects/{config['GOOGLE_CLOUD_PROJECT']}/locations/{config['REGION']}"
    to = Destination(
        f"{place}/queues/{config['TASKS_QUEUE_PREFIX']}", config.tasks_url, config["TASKS_SERVICE_ACCOUNT"]
    )
    endpoint = config["CLOUD_TASKS_ENDPOINT"]
    return CloudTasks(lambda: cloud_tasks_client(endpoint), to, _clock())


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
        tasks_issuer=config.tasks_issuer,
        tasks_audience=config["TASKS_AUDIENCE"] or config.tasks_url,
        tasks_service_account=config["TASKS_SERVICE_ACCOUNT"],
        practice_claim=config["AUTH_PRACTICE_CLAIM"],
        role_claim=config["AUTH_ROLE_CLAIM"],
        tasks_signature_removed=config["TASKS_SIGNATURE"] == "removed",
    )
