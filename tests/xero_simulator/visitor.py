"""A client for tests: consents, exchanges codes and calls, over HTTP like any other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from .applications import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI

SCOPES = "offline_access accounting.contacts accounting.invoices accounting.payments accounting.settings.read"


@dataclass
class Visitor:
    """Talks to a simulator at ``url``; ``connect`` gives it tokens of its own."""

    url: str
    client_id: str = CLIENT_ID
    client_secret: str = CLIENT_SECRET
    redirect_uri: str = REDIRECT_URI
    tokens: dict[str, Any] = field(default_factory=dict)
    tenant_id: str = ""

    def authorize(self, scopes: str = SCOPES, **query: str) -> requests.Response:
        """What the authorize page answers; ``simulator_decision`` and others go into the query."""
        parameters = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": scopes,
            "state": "a-state",
            **query,
        }
        url = f"{self.url}/identity/connect/authorize"
        return requests.get(url, params=parameters, allow_redirects=False, timeout=10)

    def consent(self, scopes: str = SCOPES, **query: str) -> dict[str, str]:
        """Allow, and what the app is sent back with."""
        answer = self.authorize(scopes, simulator_decision="allow", **query)
        if answer.status_code != 302:
            raise AssertionError(f"{answer.status_code} {answer.text}")
        return {
            name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()
        }

    def post_token(self, **form: str) -> requests.Response:
        return requests.post(
            f"{self.url}/connect/token", data=form, auth=(self.client_id, self.client_secret), timeout=10
        )

    def exchange(self, code: str, **form: str) -> requests.Response:
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri, **form}
        return self.post_token(**fields)

    def refresh(self, token: str | None = None) -> requests.Response:
        return self.post_token(
            grant_type="refresh_token", refresh_token=token or self.tokens["refresh_token"]
        )

    def connect(self, scopes: str = SCOPES, *, tenants: list[str] | None = None, user: str = "owner") -> Any:
        """Consent and exchange; afterwards ``call`` uses these tokens and the first of these tenants."""
        query = {"simulator_user": user}
        if tenants is not None:
            query["simulator_tenants"] = ",".join(tenants)
        answer = self.exchange(self.consent(scopes, **query)["code"])
        answer.raise_for_status()
        self.tokens = answer.json()
        connected = self.connections().json()
        self.tenant_id = tenants[0] if tenants else connected[0]["tenantId"] if connected else ""
        return self.tokens

    def connections(self, **query: str) -> requests.Response:
        return requests.get(f"{self.url}/connections", params=query, headers=self.bearer(), timeout=10)

    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """A call to ``/api.xro/2.0/<path>``; ``key`` is an Idempotency-Key, ``tenant`` another organisation."""
        headers = {**self.bearer(), "xero-tenant-id": options.pop("tenant", self.tenant_id)}
        if "key" in options:
            headers["Idempotency-Key"] = options.pop("key")
        headers |= options.pop("headers", {})
        options.setdefault("timeout", 10)
        return requests.request(method, f"{self.url}/api.xro/2.0/{path}", headers=headers, **options)

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> requests.Response:
        """A call to ``/_simulator/<path>``."""
        return requests.request(method, f"{self.url}/_simulator/{path}", json=body, timeout=30)
