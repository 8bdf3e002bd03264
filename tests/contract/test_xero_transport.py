"""What leaves for Xero and how often: one request, the right bearer, the exact body, no hidden retries."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.adapters.xero.transport import Transport
from shared.domain.errors import AnswerLost, ConnectionLost, NotSent, Paused, XeroError
from shared.ports.accounting import WriteRequest
from tests.contract.loopback import Arrived, Reply, json_reply, serving
from tests.contract.xero_loopback import CREATE, INVOICE, WRITES, accounting, client


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where nobody listens, held so that nobody else can."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize("write", WRITES, ids=lambda write: write.kind)
def test_a_dropped_connection_is_one_request_and_a_lost_answer(write: WriteRequest) -> None:
    """A PUT or POST on a dropped connection is never sent again behind our back."""
    with serving(Reply(drop=True)) as server:
        with pytest.raises(AnswerLost) as caught:
            accounting(server.url).send(write)
        time.sleep(0.2)  # time enough for a second one to arrive
    assert len(server.arrived) == 1
    assert caught.value.answered is False


@pytest.mark.parametrize("write", WRITES, ids=lambda write: write.kind)
@pytest.mark.parametrize("status", [429, 503])
def test_no_status_is_retried_or_waited_out(write: WriteRequest, status: int) -> None:
    """Retry-After on 429 and 503 makes nobody sleep and nothing go out twice."""
    started = time.monotonic()
    reply = Reply(status, b"The Organisation is offline", {"Retry-After": "30"})
    with serving(reply) as server, pytest.raises(Paused) as caught:
        accounting(server.url).send(write)
    assert time.monotonic() - started < 5
    assert len(server.arrived) == 1
    assert caught.value.retry_after == 30


def test_a_day_limit_returns_at_once() -> None:
    """429 with Retry-After 73451 is told, not slept through, and the calls left are known."""
    reply = Reply(
        429,
        b"ignored",
        {
            "Retry-After": "73451",
            "X-Rate-Limit-Problem": "day",
            "X-MinLimit-Remaining": "60",
            "X-DayLimit-Remaining": "0",
            "X-AppMinLimit-Remaining": "9999",
        },
    )
    started = time.monotonic()
    with serving(reply) as server:
        books = accounting(server.url)
        with pytest.raises(Paused) as caught:
            books.invoice("i-1")
    assert time.monotonic() - started < 2
    assert (caught.value.problem, caught.value.retry_after) == ("day", 73451)
    assert (books.usage.minute, books.usage.day, books.usage.app_minute) == (60, 0, 9999)


def test_a_silent_server_is_given_up_after_the_read_timeout() -> None:
    """Half-second timeouts count as they are; the answer is lost, not refused."""
    with serving(Reply(delay=3)) as server:
        started = time.monotonic()
        with pytest.raises(AnswerLost) as caught:
            accounting(server.url, read_timeout=0.3).send(CREATE)
        assert time.monotonic() - started < 2
        time.sleep(0.4)
        assert len(server.arrived) == 1
    assert caught.value.answered is False


@pytest.mark.parametrize("cut", [0, 5])
def test_an_answer_cut_off_is_lost(cut: int) -> None:
    """A body shorter than its Content-Length is a dropped connection."""
    reply = json_reply({"Invoices": [INVOICE]})
    with (
        serving(Reply(200, reply.body, reply.headers, cut=cut)) as server,
        pytest.raises(AnswerLost) as caught,
    ):
        accounting(server.url).send(CREATE)
    assert caught.value.answered is False


def test_a_refused_connection_was_not_sent(nobody: str) -> None:
    """Nobody listens: certainly nothing was done."""
    with pytest.raises(NotSent) as caught:
        accounting(nobody).send(CREATE)
    assert not isinstance(caught.value, Paused | ConnectionLost)


def test_an_unknown_host_was_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that does not resolve: certainly nothing was done."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSent):
        accounting("http://no-such-host.invalid").send(CREATE)


def test_a_connect_timeout_was_not_sent() -> None:
    """A full backlog lets no connection through, so nothing was sent."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        held = [socket.socket() for _ in range(4)]
        try:
            for each in held:
                each.setblocking(False)
                each.connect_ex(("127.0.0.1", port))
            time.sleep(0.1)
            started = time.monotonic()
            with pytest.raises(NotSent):
                accounting(f"http://127.0.0.1:{port}", connect_timeout=0.3, read_timeout=0.3).send(CREATE)
            assert time.monotonic() - started < 3
        finally:
            for each in held:
                each.close()


