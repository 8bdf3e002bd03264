"""Secrets in SQLite, each version encrypted with AES-256-GCM."""

from __future__ import annotations

import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.adapters.embedded.database import Database
from shared.adapters.embedded.key_file import load_keys, new_key, replace_keys
from shared.adapters.secret_rules import check_name, check_payload
from shared.domain.errors import StoreUnavailable
from shared.ports.secrets import SecretMissing


class SqliteSecrets:
    """Implements ``shared.ports.secrets.Secrets``.

    ``key_file`` None: ``secrets.key`` beside the database, or a key of this process only when that is in memory.
    ValueError for an impossible name, an empty payload or one over 64 KiB.
    """

    def __init__(self, where: Path | str | Database, key_file: Path | str | None = None) -> None:
        self._database = Database.of(where)
        if key_file is None and self._database.path is not None:
            key_file = self._database.path.with_name("secrets.key")
        self._key_file = Path(key_file or "")
        self._key = AESGCM.generate_key(256) if key_file is None else None

    def add(self, name: str, payload: bytes) -> int:
        check_name(name)
        check_payload(payload)
        with self._database.writing() as connection:
            # The key is looked up under the write lock: a rotation finds either the row, or its own key on it.
            newest = "SELECT coalesce(max(version), 0) FROM secrets WHERE name = ?"
            version = int(connection.execute(newest, (name,)).fetchone()[0]) + 1
            connection.execute(
                "INSERT INTO secrets (name, version, nonce, ciphertext) VALUES (?, ?, ?, ?)",
                (name, version, *_sealed(self._keys()[0], payload, name, version)),
            )
        return version

    def access(self, name: str, version: int) -> bytes:
        check_name(name)
        # Twice: a rotation may end between reading the row and reading the keys.
        payload = self._opened(name, version) or self._opened(name, version)
        if payload is None:
            # Not SecretMissing: the right key file brings it back, so nobody must reconnect because of it.
            raise StoreUnavailable("The key file beside our storage is not the one that wrote it")
        return payload

    def rotate_key(self) -> int:
        """Encrypts everything with a new key and forgets the old one; gives how many versions there were.

        Nobody needs to stop meanwhile. One that was cut off is ended by the next: the new key comes first in the file
        before anything is encrypted with it, and the old one goes when nothing needs it.
        """
        keys = load_keys(self._key_file)
        if len(keys) == 1:
            keys = [new_key(), *keys]
            replace_keys(self._key_file, keys)
        with self._database.writing() as connection:
            kept = "SELECT name, version, nonce, ciphertext FROM secrets WHERE ciphertext IS NOT NULL"
            rows = connection.execute(kept).fetchall()
            for name, version, nonce, ciphertext in rows:
                payload = _opened(keys, nonce, ciphertext, name, version)
                if payload is None:
                    raise StoreUnavailable("A secret was written with another key; none was changed")
                connection.execute(
                    "UPDATE secrets SET nonce = ?, ciphertext = ? WHERE name = ? AND version = ?",
                    (*_sealed(keys[0], payload, name, version), name, version),
                )
        replace_keys(self._key_file, keys[:1])
        return len(rows)

    def versions(self, name: str) -> list[int]:
        check_name(name)
        select = "SELECT version FROM secrets WHERE name = ? AND ciphertext IS NOT NULL ORDER BY version"
        with self._database.reading() as connection:
            return [int(row[0]) for row in connection.execute(select, (name,)).fetchall()]

    def destroy(self, name: str, version: int) -> None:
        check_name(name)
        # The row stays, so that its number is never given again.
        wipe = "UPDATE secrets SET nonce = NULL, ciphertext = NULL WHERE name = ? AND version = ?"
        with self._database.writing() as connection:
            connection.execute(wipe, (name, version))

    def delete(self, name: str) -> None:
        check_name(name)
        with self._database.writing() as connection:
            connection.execute("DELETE FROM secrets WHERE name = ?", (name,))

    def names(self, prefix: str) -> list[str]:
        select = "SELECT DISTINCT name FROM secrets WHERE substr(name, 1, ?) = ? ORDER BY name"
        with self._database.reading() as connection:
            return [str(row[0]) for row in connection.execute(select, (len(prefix), prefix)).fetchall()]

    def _opened(self, name: str, version: int) -> bytes | None:
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT nonce, ciphertext FROM secrets WHERE name = ? AND version = ?", (name, version)
            ).fetchone()
        if row is None or row[1] is None:
            raise SecretMissing(f"{name} {version}")
        return _opened(self._keys(), row[0], row[1], name, version)

    def _keys(self) -> list[bytes]:
        # Read each time: another process may be changing the key.
        return load_keys(self._key_file) if self._key is None else [self._key]


def _sealed(key: bytes, payload: bytes, name: str, version: int) -> tuple[bytes, bytes]:
    nonce = secrets.token_bytes(12)
    return nonce, AESGCM(key).encrypt(nonce, payload, _bound_to(name, version))


def _opened(keys: list[bytes], nonce: bytes, ciphertext: bytes, name: str, version: int) -> bytes | None:
    """None when none of the keys wrote it."""
    for key in keys:
        try:
            return AESGCM(key).decrypt(nonce, ciphertext, _bound_to(name, version))
        except InvalidTag:
            continue
    return None


def _bound_to(name: str, version: int) -> bytes:
    # Associated data: a ciphertext moved to another name or version does not decrypt. Names hold no slash.
    return f"{name}/{version}".encode()
