"""Deliveries over HTTP with an OIDC token, and the thread that makes them when they are due."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import requests

from tests.google_stand_in.queues import Answer, Delivery, Queues

#: audience, e-mail -> a signed token
Mint = Callable[[str, str], str]
POLL_SECONDS = 0.05
WORKERS = 8


def over_http(mint: Mint) -> Callable[[Delivery], Answer]:
    """Calls the task's URL as Cloud Tasks does: no redirect followed, the token for the audience or the whole URL."""

    def deliver(delivery: Delivery) -> Answer:
        request = delivery.task.http_request
        headers = dict(delivery.headers)
        token = request.oidc_token
        if token.service_account_email:
            signed = mint(token.audience or request.url, token.service_account_email)
            headers["Authorization"] = f"Bearer {signed}"
        try:
            with requests.Session() as session:
                session.trust_env = False  # a proxy has no business with loopback calls
                answer = session.request(
                    request.http_method.name,
                    request.url,
                    data=request.body,
                    headers=headers,
                    timeout=(5, delivery.deadline.total_seconds()),
                    allow_redirects=False,
                )
        except requests.RequestException:
            return None, None
        wait = answer.headers.get("Retry-After", "")
        return answer.status_code, float(wait) if wait.isdigit() else None

    return deliver


@contextmanager
def dispatching(queues: Queues) -> Iterator[None]:
    """What comes due is delivered in the background meanwhile."""
    stopping = threading.Event()

    def loop() -> None:
        with ThreadPoolExecutor(WORKERS, thread_name_prefix="delivery") as pool:
            while not stopping.wait(POLL_SECONDS):
                for kept in queues.take_due():
                    pool.submit(queues.attempt, kept)

    thread = threading.Thread(target=loop, name="dispatch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
