"""The app that a developer would have registered with Xero; the defaults are obviously not secrets."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

CLIENT_ID = "SIMULATED0CLIENT0ID0NOT0A0SECRET"
CLIENT_SECRET = "simulated-client-secret-not-a-secret"
WEBHOOK_KEY = "simulated-webhook-key-not-a-secret"
REDIRECT_URI = "http://localhost:8080/xero/oauth/callback/"


@dataclass(frozen=True)
class Application:
    """A confidential web app with its secret and its redirect URIs."""

    client_id: str = CLIENT_ID
    client_secret: str = CLIENT_SECRET
    redirect_uris: tuple[str, ...] = (REDIRECT_URI,)

    def __post_init__(self) -> None:
        for uri in self.redirect_uris:
            check_redirect_uri(uri)


def check_redirect_uri(uri: str) -> None:
    """Xero takes https, and http for the name localhost only: not for 127.0.0.1. At most 50, no wildcards."""
    parts = urlsplit(uri)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname == "localhost":
        return
    raise ValueError(f"Xero registers no such redirect URI (https, or http://localhost): {uri}")
