"""The stand-in as a process of the local stack; tokens are signed by the stack's own issuer."""

from __future__ import annotations

import argparse
import signal
import sys
from datetime import UTC, datetime, timedelta

from google.cloud.tasks_v2.types import CreateQueueRequest, Queue

from infra.local.parent_watch import end_with_parent
from infra.local.settings import Settings
from infra.local.signing_key import load_or_create
from infra.local.stopping import Stopping, stop_on
from infra.local.tokens import mint
from shared.config import Config
from tests.google_stand_in.dispatch import dispatching, over_http
from tests.google_stand_in.in_process import RETRYING
from tests.google_stand_in.queues import Queues
from tests.google_stand_in.secret_versions import SecretVersions
from tests.google_stand_in.server import StandIn


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parent-pid", type=int)
    arguments = parser.parse_args()
    if arguments.parent_pid:
        end_with_parent(arguments.parent_pid)
    stopping = Stopping()
    stop_on(stopping, signal.SIGTERM, signal.SIGINT)

    settings = Settings.from_environment()
    key = load_or_create(settings.state_dir)

    def signed(audience: str, email: str) -> str:
        return mint(key, settings.issuer_url, audience, "tasks", email=email, email_verified=True)

    ahead = timedelta(seconds=settings.clock_ahead)
    queues = Queues(lambda: datetime.now(UTC) + ahead, over_http(signed))
    config = Config.from_environment()
    place = f"projects/{config['GOOGLE_CLOUD_PROJECT']}/locations/{config['REGION']}"
    for kind in ("pull", "drain", "bulk"):
        name = f"{place}/queues/{config['TASKS_QUEUE_PREFIX']}{kind}"
        queue = Queue(name=name, retry_config=RETRYING)
        queues.create_queue(CreateQueueRequest(parent=place, queue=queue))
    with StandIn(SecretVersions(), queues, settings.stand_in_port).running(), dispatching(queues):
        stopping.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
