"""Connecting: whose consent, in which browser, to which organisation; and what becomes of every other attempt."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, quote

import pytest

from shared.config import SCOPES
from shared.ports.accounting import Connection
from shared.services import paths
from tests.consents import Attempt, come_back, decide, start, status, token_calls
from tests.product import REDIRECT_URI, TENANTS, Product, running_product
from tests.xero_simulator.accounting.demo import HARBOUR_STREET, KAURI_PHYSIO, THAMES_OSTEOPATHY
from tests.xero_simulator.applications import CLIENT_ID

#: What architecture.md promises of the connection status.
STATUS_FIELDS = """status reason tenant_id tenant_name connected_by connected_at token_expires_at scopes
    last_webhook_at last_pull_at paused_until calls_left_minute calls_left_day""".split()


def sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def nothing_connected(product: Product, practice: str = "demo") -> bool:
    seen = status(product, practice)
    grants = product.ports.store.query("grants").items
    return (seen["status"], seen["tenant_id"], grants) == ("disconnected", None, [])


def url_of(product: Product, attempt: Attempt, extra: str = "") -> str:
    return (
        f"{product.simulator.url}/identity/connect/authorize?response_type=code&client_id={CLIENT_ID}"
        f"&redirect_uri={quote(REDIRECT_URI, safe='')}&scope={'%20'.join(SCOPES)}"
        f"&state={attempt.query['state']}{extra}"
    )


# -- the authorize URL ---------------------------------------------------------------------------------------


def test_authorize_url_is_exact_and_carries_pkce(product: Product) -> None:
    """The URL is Xero's to the letter, and its challenge is the S256 of the verifier that the exchange then sends."""
    attempt = start(product)
    challenge = attempt.query["code_challenge"]
    assert attempt.authorize_url == url_of(
        product, attempt, f"&code_challenge={challenge}&code_challenge_method=S256"
    )
    assert come_back(product, decide(attempt), attempt.cookie).status_code == 200
    (exchange,) = token_calls(product, "authorization_code")
    verifier = dict(parse_qsl(exchange["body"]))["code_verifier"]
    assert base64.urlsafe_b64encode(sha256(verifier)).rstrip(b"=").decode() == challenge


def test_pkce_can_be_switched_off(tmp_path: Path) -> None:
    """XERO_PKCE=off leaves challenge and verifier out, and connecting works all the same."""
    with running_product(tmp_path, XERO_PKCE="off") as product:
        attempt = start(product)
        assert attempt.authorize_url == url_of(product, attempt)
        assert come_back(product, decide(attempt), attempt.cookie).status_code == 200
        (exchange,) = token_calls(product, "authorization_code")
        assert "code_verifier" not in dict(parse_qsl(exchange["body"]))


def test_no_broad_scope_is_asked_for(product: Product) -> None:
    """The consent asks for granular scopes only: apps made since March 2026 are refused the old ones."""
    scopes = start(product).query["scope"].split()
    assert "offline_access" in scopes
    assert not {"accounting.transactions", "accounting.settings", "accounting.reports.read"} & set(scopes)


def test_redirect_on_request(product: Product) -> None:
    """``?redirect=1`` answers 302 to the very URL that it also names."""
    answer = product.call("GET", "/xero/oauth/connect/?redirect=1")
    assert answer.status_code == 302
    assert answer.headers["Location"] == answer.json["authorize_url"]


# -- the state -----------------------------------------------------------------------------------------------


def test_state_is_kept_hashed(product: Product, tmp_path: Path) -> None:
    """Neither the state nor the browser's secret is written down, only their hashes."""
    attempt = start(product)
    state, secret = attempt.query["state"], attempt.cookie.partition("=")[2]
    kept = product.ports.store.get(paths.oauth_state(sha256(state).hex()))
    assert kept is not None
    assert kept.data["browser_hash"] == sha256(secret).hex()
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert state.encode() not in written
    assert secret.encode() not in written


def test_cookie_is_out_of_reach_of_scripts_and_other_sites(product: Product, tmp_path: Path) -> None:
    """HttpOnly, Lax, ten minutes, only for our OAuth paths; Secure as soon as we are reached by https."""
    flags = {part.strip() for part in start(product).set_cookie.split(";")[1:]}
    assert flags == {"HttpOnly", "SameSite=Lax", "Max-Age=600", "Path=/xero/oauth/"}


