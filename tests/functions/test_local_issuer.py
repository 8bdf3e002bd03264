"""The local issuer: signing in through the browser's steps, and tokens that the product accepts."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from werkzeug.serving import make_server

from infra.local.authorization_codes import AuthorizationCodes
from infra.local.issuer import create_issuer
from infra.local.ports import free_port
from infra.local.settings import TASKS_SERVICE_ACCOUNT, Settings
from infra.local.signing_key import load_or_create
from infra.local.staff import PEOPLE, PRACTICES
from infra.local.tokens import person_token, task_token
from shared.domain.errors import NotSignedIn
from shared.domain.people import Person
from shared.http.sign_in import SignIn

BACK = "http://localhost:8080/"


class Stand:
    """A running issuer, its settings, and the clock its codes run on."""

    def __init__(self, state_dir: Path) -> None:
        self.settings = Settings(issuer_port=free_port(), state_dir=state_dir)
        self.now = 0.0
        self.url = self.settings.issuer_url
        codes = AuthorizationCodes(monotonic=lambda: self.now)
        issuer = create_issuer(self.settings, load_or_create(state_dir), codes)
        self.server = make_server("127.0.0.1", self.settings.issuer_port, issuer, threaded=True)

    def sign_in(self) -> SignIn:
        """The product's own check, configured for this issuer."""
        settings = self.settings
        return SignIn(self.url, "clinic-ledger", self.url, settings.public_url, TASKS_SERVICE_ACCOUNT)

    def authorize(self, **changes: str) -> dict[str, str]:
        return {
            "response_type": "code",
            "client_id": "clinic-ledger-page",
            "redirect_uri": BACK,
            "state": "a state",
            "code_challenge": challenge("v" * 43),
            "code_challenge_method": "S256",
            **changes,
        }

    def code(self, sign_in_as: str = "demo/olivia", **changes: str) -> str:
        form = {**self.authorize(**changes), "sign_in_as": sign_in_as}
        answer = requests.post(f"{self.url}/authorize", data=form, allow_redirects=False, timeout=5)
        assert answer.status_code == 303, answer.text
        return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]

    def redeem(self, code: str, **changes: str) -> requests.Response:
        form = {
            "grant_type": "authorization_code",
            "client_id": "clinic-ledger-page",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": "v" * 43,
            **changes,
        }
        return requests.post(f"{self.url}/token", data=form, timeout=5)


def challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    made = Stand(tmp_path / "state")
    thread = threading.Thread(target=made.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def test_code_flow_signs_a_person_in(stand: Stand) -> None:
    """Discovery, the page, the button, the code and its verifier end in a token the product accepts."""
    found = requests.get(f"{stand.url}/.well-known/openid-configuration", timeout=5).json()
    verifier = secrets.token_urlsafe(40)
    asked = stand.authorize(code_challenge=challenge(verifier), nonce="n-1")
    page = requests.get(found["authorization_endpoint"], params=asked, timeout=5)
    assert page.status_code == 200
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    assert fields == asked
    assert len(re.findall(r'<button name="sign_in_as" value="\w+/\w+"', page.text)) == len(PRACTICES) * len(
        PEOPLE
    )
    form = {**fields, "sign_in_as": "other/ben"}
    answer = requests.post(found["authorization_endpoint"], data=form, allow_redirects=False, timeout=5)
    back = urlsplit(answer.headers["Location"])
    query = parse_qs(back.query)
    assert (answer.status_code, f"{back.scheme}://{back.netloc}{back.path}", query["state"]) == (
        303,
        BACK,
        ["a state"],
    )
    tokens = stand.redeem(query["code"][0], code_verifier=verifier).json()
    person = stand.sign_in().person(f"{tokens['token_type']} {tokens['access_token']}")
    assert person == Person("other-ben", "Ben Bookkeeper", "other", "bookkeeper")
    identity = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert (identity["aud"], identity["nonce"], identity["sub"]) == ("clinic-ledger-page", "n-1", "other-ben")


def test_code_works_once(stand: Stand) -> None:
    """A code that leaked through a log or a history is worth nothing after its use."""
    code = stand.code()
    assert stand.redeem(code).status_code == 200
    again = stand.redeem(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    "changes", [{"code_verifier": "w" * 43}, {"code_verifier": ""}, {"redirect_uri": BACK + "x"}]
)
def test_wrong_verifier_spends_the_code(stand: Stand, changes: dict[str, str]) -> None:
    """Whoever stole a code has no verifier, and cannot try several."""
    code = stand.code()
    assert stand.redeem(code, **changes).json()["error"] == "invalid_grant"
    assert stand.redeem(code).json()["error"] == "invalid_grant"


def test_code_expires_after_five_minutes(stand: Stand) -> None:
    """A code is for right now."""
    code = stand.code()
    stand.now += 300
    assert stand.redeem(code).json()["error"] == "invalid_grant"


def test_other_clients_and_grants_are_refused(stand: Stand) -> None:
    """There is one public client and one kind of grant."""
    assert stand.redeem(stand.code(), client_id="another").status_code == 401
    assert stand.redeem(stand.code(), grant_type="password").json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "http://localhost:8080.evil.example/"},
        {"redirect_uri": "http://localhost:8080@evil.example/"},
        {"redirect_uri": "http://localhost:8080\\@evil.example/"},
        {"redirect_uri": "http://localhost:9/"},
        {"redirect_uri": "http://localhost:8080/#part"},
        {"redirect_uri": ""},
        {"client_id": "another"},
        {"response_type": "token"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
    ],
)
def test_unacceptable_request_is_answered_here(stand: Stand, changes: dict[str, str]) -> None:
    """Nobody is redirected to an address that is not the page's own, nor given a code without PKCE."""
    asked = stand.authorize(**changes)
    page = requests.get(f"{stand.url}/authorize", params=asked, allow_redirects=False, timeout=5)
    form = {**asked, "sign_in_as": "demo/olivia"}
    answer = requests.post(f"{stand.url}/authorize", data=form, allow_redirects=False, timeout=5)
    assert (page.status_code, answer.status_code) == (400, 400)


def test_page_escapes_what_it_hands_on(stand: Stand) -> None:
    """A state with markup in it stays text."""
    page = requests.get(f"{stand.url}/authorize", params=stand.authorize(state='"><script>x'), timeout=5)
    assert "<script" not in page.text


def test_only_the_stacks_page_reads_tokens_across_origins(stand: Stand) -> None:
    """The browser lets the staff page read the token endpoint, and no other site."""

    def allowed(origin: str) -> str | None:
        answer = requests.post(f"{stand.url}/token", headers={"Origin": origin}, timeout=5)
        return answer.headers.get("Access-Control-Allow-Origin")

    assert allowed("http://localhost:8080") == "http://localhost:8080"
    assert allowed("http://evil.example") is None
    assert allowed("null") is None


def test_key_is_private_and_stays(tmp_path: Path) -> None:
    """The key file is the user's alone, and tokens outlive a restart because the key does."""
    first, second = load_or_create(tmp_path), load_or_create(tmp_path)
    assert first.kid == second.kid
    assert stat.S_IMODE((tmp_path / "issuer-key.pem").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["issuer-key.pem"]


def test_processes_starting_at_once_share_one_key(tmp_path: Path) -> None:
    """Whoever loses the race to make the key uses the winner's."""
    kids: list[str] = []
    threads = [threading.Thread(target=lambda: kids.append(load_or_create(tmp_path).kid)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kids) == 4
    assert len(set(kids)) == 1


@pytest.mark.parametrize("role", ["reception", "bookkeeper", "owner", "app"])
def test_tokens_are_minted_without_the_server(stand: Stand, role: str) -> None:
    """What the ``token`` command prints is accepted for that practice and role."""
    person = stand.sign_in().person(f"Bearer {person_token(stand.settings, 'demo', role)}")
    assert (person.practice_id, person.role) == ("demo", role)


def test_task_token_is_for_tasks_only(stand: Stand) -> None:
    """The service account's token runs tasks, and is nobody at the people's endpoints."""
    sign_in: Any = stand.sign_in()
    header = f"Bearer {task_token(stand.settings)}"
    sign_in.task(header)
    with pytest.raises(NotSignedIn):
        sign_in.person(header)
