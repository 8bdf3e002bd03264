"""Secret Manager and Cloud Tasks: what the port's contract does not say, with Google's own clients at the stand-in."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest import mock

import grpc
import pytest
from google.api_core import exceptions
from google.cloud.secretmanager_v1.types import DisableSecretVersionRequest, EnableSecretVersionRequest
from google.cloud.tasks_v2.types import RetryConfig

from shared.adapters import google_rpc
from shared.adapters.cloud_tasks import tasks as cloud_tasks
from shared.adapters.google_clients import cloud_tasks_client, secret_manager_client
from shared.adapters.secret_manager.secrets import SecretManagerSecrets
from shared.domain.errors import StoreUnavailable
from shared.ports.secrets import SecretMissing
from tests.contract.backends import StandInTaskWorld
from tests.emulators import emulated_store
from tests.google_stand_in.in_process import QUEUES, SERVICE_ACCOUNT, WORKER, InProcess, in_process
from tests.google_stand_in.refusals import Fault

TOO_MANY = grpc.StatusCode.RESOURCE_EXHAUSTED
DENIED = grpc.StatusCode.PERMISSION_DENIED


@pytest.fixture
def google() -> Iterator[InProcess]:
    with in_process() as running:
        yield running


@pytest.fixture
def secrets(google: InProcess) -> SecretManagerSecrets:
    return google.secret_manager()


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google_rpc, "CALL_SECONDS", 0.3)
    monkeypatch.setattr(cloud_tasks, "CALL_SECONDS", 0.3)


def test_every_call_has_a_deadline(google: InProcess, secrets: SecretManagerSecrets) -> None:
    """The server sees it; the client's own default for most of these is none at all."""
    number = secrets.add("grant", b"x")
    secrets.access("grant", number)
    secrets.versions("grant")
    secrets.names("gr")
    google.secrets.disable(DisableSecretVersionRequest(name="projects/p/secrets/grant/versions/1"))
    with pytest.raises(StoreUnavailable):
        secrets.access("grant", number)
    secrets.destroy("grant", number)
    secrets.delete("grant")
    google.cloud_tasks().enqueue("pull", {})
    ours = {name for name in [*google.secrets.methods(), *google.queues.methods()] if google.calls[name]}
    assert len(ours) == 9
    assert google.without_deadline == []
    google.secret_client.list_secrets(parent="projects/p", timeout=None)  # what it looks like without
    assert google.without_deadline == ["ListSecrets"]


