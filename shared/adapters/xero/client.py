"""The way in to Xero: one per process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import requests

from shared.adapters.xero.identity import XeroIdentity
from shared.adapters.xero.transport import CONNECT_TIMEOUT, READ_TIMEOUT, Transport
from shared.ports.accounting import Accounting, Identity

LOGIN_URL = "https://login.xero.com"
IDENTITY_URL = "https://identity.xero.com"
API_URL = "https://api.xero.com"

#: What we ask for, each with its reason; apps made since 2 March 2026 get these granular scopes only.
SCOPES = (
    "offline_access",  # without it there is no refresh token
    "accounting.contacts",  # patients
    "accounting.invoices",  # invoices and credit notes
    "accounting.payments",  # payments taken at the desk
    "accounting.settings.read",  # accounts, tax rates, tracking, items, organisation
)


class XeroClient:
    """Implements the port ``Xero`` from plain settings.

    ``scopes`` as a sequence or as text with spaces (XERO_SCOPES). The connections of ``session`` are shared
    by every client it hands out; bearers never are. ``now`` is a parameter for tests.
    """

    identity: Identity

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        scopes: str | Sequence[str] = SCOPES,
        login_url: str = LOGIN_URL,
        identity_url: str = IDENTITY_URL,
        api_url: str = API_URL,
        connect_timeout: float = CONNECT_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        session: requests.Session | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._api_url = api_url
        self._transport = Transport(
            connect_timeout=connect_timeout, read_timeout=read_timeout, session=session
        )
        self.identity = XeroIdentity(
            client_id=client_id,
            client_secret=client_secret,
            redirect_uri=redirect_uri,
            scopes=scopes.split() if isinstance(scopes, str) else scopes,
            login_url=login_url,
            identity_url=identity_url,
            api_url=api_url,
            transport=self._transport,
            now=now,
        )

    def accounting(self, tenant_id: str, access_token: str) -> Accounting:
        # Imported here: the SDK costs a fifth of a second and 22 MB, which functions that never ask Xero for
        # anything (the webhook, above all) should not pay.
        from shared.adapters.xero.accounting import XeroAccounting

        return XeroAccounting(self._transport, tenant_id, access_token, api_url=self._api_url)

    def close(self) -> None:
        """Closes the connections that are kept open."""
        self._transport.close()
