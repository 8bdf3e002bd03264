"""The local stack's settings: read from the environment once, and spelt out again for its processes.

The names of the environment variables stand in this file and, for Google's, in ``google``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.xero_simulator import applications as xero_app

ROOT = Path(__file__).resolve().parents[2]
AUDIENCE = "clinic-ledger"
TASKS_SERVICE_ACCOUNT = "tasks@clinic-ledger.local"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
#: BACKEND -> where its state is unless STATE_DIR says otherwise
STATE_DIRS = {"embedded": ".local", "gcp": ".local-gcp"}
SIMULATOR_URLS = ("XERO_LOGIN_URL", "XERO_IDENTITY_URL", "XERO_API_URL")
PORT_VARIABLES = {"gateway": "PORT", "simulator": "SIMULATOR_PORT", "issuer": "ISSUER_PORT"}


@dataclass(frozen=True)
class Settings:
    """``state_dir`` is absolute; ``public_url`` is where the functions are reached from outside, without a slash."""

    port: int = 8080
    simulator_port: int = 8081
    issuer_port: int = 8082
    state_dir: Path = ROOT / ".local"
    backend: str = "embedded"
    public_url: str = "http://localhost:8080"
    simulated: bool = True
    client_id: str = xero_app.CLIENT_ID
    client_secret: str = xero_app.CLIENT_SECRET
    webhook_key: str = xero_app.WEBHOOK_KEY
    redirect_uri: str = xero_app.REDIRECT_URI
    reconcile_every: float = 3600.0
    clock_ahead: float = 0.0
    emulator_port: int = 0
    stand_in_port: int = 0
    function_ports: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Raises ValueError with a sentence that names the variable."""
        given = {name: value.strip() for name, value in environment.items() if value.strip()}
        port = _port(given, "PORT", cls.port)
        backend = given.get("BACKEND", cls.backend)
        if backend not in STATE_DIRS:
            raise ValueError(f"BACKEND must be {' or '.join(STATE_DIRS)}, not {backend!r}")
        public_url = given.get("PUBLIC_URL", f"http://localhost:{port}").rstrip("/")
        # The stack's own processes are told the simulator's client id; the rehearsal tells it from a real one.
        with_simulator = "XERO_CLIENT_ID" not in given or "REHEARSAL_URL" in given
        if not with_simulator and "XERO_CLIENT_SECRET" not in given:
            raise ValueError("XERO_CLIENT_ID is set but XERO_CLIENT_SECRET is not; set both, or neither")
        # Xero cannot deliver webhooks to a loopback address: then payments are found by pulling every minute.
        webhooks_arrive = with_simulator or urlsplit(public_url).hostname not in LOOPBACK
        settings = cls(
            port=port,
            simulator_port=_port(given, "SIMULATOR_PORT", cls.simulator_port),
            issuer_port=_port(given, "ISSUER_PORT", cls.issuer_port),
            state_dir=Path(
                given.get("STATE_DIR", ROOT / (".local-gcp" if given.get("BACKEND") == "gcp" else ".local"))
            ).absolute(),
            backend=backend,
            public_url=public_url,
            simulated=with_simulator,
            client_id=given.get("XERO_CLIENT_ID", cls.client_id),
            client_secret=cls.client_secret if with_simulator else given["XERO_CLIENT_SECRET"],
            webhook_key=given.get("XERO_WEBHOOK_KEY", cls.webhook_key if with_simulator else ""),
            redirect_uri=given.get("XERO_REDIRECT_URI", f"{public_url}/xero/oauth/callback/"),
            reconcile_every=_seconds(given, "RECONCILE_EVERY_SECONDS", 3600.0 if webhooks_arrive else 60.0),
            clock_ahead=_seconds(given, "CLOCK_AHEAD_SECONDS", 0.0, least=0.0),
            stand_in_port=int(given.get("CLOUD_TASKS_ENDPOINT", ":0").rpartition(":")[2]),
            function_ports=json.loads(given.get("FUNCTION_PORTS", "{}")),
        )
        used = [settings.port, settings.issuer_port, *([settings.simulator_port] if with_simulator else [])]
        if len(set(used)) < len(used):
            raise ValueError("PORT, SIMULATOR_PORT and ISSUER_PORT must be three different ports")
        return settings

    @property
    def on_google(self) -> bool:
        """With Google's emulator and the stand-ins instead of SQLite."""
        return self.backend == "gcp"

    @property
    def base_url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def simulator_url(self) -> str:
        return f"http://localhost:{self.simulator_port}"

    @property
    def issuer_url(self) -> str:
        return f"http://localhost:{self.issuer_port}"

    @property
    def database(self) -> Path:
        """The embedded backend's documents and tasks."""
        return self.state_dir / "ledger.sqlite"

    @property
    def page_origins(self) -> tuple[str, ...]:
        """Where the staff page may be open: the only origins that sign-in sends a browser back to."""
        return (self.base_url, f"http://127.0.0.1:{self.port}")

    def for_processes(self, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
        """The environment for the stack's processes: the present one with every setting filled in."""
        filled = {
            "PORT": str(self.port),
            "SIMULATOR_PORT": str(self.simulator_port),
            "ISSUER_PORT": str(self.issuer_port),
            "STATE_DIR": str(self.state_dir),
            "BACKEND": self.backend,
            "PUBLIC_URL": self.public_url,
            "XERO_REDIRECT_URI": self.redirect_uri,
            "XERO_WEBHOOK_KEY": self.webhook_key,
            "AUTH_ISSUER": environment.get("AUTH_ISSUER") or self.issuer_url,
            "AUTH_AUDIENCE": environment.get("AUTH_AUDIENCE") or AUDIENCE,
            "TASKS_ISSUER": self.issuer_url,
            "TASKS_AUDIENCE": self.public_url,
            "TASKS_SERVICE_ACCOUNT": TASKS_SERVICE_ACCOUNT,
            "RECONCILE_EVERY_SECONDS": str(self.reconcile_every),
            "CLOCK_AHEAD_SECONDS": str(self.clock_ahead),
            "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), environment.get("PYTHONPATH", "")))),
            "PYTHONUNBUFFERED": "1",  # lines appear when they are written
        }
        if self.simulated:
            filled |= {name: environment.get(name) or self.simulator_url for name in SIMULATOR_URLS}
            filled |= {"REHEARSAL_URL": f"{self.issuer_url}/desk"}
        filled |= {"XERO_CLIENT_ID": self.client_id, "XERO_CLIENT_SECRET": self.client_secret}
        return {**environment, **filled}


def _port(given: Mapping[str, str], name: str, default: int) -> int:
    try:
        port = int(given.get(name, default))
    except ValueError:
        port = 0
    if not 1 <= port <= 65535:
        raise ValueError(f"{name} must be a port number from 1 to 65535, not {given[name]!r}")
    return port


def _seconds(given: Mapping[str, str], name: str, default: float, *, least: float = 1.0) -> float:
    try:
        seconds = float(given.get(name, default))
    except ValueError:
        seconds = -1.0
    if not least <= seconds <= 31_536_000:
        raise ValueError(f"{name} must be a number of seconds, at least {least:g}, not {given[name]!r}")
    return seconds
