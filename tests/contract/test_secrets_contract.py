"""Secrets, on every backend."""

from __future__ import annotations

import pytest

from shared.ports.secrets import SecretMissing, Secrets
from tests.contract.backends import in_threads

BAD_NAMES = ["", "a b", "a/b", "é", "a.b", "x" * 256, "a\n", "../a"]


def test_versions_are_numbered_from_one(secrets: Secrets, secret_name: str) -> None:
    """add gives 1, 2, 3 ... and makes the secret when it is new."""
    assert [secrets.add(secret_name, b"x") for _ in range(3)] == [1, 2, 3]
    assert secrets.add(f"{secret_name}-other", b"x") == 1


@pytest.mark.parametrize("payload", [b"x", b"\x00\xff\n", "Zoë".encode(), b"x" * 65_536], ids=len)
def test_access_gives_the_payload_of_exactly_that_version(
    secrets: Secrets, secret_name: str, payload: bytes
) -> None:
    """Any bytes up to 64 KiB, one at least, and an older version stays what it was."""
    first = secrets.add(secret_name, payload)
    second = secrets.add(secret_name, b"newer")
    assert secrets.access(secret_name, first) == payload
    assert secrets.access(secret_name, second) == b"newer"


def test_what_does_not_exist_is_missing(secrets: Secrets, secret_name: str) -> None:
    """No such secret and no such version both raise SecretMissing."""
    with pytest.raises(SecretMissing):
        secrets.access(secret_name, 1)
    secrets.add(secret_name, b"x")
    for version in (0, 2, -1):
        with pytest.raises(SecretMissing):
            secrets.access(secret_name, version)


def test_versions_are_those_that_can_be_accessed(secrets: Secrets, secret_name: str) -> None:
    """Ascending, without destroyed ones, and empty when there is no such secret."""
    assert secrets.versions(secret_name) == []
    for _ in range(11):
        secrets.add(secret_name, b"x")
    secrets.destroy(secret_name, 3)
    assert secrets.versions(secret_name) == [1, 2, *range(4, 12)]


def test_a_destroyed_version_is_gone_for_good(secrets: Secrets, secret_name: str) -> None:
    """It raises SecretMissing, the others stay, and its number is not given again, even when it was the newest."""
    secrets.add(secret_name, b"one")
    secrets.add(secret_name, b"two")
    secrets.destroy(secret_name, 2)
    with pytest.raises(SecretMissing):
        secrets.access(secret_name, 2)
    assert secrets.access(secret_name, 1) == b"one"
    secrets.destroy(secret_name, 1)
    assert secrets.versions(secret_name) == []
    assert secrets.add(secret_name, b"three") == 3


def test_destroying_what_is_gone_is_no_error(secrets: Secrets, secret_name: str) -> None:
    """A destroyed version, one that never was, and a secret that never was."""
    secrets.destroy(secret_name, 1)
    secrets.add(secret_name, b"x")
    secrets.destroy(secret_name, 7)
    secrets.destroy(secret_name, 1)
    secrets.destroy(secret_name, 1)
    assert secrets.add(secret_name, b"x") == 2


def test_delete_removes_all_versions(secrets: Secrets, secret_name: str) -> None:
    """Other secrets stay; deleting twice is no error; the name can be used again."""
    other = f"{secret_name}-other"
    secrets.add(secret_name, b"one")
    secrets.add(secret_name, b"two")
    secrets.add(other, b"kept")
    secrets.delete(secret_name)
    secrets.delete(secret_name)
    assert secrets.versions(secret_name) == []
    for version in (1, 2):
        with pytest.raises(SecretMissing):
            secrets.access(secret_name, version)
    again = secrets.add(secret_name, b"again")
    assert secrets.access(secret_name, again) == b"again"
    assert secrets.access(other, 1) == b"kept"


def test_names_are_found_by_how_they_begin(secrets: Secrets, secret_name: str) -> None:
    """In order, each once, also when all versions are destroyed; others not."""
    for name in (
        f"{secret_name}-b",
        f"{secret_name}-a",
        f"{secret_name}-a",
        f"{secret_name}_c",
        f"x{secret_name}",
    ):
        secrets.add(name, b"x")
    secrets.destroy(f"{secret_name}-b", 1)
    assert secrets.names(f"{secret_name}-") == [f"{secret_name}-a", f"{secret_name}-b"]
    secrets.delete(f"{secret_name}-a")
    assert secrets.names(f"{secret_name}-") == [f"{secret_name}-b"]
    assert secrets.names(f"{secret_name}-nothing") == []


def test_names(secrets: Secrets, secret_name: str) -> None:
    """Letters, digits, ``_`` and ``-``, 1 to 255 of them, told apart by case."""
    for name in ("A", "_-9", "x" * 255):
        secrets.delete(name)
        assert secrets.access(name, secrets.add(name, name.encode())) == name.encode()
    secrets.add(f"{secret_name}-a", b"lower")
    assert secrets.versions(f"{secret_name}-A") == []


@pytest.mark.parametrize("name", BAD_NAMES)
def test_impossible_names_are_refused(secrets: Secrets, name: str) -> None:
    """ValueError, in every method."""
    for call in (
        lambda: secrets.add(name, b"x"),
        lambda: secrets.access(name, 1),
        lambda: secrets.versions(name),
        lambda: secrets.destroy(name, 1),
        lambda: secrets.delete(name),
    ):
        with pytest.raises(ValueError):
            call()


def test_a_payload_is_bytes_of_at_most_64_kib(secrets: Secrets, secret_name: str) -> None:
    """None and more raise ValueError, text raises TypeError, and no version is added."""
    for payload in (b"", b"x" * 65_537):
        with pytest.raises(ValueError):
            secrets.add(secret_name, payload)
    with pytest.raises(TypeError):
        secrets.add(secret_name, "text")  # type: ignore[arg-type]
    assert secrets.versions(secret_name) == []


def test_concurrent_adds_get_different_numbers(secrets: Secrets, secret_name: str) -> None:
    """8 threads x 5: forty versions, each with the payload its number was given for."""
    payloads: dict[int, bytes] = {}

    def add(number: int) -> None:
        for turn in range(5):
            payload = f"{number}-{turn}".encode()
            payloads[secrets.add(secret_name, payload)] = payload

    in_threads(8, add)
    assert sorted(payloads) == secrets.versions(secret_name) == list(range(1, 41))
    assert all(secrets.access(secret_name, version) == payload for version, payload in payloads.items())
