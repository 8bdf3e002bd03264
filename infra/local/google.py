"""What the local stack with ``BACKEND=gcp`` has besides: Google's Firestore emulator, the stand-in for Secret Manager
and Cloud Tasks, and each function in a process of its own.

Emulator and stand-in keep everything in memory, so such a stack begins with nothing and leaves nothing.
"""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Callable
from dataclasses import replace

from infra.local.child import Service, python
from infra.local.ports import LOOPBACK, is_free
from infra.local.routing_table import PREFIXES
from infra.local.settings import Settings

#: Below what the machine hands out for outgoing connections, so that nobody takes one while its server is down.
PORTS = range(21_000, 31_000)


def with_ports(settings: Settings) -> Settings:
    """The settings with a free port for each process."""
    chosen = (port for port in random.sample(PORTS, 400) if is_free(port))  # a port, not a secret  # nosec B311
    return replace(
        settings,
        emulator_port=next(chosen),
        stand_in_port=next(chosen),
        function_ports={name: next(chosen) for name in PREFIXES},
    )


def services_before(settings: Settings) -> list[Service]:
    """What the functions need. Those are started together and waited for by the gateway's readiness."""
    emulator = Service(
        "emulator",
        python("-m", "infra.local.emulator", "--port", str(settings.emulator_port)),
        _listens(settings.emulator_port),
        gentle=False,
    )
    stand_in = Service(
        "google", python("-m", "tests.google_stand_in"), _listens(settings.stand_in_port), gentle=False
    )
    return [stand_in, emulator, *map(_function(settings), settings.function_ports)]


def functions_listen(settings: Settings) -> bool:
    return all(_listens(port)() for port in settings.function_ports.values())


def environment(settings: Settings) -> dict[str, str]:
    """For the processes; the functions' own part is what a deployment sets, and where the stand-ins are."""
    stand_in = f"{LOOPBACK}:{settings.stand_in_port}"
    return {
        "GOOGLE_CLOUD_PROJECT": "clinic-ledger-local",
        "REGION": "local",
        "FIRESTORE_EMULATOR_HOST": f"{LOOPBACK}:{settings.emulator_port}",
        "SECRET_MANAGER_ENDPOINT": stand_in,
        "CLOUD_TASKS_ENDPOINT": stand_in,
        "FUNCTION_PORTS": json.dumps(dict(settings.function_ports)),
    }


def _function(settings: Settings) -> Callable[[str], Service]:
    def service(name: str) -> Service:
        command = python("-m", "infra.local.gateway_server", "--function", name)
        return Service(name, command, lambda: True, gentle=False)

    return service


def _listens(port: int) -> Callable[[], bool]:
    def asked() -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((LOOPBACK, port)) == 0

    return asked
