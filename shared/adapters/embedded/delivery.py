"""One delivery of a task over HTTP, with the headers of Cloud Tasks."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from shared.adapters.embedded.task_queue import LeasedTask
from shared.ports.clock import Clock

MAX_RETRY_AFTER = 86_400.0


@dataclass(frozen=True)
class Answer:
    """``status`` None: no answer. ``retry_after`` in seconds when the handler asked for a wait."""

    status: int | None
    retry_after: float | None = None

    @property
    def ends_task(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


Deliver = Callable[[LeasedTask], Answer]


def task_headers(task: LeasedTask, queue: str) -> dict[str, str]:
    """What Cloud Tasks adds; the worker may show them, but must not trust them."""
    headers = {
        "X-CloudTasks-QueueName": queue,
        "X-CloudTasks-TaskName": task.name,
        "X-CloudTasks-TaskRetryCount": str(task.attempts - 1),
        "X-CloudTasks-TaskExecutionCount": str(task.answers),
        "X-CloudTasks-TaskETA": f"{task.eta.timestamp():.6f}",
    }
    if task.last_status is not None:
        headers["X-CloudTasks-TaskPreviousResponse"] = str(task.last_status)
    return headers


class HttpDelivery:
    """Calls ``POST {base_url}/tasks/{kind}`` as the task service account. One session per thread.

    ``mint_token`` takes the audience (the base URL) and gives a fresh OIDC token. ``timeout`` in seconds is how
    long to wait for the answer; Cloud Tasks waits 10 minutes.
    """

    def __init__(
        self, base_url: str, mint_token: Callable[[str], str], clock: Clock, *, queue: str, timeout: float
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._mint_token = mint_token
        self._clock = clock
        self._queue = queue
        self._timeout = timeout
        self._local = threading.local()

    def __call__(self, task: LeasedTask) -> Answer:
        headers = task_headers(task, self._queue)
        headers["Authorization"] = f"Bearer {self._mint_token(self._base_url)}"
        try:
            response = self._session().post(
                f"{self._base_url}/tasks/{task.kind}",
                json=task.body,
                headers=headers,
                timeout=(5.0, self._timeout),
                allow_redirects=False,
            )
        except requests.RequestException:
            return Answer(None)
        return Answer(
            response.status_code, retry_after(response.headers.get("Retry-After"), self._clock.now())
        )

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.trust_env = False  # a proxy or .netrc of the machine has no business with loopback calls
        return session


def retry_after(text: str | None, now: datetime) -> float | None:
    """Seconds, from seconds or an HTTP date; between 1 second and a day. None when absent or unreadable."""
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return None
        seconds = (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()
    return min(max(seconds, 1.0), MAX_RETRY_AFTER) if math.isfinite(seconds) else None
