"""Secrets at rest in SQLite."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.adapters.embedded.database import Database
from shared.adapters.embedded.key_file import load_keys, replace_keys
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
    keys = load_keys(path)
    assert [len(key) for key in keys] == [32]
    assert load_keys(path) == keys
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_key_that_others_may_read_is_closed_to_them(tmp_path: Path) -> None:
    """As after copying it from a backup."""
    load_keys(tmp_path / "secrets.key")
    (tmp_path / "secrets.key").chmod(0o644)
    load_keys(tmp_path / "secrets.key")
    assert (tmp_path / "secrets.key").stat().st_mode & 0o777 == 0o600


def test_a_damaged_key_is_neither_used_nor_replaced(tmp_path: Path) -> None:
    """StoreUnavailable, and the file stays for whoever mends it."""
    (tmp_path / "secrets.key").write_bytes(b"short")
    with pytest.raises(StoreUnavailable):
        load_keys(tmp_path / "secrets.key")
    assert (tmp_path / "secrets.key").read_bytes() == b"short"


# -- changing the key ---------------------------------------------------------------------------------------------


def test_the_key_is_changed(database: Database, tmp_path: Path) -> None:
    """Everything can be read afterwards, with the new key alone; what was destroyed stays so."""
    path = tmp_path / "secrets.key"
    secrets = SqliteSecrets(database, path)
    for payload in (b"one", b"two", PAYLOAD):
        secrets.add("grant", payload)
    secrets.destroy("grant", 2)
    old = load_keys(path)
    assert secrets.rotate_key() == 2
    (new,) = load_keys(path)
    assert old != [new]
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir() if "key" in file.name] == ["secrets.key"]
    assert (secrets.access("grant", 1), secrets.access("grant", 3)) == (b"one", PAYLOAD)
    assert secrets.versions("grant") == [1, 3]
    replace_keys(path, old)
    with pytest.raises(StoreUnavailable):
        secrets.access("grant", 1)


@pytest.mark.parametrize("step", [1, 2])
def test_a_change_that_was_cut_off(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Before and after everything was encrypted anew: all can be read and added to, and the next change ends it."""
    path = tmp_path / "secrets.key"
    secrets = SqliteSecrets(database, path)
    secrets.add("grant", PAYLOAD)

    class CutOff(BaseException):
        pass

    def replace_until(_: Path, keys: list[bytes]) -> None:
        if step == 2 and len(keys) == 1:
            raise CutOff
        replace_keys(path, keys)
        if step == 1:
            raise CutOff

    with monkeypatch.context() as patch:
        patch.setattr("shared.adapters.embedded.secrets.replace_keys", replace_until)
        with pytest.raises(CutOff):
            secrets.rotate_key()
    first, _ = load_keys(path)
    assert secrets.access("grant", 1) == PAYLOAD
    secrets.add("grant", b"meanwhile")
    assert secrets.rotate_key() == 2
    assert load_keys(path) == [first]
    assert (secrets.access("grant", 1), secrets.access("grant", 2)) == (PAYLOAD, b"meanwhile")


def test_others_go_on_while_the_key_is_changed(database: Database, tmp_path: Path) -> None:
    """Readers and writers of other threads, ten changes of the key: nothing fails and nothing is lost."""
    path = tmp_path / "secrets.key"
    secrets = SqliteSecrets(database, path)
    secrets.add("grant", b"1")
    done = threading.Event()

    def work(name: str) -> int:
        own, count = SqliteSecrets(database, path), 0
        while not done.is_set():
            version = own.add(name, str(count).encode())
            assert own.access(name, version) == str(count).encode()
            assert own.access("grant", 1) == b"1"
            count += 1
        return count

    with ThreadPoolExecutor(3) as pool:
        working = [pool.submit(work, f"grant-{n}") for n in range(3)]
        for _ in range(10):
            secrets.rotate_key()
        done.set()
        counts = [each.result(30) for each in working]
    for n, count in enumerate(counts):
        assert [secrets.access(f"grant-{n}", v) for v in secrets.versions(f"grant-{n}")] == [
            str(c).encode() for c in range(count)
        ]


def test_a_secret_of_another_key_is_not_lost(database: Database, tmp_path: Path) -> None:
    """The change is refused, and the key file keeps what could be the right one."""
    SqliteSecrets(database, tmp_path / "right.key").add("grant", PAYLOAD)
    wrong = SqliteSecrets(database, tmp_path / "wrong.key")
    with pytest.raises(StoreUnavailable):
        wrong.rotate_key()
    assert SqliteSecrets(database, tmp_path / "right.key").access("grant", 1) == PAYLOAD
