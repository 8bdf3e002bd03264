"""A consent step by step, for tests of what may go wrong between the steps: start, decide at Xero, come back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from werkzeug.test import TestResponse

from shared.services import paths
from tests.product import PUBLIC_URL, TENANTS, Product


@dataclass(frozen=True)
class Attempt:
    """``set_cookie`` as it was sent, ``cookie`` as a browser gives it back."""

    authorize_url: str
    set_cookie: str

    @property
    def cookie(self) -> str:
        return self.set_cookie.split(";")[0]

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.authorize_url).query))


def start(product: Product, practice: str = "demo", **query: str) -> Attempt:
    answer = product.call("GET", "/xero/oauth/connect/", practice=practice, query_string=query)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return Attempt(answer.json["authorize_url"], answer.headers["Set-Cookie"])


def decide(attempt: Attempt, tenants: list[str] | None = None, user: str = "demo-owner", **query: Any) -> str:
    """The person's answer on the consent page; the path of ours that Xero then sends the browser to."""
    decision = {
        "simulator_decision": "allow",
        "simulator_tenants": ",".join([TENANTS["demo"]] if tenants is None else tenants),
        "simulator_user": user,
        **query,
    }
    back = requests.get(attempt.authorize_url, params=decision, allow_redirects=False, timeout=10)
    assert back.status_code == 302, back.text
    return back.headers["Location"].removeprefix(PUBLIC_URL)


def come_back(product: Product, path: str, cookie: str | None) -> TestResponse:
    return product.raw("GET", path, headers={"Cookie": cookie} if cookie else {})


def status(product: Product, practice: str = "demo") -> dict[str, Any]:
    return product.ok("GET", "/xero/connections/status/", "reception", practice)


def token_calls(product: Product, grant_type: str = "refresh_token") -> list[dict[str, Any]]:
    """What the token endpoint was asked."""
    calls = product.xero_calls("POST", "/connect/token")
    return [call for call in calls if dict(parse_qsl(call["body"])).get("grant_type") == grant_type]


def share_consent(product: Product, tenant_id: str) -> str:
    """One consent over the organisations of "demo" and of "other", which is ``tenant_id``; the grant they share."""
    product.consent("demo", tenants=[TENANTS["demo"], tenant_id])
    product.ok("POST", "/xero/connections/select/", json={"tenant_id": TENANTS["demo"]})
    store = product.ports.store
    mine = store.get(paths.connection("demo"))
    assert mine is not None
    shared = str(mine.data["grant_id"])
    theirs = {"status": "connected", "tenant_id": tenant_id, "grant_id": shared}
    store.put(paths.connection("other"), mine.data | theirs)
    store.put(paths.tenant(tenant_id), {"practice_id": "other", "grant_id": shared})
    return shared
