"""The port ``Identity``: against the simulator, and against answers that the simulator does not give."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from shared.adapters.xero.client import XeroClient
from shared.adapters.xero.tokens import token_set
from shared.domain.errors import AnswerLost, ConnectionLost, NotSent, Paused, Rejected
from tests.contract.loopback import Reply, json_reply, serving
from tests.contract.xero_world import XeroWorld, xero_world
from tests.xero_simulator.accounting.demo import HARBOUR_STREET, KAURI_PHYSIO
from tests.xero_simulator.visitor import Visitor

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def world() -> Iterator[XeroWorld]:
    with xero_world() as running:
        yield running


def client(url: str = "http://127.0.0.1:1") -> XeroClient:
    return XeroClient(
        client_id="an-id",
        client_secret="a-secret",
        redirect_uri="http://localhost:8080/xero/oauth/callback/?x=1",
        scopes="offline_access accounting.contacts",
        login_url=url + "/",
        identity_url=url + "/",
        api_url=url + "/",
    )


@pytest.mark.parametrize("challenge", [None, "a-challenge"])
def test_the_consent_page_gets_exactly_these_parameters(challenge: str | None) -> None:
    """Nothing is added, spaces are %20, and PKCE goes with its method or not at all."""
    url = client("https://login.example").identity.authorize_url(state="s t&a", code_challenge=challenge)
    parts = urlsplit(url)
    assert (
        f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://login.example/identity/connect/authorize"
    )
    assert "scope=offline_access%20accounting.contacts" in parts.query
    expected = {
        "response_type": ["code"],
        "client_id": ["an-id"],
        "redirect_uri": ["http://localhost:8080/xero/oauth/callback/?x=1"],
        "scope": ["offline_access accounting.contacts"],
        "state": ["s t&a"],
    }
    if challenge:
        expected |= {"code_challenge": [challenge], "code_challenge_method": ["S256"]}
    assert parse_qs(parts.query) == expected


def test_the_default_addresses_are_xeros_own() -> None:
    """Without settings it is Xero itself that is asked, with granular scopes only."""
    xero = XeroClient(client_id="a", client_secret="b", redirect_uri="c")
    url = xero.identity.authorize_url(state="s", code_challenge=None)
    assert url.startswith("https://login.xero.com/identity/connect/authorize?")
    assert "accounting.transactions" not in url
    assert "offline_access" in url


def test_a_code_becomes_tokens_and_they_rotate(world: XeroWorld) -> None:
    """Exchange with PKCE, refresh, and the claims that tell consents apart."""
    consent = Visitor(world.simulator.url).consent(code_challenge=CHALLENGE, code_challenge_method="S256")
    tokens = world.xero.identity.exchange(consent["code"], code_verifier=VERIFIER)
    assert tokens.authentication_event_id
    assert tokens.xero_user_id
    assert "accounting.invoices" in tokens.scopes
    assert timedelta(minutes=29) < tokens.expires_at - datetime.now(UTC) <= timedelta(minutes=30)
    fresh = world.xero.identity.refresh(tokens.refresh_token)
    assert fresh.refresh_token != tokens.refresh_token
    assert fresh.authentication_event_id == tokens.authentication_event_id
    with pytest.raises(Rejected) as refused:
        world.xero.identity.exchange(consent["code"], code_verifier=VERIFIER)
    assert refused.value.code == "invalid_grant"


def test_a_revoked_consent_is_told_as_revoked(world: XeroWorld) -> None:
    """After revocation the refresh says so; nothing else would make an owner reconnect."""
    world.xero.identity.revoke(world.tokens.refresh_token)
    with pytest.raises(ConnectionLost) as lost:
        world.xero.identity.refresh(world.tokens.refresh_token)
    assert lost.value.reason == "revoked"
    assert lost.value.__context__ is None


def test_connections_are_those_of_the_consent(world: XeroWorld) -> None:
    """Two consents of one person: each is asked for its own organisations; deleting twice is fine."""
    other = world.consent(KAURI_PHYSIO)
    identity = world.xero.identity
    all_of_them = identity.connections(other.access_token)
    assert {each.tenant_id for each in all_of_them} == {HARBOUR_STREET, KAURI_PHYSIO}
    [mine] = identity.connections(other.access_token, authentication_event_id=other.authentication_event_id)
    assert (mine.tenant_id, mine.tenant_name, mine.tenant_type) == (
        KAURI_PHYSIO,
        "Kauri Physio",
        "ORGANISATION",
    )
    identity.delete_connection(other.access_token, mine.connection_id)
    identity.delete_connection(other.access_token, mine.connection_id)
    left = identity.connections(other.access_token, authentication_event_id=other.authentication_event_id)
    assert left == []


def test_connections_are_filtered_even_if_the_query_is_passed_over() -> None:
    """Rows of other consents, rows without an id and rows that are none are left out."""
    rows = [
        {
            "id": "1",
            "tenantId": "t1",
            "authEventId": "MINE",
            "tenantName": "One",
            "tenantType": "ORGANISATION",
        },
        {"id": "2", "tenantId": "t2", "authEventId": "other"},
        {"id": "3", "tenantId": "t3", "authEventId": None},
        {"id": None, "tenantId": "t4", "authEventId": "mine"},
        "nonsense",
    ]
    with serving(json_reply(rows)) as server:
        found = client(server.url).identity.connections("bearer", authentication_event_id="mine")
    assert [each.connection_id for each in found] == ["1"]
    assert server.arrived[0].query == {"authEventId": "mine"}
    assert server.arrived[0].headers["authorization"] == "Bearer bearer"


def test_the_token_request_is_a_form_with_basic_authentication() -> None:
    """Id and secret travel in the header, everything else in the form, and nothing in the address."""
    answer = {
        "access_token": "a",
        "refresh_token": "r+/=",
        "expires_in": 1800,
        "scope": "x y",
        "session_state": "s",
    }
    with serving(json_reply(answer)) as server:
        tokens = client(server.url).identity.refresh("old+/=")
    [request] = server.arrived
    assert (request.method, request.path, request.query) == ("POST", "/connect/token", {})
    assert parse_qs(request.body.decode()) == {"grant_type": ["refresh_token"], "refresh_token": ["old+/="]}
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"an-id:a-secret").decode()
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert (tokens.refresh_token, tokens.scopes) == ("r+/=", ("x", "y"))


@pytest.mark.parametrize(
    "word", ["invalid_client", "unauthorized_client", "invalid_scope", "invalid_request"]
)
def test_other_refusals_are_no_revocation(word: str) -> None:
    """A wrong secret of ours must not look as if a customer had left."""
    document = {"error": word, "error_description": "secret a-secret"}
    with serving(json_reply(document, 400)) as server, pytest.raises(Rejected) as refused:
        client(server.url).identity.refresh("r-token")
    assert refused.value.code == word
    assert "secret a-secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(400, b"<html>"), Rejected),
        (json_reply({"error": "<b>"}, 401), Rejected),
        (Reply(429, b"", {"Retry-After": "3"}), Paused),
        (Reply(500, b"<html>"), AnswerLost),
        (Reply(302, b"", {"Location": "/"}), AnswerLost),
        (Reply(200, b"<html>", {"Content-Type": "text/html"}), AnswerLost),
        (json_reply({}), AnswerLost),
        (json_reply([]), AnswerLost),
        (Reply(drop=True), AnswerLost),
    ],
)
def test_nothing_but_invalid_grant_ends_a_connection(reply: Reply, kind: type[Exception]) -> None:
    """Whatever else the identity host says, the refresh can be tried again; each try is one request."""
    with serving(reply) as server, pytest.raises(kind):
        client(server.url).identity.refresh("r-token")
    assert len(server.arrived) == 1


def test_an_unreachable_identity_host_was_not_asked() -> None:
    """Nobody listens: the refresh token is as good as before."""
    with pytest.raises(NotSent) as caught:
        client().identity.refresh("r-token")
    assert not isinstance(caught.value, ConnectionLost)


def read(**document: Any) -> Any:
    return token_set({"access_token": "opaque", "refresh_token": "r", **document}, asked_at=NOW)


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [(1800, 1800), ("1800", 1800), (None, 0), ("soon", 0), (-5, 0), (True, 0), (10**12, 86400)],
)
def test_a_token_without_a_life_counts_as_expired(expires_in: Any, seconds: int) -> None:
    """Missing or odd expiry: refresh before use, never "valid for ever"."""
    assert read(expires_in=expires_in).expires_at == NOW + timedelta(seconds=seconds)
    assert read().expires_at == NOW


def test_claims_and_scopes_are_read_in_every_form() -> None:
    """Scopes as text or list, from the answer or the claims; a token that is no JWT has no claims."""
    claims = {"authentication_event_id": "e", "xero_userid": "u", "scope": ["a", "b"], "exp": 1}
    token = jwt.encode(claims, "k" * 32)
    tokens = read(access_token=token)
    assert (tokens.authentication_event_id, tokens.xero_user_id, tokens.scopes) == ("e", "u", ("a", "b"))
    assert read(access_token=token, scope="c d").scopes == ("c", "d")
    assert read(scope=["c"]).scopes == ("c",)
    assert (read().authentication_event_id, read().scopes) == (None, ())


def test_a_missing_refresh_token_is_told_or_the_known_one_kept() -> None:
    """A consent without offline_access is refused; a refresh that rotates nothing keeps what works."""
    with pytest.raises(Rejected) as refused:
        token_set({"access_token": "a"}, asked_at=NOW)
    assert refused.value.code == "no_refresh_token"
    assert token_set({"access_token": "a"}, asked_at=NOW, known_refresh_token="r").refresh_token == "r"


def test_a_token_set_shows_no_token() -> None:
    """repr() is what ends up in logs."""
    shown = repr(read(refresh_token="very-secret", expires_in=1800))
    assert "very-secret" not in shown
    assert "opaque" not in shown