@pytest.mark.parametrize("location", ["/elsewhere", "http://[broken", "http://\xff/"])
def test_redirects_are_not_followed(location: str) -> None:
    """A redirect of a write is an answer that does not say whether it was done, wherever it points."""
    with serving(Reply(302, b"", {"Location": location})) as server, pytest.raises(AnswerLost) as caught:
        accounting(server.url).send(CREATE)
    assert len(server.arrived) == 1
    assert caught.value.answered is True


def test_the_environment_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, nobody: str
) -> None:
    """Neither proxy variables nor a .netrc touch a request."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login mallory password stolen\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, nobody)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with serving(json_reply({"Contacts": [{"ContactID": "c-1"}]})) as server:
        assert accounting(server.url).contact("c-1") is not None
    assert server.arrived[0].headers["authorization"] == "Bearer bearer-1"


def test_cookies_are_not_kept() -> None:
    """A cookie set for one clinic is not sent for another."""
    reply = json_reply({"Contacts": [{"ContactID": "c-1"}]}, Set_Cookie="session=one; Path=/")
    with serving(reply) as server:
        xero = client(server.url)
        xero.accounting("tenant-1", "bearer-1").contact("c-1")
        xero.accounting("tenant-2", "bearer-2").contact("c-1")
    assert all("cookie" not in request.headers for request in server.arrived)


def test_bearers_and_tenants_never_mix() -> None:
    """Two clinics under 50 threads: each request's bearer belongs to its tenant, and each answer to its asker."""

    def mirror(request: Arrived) -> Reply:
        tenant = request.headers["xero-tenant-id"]
        return json_reply({"Contacts": [{"ContactID": tenant, "Name": request.headers["authorization"]}]})

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with serving(mirror) as server:
            xero = client(server.url)
            books = [xero.accounting(f"tenant-{n}", f"bearer-{n}") for n in range(2)]

            def ask(number: int) -> None:
                which = number % 2
                fresh = xero.accounting(f"tenant-{which}", f"bearer-{which}")
                for each in (books[which], fresh):
                    for _ in range(4):
                        found = each.contact("c-1")
                        assert found is not None
                        assert (found.contact_id, found.name) == (f"tenant-{which}", f"Bearer bearer-{which}")

            with ThreadPoolExecutor(50) as pool:
                list(pool.map(ask, range(50)))
        assert len(server.arrived) == 400
        for request in server.arrived:
            assert request.headers["authorization"][-1] == request.headers["xero-tenant-id"][-1]
    finally:
        sys.setswitchinterval(interval)


def test_connections_are_reused_and_threads_are_not_started() -> None:
    """A process keeps its connections between clients, and no thread is started for a request."""
    with serving(json_reply({"Contacts": [{"ContactID": "c-1"}]})) as server:
        xero = client(server.url)
        before: set[threading.Thread] = set()
        for number in range(5):
            xero.accounting(f"tenant-{number}", "bearer").contact("c-1")
            before = before or set(threading.enumerate())
        assert server.connections == 1
        assert set(threading.enumerate()) <= before


def test_a_connection_closed_meanwhile_loses_nothing() -> None:
    """The server closed a kept connection between two writes: the second goes out once, on a new one."""
    reply = json_reply({"Invoices": [INVOICE]})
    with serving(Reply(200, reply.body, reply.headers, cut=len(reply.body))) as server:
        xero = client(server.url)
        for _ in range(3):
            assert xero.accounting("tenant-1", "bearer-1").send(CREATE) is not None
            time.sleep(0.1)
    assert (len(server.arrived), server.connections) == (3, 3)


