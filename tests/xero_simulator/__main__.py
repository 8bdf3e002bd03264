"""``python -m tests.xero_simulator``: the simulator as a program of its own."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time

from .applications import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, WEBHOOK_KEY
from .limits import DAY
from .server import Simulator

LOOK_SECONDS = 0.25


def main() -> int:
    options = _options()
    told: list[
        int
    ] = []  # not an Event: its lock would be waited for within a signal that comes while it is held
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: told.append(number))
    try:
        simulator = Simulator(
            port=options.port,
            state=options.state,
            client_id=options.client_id,
            client_secret=options.client_secret,
            redirect_uris=options.redirect_uri or [REDIRECT_URI],
            webhook_url=options.webhook_url,
            webhook_key=options.webhook_key,
            day_limit=options.day_limit,
        )
        simulator.start()
    except (OSError, ValueError) as error:
        print(f"the Xero simulator cannot start on port {options.port}: {error}", file=sys.stderr)
        return 1
    print(f"Xero simulator listening on {simulator.url}", flush=True)
    parent_is_ours = options.parent_pid == os.getppid()
    while not told:
        time.sleep(LOOK_SECONDS)
        if options.parent_pid and not _alive(options.parent_pid, parent_is_ours):
            break
    simulator.stop()
    return 0


def _alive(pid: int, parent_is_ours: bool) -> bool:
    """A direct parent is gone when another took its place; any other process when it no longer exists."""
    if parent_is_ours:
        return os.getppid() == pid
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.xero_simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8081, help="0 picks a free one")
    parser.add_argument("--state", metavar="FILE.sqlite", help="keep everything here; without it, in memory")
    parser.add_argument("--redirect-uri", action="append", metavar="URI", help="may be given several times")
    parser.add_argument("--webhook-url", default="")
    parser.add_argument("--webhook-key", default=WEBHOOK_KEY)
    parser.add_argument("--client-id", default=CLIENT_ID)
    parser.add_argument("--client-secret", default=CLIENT_SECRET)
    parser.add_argument("--day-limit", type=int, default=DAY)
    parser.add_argument("--parent-pid", type=int, help="end when this process is gone")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
