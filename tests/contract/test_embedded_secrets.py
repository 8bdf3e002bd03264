"""Secrets at rest in SQLite."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.adapters.embedded.database import Database
from shared.adapters.embedded.key_file import load_key
from shared.adapters.embedded.secrets import SqliteSecrets
from shared.domain.errors import StoreUnavailable

PAYLOAD = b"refresh-token-that-nobody-may-read"


def at_rest(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def test_the_payload_is_not_on_disk(database: Database, tmp_path: Path) -> None:
    """Neither in the database nor in its companions."""
    SqliteSecrets(database).add("grant", PAYLOAD)
    database.close()
    assert b"grant" in at_rest(tmp_path)
    assert PAYLOAD not in at_rest(tmp_path)


def test_equal_payloads_are_encrypted_differently(database: Database) -> None:
    """A fresh nonce each time."""
    secrets = SqliteSecrets(database)
    for _ in range(20):
        secrets.add("grant", PAYLOAD)
    with database.reading() as connection:
        rows = connection.execute("SELECT nonce, ciphertext FROM secrets").fetchall()
    assert len({nonce for nonce, _ in rows}) == len({text for _, text in rows}) == 20


def test_destroying_wipes_the_ciphertext(database: Database, tmp_path: Path) -> None:
    """Also from the file, once it has been written back."""
    secrets = SqliteSecrets(database)
    secrets.add("grant", PAYLOAD)
    with database.reading() as connection:
        (ciphertext,) = connection.execute("SELECT ciphertext FROM secrets").fetchone()
    secrets.destroy("grant", 1)
    database.close()
    assert ciphertext not in at_rest(tmp_path)


def test_another_key_cannot_read(database: Database, tmp_path: Path) -> None:
    """StoreUnavailable rather than SecretMissing: with the right key file back, all is well."""
    SqliteSecrets(database).add("grant", PAYLOAD)
    with pytest.raises(StoreUnavailable):
        SqliteSecrets(database, tmp_path / "other.key").access("grant", 1)
    assert SqliteSecrets(database, tmp_path / "secrets.key").access("grant", 1) == PAYLOAD


@pytest.mark.parametrize("change", ["version = 2", "name = 'other'"])
def test_a_ciphertext_moved_elsewhere_cannot_be_read(database: Database, change: str) -> None:
    """Name and version are bound to the ciphertext."""
    secrets = SqliteSecrets(database)
    secrets.add("grant", PAYLOAD)
    with database.writing() as connection:
        connection.execute(f"UPDATE secrets SET {change}")
    with pytest.raises(StoreUnavailable):
        secrets.access("other" if "name" in change else "grant", 2 if "version" in change else 1)


def test_the_key_is_made_once_and_kept(tmp_path: Path) -> None:
    """32 random bytes, mode 0600, the same at the next start, and no draft left behind."""
    path = tmp_path / "keys" / "secrets.key"
    key = load_key(path)
    assert len(key) == 32
    assert load_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_key_that_others_may_read_is_closed_to_them(tmp_path: Path) -> None:
    """As after copying it from a backup."""
    load_key(tmp_path / "secrets.key")
    (tmp_path / "secrets.key").chmod(0o644)
    load_key(tmp_path / "secrets.key")
    assert (tmp_path / "secrets.key").stat().st_mode & 0o777 == 0o600


def test_a_damaged_key_is_neither_used_nor_replaced(tmp_path: Path) -> None:
    """StoreUnavailable, and the file stays for whoever mends it."""
    (tmp_path / "secrets.key").write_bytes(b"short")
    with pytest.raises(StoreUnavailable):
        load_key(tmp_path / "secrets.key")
    assert (tmp_path / "secrets.key").read_bytes() == b"short"
