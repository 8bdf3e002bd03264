"""The local issuer's RSA key, kept in STATE_DIR so that tokens outlive a restart."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

KEY_FILE = "issuer-key.pem"


@dataclass(frozen=True)
class SigningKey:
    private: rsa.RSAPrivateKey

    @cached_property
    def kid(self) -> str:
        der = self.private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return hashlib.sha256(der).hexdigest()[:16]

    def public_jwk(self) -> dict[str, Any]:
        """The public half as the key set shows it."""
        numbers = jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {
            "kty": "RSA",
            "n": numbers["n"],
            "e": numbers["e"],
            "kid": self.kid,
            "use": "sig",
            "alg": "RS256",
        }

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.private, algorithm="RS256", headers={"kid": self.kid})


def load_or_create(state_dir: Path) -> SigningKey:
    """The key in ``state_dir``; made on first use, readable by this user only."""
    path = state_dir / KEY_FILE
    if not path.exists():
        _create(path)
    key = _parsed(path.read_bytes())
    if key is None:
        raise TypeError(f"{path} holds no RSA key; `make reset` makes a new one")
    return key


@lru_cache(maxsize=8)
def _parsed(pem: bytes) -> SigningKey | None:
    """None when it is of another kind. Kept, because the check of its primes takes a tenth of a second, and a token
    is minted for every task."""
    private = serialization.load_pem_private_key(pem, password=None)
    return SigningKey(private) if isinstance(private, rsa.RSAPrivateKey) else None


def _create(path: Path) -> None:
    """Written whole under another name and then linked: of two processes starting at once, one wins for both."""
    path.parent.mkdir(parents=True, exist_ok=True)
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
