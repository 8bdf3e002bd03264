"""The gateway under gunicorn, as in the cloud: one worker, many threads.

With ``--function NAME`` one function alone, as it is deployed; the gateway then only hands requests on to such
processes (``FUNCTION_PORTS``).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import functions_framework
from gunicorn.app.base import BaseApplication

from infra.local.forward import Forward
from infra.local.gateway import Gateway, WsgiApp, load_functions
from infra.local.parent_watch import end_with_parent
from infra.local.settings import ROOT, Settings

THREADS = 32


class GatewayServer(BaseApplication):
    """Loads the functions in the worker, after the fork: gRPC clients do not survive one."""

    def __init__(self, port: int, load_app: Callable[[], WsgiApp]) -> None:
        self._port = port
        self._load_app = load_app
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": f"127.0.0.1:{self._port}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": THREADS,
            "keepalive": 75,
            "timeout": 0,  # a long request is not a hung worker
            "graceful_timeout": 5,
            "loglevel": "warning",
            "control_socket_disable": True,  # it would be one file for all stacks of this user
            "post_fork": lambda arbiter, _worker: end_with_parent(arbiter.pid),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> WsgiApp:
        return self._load_app()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parent-pid", type=int)
    parser.add_argument("--functions", type=Path, default=ROOT / "functions", metavar="FOLDER")
    parser.add_argument("--function", metavar="NAME", help="this one alone, at its port of FUNCTION_PORTS")
    arguments = parser.parse_args()
    if arguments.parent_pid:
        end_with_parent(arguments.parent_pid)
    settings = Settings.from_environment()
    folder, name, ports = arguments.functions, arguments.function, settings.function_ports

    def load() -> WsgiApp:
        if name:
            app: WsgiApp = functions_framework.create_app(name, str(folder / name / "main.py"))
            return app
        return Gateway({n: Forward(p) for n, p in ports.items()} if ports else load_functions(folder))

    GatewayServer(ports[name] if name else settings.port, load).run()


if __name__ == "__main__":
    main()
