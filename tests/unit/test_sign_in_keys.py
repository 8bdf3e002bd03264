"""The issuer's keys: fetched rarely, found after a rotation, trusted only from where the issuer says."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.errors import StoreUnavailable
from shared.http.keys import IssuerKeys
from tests.unit.issuers import EC_KEY, ISSUER, TASKS_KEY, Issuers, jwk


class Keys:
    """IssuerKeys on a clock that the test moves."""

    def __init__(self, issuers: Issuers) -> None:
        self.now = 1000.0
        self.issuers = issuers
        self.keys = IssuerKeys(ISSUER, issuers.fetch, monotonic=lambda: self.now)

    def fetches(self) -> int:
        return sum(url.endswith("/keys") for url in self.issuers.fetched)


@pytest.fixture
def issuers() -> Issuers:
    return Issuers()


@pytest.fixture
def keys(issuers: Issuers) -> Keys:
    return Keys(issuers)


def test_unknown_key_ids_cause_one_fetch_a_minute(keys: Keys) -> None:
    """Made-up key ids cannot make us hammer the issuer."""
    for number in range(50):
        assert keys.keys.find(f"made-up-{number}") is None
    assert keys.fetches() == 1
    keys.now += 61
    assert [keys.keys.find("again"), keys.keys.find("and again")] == [None, None]
    assert keys.fetches() == 2


def test_rotated_key_is_found_within_a_minute(keys: Keys) -> None:
    """A key the issuer added later is picked up by the first fetch that is allowed."""
    assert keys.keys.find("rsa")
    keys.issuers.keys[ISSUER].append(jwk(TASKS_KEY, "new"))
    assert keys.keys.find("new") is None
    keys.now += 61
    assert keys.keys.find("new")


def test_withdrawn_key_stops_working_within_the_hour(keys: Keys) -> None:
    """Keys are fetched anew after an hour, so a withdrawn one falls out."""
    assert keys.keys.find("rsa")
    keys.issuers.keys[ISSUER] = [jwk(EC_KEY, "ec")]
    keys.now += 3601
    assert keys.keys.find("rsa") is None


def test_known_keys_outlast_an_outage_of_the_issuer(keys: Keys) -> None:
    """Known keys serve on while the issuer is down, for a day; unknown ones are 503 meanwhile."""
    assert keys.keys.find("rsa")
    keys.issuers.down = True
    keys.now += 3601
    assert keys.keys.find("rsa")
    with pytest.raises(StoreUnavailable):
        keys.keys.find("unknown")
    keys.now += 86_400
    with pytest.raises(StoreUnavailable):
        keys.keys.find("rsa")
    keys.issuers.down = False
    keys.now += 6
    assert keys.keys.find("rsa")


def test_outage_is_not_asked_about_on_every_request(keys: Keys) -> None:
    """While the issuer is down, requests fail at once: one attempt every few seconds is enough."""
    keys.issuers.down = True
    for _ in range(20):
        with pytest.raises(StoreUnavailable):
            keys.keys.find("rsa")
    assert len(keys.issuers.fetched) == 1


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://elsewhere.example", "jwks_uri": f"{ISSUER}/keys"},
        {"issuer": ISSUER, "jwks_uri": "http://sign-in.example/keys"},
        {"issuer": ISSUER},
        ["no object"],
    ],
)
def test_odd_discovery_document_is_not_followed(document: Any) -> None:
    """Keys of another issuer, or over plain http, are as good as none."""
    with pytest.raises(StoreUnavailable):
        IssuerKeys(ISSUER, lambda url: document).find("rsa")


def test_one_odd_key_does_not_lose_the_others(issuers: Issuers) -> None:
    """Entries that cannot be read, or are for encryption, are skipped."""
    issuers.keys[ISSUER][:0] = [
        {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"},
        jwk(TASKS_KEY, "enc", use="enc"),
    ]
    keys = IssuerKeys(ISSUER, issuers.fetch)
    assert keys.find("rsa")
    assert keys.find("broken") is None
    assert keys.find("enc") is None
