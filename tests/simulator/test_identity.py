"""Consent, codes, access and refresh tokens, revocation."""

from __future__ import annotations

import base64
import hashlib
import threading
from typing import Any

import jwt
import pytest
import requests

from tests.simulator.tiny_books import FIRST
from tests.xero_simulator.applications import Application
from tests.xero_simulator.server import Simulator
from tests.xero_simulator.visitor import SCOPES, Visitor

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
MINUTE = 60
DAY = 24 * 3600


def test_allow_sends_the_browser_back_with_code_and_state(simulator: Simulator) -> None:
    """A scripted Allow is a 302 at once, with the code and the app's own state."""
    answer = Visitor(simulator.url).consent(state="s p&ce")
    assert answer["state"] == "s p&ce"
    assert answer["code"]


def test_deny_sends_the_browser_back_with_access_denied(simulator: Simulator) -> None:
    """Cancel returns error=access_denied with the state and connects nothing."""
    answer = Visitor(simulator.url).authorize(simulator_decision="deny")
    assert answer.headers["Location"].endswith("?error=access_denied&state=a-state")
    assert not simulator.world.connections.is_connected(FIRST)


def test_the_page_lets_a_person_choose_and_cannot_be_framed(simulator: Simulator) -> None:
    """Without a scripted decision there is a page with the organisations and both buttons."""
    page = Visitor(simulator.url).authorize()
    assert page.status_code == 200
    assert page.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
    for text in ("First Organisation", "Second Organisation", 'value="allow"', 'value="deny"', "a-state"):
        assert text in page.text


def test_the_page_escapes_what_the_url_brings(simulator: Simulator) -> None:
    """Markup in the state comes back as text, not as markup."""
    page = Visitor(simulator.url).authorize(state='"><script>alert(1)</script>')
    assert "<script>" not in page.text


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"client_id": "another"}, "unauthorized_client"),
        ({"redirect_uri": "http://localhost:8080/xero/oauth/callback"}, "unauthorized_client"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "offline_access accounting.transactions"}, "invalid_scope"),
        ({"scope": "accounting.reports.read"}, "invalid_scope"),
        ({"scope": "accounting.everything"}, "invalid_scope"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
    ],
)
def test_a_wrong_authorize_request_ends_on_xeros_page(
    simulator: Simulator, query: dict[str, str], error: str
) -> None:
    """Unknown app, another redirect URI, old scopes: refused there, the browser is not sent back."""
    answer = Visitor(simulator.url).authorize(simulator_decision="allow", **query)
    assert answer.status_code == 400
    assert error in answer.text
    assert "Location" not in answer.headers


def test_redirect_uris_are_https_or_localhost() -> None:
    """Xero registers https and http://localhost, but not http://127.0.0.1."""
    Application(redirect_uris=("https://clinic.example/cb", "http://localhost:1/cb"))
    for uri in ("http://127.0.0.1:8080/cb", "http://clinic.example/cb", "ftp://localhost/cb"):
        with pytest.raises(ValueError, match="registers no such"):
            Application(redirect_uris=(uri,))


def test_a_code_becomes_a_token_set(simulator: Simulator) -> None:
    """The exchange gives a 30-minute JWT with its claims, a refresh token and the scope."""
    someone = Visitor(simulator.url)
    tokens = someone.exchange(someone.consent()["code"]).json()
    assert (tokens["expires_in"], tokens["token_type"], tokens["scope"]) == (1800, "Bearer", SCOPES)
    assert tokens["refresh_token"]
    assert "id_token" not in tokens
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 1800
    assert claims["scope"] == SCOPES.split()
    assert {"xero_userid", "authentication_event_id", "jti", "client_id"} <= claims.keys()


def test_openid_brings_an_id_token_and_without_offline_access_no_refresh_token(simulator: Simulator) -> None:
    """The id token only comes with openid, the refresh token only with offline_access."""
    tokens = Visitor(simulator.url).connect("openid accounting.contacts.read")
    assert "refresh_token" not in tokens
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 300


def test_the_secret_may_be_in_the_body(simulator: Simulator) -> None:
    """Xero takes the app's id and secret in the body as well as by Basic."""
    someone = Visitor(simulator.url)
    form = {
        "grant_type": "authorization_code",
        "code": someone.consent()["code"],
        "redirect_uri": someone.redirect_uri,
        "client_id": someone.client_id,
        "client_secret": someone.client_secret,
    }
    assert requests.post(f"{simulator.url}/connect/token", data=form, timeout=10).status_code == 200


@pytest.mark.parametrize("wrong", [{"client_secret": "no"}, {"client_id": "no"}])
def test_a_wrong_secret_is_invalid_client(simulator: Simulator, wrong: dict[str, str]) -> None:
    """The app must prove itself at the token endpoint."""
    code = Visitor(simulator.url).consent()["code"]
    answer = Visitor(simulator.url, **wrong).exchange(code)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})


def refused(answer: requests.Response, error: str = "invalid_grant") -> bool:
    return bool(answer.status_code == 400 and answer.json() == {"error": error})