@pytest.mark.parametrize(("longest_idle", "connections"), [(60.0, 1), (0.05, 2)])
def test_connections_idle_for_long_are_given_up(longest_idle: float, connections: int) -> None:
    """After a freeze nobody writes into a connection that the network has forgotten."""
    with serving(Reply(204)) as server:
        transport = Transport(longest_idle=longest_idle)
        for pause in (0.2, 0.0):
            transport.send("POST", server.url, headers={}, body=b"")
            time.sleep(pause)
    assert server.connections == connections


def test_a_bearer_that_is_no_header_does_not_show_in_the_error() -> None:
    """A token with a line break is refused without being quoted."""
    with pytest.raises(ValueError) as caught:
        client("http://127.0.0.1:1").accounting("tenant", "secret-token\r\nX: 1")
    assert "secret-token" not in str(caught.value)
    with pytest.raises(NotSent) as lost:
        client("http://127.0.0.1:1").identity.connections("secret-token\r\nX: 1")
    assert "secret-token" not in everything(lost.value)


def everything(error: BaseException) -> str:
    """All that a log could print of an error, its causes included."""
    chain, current = [], error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or current.__context__  # type: ignore[assignment]
    return " ".join(f"{each!r} {each} {vars(each)}" for each in chain)


SECRETS = ("bearer-1", "Anna", "anna@example.com", "tenant-1", "op-1", "0.30")
LEAK = b'{"Name":"Anna","EmailAddress":"anna@example.com"} bearer-1 tenant-1'
HEADERS = {"X-Echo": "bearer-1 Anna", "Content-Type": "application/json"}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(drop=True),
        Reply(200, LEAK, HEADERS),
        Reply(200, LEAK, HEADERS, cut=10),
        Reply(200, b"<html>Anna", {"Content-Type": "text/html"}),
        Reply(200, b"Anna", {"Content-Encoding": "gzip", "Content-Type": "application/json"}),
        Reply(delay=1),
        *(Reply(status, LEAK, HEADERS) for status in (302, 400, 401, 403, 404, 409, 413, 429, 500, 502, 503)),
        Reply(503, b"The Organisation is offline, Anna"),
        json_reply(
            {
                "Message": "A validation exception occurred",
                "Elements": [
                    {
                        "Name": "Anna",
                        "EmailAddress": "anna@example.com",
                        "ValidationErrors": [
                            {"Message": "The contact name Anna is already assigned to another contact."},
                            {"Message": "Anna <anna@example.com> is odd"},
                            {"Message": "'Anna' is odd"},
                        ],
                    }
                ],
            },
            400,
        ),
    ],
)
def test_no_error_tells_a_secret(reply: Reply) -> None:
    """Neither bodies nor names, headers or tokens are in an error's text, its fields or its causes."""
    with serving(reply) as server, pytest.raises(XeroError) as caught:
        accounting(server.url, read_timeout=0.3).send(CREATE)
    told = everything(caught.value)
    assert not [secret for secret in SECRETS if secret in told]
    assert caught.value.__context__ is None


def test_the_sdk_is_imported_only_when_it_is_needed() -> None:
    """The webhook and sign-in never pay for xero_python."""
    program = (
        "import sys; from shared.adapters.xero.client import XeroClient;"
        "x = XeroClient(client_id='a', client_secret='b', redirect_uri='c');"
        "assert not [m for m in sys.modules if m.startswith('xero_python')];"
        "x.accounting('tenant', 'bearer'); assert 'xero_python' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_the_shared_configuration_of_the_sdk_holds_no_token() -> None:
    """Nothing of a client is in the SDK's shared configuration."""
    from xero_python.api_client.configuration import Configuration

    client("http://127.0.0.1:1").accounting("tenant-x", "bearer-x")
    assert "bearer-x" not in repr(vars(Configuration()))
