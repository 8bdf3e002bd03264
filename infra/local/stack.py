"""The local stack: which processes it has and when each is ready; ``run`` it, or have it ``running`` for a while."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType

import requests

from infra.local import google, sample_day, state, summary
from infra.local.child import Say, Service, python
from infra.local.client import CallFailed
from infra.local.settings import ROOT, Settings
from infra.local.stopping import stop_on
from infra.local.supervisor import StackFailed, Supervisor, demand_ports


def services(settings: Settings) -> list[Service]:
    """In the order of starting; they stop in the opposite order, so tasks cease before what they call."""
    simulator = Service(
        "simulator",
        python(
            "-m",
            "tests.xero_simulator",
            *("--port", str(settings.simulator_port)),
            *("--state", str(settings.state_dir / "simulator.sqlite")),
            *("--redirect-uri", settings.redirect_uri),
            *("--webhook-url", f"{settings.base_url}/xero/webhook/"),
            *("--webhook-key", settings.webhook_key.split(",")[0]),
        ),
        _answers(f"http://127.0.0.1:{settings.simulator_port}/_simulator/tenants"),
    )
    gateway = Service(
        "gateway",
        python("-m", "infra.local.gateway_server"),
        _all_of(
            partial(google.functions_listen, settings),
            _answers(f"http://127.0.0.1:{settings.port}/openapi.json"),
        ),
    )
    machinery = Service(
        "machinery",
        python("-m", "infra.local.machinery"),
        _answers(f"http://127.0.0.1:{settings.issuer_port}/healthz"),
    )
    # The functions first: what the simulator has to announce since last time must find somebody listening.
    before = google.services_before(settings) if settings.on_google else []
    return [*before, gateway, *([simulator] if settings.simulated else []), machinery]


def _all_of(*questions: Callable[[], bool]) -> Callable[[], bool]:
    return lambda: all(ask() for ask in questions)


def _answers(url: str) -> Callable[[], bool]:
    """Whether any HTTP answer comes: an unfinished function must not keep the others from running."""

    def asked() -> bool:
        try:
            with requests.Session() as session:
                session.trust_env = False  # a proxy has no business with loopback calls
                session.get(url, timeout=2, allow_redirects=False)
        except requests.RequestException:
            return False
        return True

    return asked


def _supervisor(settings: Settings, say: Say) -> Supervisor:
    if settings.clock_ahead and not settings.simulated:
        raise StackFailed(
            "CLOCK_AHEAD_SECONDS is for rehearsals with the simulator: Xero's clock does not jump"
        )
    ports = {"PORT": settings.port, "ISSUER_PORT": settings.issuer_port}
    demand_ports(ports | ({"SIMULATOR_PORT": settings.simulator_port} if settings.simulated else {}))
    environment = settings.for_processes()
    if settings.on_google:
        settings = google.with_ports(settings)
        environment |= google.environment(settings)
        state.empty(settings.state_dir)
    return Supervisor(services(settings), environment, ROOT, say)


def run(settings: Settings, *, load_sample_day: bool = True) -> int:
    """Until Ctrl-C or SIGTERM. 0 when it was asked to stop, 1 when it could not start or go on."""
    try:
        with state.held(settings.state_dir):
            supervisor = _supervisor(settings, say)
            stop_on(supervisor.stopping, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
            try:
                say("Starting ...")
                supervisor.start()
                if not supervisor.stopping.is_set():
                    if load_sample_day:
                        _load_sample_day(settings)
                    say(summary.text(settings))
                supervisor.watch()
            finally:
                say("Stopping ...")
                supervisor.stop()
    except (StackFailed, state.StateInUse) as failure:
        print(failure, file=sys.stderr)
        return 1
    say("Stopped.")
    return 0


def _load_sample_day(settings: Settings) -> None:
    try:
        sample_day.load(settings.base_url, settings.state_dir)
    except (CallFailed, requests.RequestException) as failure:
        say(f"The sample day could not be loaded: {failure}. Everything else is running.")


@contextmanager
def running(settings: Settings) -> Iterator[Supervisor]:
    """The stack in the background, for a script in this process; its output goes to STATE_DIR/stack.log.

    Raises StackFailed or StateInUse. SIGTERM ends the script as SystemExit, so that the stack stops as well.
    """
    with state.held(settings.state_dir), (settings.state_dir / state.LOG_FILE).open("w", buffering=1) as log:
        supervisor = _supervisor(settings, lambda line: print(line, file=log))
        signal.signal(signal.SIGTERM, _exit)
        try:
            supervisor.start()
            threading.Thread(target=_watch_quietly, args=(supervisor, log.name), daemon=True).start()
            yield supervisor
        finally:
            supervisor.stop()


def say(line: str) -> None:
    """One write per line: several threads speak."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _exit(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _watch_quietly(supervisor: Supervisor, log_name: str) -> None:
    try:
        supervisor.watch()
    except StackFailed as failure:
        print(f"{failure} ({log_name})", file=sys.stderr)
