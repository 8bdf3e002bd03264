"""Programs for the supervisor's tests: a service that listens, and a small stack of two of them.

``python -m tests.functions.stack_programs service PORT [--crash-after SECONDS]``
``python -m tests.functions.stack_programs stack PORT PORT [--crash-after SECONDS]``
"""

from __future__ import annotations

import argparse
import http.server
import os
import signal
import sys
import threading

from infra.local import ports
from infra.local.child import Service, python
from infra.local.parent_watch import end_with_parent
from infra.local.settings import ROOT
from infra.local.supervisor import StackFailed, Supervisor


def service(port: int, crash_after: float | None) -> int:
    """Listens on the port; says so, and says when it is asked to stop."""
    server = http.server.HTTPServer((ports.LOOPBACK, port), http.server.BaseHTTPRequestHandler)
    if crash_after is not None:
        threading.Timer(crash_after, os._exit, (7,)).start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(print(f"stopping {port}", flush=True)))
    print(f"listening {port} pid {os.getpid()}", flush=True)
    server.serve_forever()
    return 0


def stack(first: int, second: int, crash_after: float | None) -> int:
    """Two services under a supervisor, as ``run`` does it."""

    def made(name: str, port: int, *extra: str) -> Service:
        command = python("-m", "tests.functions.stack_programs", "service", str(port), *extra)
        return Service(name, command, lambda: not ports.is_free(port))

    crashing = ("--crash-after", str(crash_after)) if crash_after is not None else ()
    services = [made("first", first), made("second", second, *crashing)]
    supervisor = Supervisor(services, os.environ, ROOT, lambda line: print(line, flush=True))
    signal.signal(signal.SIGTERM, lambda *_: supervisor.stopping.set())
    try:
        supervisor.start()
        print("ready", flush=True)
        supervisor.watch()
    except StackFailed as failure:
        print(failure, flush=True)
        return 1
    finally:
        supervisor.stop()
    return 0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("program", choices=["service", "stack"])
    parser.add_argument("ports", type=int, nargs="+")
    parser.add_argument("--crash-after", type=float)
    parser.add_argument("--parent-pid", type=int)
    options = parser.parse_args()
    if options.parent_pid:
        end_with_parent(options.parent_pid)
    if options.program == "service":
        return service(options.ports[0], options.crash_after)
    return stack(options.ports[0], options.ports[1], options.crash_after)


if __name__ == "__main__":
    sys.exit(main())