def test_cookie_is_secure_behind_https(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an https redirect URI the cookie never travels in the clear."""
    monkeypatch.setitem(product.ports.config.values, "XERO_REDIRECT_URI", "https://clinic.example/cb/")  # type: ignore[arg-type]
    assert "Secure" in start(product).set_cookie.split("; ")


def test_another_browser_is_refused_and_uses_nothing_up(product: Product) -> None:
    """Without the cookie, or with another one, nothing happens; the right browser can still finish."""
    attempt = start(product)
    path = decide(attempt)
    for cookie in (None, f"{attempt.cookie}x", start(product).cookie, "clinic_ledger_connect="):
        refused = come_back(product, path, cookie)
        assert refused.status_code == 400
        assert "Not connected" in refused.get_data(as_text=True)
    assert nothing_connected(product)
    assert token_calls(product, "authorization_code") == []
    assert come_back(product, path, attempt.cookie).status_code == 200


def test_state_works_once(product: Product) -> None:
    """The same link again is refused, and the connection it made stays."""
    attempt = start(product)
    path = decide(attempt)
    assert come_back(product, path, attempt.cookie).status_code == 200
    assert come_back(product, path, attempt.cookie).status_code == 400
    assert status(product)["status"] == "connected"
    assert len(token_calls(product, "authorization_code")) == 1


def test_state_lives_ten_minutes(product: Product) -> None:
    """Just before ten minutes it works; after them it is refused and gone."""
    late, in_time = start(product), start(product)
    product.advance(590)
    assert come_back(product, decide(in_time), in_time.cookie).status_code == 200
    product.advance(15)
    assert come_back(product, decide(late), late.cookie).status_code == 400
    assert product.ports.store.query("oauth_states").items == []


@pytest.mark.parametrize("query", ["", "?code=abc", "?state=&code=abc", "?state=never-given&code=abc"])
def test_foreign_state_is_refused(product: Product, query: str) -> None:
    """A callback that we did not ask for is refused before Xero is asked anything."""
    answer = come_back(product, f"/xero/oauth/callback/{query}", start(product).cookie)
    assert answer.status_code == 400
    assert answer.content_type == "text/html; charset=utf-8"
    assert product.xero_calls(path="/connect/") == []


# -- the answer from Xero ------------------------------------------------------------------------------------


def test_denied_consent(product: Product) -> None:
    """Access denied: a plain page with 403, nothing connected, and the log knows who tried."""
    attempt = start(product)
    answer = come_back(product, decide(attempt, simulator_decision="deny"), attempt.cookie)
    assert answer.status_code == 403
    assert "nothing was connected" in answer.get_data(as_text=True)
    assert nothing_connected(product)
    (entry,) = product.ok("GET", "/xero/logs/?action=connection.denied")["items"]
    assert entry["actor"]["role"] == "owner"


def test_consent_without_organisation(product: Product) -> None:
    """Nothing ticked at Xero: 409 says so, and no token set is kept."""
    answer = product.consent(tenants=[])
    assert answer.status_code == 409
    assert "no organisation" in answer.get_data(as_text=True).lower()
    assert nothing_connected(product)


@pytest.mark.parametrize("path", ["/connect/token", "/connections"])
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 400, "body": {"error": "invalid_grant"}},
        {"kind": "drop_before"},
        {"kind": "garbage", "variant": "html"},
        {"kind": "rate_limit"},
    ],
    ids=lambda fault: fault["kind"] + str(fault.get("status", "")),
)
def test_xero_failing_at_the_callback(product: Product, path: str, fault: dict[str, str]) -> None:
    """Whichever of Xero's answers fails, the page says so with 502, nothing is connected and no token set is left."""
    product.simulator.fault(path=path, **fault)
    answer = product.consent()
    assert answer.status_code == 502
    assert "Start again" in answer.get_data(as_text=True)
    assert nothing_connected(product)
    product.connect()
    assert status(product)["status"] == "connected"


def test_one_organisation_is_connected_with_its_name_on_the_page(product: Product) -> None:
    """Exactly one organisation: connected at once, its name in large letters, also in the status."""
    answer = product.consent()
    assert answer.status_code == 200
    assert "<h1>Connected to Harbour Street Clinic</h1>" in answer.get_data(as_text=True)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    seen = status(product)
    assert (seen["status"], seen["tenant_id"]) == ("connected", HARBOUR_STREET)
    assert seen["tenant_name"] == "Harbour Street Clinic"


def test_name_on_the_page_is_only_text(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """An organisation's name cannot put markup into our page."""
    row = Connection("c-1", HARBOUR_STREET, "<script>alert(1)</script>", "ORGANISATION", None)
    monkeypatch.setattr(product.ports.xero.identity, "connections", lambda *_, **__: [row, row])
    page = product.consent().get_data(as_text=True)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_several_organisations_are_chosen_from(product: Product) -> None:
    """Several ticked: nothing is connected until the owner chooses one, and only one of those offered counts."""
    answer = product.consent(tenants=[HARBOUR_STREET, THAMES_OSTEOPATHY])
    assert answer.status_code == 200
    assert "Thames Osteopathy" in answer.get_data(as_text=True)
    seen = status(product)
    assert (seen["status"], seen["reason"]) == ("needs_attention", "choosing")
    assert {c["tenant_id"] for c in seen["choices"]} == {HARBOUR_STREET, THAMES_OSTEOPATHY}

    def choose(tenant_id: str) -> int:
        return product.call("POST", "/xero/connections/select/", json={"tenant_id": tenant_id}).status_code

    assert choose(KAURI_PHYSIO) == 422
    assert choose(THAMES_OSTEOPATHY) == 200
    seen = status(product)
    assert (seen["status"], seen["tenant_name"]) == ("connected", "Thames Osteopathy")
    assert seen["choices"] == []
    assert choose(HARBOUR_STREET) == 422  # the choice is made; another needs another consent


def test_choice_left_open_too_long_needs_another_consent(product: Product) -> None:
    """A choice nobody made in a week is dropped with its tokens; choosing then says to connect again."""
    product.consent(tenants=[HARBOUR_STREET, THAMES_OSTEOPATHY])
    product.advance(7 * 86400)
    product.keep_alive()
    assert product.ports.store.query("grants").items == []
    answer = product.call("POST", "/xero/connections/select/", json={"tenant_id": HARBOUR_STREET})
    assert answer.status_code == 409
    product.connect()
    assert status(product)["status"] == "connected"


def test_two_open_choices_leave_one_token_set(product: Product) -> None:
    """Consenting anew before choosing replaces the first offer; its tokens are not kept."""
    for _ in range(2):
        product.consent(tenants=[HARBOUR_STREET, THAMES_OSTEOPATHY])
    assert len(product.ports.store.query("grants").items) == 1


def test_another_practices_organisation_is_refused(product: Product) -> None:
    """An organisation that another practice has, working or broken, is refused with a page; theirs is untouched."""
    product.connect("demo")
    for broken in (False, True):
        if broken:
            document = product.ports.store.get(paths.connection("demo"))
            assert document is not None
            lost = document.data | {"status": "needs_reconnect", "reason": "revoked"}
            product.ports.store.put(document.path, lost)
        answer = product.consent("other", tenants=[HARBOUR_STREET])
        assert answer.status_code == 409
        assert "another practice" in answer.get_data(as_text=True)
        assert status(product, "other")["status"] == "disconnected"
    assert len(product.ports.store.query("grants").items) == 1
    tenant = product.ports.store.get(paths.tenant(HARBOUR_STREET))
    assert tenant is not None
    assert tenant.data["practice_id"] == "demo"


def test_organisation_given_up_may_be_taken(product: Product) -> None:
    """After one practice disconnected, another may connect the organisation."""
    product.connect("demo")
    product.ok("POST", "/xero/oauth/disconnect/")
    product.connect("other", tenants=[HARBOUR_STREET])
    assert status(product, "other")["tenant_id"] == HARBOUR_STREET
    assert product.consent("demo").status_code == 409


@pytest.mark.parametrize("first_disconnect", [True, False])
def test_other_organisation_than_before_needs_a_choice(product: Product, first_disconnect: bool) -> None:
    """Reconnecting with another organisation changes nothing until the owner says that it is meant."""
    product.connect()
    if first_disconnect:
        product.ok("POST", "/xero/oauth/disconnect/")
    answer = product.consent(tenants=[THAMES_OSTEOPATHY])
    assert "Choose the organisation" in answer.get_data(as_text=True)
    seen = status(product)
    assert seen["tenant_id"] == HARBOUR_STREET
    assert seen["status"] == ("needs_attention" if first_disconnect else "connected")
    product.ok("POST", "/xero/connections/select/", json={"tenant_id": THAMES_OSTEOPATHY})
    assert status(product)["tenant_id"] == THAMES_OSTEOPATHY
    given_up = product.ports.store.get(paths.tenant(HARBOUR_STREET))
    assert given_up is not None
    assert "grant_id" not in given_up.data
    assert len(product.ports.store.query("grants").items) == 1


def test_organisations_of_other_consents_are_ignored(product: Product) -> None:
    """The same Xero user's earlier organisations come first in /connections and are never taken for this consent's."""
    product.connect("other", user="shared-person")
    product.connect("demo", tenants=[HARBOUR_STREET], user="shared-person")
    assert status(product)["tenant_id"] == HARBOUR_STREET
    assert status(product, "other")["tenant_id"] == KAURI_PHYSIO


def test_what_is_no_organisation_is_never_connected(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row of another tenant type, even the first one, is passed over."""
    identity = product.ports.xero.identity
    real = identity.connections

    def with_a_practice(*arguments: str, **keywords: str) -> list[Connection]:
        rows = real(*arguments, **keywords)
        return [replace(rows[0], tenant_id="a-practice", tenant_type="PRACTICE"), *rows]

    monkeypatch.setattr(identity, "connections", with_a_practice)
    product.connect()
    assert status(product)["tenant_id"] == HARBOUR_STREET


def test_facts_missing_at_connecting_are_fetched_by_the_pull(product: Product) -> None:
    """Xero does not tell the zone at the moment of connecting: the pull that follows asks again, since the zone
    decides the date on invoices."""
    product.simulator.fault("drop_before", path="/api.xro/2.0/Organisation")
    product.connect()
    assert status(product)["tenant_name"] == "Harbour Street Clinic"
    product.advance(5)
    product.run_tasks()
    connection = product.ports.store.get(paths.connection("demo"))
    assert connection is not None
    assert connection.data["time_zone"] == "Australia/Sydney"


def test_facts_survive_a_reconnect_during_which_xero_does_not_tell_them(product: Product) -> None:
    """The clinic's zone is known from before, so a silent Xero cannot move invoices to another day."""
    product.connect()
    product.ok("POST", "/xero/oauth/disconnect/")
    product.simulator.fault("drop_before", path="/api.xro/2.0/Organisation")
    product.connect()
    connection = product.ports.store.get(paths.connection("demo"))
    assert connection is not None
    assert connection.data["time_zone"] == "Australia/Sydney"


# -- who may, and what is told -------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["reception", "bookkeeper", "app"])
def test_only_an_owner_connects(product: Product, role: str) -> None:
    """Connecting, choosing, renewing and ending are the owner's; everybody may look."""
    assert product.call("GET", "/xero/oauth/connect/", role).status_code == 403
    for path in ("/xero/oauth/disconnect/", "/xero/oauth/refresh/", "/xero/connections/select/"):
        assert product.call("POST", path, role, json={}).status_code == 403
    assert product.call("GET", "/xero/connections/status/", role).status_code == 200
    assert product.raw("GET", "/xero/oauth/connect/").status_code == 401


def test_status_has_every_field(product: Product) -> None:
    """Every field of the description is there from the first moment, and tells the truth once connected."""
    assert set(STATUS_FIELDS) <= set(status(product))
    product.connect()
    product.advance(5)
    product.run_tasks()
    seen = status(product)
    assert set(STATUS_FIELDS) <= set(seen)
    assert (seen["status"], seen["reason"]) == ("connected", None)
    assert seen["connected_by"]
    assert set(SCOPES) <= set(seen["scopes"])
    assert seen["connected_at"] < seen["last_pull_at"] < seen["token_expires_at"]
    assert seen["calls_left_minute"] < 60
    assert seen["calls_left_day"] < 5000
    assert (seen["last_webhook_at"], seen["paused_until"]) == (None, None)
    assert TENANTS["demo"] == seen["tenant_id"]
