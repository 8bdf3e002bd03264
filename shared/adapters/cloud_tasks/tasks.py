"""Tasks in Google Cloud Tasks, each delivered as ``POST {worker}/tasks/{kind}`` with Google's OIDC token.

Three queues, made by the deployment, so that a long bulk job keeps neither payments nor invoices waiting: what comes
back from Xero, what goes there, everything else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from google.api_core import exceptions
from google.cloud.tasks_v2 import CloudTasksClient, HttpMethod, HttpRequest, OidcToken, Task
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from shared.adapters.google_rpc import ONCE, repeated, translated
from shared.adapters.task_rules import checked_body, schedule
from shared.ports.clock import Clock

#: A webhook must be answered within five seconds, and Xero sends again what was not accepted.
ATTEMPT_SECONDS = 2.0
CALL_SECONDS = 3.5
#: For how long Cloud Tasks waits for the worker; longer than any lease, shorter than Cloud Run's own limit.
DISPATCH_SECONDS = 300
QUEUES = {"pull": "pull", "drain": "drain"}
OTHERS = "bulk"


@dataclass(frozen=True)
class Destination:
    """``queues``: the path their names begin with, ``projects/p/locations/l/queues/prefix-``. ``worker``: its base
    URL, which is the token's audience too. ``service_account``: the e-mail in the token."""

    queues: str
    worker: str
    service_account: str

    def queue(self, kind: str) -> str:
        return f"{self.queues}{QUEUES.get(kind, OTHERS)}"


class CloudTasks:
    """Implements ``shared.ports.tasks.Tasks``. ValueError or TypeError as in ``shared.adapters.task_rules``.

    ``make_client`` is called on first use.
    """

    def __init__(self, make_client: Callable[[], CloudTasksClient], to: Destination, clock: Clock) -> None:
        self._make_client = make_client
        self._to = to
        self._clock = clock

    @cached_property
    def _client(self) -> CloudTasksClient:
        return self._make_client()

    def enqueue(
        self, kind: str, body: dict[str, Any], *, name: str | None = None, at: datetime | None = None
    ) -> None:
        text = checked_body(kind, body, name)
        now = self._clock.now()
        eta = schedule(at, now)
        task = self._task(kind, text)
        if eta > now:
            task.schedule_time = _timestamp(eta)
        queue = self._to.queue(kind)
        if name is not None:
            task.name = f"{queue}/tasks/{name}"
        request = {"parent": queue, "task": task}
        try:
            with translated():
                # Also after a lost answer: a named task is then known, an unnamed one may run twice, as any task may.
                repeated(
                    lambda: self._client.create_task(request=request, retry=ONCE, timeout=ATTEMPT_SECONDS),
                    seconds=CALL_SECONDS,
                )
        except exceptions.AlreadyExists:
            return

    def _task(self, kind: str, text: str) -> Task:
        token = OidcToken(service_account_email=self._to.service_account, audience=self._to.worker)
        return Task(
            http_request=HttpRequest(
                http_method=HttpMethod.POST,
                url=f"{self._to.worker}/tasks/{kind}",
                headers={"Content-Type": "application/json"},
                body=text.encode(),
                oidc_token=token,
            ),
            dispatch_deadline=Duration(seconds=DISPATCH_SECONDS),
        )


def _timestamp(at: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp
