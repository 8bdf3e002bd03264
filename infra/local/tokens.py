"""Tokens of the local issuer; minted from the key file, whether or not the issuer is running."""

from __future__ import annotations

import time
from typing import Any

from infra.local.settings import AUDIENCE, TASKS_SERVICE_ACCOUNT, Settings
from infra.local.signing_key import SigningKey, load_or_create
from infra.local.staff import BY_ROLE, PRACTICES, Account

LIFETIME_SECONDS = 3600


def mint(key: SigningKey, issuer: str, audience: str, subject: str, **claims: Any) -> str:
    """A signed token, valid from now for an hour."""
    now = int(time.time())
    standard = {"iss": issuer, "aud": audience, "sub": subject, "iat": now, "exp": now + LIFETIME_SECONDS}
    return key.sign({**standard, **claims})


def mint_for(key: SigningKey, issuer: str, practice: str, account: Account, **claims: Any) -> str:
    """A token that signs this account in at this practice. ValueError for a practice that does not exist."""
    if practice not in PRACTICES:
        raise ValueError(f"there is no practice {practice!r}; there are: {', '.join(PRACTICES)}")
    who = {"practice_id": practice, "role": account.role, "name": account.name}
    return mint(key, issuer, AUDIENCE, f"{practice}-{account.id}", **who, **claims)


def person_token(settings: Settings, practice: str, role: str) -> str:
    """What ``python -m infra.local token`` prints; makes the key when there is none yet."""
    return mint_for(load_or_create(settings.state_dir), settings.issuer_url, practice, BY_ROLE[role])


def task_token(settings: Settings) -> str:
    """The bearer of the service account that calls ``/tasks/...``, as Google would sign it."""
    return mint(
        load_or_create(settings.state_dir),
        settings.issuer_url,
        settings.public_url,
        "tasks",
        email=TASKS_SERVICE_ACCOUNT,
        email_verified=True,
    )
