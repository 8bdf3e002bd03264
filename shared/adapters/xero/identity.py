"""The port ``Identity``: consent page, tokens and connections of Xero's OAuth 2.0."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from shared.adapters.xero import tokens
from shared.adapters.xero.errors import check, error_of, json_of
from shared.adapters.xero.transport import Answer, Transport
from shared.domain import wire
from shared.domain.errors import AnswerLost, ConnectionLost, Missing, Rejected, XeroError
from shared.ports.accounting import Connection, TokenSet

#: Seconds that a token request is given at least: giving up on an answer under way costs a rotated token.
LEAST_TOKEN_TIMEOUT = 10.0


class XeroIdentity:
    """Built from plain settings; safe for threads. ``now`` is a parameter for tests."""

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        scopes: Sequence[str],
        login_url: str,
        identity_url: str,
        api_url: str,
        transport: Transport,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._scopes = tuple(scopes)
        self._login_url = login_url.rstrip("/")
        self._identity_url = identity_url.rstrip("/")
        self._api_url = api_url.rstrip("/")
        self._transport = transport
        self._now = now

    def authorize_url(self, *, state: str, code_challenge: str | None) -> str:
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": " ".join(self._scopes),
            "state": state,
        }
        if code_challenge is not None:
            query |= {"code_challenge": code_challenge, "code_challenge_method": "S256"}
        return f"{self._login_url}/identity/connect/authorize?{urlencode(query, quote_via=quote, safe='')}"

    def exchange(self, code: str, *, code_verifier: str | None) -> TokenSet:
        """A code lives five minutes and works once; a refused one is Rejected (``invalid_grant``)."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect_uri}
        if code_verifier is not None:
            form["code_verifier"] = code_verifier
        asked_at = self._now()
        return tokens.token_set(self._token_request("/connect/token", form), asked_at=asked_at)

    def refresh(self, refresh_token: str) -> TokenSet:
        """After AnswerLost the same refresh token may be tried again: Xero honours it for another 30
        minutes."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        asked_at = self._now()
        try:
            document = self._token_request("/connect/token", form)
        except Rejected as refusal:
            revoked = refusal.code == "invalid_grant"
            problem: XeroError = (
                ConnectionLost("revoked", http_status=refusal.http_status) if revoked else refusal
            )
        else:
            return tokens.token_set(document, asked_at=asked_at, known_refresh_token=refresh_token)
        raise problem

    def revoke(self, refresh_token: str) -> None:
        self._token_request("/connect/revocation", {"token": refresh_token}, reads_answer=False)

    def connections(
        self, access_token: str, *, authentication_event_id: str | None = None
    ) -> list[Connection]:
        """Filtered twice: an unknown query parameter would be passed over, and then every consent's rows
        come."""
        wanted = authentication_event_id
        answer = self._transport.send(
            "GET",
            f"{self._api_url}/connections",
            headers=_bearer(access_token),
            query=[] if wanted is None else [("authEventId", wanted)],
        )
        check(answer)
        rows = json_of(answer)
        if not isinstance(rows, list):
            raise AnswerLost("Xero's answer lacks the connections", answered=True)
        found = [connection for row in rows if (connection := _connection(row)) is not None]
        if wanted is None:
            return found
        return [each for each in found if (each.authentication_event_id or "").lower() == wanted.lower()]

    def delete_connection(self, access_token: str, connection_id: str) -> None:
        url = f"{self._api_url}/connections/{quote(connection_id, safe='')}"
        with suppress(Missing):  # gone is what was wanted
            check(self._transport.send("DELETE", url, headers=_bearer(access_token)))

    def _token_request(self, path: str, form: dict[str, str], *, reads_answer: bool = True) -> Any:
        """A form to the identity host, the app's id and secret in Basic authentication."""
        pair = f"{self._client_id}:{self._client_secret}".encode()
        answer = self._transport.send(
            "POST",
            self._identity_url + path,
            headers={
                "Authorization": f"Basic {base64.b64encode(pair).decode()}",
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
            },
            body=urlencode(form).encode(),
            least_read_timeout=LEAST_TOKEN_TIMEOUT,
        )
        if not 200 <= answer.status <= 299:
            raise _refusal(answer)
        return json_of(answer) if reads_answer else None


def _refusal(answer: Answer) -> XeroError:
    """The identity host names a refusal in ``error``, by a word of RFC 6749; everything else it says is let
    lie."""
    if answer.status in (400, 401, 403):
        word = _error_word(answer) or "token_refused"
        return Rejected([f"Xero's identity service refused: {word}"], code=word, http_status=answer.status)
    return error_of(answer)


def _error_word(answer: Answer) -> str | None:
    try:
        document = wire.loads(answer.body)
    except ValueError:
        return None
    word = document.get("error") if isinstance(document, dict) else None
    return word if isinstance(word, str) and re.fullmatch(r"[a-z_]{1,40}", word) else None


def _connection(row: Any) -> Connection | None:
    """A row, None when it lacks an id: such a row can neither be used nor deleted."""
    if not isinstance(row, dict):
        return None
    texts = {key: value for key, value in row.items() if isinstance(value, str) and value}
    if not {"id", "tenantId"} <= texts.keys():
        return None
    return Connection(
        connection_id=texts["id"],
        tenant_id=texts["tenantId"],
        tenant_name=texts.get("tenantName", ""),
        tenant_type=texts.get("tenantType", ""),
        authentication_event_id=texts.get("authEventId"),
    )


def _bearer(access_token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