def test_a_code_works_once(simulator: Simulator) -> None:
    """The second use of a code is invalid_grant."""
    someone = Visitor(simulator.url)
    code = someone.consent()["code"]
    assert someone.exchange(code).ok
    assert refused(someone.exchange(code))


def test_a_code_lives_five_minutes(simulator: Simulator) -> None:
    """Within 5 minutes a code works, after them not."""
    someone = Visitor(simulator.url)
    early, late = someone.consent()["code"], someone.consent()["code"]
    simulator.advance(5 * MINUTE - 5)
    assert someone.exchange(early).ok
    simulator.advance(6)
    assert refused(someone.exchange(late))


def test_a_code_is_bound_to_its_redirect_uri(simulator: Simulator) -> None:
    """The exchange must name the very redirect URI of the authorize request."""
    someone = Visitor(simulator.url)
    code = someone.consent()["code"]
    assert refused(someone.exchange(code, redirect_uri="http://localhost:8080/other"))


@pytest.mark.parametrize(
    ("verifier", "works"),
    [(VERIFIER, True), ("w" * 64, False), (None, False)],
    ids=["right", "wrong", "none"],
)
def test_pkce_is_verified(simulator: Simulator, verifier: str | None, works: bool) -> None:
    """With a challenge sent, only the right verifier gets tokens."""
    someone = Visitor(simulator.url)
    code = someone.consent(code_challenge=CHALLENGE, code_challenge_method="S256")["code"]
    form = {"code_verifier": verifier} if verifier else {}
    answer = someone.exchange(code, **form)
    assert answer.ok if works else refused(answer)


def test_other_grant_types_are_refused(simulator: Simulator) -> None:
    """Only codes and refresh tokens are exchanged for this kind of app."""
    someone = Visitor(simulator.url)
    assert refused(someone.post_token(grant_type="password"), "unsupported_grant_type")
    assert refused(someone.post_token(grant_type="client_credentials"), "unauthorized_client")


def test_a_refresh_gives_two_new_tokens(simulator: Simulator, visitor: Visitor) -> None:
    """Rotation: both tokens are new and the new refresh token works in turn."""
    first = visitor.tokens
    second = visitor.refresh().json()
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]
    assert visitor.refresh(second["refresh_token"]).ok


def test_the_previous_refresh_token_has_thirty_minutes_of_grace(
    simulator: Simulator, visitor: Visitor
) -> None:
    """It may be used again for 30 minutes from its first use, however often, then never."""
    assert visitor.refresh().ok
    simulator.advance(20 * MINUTE)
    assert visitor.refresh().ok
    simulator.advance(9 * MINUTE)
    again = visitor.refresh()
    assert again.ok
    simulator.advance(2 * MINUTE)
    assert refused(visitor.refresh())
    assert visitor.refresh(again.json()["refresh_token"]).ok


def test_a_refresh_token_dies_after_sixty_days_unused(simulator: Simulator, visitor: Visitor) -> None:
    """59 days are fine, 61 are not; using it begins another 60."""
    simulator.advance(59 * DAY)
    second = visitor.refresh().json()["refresh_token"]
    simulator.advance(59 * DAY)
    third = visitor.refresh(second).json()["refresh_token"]
    simulator.advance(61 * DAY)
    assert refused(visitor.refresh(third))


def test_many_refreshes_at_once_all_get_working_tokens(simulator: Simulator, visitor: Visitor) -> None:
    """Ten threads with one refresh token are all within the grace."""
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(visitor.refresh())) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.json()["refresh_token"] for answer in answers}) == 10


def test_an_unknown_refresh_token_is_invalid_grant(simulator: Simulator) -> None:
    """A refresh token that was never issued."""
    assert refused(Visitor(simulator.url).refresh("never-issued"))


def test_revocation_kills_the_tokens_and_all_connections_of_the_person(
    simulator: Simulator, visitor: Visitor
) -> None:
    """200 with an empty body; other people's connections stay."""
    other = Visitor(simulator.url)
    other.connect(user="somebody else")
    answer = requests.post(
        f"{simulator.url}/connect/revocation",
        data={"token": visitor.tokens["refresh_token"]},
        auth=(visitor.client_id, visitor.client_secret),
        timeout=10,
    )
    assert (answer.status_code, answer.content) == (200, b"")
    assert refused(visitor.refresh())
    assert visitor.connections().status_code == 401
    assert len(other.connections().json()) == 1
    assert other.call("GET", "Invoices").ok


def test_revoking_an_unknown_token_is_no_error(simulator: Simulator) -> None:
    """As RFC 7009 wants it."""
    someone = Visitor(simulator.url)
    url, auth = f"{simulator.url}/connect/revocation", (someone.client_id, someone.client_secret)
    assert requests.post(url, data={"token": "x"}, auth=auth, timeout=10).status_code == 200
    assert refused(requests.post(url, data={"token": "x"}, timeout=10), "invalid_client")


def test_scopes_are_additive(simulator: Simulator) -> None:
    """A later consent keeps what the person gave before."""
    someone = Visitor(simulator.url)
    someone.connect("offline_access accounting.contacts")
    tokens = someone.connect("offline_access accounting.invoices")
    assert set(tokens["scope"].split()) == {"offline_access", "accounting.invoices", "accounting.contacts"}