class Deadlines(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Notes each call's method and the seconds it may take."""

    def __init__(self) -> None:
        self.seen: dict[str, float | None] = {}

    def intercept_unary_unary(self, proceed: Any, details: Any, request: Any) -> Any:
        self.seen[details.method.rpartition("/")[2]] = details.timeout
        return proceed(details, request)

    intercept_unary_stream = intercept_unary_unary


def test_every_call_to_firestore_has_a_deadline() -> None:
    """On the wire, whatever the client was told."""
    deadlines, plain = Deadlines(), grpc.insecure_channel
    wrapped = lambda *a, **options: grpc.intercept_channel(plain(*a, **options), deadlines)  # noqa: E731
    store = emulated_store()
    with mock.patch("grpc.insecure_channel", wrapped):
        made = store.create("a/1", {"n": 1})
        store.update("a/1", {"n": 2}, version=made.version)
        store.get("a/1")
        store.get_many(["a/1", "a/2"])
        store.query("a", order_by="n")
        store.delete("a/1")
    assert set(deadlines.seen) == {"Commit", "GetDocument", "BatchGetDocuments", "RunQuery"}
    assert all(seconds and seconds <= google_rpc.ATTEMPT_SECONDS for seconds in deadlines.seen.values())


def test_one_client_for_all_and_only_when_asked(google: InProcess) -> None:
    """The same for the same endpoint; an adapter makes none before its first call."""
    assert secret_manager_client(google.address) is secret_manager_client(google.address)
    made: list[int] = []

    def make() -> object:
        made.append(1)
        return google.secret_client

    late = SecretManagerSecrets(make, "p")  # type: ignore[arg-type]
    assert made == []
    late.versions("grant")
    late.versions("grant")
    assert made == [1]


@pytest.mark.parametrize("factory", [secret_manager_client, cloud_tasks_client])
def test_a_stand_in_is_on_this_machine(factory: object) -> None:
    """Tokens go there unencrypted, so no other host is taken."""
    for elsewhere in ("secretmanager.example:443", "10.0.0.7:80", "localhost.example:1"):
        with pytest.raises(ValueError, match="not on this machine"):
            factory(elsewhere)  # type: ignore[operator]


def test_a_version_that_the_list_does_not_know_yet_is_found(
    google: InProcess, secrets: SecretManagerSecrets
) -> None:
    """A list may lag for hours; the numbers after it are asked for one by one, past destroyed ones."""
    for payload in (b"one", b"two", b"three"):
        secrets.add("grant", payload)
    secrets.destroy("grant", 2)
    google.secrets.lag = 2
    assert secrets.versions("grant") == [1, 3]
    google.secrets.lag = 3
    assert secrets.versions("grant") == [1, 3]
    assert secrets.access("grant", 3) == b"three"


def test_a_disabled_version_is_no_missing_one(google: InProcess, secrets: SecretManagerSecrets) -> None:
    """Somebody may enable it again, and then all is well; a destroyed one is missing."""
    path = f"projects/p/secrets/grant/versions/{secrets.add('grant', b'x')}"
    google.secrets.disable(DisableSecretVersionRequest(name=path))
    with pytest.raises(StoreUnavailable, match="enable it again"):
        secrets.access("grant", 1)
    google.secrets.enable(EnableSecretVersionRequest(name=path))
    assert secrets.access("grant", 1) == b"x"
    secrets.destroy("grant", 1)
    with pytest.raises(SecretMissing):
        secrets.access("grant", 1)


def test_over_quota_is_tried_again(google: InProcess, secrets: SecretManagerSecrets) -> None:
    """Certainly not done, and done a moment later."""
    google.faults = [Fault(m, TOO_MANY, 2) for m in ("AddSecretVersion", "AccessSecretVersion", "CreateTask")]
    assert secrets.access("grant", secrets.add("grant", b"x")) == b"x"
    google.cloud_tasks().enqueue("pull", {})
    assert (google.calls["AccessSecretVersion"], google.queues.waiting()) == (3, 1)


def test_a_lost_answer_loses_no_token_set(google: InProcess, secrets: SecretManagerSecrets) -> None:
    """The number that is given can be read; the one before is the same payload."""
    secrets.add("grant", b"old")
    google.faults = [Fault("AddSecretVersion", after=True)]
    number = secrets.add("grant", b"new")
    assert [secrets.access("grant", n) for n in secrets.versions("grant")] == [b"old", b"new", b"new"]
    assert number == 3


@pytest.mark.usefixtures("hurry")
def test_no_answer_at_all_is_store_unavailable(google: InProcess, secrets: SecretManagerSecrets) -> None:
    """After a bounded time, in every method."""
    secrets.add("grant", b"x")
    for method, call in {
        "AddSecretVersion": lambda: secrets.add("grant", b"x"),
        "AccessSecretVersion": lambda: secrets.access("grant", 1),
        "ListSecretVersions": lambda: secrets.versions("grant"),
        "ListSecrets": lambda: secrets.names("g"),
        "DestroySecretVersion": lambda: secrets.destroy("grant", 1),
        "DeleteSecret": lambda: secrets.delete("grant"),
        "CreateTask": lambda: google.cloud_tasks().enqueue("pull", {}),
    }.items():
        google.faults = [Fault(method, count=1000)]
        before = google.calls[method]
        with pytest.raises(StoreUnavailable):
            call()
        assert 1 < google.calls[method] - before < 20


def test_a_missing_permission_is_shown_as_it_is(google: InProcess, secrets: SecretManagerSecrets) -> None:
    """It is the deployment's mistake, and trying again does not help."""
    google.faults = [Fault("AccessSecretVersion", DENIED), Fault("CreateTask", DENIED)]
    with pytest.raises(exceptions.PermissionDenied):
        secrets.access("grant", 1)
    with pytest.raises(exceptions.PermissionDenied):
        google.cloud_tasks().enqueue("pull", {})
    assert (google.calls["AccessSecretVersion"], google.calls["CreateTask"]) == (1, 1)


def test_names_beyond_one_page(google: InProcess, secrets: SecretManagerSecrets) -> None:
    """All pages are read, each with a deadline."""
    for number in range(3):
        google.secrets._secrets[f"xero-grant-{number:04}"] = []
    google.secrets._secrets |= {f"other-{number}": [] for number in range(2000)}
    assert secrets.names("xero-grant-") == ["xero-grant-0000", "xero-grant-0001", "xero-grant-0002"]
    assert google.calls["ListSecrets"] == 3
    assert google.without_deadline == []


def test_a_named_task_whose_answer_was_lost_is_there_once(google: InProcess) -> None:
    """The repetition meets ALREADY_EXISTS, which is success."""
    google.faults = [Fault("CreateTask", after=True)]
    google.cloud_tasks().enqueue("pull", {"n": 1}, name="once")
    assert (google.calls["CreateTask"], google.queues.waiting()) == (2, 1)


@pytest.mark.parametrize(
    ("kind", "queue"), [("pull", "pull"), ("drain", "drain"), ("job", "bulk"), ("lists", "bulk")]
)
def test_what_cloud_tasks_is_told(google: InProcess, kind: str, queue: str) -> None:
    """The kind's queue, the worker's address, a token for its base URL, a bounded deadline, ids in the body."""
    google.cloud_tasks().enqueue(kind, {"practice_id": "demo"})
    (task,) = google.tasks_client.list_tasks(parent=f"{QUEUES}{queue}", timeout=5)
    request = task.http_request
    assert (request.url, request.body) == (f"{WORKER}/tasks/{kind}", b'{"practice_id":"demo"}')
    assert (request.oidc_token.audience, request.oidc_token.service_account_email) == (
        WORKER,
        SERVICE_ACCOUNT,
    )
    assert request.http_method.name == "POST"
    assert dict(request.headers) == {"Content-Type": "application/json"}
    assert timedelta(seconds=180) < task.dispatch_deadline <= timedelta(minutes=10)


def test_a_queue_that_was_not_made_is_said(google: InProcess) -> None:
    """Nothing is enqueued into nowhere."""
    google.queues._queues.clear()
    with pytest.raises(exceptions.NotFound):
        google.cloud_tasks().enqueue("pull", {})


def test_duplicates_and_an_end_to_attempts(google: InProcess) -> None:
    """The stand-in delivers twice when told to, and gives up as the queue says."""
    world = StandInTaskWorld(google)
    google.queues.duplicate = 1
    world.tasks.enqueue("pull", {"n": 1})
    assert [d.body["n"] for d in world.deliver_due()] == [1, 1]
    google.queues._queues[f"{QUEUES}pull"].retry_config = RetryConfig(
        max_attempts=3, min_backoff=timedelta(seconds=1)
    )
    world.answers += [(500, None)] * 9
    world.tasks.enqueue("pull", {"n": 2}, name=f"n-{uuid.uuid4().hex}")
    for _ in range(9):
        world.deliver_due()
        world.advance(100)
    assert len(world.deliveries) == 2 + 3
    assert len(google.queues.given_up) == 1
