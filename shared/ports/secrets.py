"""Versioned secrets, after Secret Manager: read by version number only, because `latest` may lag for hours."""

from __future__ import annotations

from typing import Protocol

#: TOKEN_STORE -> how the names of its secrets begin. A name says where its secret is, so that both stores can be read
#: while token sets move from one to the other.
TOKEN_STORES = {"secret_manager": "xero-grant-", "firestore": "sealed-grant-"}


class SecretMissing(Exception):
    """No such secret or version, or the version was destroyed."""


class Secrets(Protocol):
    """Names match ``[A-Za-z0-9_-]{1,255}``. Raises StoreUnavailable when it does not answer."""

    def add(self, name: str, payload: bytes) -> int:
        """Add a version (creating the secret when it is new) and give its number: 1, 2, 3 ..."""

    def access(self, name: str, version: int) -> bytes:
        """The payload of exactly this version; SecretMissing otherwise."""

    def versions(self, name: str) -> list[int]:
        """Numbers of the versions that can be accessed, ascending; empty when there is no such secret."""

    def destroy(self, name: str, version: int) -> None:
        """Make one version unreadable for good. Destroying what is gone is no error."""

    def delete(self, name: str) -> None:
        """Remove the secret and all versions; version numbers may start again afterwards."""

    def names(self, prefix: str) -> list[str]:
        """The secrets whose names begin so, in order. One made or removed a moment ago may or may not be among them."""
