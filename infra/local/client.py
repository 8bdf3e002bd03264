"""Our public HTTP interface as a caller uses it: for the sample day and the demo."""

from __future__ import annotations

import time
from typing import Any

import requests

from infra.local.settings import Settings
from infra.local.tokens import person_token

TIMEOUT_SECONDS = 60
#: Every call is idempotent, so a caller whose connection breaks simply calls again.
PATIENCE_SECONDS = 60


class CallFailed(Exception):
    """The interface answered with a problem; the sentence is its ``detail``."""


class Client:
    """Calls as one role of one practice. Not thread-safe."""

    def __init__(self, settings: Settings, practice: str, role: str) -> None:
        self._base_url = settings.base_url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {person_token(settings, practice, role)}"

    def call(self, method: str, path: str, **kwargs: Any) -> dict[str, Any]:
        """The JSON answer; CallFailed with the problem's sentence otherwise."""
        response = self.raw(method, path, **kwargs)
        body: dict[str, Any] = response.json()
        if not response.ok:
            raise CallFailed(f"{method} {path}: {response.status_code} {body.get('detail')}")
        return body

    def raw(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                response = self._session.request(
                    method, self._base_url + path, timeout=TIMEOUT_SECONDS, **kwargs
                )
            except requests.ConnectionError:
                if time.monotonic() > deadline:
                    raise
            else:
                if response.status_code != 503 or time.monotonic() > deadline:
                    return response
            time.sleep(0.5)

    def connect(self, tenant_ids: list[str], user: str) -> requests.Response:
        """Through the simulator's consent page, as a browser would go, cookie and all."""
        url = self.call("GET", "/xero/oauth/connect/")["authorize_url"]
        with requests.Session() as browser:
            browser.trust_env = False
            browser.cookies.update(self._session.cookies)
            decision = {
                "simulator_decision": "allow",
                "simulator_tenants": ",".join(tenant_ids),
                "simulator_user": user,
            }
            return browser.get(url, params=decision, timeout=TIMEOUT_SECONDS)
