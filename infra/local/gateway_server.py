"""The gateway under gunicorn, as in the cloud: one worker, many threads."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from infra.local.gateway import Gateway, load_functions
from infra.local.parent_watch import end_with_parent
from infra.local.settings import ROOT, Settings

THREADS = 32


class GatewayServer(BaseApplication):
    """Loads the functions in the worker, after the fork: gRPC clients do not survive one."""

    def __init__(self, port: int, functions: Path) -> None:
        self._port = port
        self._functions = functions
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

    def load(self) -> Gateway:
        return Gateway(load_functions(self._functions))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parent-pid", type=int)
    parser.add_argument("--functions", type=Path, default=ROOT / "functions", metavar="FOLDER")
    arguments = parser.parse_args()
    if arguments.parent_pid:
        end_with_parent(arguments.parent_pid)
    GatewayServer(Settings.from_environment().port, arguments.functions).run()


if __name__ == "__main__":
    main()
