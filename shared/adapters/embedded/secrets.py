"""Secrets in SQLite, each version encrypted with AES-256-GCM."""

from __future__ import annotations

import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.adapters.embedded.database import Database
from shared.adapters.embedded.key_file import load_key
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
        check_name(name)
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

    def _cipher(self) -> AESGCM:
        if self._key is None:
            self._key = load_key(self._key_file)
        return AESGCM(self._key)


def _bound_to(name: str, version: int) -> bytes:
    # Associated data: a ciphertext moved to another name or version does not decrypt. Names hold no slash.
    return f"{name}/{version}".encode()
