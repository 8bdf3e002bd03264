"""Secrets as ciphertext in the document store, for fleets too large for Secret Manager's quota of writes.

``sealed/{name}``: ``{"newest": number, "versions": {number: {"key", "nonce", "text"}}}``. AES-256-GCM with the key's
id, the secret's name (which holds the grant's id) and the version's number as associated data: a ciphertext moved
elsewhere does not open. One document, so that adding a version and wiping an old one are each one write.
"""

from __future__ import annotations

import base64
import secrets as random
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.adapters.sealed.key_ring import KeyRing
from shared.adapters.secret_rules import check_name, check_payload
from shared.domain.errors import StoreUnavailable
from shared.ports.secrets import SecretMissing
from shared.ports.store import AlreadyExists, Data, Store, VersionChanged, Where

COLLECTION = "sealed"
ATTEMPTS = 100


class SealedSecrets:
    """Implements ``shared.ports.secrets.Secrets``. ValueError for an impossible name or payload."""

    def __init__(self, store: Store, keys: KeyRing) -> None:
        self._store, self._keys = store, keys

    def add(self, name: str, payload: bytes) -> int:
        check_name(name)
        check_payload(payload)

        def added(data: Data) -> Data:
            number = int(data.get("newest", 0)) + 1
            versions = {**data.get("versions", {}), str(number): self._seal(name, number, payload)}
            return {"name": name, "newest": number, "versions": versions}

        return int(self._change(name, added)["newest"])

    def access(self, name: str, version: int) -> bytes:
        check_name(name)
        sealed = self._read(name).get("versions", {}).get(str(version))
        if sealed is None:
            raise SecretMissing(f"{name} {version}")
        return self._open(name, version, sealed)

    def versions(self, name: str) -> list[int]:
        check_name(name)
        return sorted(int(number) for number in self._read(name).get("versions", {}))

    def destroy(self, name: str, version: int) -> None:
        check_name(name)

        def wiped(data: Data) -> Data | None:
            kept = {n: sealed for n, sealed in data.get("versions", {}).items() if n != str(version)}
            return data | {"versions": kept} if kept != data.get("versions", {}) else None

        self._change(name, wiped)

    def delete(self, name: str) -> None:
        check_name(name)
        self._store.delete(_path(name))

    def names(self, prefix: str) -> list[str]:
        found: list[str] = []
        cursor = None
        where = [Where("name", ">=", prefix)]
        while True:
            page = self._store.query(COLLECTION, where=where, order_by="name", cursor=cursor)
            found += [document.data["name"] for document in page.items]
            cursor = page.next_cursor
            if cursor is None or not found[-1].startswith(prefix):
                return [name for name in found if name.startswith(prefix)]

    def reseal(self, name: str) -> bool:
        """With the primary key; False when it is so already."""
        primary = self._keys.newest().primary

        def resealed(data: Data) -> Data | None:
            versions = data.get("versions", {})
            if all(sealed["key"] == primary for sealed in versions.values()):
                return None
            again = {n: self._seal(name, int(n), self._open(name, int(n), s)) for n, s in versions.items()}
            return data | {"versions": again}

        before = self._read(name)
        return self._change(name, resealed) != before

    def _seal(self, name: str, number: int, payload: bytes) -> dict[str, str]:
        key_id, key = self._keys.primary()
        nonce = random.token_bytes(12)
        text = AESGCM(key).encrypt(nonce, payload, _bound_to(key_id, name, number))
        return {"key": key_id, "nonce": _text(nonce), "text": _text(text)}

    def _open(self, name: str, number: int, sealed: dict[str, Any]) -> bytes:
        key = self._keys.key(sealed["key"])
        try:
            bound = _bound_to(sealed["key"], name, number)
            return AESGCM(key).decrypt(
                base64.b64decode(sealed["nonce"]), base64.b64decode(sealed["text"]), bound
            )
        except InvalidTag:
            # Not SecretMissing: whoever mends the document or the ring brings it back; nobody must reconnect.
            raise StoreUnavailable(f"the sealed secret {name} was not sealed with the key it names") from None

    def _read(self, name: str) -> Data:
        document = self._store.get(_path(name))
        return document.data if document else {}

    def _change(self, name: str, change: Callable[[Data], Data | None]) -> Data:
        """As ``services.documents.modify``, which adapters know nothing of."""
        path = _path(name)
        for _ in range(ATTEMPTS):
            document = self._store.get(path)
            before: Data = document.data if document else {}
            after: Data | None = change(before)
            if after is None:
                return before
            try:
                if document is None:
                    self._store.create(path, after)
                else:
                    self._store.update(path, after, version=document.version)
            except (AlreadyExists, VersionChanged):
                continue
            return after
        raise StoreUnavailable(f"the sealed secret {name} kept changing while it was being written")


def _path(name: str) -> str:
    return f"{COLLECTION}/{name}"


def _bound_to(key_id: str, name: str, number: int) -> bytes:
    return f"{key_id}/{name}/{number}".encode()  # names hold no slash


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
