"""The stand-in's deliveries over HTTP, to our worker's sign-in: what Cloud Tasks sends is accepted, else nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.local.signing_key import SigningKey, load_or_create
from infra.local.tokens import mint
from shared.adapters.cloud_tasks.tasks import CloudTasks, Destination
from shared.domain.errors import NotAllowed, NotSignedIn
from shared.http.sign_in import SignIn
from tests.contract.helpers import eventually
from tests.contract.loopback import Arrived, Loopback, Reply
from tests.google_stand_in.dispatch import dispatching, over_http
from tests.google_stand_in.in_process import QUEUES, SERVICE_ACCOUNT, InProcess, in_process

ISSUER = "https://accounts.google.com"
PEOPLE = "https://people.example"


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return load_or_create(tmp_path)


@pytest.fixture
def google() -> Iterator[InProcess]:
    with in_process() as running:
        yield running


def sign_in(key: SigningKey, audience: str, *, removed: bool = False) -> SignIn:
    def fetch(url: str) -> object:
        found = {
            "issuer": url.removesuffix("/.well-known/openid-configuration"),
            "jwks_uri": "https://keys.example/",
        }
        return {"keys": [key.public_jwk()]} if url == found["jwks_uri"] else found

    return SignIn(
        PEOPLE, "ledger", ISSUER, audience, SERVICE_ACCOUNT,
        fetch=fetch, tasks_signature_removed=removed,
    )  # fmt: skip


def signed(key: SigningKey, audience: str, email: str = SERVICE_ACCOUNT, **claims: object) -> str:
    return mint(key, ISSUER, audience, "1", email=email, email_verified=True, **claims)


def without_signature(token: str) -> str:
    return token.rpartition(".")[0] + ".SIGNATURE_REMOVED_BY_GOOGLE"


def test_a_task_reaches_the_worker_with_a_token_it_accepts(google: InProcess, key: SigningKey) -> None:
    """Through threads, over HTTP, after one refusal: path, body, headers, and the sign-in of the worker."""
    replies = [Reply(500), Reply(200)]
    arrived: list[Arrived] = []

    def answer(request: Arrived) -> Reply:
        arrived.append(request)
        return replies.pop(0)

    with Loopback(answer).running() as worker:
        google.queues.deliver = over_http(lambda audience, email: signed(key, audience, email))
        to = Destination(QUEUES, worker.url, SERVICE_ACCOUNT)
        with dispatching(google.queues):
            CloudTasks(lambda: google.tasks_client, to, google.clock).enqueue(
                "pull", {"tenant_id": "t"}, name="n"
            )
            eventually(lambda: len(arrived) == 1)
            eventually(lambda: not any(kept.running for kept in google.queues._tasks.values()))
            google.clock.advance(1)
            eventually(lambda: google.queues.waiting() == 0)
    first, second = arrived
    assert (first.path, json.loads(first.body)) == ("/tasks/pull", {"tenant_id": "t"})
    assert second.headers["x-cloudtasks-taskretrycount"] == "1"
    assert second.headers["x-cloudtasks-taskpreviousresponse"] == "500"
    sign_in(key, worker.url).task(first.headers["authorization"])
    for other in (f"{worker.url}/tasks/pull", "https://else.example"):
        with pytest.raises(NotSignedIn):
            sign_in(key, other).task(first.headers["authorization"])


def test_without_a_signature_only_where_the_platform_took_it(key: SigningKey) -> None:
    """Cloud Run's IAM check takes the signature out. Only a service that says it is behind that check accepts it."""
    bearer = f"Bearer {without_signature(signed(key, 'https://w'))}"
    sign_in(key, "https://w", removed=True).task(bearer)
    with pytest.raises(NotSignedIn):
        sign_in(key, "https://w").task(bearer)
    person = mint(key, PEOPLE, "ledger", "1", practice_id="demo", role="owner")
    sign_in(key, "https://w", removed=True).person(f"Bearer {person}")
    with pytest.raises(NotSignedIn):  # a person's never
        sign_in(key, "https://w", removed=True).person(f"Bearer {without_signature(person)}")


def test_all_else_is_checked_without_a_signature_too(key: SigningKey) -> None:
    """Audience, issuer, expiry, e-mail; and a signature that is there is checked."""
    door = sign_in(key, "https://w", removed=True)
    past = int(datetime.now(UTC).timestamp()) - 3600
    for token in (
        signed(key, "https://other"),
        signed(key, "https://w", exp=past),
        signed(key, "https://w", nbf=past + 7200),
        mint(key, "https://issuer.example", "https://w", "1", email=SERVICE_ACCOUNT, email_verified=True),
    ):
        with pytest.raises(NotSignedIn):
            door.task(f"Bearer {without_signature(token)}")
    with pytest.raises(NotAllowed):
        door.task(f"Bearer {without_signature(signed(key, 'https://w', 'else@example.com'))}")
    good = signed(key, "https://w")
    door.task(f"Bearer {good}")
    with pytest.raises(NotSignedIn):
        door.task(f"Bearer {good[:-9]}AAAAAAAAA")
