"""Secrets in SQLite, each version encrypted with AES-256-GCM."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.adapters.embedded.database import Database
from shared.adapters.embedded.key_file import load_key
from shared.domain.errors import StoreUnavailable
from shared.ports.secrets import SecretMissing

MAX_PAYLOAD_BYTES = 65_536
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")


class SqliteSecrets:
    """Implements ``shared.ports.secrets.Secrets``.

    ``key_file`` None: ``secrets.key`` beside the database, or a key of this process only when that is in memory.
    ValueError for an impossible name or a payload over 64 KiB.
    """

    def __init__(self, where: Path | str | Database, key_file: Path | str | None = None) -> None:
        self._database = Database.of(where)
        if key_file is None and self._database.path is not None:
            key_file = self._database.path.with_name("secrets.key")
        self._key_file = None if key_file is None else Path(key_file)
        self._key: bytes | None = None

    def add(self, name: str, payload: bytes) -> int:
        _check(name)
        if not isinstance(payload, bytes):
            raise TypeError("a payload is bytes")
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise ValueError(f"a payload is at most {MAX_PAYLOAD_BYTES} bytes")
        cipher, nonce = self._cipher(), secrets.token_bytes(12)
        with self._database.writing() as connection:
            newest = "SELECT coalesce(max(version), 0) FROM secrets WHERE name = ?"
            version = int(connection.execute(newest, (name,)).fetchone()[0]) + 1
            connection.execute(
                "INSERT INTO secrets (name, version, nonce, ciphertext) VALUES (?, ?, ?, ?)",
                (name, version, nonce, cipher.encrypt(nonce, payload, _bound_to(name, version))),
            )
        return version

    def access(self, name: str, version: int) -> bytes:
        _check(name)
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT nonce, ciphertext FROM secrets WHERE name = ? AND version = ?", (name, version)
            ).fetchone()
        if row is None or row[1] is None:
            raise SecretMissing(f"{name} {version}")
        try:
            return self._cipher().decrypt(row[0], row[1], _bound_to(name, version))
        except InvalidTag:
            # Not SecretMissing: the right key file brings it back, so nobody must reconnect because of it.
            raise StoreUnavailable("The key file beside our storage is not the one that wrote it") from None

    def versions(self, name: str) -> list[int]:
        _check(name)
        select = "SELECT version FROM secrets WHERE name = ? AND ciphertext IS NOT NULL ORDER BY version"
        with self._database.reading() as connection:
            return [int(row[0]) for row in connection.execute(select, (name,)).fetchall()]

    def destroy(self, name: str, version: int) -> None:
        _check(name)
        # The row stays, so that its number is never given again.
        wipe = "UPDATE secrets SET nonce = NULL, ciphertext = NULL WHERE name = ? AND version = ?"
        with self._database.writing() as connection:
            connection.execute(wipe, (name, version))

    def delete(self, name: str) -> None:
        _check(name)
        with self._database.writing() as connection:
            connection.execute("DELETE FROM secrets WHERE name = ?", (name,))

    def _cipher(self) -> AESGCM:
        if self._key is None:
            in_memory = self._key_file is None
            self._key = AESGCM.generate_key(256) if in_memory else load_key(self._key_file)  # type: ignore[arg-type]
        return AESGCM(self._key)


def _check(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot name a secret")


def _bound_to(name: str, version: int) -> bytes:
    # Associated data: a ciphertext moved to another name or version does not decrypt. Names hold no slash.
    return f"{name}/{version}".encode()
