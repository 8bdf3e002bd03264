"""Made-up issuers and tokens for the tests of sign-in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import ec, rsa

ISSUER = "https://sign-in.example"
TASKS_ISSUER = "https://machines.example"
ACCOUNT = "tasks@clinic.example"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
TASKS_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(key: Any, kid: str, **extra: Any) -> dict[str, Any]:
    algorithm = (
        jwt.algorithms.ECAlgorithm
        if isinstance(key, ec.EllipticCurvePrivateKey)
        else jwt.algorithms.RSAAlgorithm
    )
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", **extra}


class Issuers:
    """Two issuers as their documents; counts fetches and can be made to fail."""

    def __init__(self) -> None:
        self.fetched: list[str] = []
        self.down = False
        self.keys = {
            ISSUER: [jwk(RSA_KEY, "rsa"), jwk(EC_KEY, "ec")],
            TASKS_ISSUER: [jwk(TASKS_KEY, "tasks")],
        }

    def fetch(self, url: str) -> Any:
        self.fetched.append(url)
        if self.down:
            raise requests.ConnectTimeout("no answer")
        for issuer, keys in self.keys.items():
            if url == f"{issuer}/.well-known/openid-configuration":
                return {"issuer": issuer, "jwks_uri": f"{issuer}/keys"}
            if url == f"{issuer}/keys":
                return {"keys": keys}
        raise AssertionError(f"unexpected fetch of {url}")


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    given = {
        "iss": ISSUER,
        "aud": "clinic-ledger",
        "sub": "u-1",
        "name": "Olivia Owner",
        "iat": now,
        "exp": now + 3600,
        "practice_id": "demo",
        "role": "owner",
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


def task_claims(**changes: Any) -> dict[str, Any]:
    given = claims(iss=TASKS_ISSUER, aud="https://ledger.example", email=ACCOUNT, email_verified=True)
    given |= {"practice_id": None, "role": None, **changes}
    return {name: value for name, value in given.items() if value is not None}


def bearer(content: dict[str, Any], key: Any = RSA_KEY, algorithm: str = "RS256", kid: str = "rsa") -> str:
    return "Bearer " + jwt.encode(content, key, algorithm=algorithm, headers={"kid": kid})


def task_bearer(content: dict[str, Any]) -> str:
    return bearer(content, TASKS_KEY, kid="tasks")


def handmade(header: dict[str, Any], content: dict[str, Any], secret: bytes | None = None) -> str:
    """A token put together by hand, as a forger would: unsigned, or signed with HMAC."""

    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    signed = f"{part(json.dumps(header).encode())}.{part(json.dumps(content).encode())}"
    signature = hmac.new(secret, signed.encode(), hashlib.sha256).digest() if secret else b""
    return f"Bearer {signed}.{part(signature)}"
