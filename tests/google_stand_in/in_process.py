"""The stand-in inside a test, on a clock that stands still until the test moves it, with the adapters at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from google.cloud.secretmanager_v1 import SecretManagerServiceClient
from google.cloud.tasks_v2 import CloudTasksClient
from google.cloud.tasks_v2.types import CreateQueueRequest, Queue, RetryConfig

from shared.adapters.cloud_tasks.tasks import CloudTasks, Destination
from shared.adapters.google_clients import cloud_tasks_client, secret_manager_client
from shared.adapters.secret_manager.secrets import SecretManagerSecrets
from tests.google_stand_in.queues import Queues
from tests.google_stand_in.secret_versions import SecretVersions
from tests.google_stand_in.server import StandIn

PROJECT = "clinic"
QUEUES = "projects/clinic/locations/sydney/queues/ledger-"
WORKER = "https://worker.example"
SERVICE_ACCOUNT = "tasks@clinic.iam.gserviceaccount.com"
#: As the deployment makes the queues.
RETRYING = RetryConfig(
    max_attempts=-1, min_backoff=timedelta(seconds=1), max_backoff=timedelta(seconds=300), max_doublings=16
)


class FakeClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: datetime = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def advance(self, seconds: float) -> None:
        self._at += timedelta(seconds=seconds)


class InProcess(StandIn):
    """``secrets``, ``queues``, ``faults`` and ``calls`` of the stand-in; the clients; adapters that use them."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        super().__init__(SecretVersions(), Queues(self.clock.now, lambda _: (200, None)))
        for kind in ("pull", "drain", "bulk"):
            queue = Queue(name=f"{QUEUES}{kind}", retry_config=RETRYING)
            self.queues.create_queue(CreateQueueRequest(parent=QUEUES.rpartition("/queues/")[0], queue=queue))

    @property
    def secret_client(self) -> SecretManagerServiceClient:
        return secret_manager_client(self.address)

    @property
    def tasks_client(self) -> CloudTasksClient:
        return cloud_tasks_client(self.address)

    def secret_manager(self) -> SecretManagerSecrets:
        return SecretManagerSecrets(lambda: self.secret_client, PROJECT)

    def cloud_tasks(self) -> CloudTasks:
        to = Destination(QUEUES, WORKER, SERVICE_ACCOUNT)
        return CloudTasks(lambda: self.tasks_client, to, self.clock)


@contextmanager
def in_process() -> Iterator[InProcess]:
    stand_in = InProcess()
    with stand_in.running():
        yield stand_in
