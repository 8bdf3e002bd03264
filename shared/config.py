"""Every setting, read from the environment in one place.

``CONFIGURATION`` is the table the README shows; a test holds the two together.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: Xero's granular scopes (obligatory for apps made since March 2026), each with the reason we ask for it.
SCOPES = {
    "offline_access": "a refresh token, so that the connection outlives half an hour",
    "accounting.contacts": "patients become contacts",
    "accounting.invoices": "appointments become invoices and credit notes",
    "accounting.payments": "payments taken at the desk",
    "accounting.settings.read": "accounts, tax rates, tracking and the organisation's zone and lock dates",
}

#: Who signs the tokens of Cloud Tasks and Cloud Scheduler.
GOOGLE = "https://accounts.google.com"

#: name -> (default, meaning)
CONFIGURATION: dict[str, tuple[str, str]] = {
    "BACKEND": (
        "embedded",
        "`embedded` (SQLite under STATE_DIR) or `gcp` (Firestore, Secret Manager, Cloud Tasks)",
    ),
    "STATE_DIR": (".local", "where the embedded backend keeps its files"),
    "SECRETS_KEY_FILE": (
        "",
        "`embedded`: the key that encrypts the token sets, apart from the data; default STATE_DIR/secrets.key",
    ),
    "PUBLIC_URL": ("http://localhost:8080", "the origin under which people and tasks reach the functions"),
    "XERO_CLIENT_ID": ("", "the Xero app; the local stack uses the simulator while this is unset"),
    "XERO_CLIENT_SECRET": ("", "the Xero app's secret"),
    "XERO_REDIRECT_URI": (
        "",
        "exactly as registered in the Xero app; default PUBLIC_URL/xero/oauth/callback/",
    ),
    "XERO_WEBHOOK_KEY": (
        "",
        "the webhook's signing key; several, comma-separated, while rotating; empty = closed",
    ),
    "XERO_LOGIN_URL": ("https://login.xero.com", "where people consent"),
    "XERO_IDENTITY_URL": ("https://identity.xero.com", "where tokens come from"),
    "XERO_API_URL": ("https://api.xero.com", "where the Accounting API is"),
    "XERO_SCOPES": (" ".join(SCOPES), "what the consent asks for"),
    "XERO_PKCE": ("on", "`off` leaves PKCE out of the consent"),
    "AUTH_ISSUER": ("http://localhost:8082", "the OIDC provider that signs people in"),
    "AUTH_AUDIENCE": ("clinic-ledger", "the audience a person's token must carry"),
    "AUTH_CLIENT_ID": (
        "clinic-ledger-page",
        "the staff page's client at that provider: public, code flow with PKCE",
    ),
    "AUTH_SCOPES": (
        "openid profile offline_access",
        "what the page asks for; some providers want a scope of the API",
    ),
    "AUTH_ORIGINS": (
        "",
        "where the provider's token endpoint is, when not at AUTH_ISSUER; comma-separated origins",
    ),
    "AUTH_PRACTICE_CLAIM": ("practice_id", "the claim that names the person's practice"),
    "AUTH_ROLE_CLAIM": ("role", "the claim that names the role: reception, bookkeeper, owner, app"),
    "TASKS_SERVICE_ACCOUNT": ("tasks@clinic-ledger.local", "the e-mail that may call worker and reconcile"),
    "TASKS_ISSUER": ("", "who signs the tasks' tokens; default Google with `gcp`, else AUTH_ISSUER"),
    "TASKS_AUDIENCE": ("", "the audience that the tasks' tokens must carry here; default TASKS_URL"),
    "TASKS_URL": ("", "the worker's base URL, where tasks are delivered; default PUBLIC_URL"),
    "TASKS_SIGNATURE": (
        "checked",
        "`removed` for a service that Cloud Run's IAM check protects: it takes the signature out of what it checked",
    ),
    "TASKS_QUEUE_PREFIX": (
        "clinic-ledger-",
        "`gcp`: how the queues are called before `pull`, `drain` and `bulk`",
    ),
    "GOOGLE_CLOUD_PROJECT": ("", "`gcp`: the project's id"),
    "REGION": ("", "`gcp`: where the queues are"),
    "FIRESTORE_DATABASE": ("(default)", "`gcp`: the Firestore database"),
    "TOKEN_STORE": (
        "secret_manager",
        "`gcp`: where new token sets are kept: `secret_manager`, or encrypted in `firestore` for large fleets",
    ),
    "TOKEN_KEY_RING": (
        "clinic-ledger-token-keys",
        "`gcp`: the secret that holds the keys of TOKEN_STORE=firestore",
    ),
    "SECRET_MANAGER_ENDPOINT": ("", "local stack only: a stand-in on this machine, host:port"),
    "CLOUD_TASKS_ENDPOINT": ("", "local stack only: a stand-in on this machine, host:port"),
    "CORS_ORIGINS": ("", "origins of the clinic's front ends, comma-separated"),
    "RETURN_URLS": (
        "",
        "where `return_to` may lead after connecting, comma-separated prefixes; `/` paths always may",
    ),
    "RESERVED_CALLS_MINUTE": (
        "5",
        "calls a minute that bulk work leaves to people and to payments coming back",
    ),
    "RESERVED_CALLS_DAY": ("200", "calls a day that it leaves; reckoned on the free plan's 1,000"),
    "RATE_LIMIT": (
        "60",
        "costly requests of one kind (bulk jobs, imports, refresh, periods, verify, export) that one person may make "
        "in a minute; `0` for no limit",
    ),
    "BATCH_SIZE": ("50", "how many documents go to Xero in one request; at most 100"),
    "REHEARSAL_URL": ("", "local stack only: where a payment is entered as if in Xero"),
    "LOG_LEVEL": ("INFO", "least severity that is logged"),
    "CLOCK_AHEAD_SECONDS": ("0", "rehearsals only: how far our clock runs ahead of the machine's"),
}


@dataclass(frozen=True)
class Config:
    values: Mapping[str, str]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Config:
        source = os.environ if environment is None else environment
        return cls({name: source.get(name) or default for name, (default, _) in CONFIGURATION.items()})

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def list(self, name: str) -> list[str]:
        return [part.strip() for part in self.values[name].split(",") if part.strip()]

    @property
    def secrets_key_file(self) -> Path:
        return Path(self["SECRETS_KEY_FILE"] or f"{self['STATE_DIR']}/secrets.key")

    @property
    def redirect_uri(self) -> str:
        return self["XERO_REDIRECT_URI"] or f"{self['PUBLIC_URL']}/xero/oauth/callback/"

    @property
    def tasks_url(self) -> str:
        return (self["TASKS_URL"] or self["PUBLIC_URL"]).rstrip("/")

    @property
    def tasks_issuer(self) -> str:
        return self["TASKS_ISSUER"] or (GOOGLE if self["BACKEND"] == "gcp" else self["AUTH_ISSUER"])

    @property
    def scopes(self) -> tuple[str, ...]:
        return tuple(self["XERO_SCOPES"].split())

    @property
    def pkce(self) -> bool:
        return self["XERO_PKCE"].lower() != "off"
