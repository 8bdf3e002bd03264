"""The supporting parts of the stack in one process: sign-in, task dispatcher, scheduler."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable

import requests
from werkzeug.serving import make_server

from infra.local.browser_connect import add_browser_connect
from infra.local.desk import add_desk
from infra.local.issuer import create_issuer
from infra.local.parent_watch import end_with_parent
from infra.local.scheduler import Job, Scheduler
from infra.local.settings import Settings
from infra.local.signing_key import load_or_create
from infra.local.stopping import Stopping, stop_on
from infra.local.tokens import task_token
from shared.adapters.embedded.dispatcher import Dispatcher
from shared.adapters.system_clock import SystemClock

WEEK_SECONDS = 7 * 86_400.0
FINISH_SECONDS = 5.0


def poster(settings: Settings) -> Callable[[str], bool]:
    """Calls a path of the functions as the tasks' service account; True for a 2xx."""

    def post(path: str) -> bool:
        headers = {"Authorization": f"Bearer {task_token(settings)}"}
        try:
            with requests.Session() as session:
                session.trust_env = False  # a proxy has no business with loopback calls
                url = f"http://127.0.0.1:{settings.port}{path}"
                answer = session.post(url, json={}, headers=headers, timeout=(5, 300), allow_redirects=False)
        except requests.RequestException:
            return False
        return answer.ok

    return post


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parent-pid", type=int)
    arguments = parser.parse_args()
    if arguments.parent_pid:
        end_with_parent(arguments.parent_pid)
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(levelname)s %(message)s")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line per request helps nobody here
    stopping = Stopping()
    stop_on(stopping, signal.SIGTERM, signal.SIGINT)

    settings = Settings.from_environment()
    issuer = create_issuer(settings, load_or_create(settings.state_dir))
    add_browser_connect(issuer, settings)
    if settings.simulated:
        add_desk(issuer, settings)
    server = make_server("127.0.0.1", settings.issuer_port, issuer, threaded=True)
    threading.Thread(target=server.serve_forever, name="issuer", daemon=True).start()

    jobs = [
        Job("/tasks/reconcile", settings.reconcile_every, at_start=True),
        Job("/tasks/keep_alive", WEEK_SECONDS),
    ]
    scheduler = Scheduler(jobs, poster(settings), settings.state_dir / "scheduler.json")
    scheduler.start()
    dispatcher = Dispatcher(
        settings.database,
        f"http://127.0.0.1:{settings.port}",
        lambda _audience: task_token(settings),
        SystemClock(settings.clock_ahead),
    )
    if not settings.on_google:  # there Cloud Tasks delivers
        dispatcher.start()

    stopping.wait()
    scheduler.stop()
    finishing = threading.Thread(target=dispatcher.stop, daemon=True)
    finishing.start()
    finishing.join(FINISH_SECONDS)
    # A delivery that takes longer is simply delivered again next time; waiting for its thread helps nobody.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
