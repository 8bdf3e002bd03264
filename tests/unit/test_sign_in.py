"""Sign-in: whose tokens are believed, and what they are believed for."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from shared.domain.errors import NotAllowed, NotSignedIn, StoreUnavailable
from shared.domain.people import Person
from shared.http.sign_in import SignIn
from tests.unit.issuers import (
    ACCOUNT,
    EC_KEY,
    ISSUER,
    RSA_KEY,
    TASKS_ISSUER,
    TASKS_KEY,
    Issuers,
    bearer,
    claims,
    handmade,
    task_bearer,
    task_claims,
)


@pytest.fixture
def issuers() -> Issuers:
    return Issuers()


@pytest.fixture
def sign_in(issuers: Issuers) -> SignIn:
    return SignIn(
        ISSUER, "clinic-ledger", TASKS_ISSUER, "https://ledger.example", ACCOUNT, fetch=issuers.fetch
    )


@pytest.mark.parametrize(("key", "algorithm", "kid"), [(RSA_KEY, "RS256", "rsa"), (EC_KEY, "ES256", "ec")])
def test_person_is_read_from_a_good_token(sign_in: SignIn, key: Any, algorithm: str, kid: str) -> None:
    """A token by any of the issuer's keys names the person, the practice and the role."""
    found = sign_in.person(bearer(claims(), key, algorithm, kid))
    assert found == Person("u-1", "Olivia Owner", "demo", "owner")


def test_name_falls_back_to_email_then_subject(sign_in: SignIn) -> None:
    """An account without a name is still shown as somebody."""
    assert sign_in.person(bearer(claims(name=None, email="o@x.example"))).name == "o@x.example"
    assert sign_in.person(bearer(claims(name=None))).name == "u-1"


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic dTpw", "Token abc", "Bearer a b c", "Bearer x.y.z"]
)
def test_no_bearer_is_not_signed_in(sign_in: SignIn, issuers: Issuers, header: str | None) -> None:
    """Without a readable bearer the answer is 401, and nothing is fetched for it."""
    with pytest.raises(NotSignedIn):
        sign_in.person(header)
    assert issuers.fetched == []


def test_scheme_is_case_insensitive(sign_in: SignIn) -> None:
    """``bearer`` is as good as ``Bearer`` (RFC 9110)."""
    assert sign_in.person("bearer" + bearer(claims()).removeprefix("Bearer")).role == "owner"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
def test_unsigned_token_is_refused(sign_in: SignIn, algorithm: str) -> None:
    """``alg: none`` is never a signature, however it is spelt."""
    with pytest.raises(NotSignedIn):
        sign_in.person(handmade({"alg": algorithm, "typ": "JWT", "kid": "rsa"}, claims()))


def test_hmac_with_the_public_key_is_refused(sign_in: SignIn) -> None:
    """The published key used as an HMAC secret (algorithm confusion) signs nothing."""
    public = RSA_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with pytest.raises(NotSignedIn):
        sign_in.person(handmade({"alg": "HS256", "typ": "JWT", "kid": "rsa"}, claims(), public))


def test_other_algorithm_of_the_same_key_is_refused(sign_in: SignIn) -> None:
    """A key is used with its own algorithm only: RS512 by the right key is still refused."""
    with pytest.raises(NotSignedIn):
        sign_in.person(bearer(claims(), RSA_KEY, "RS512"))


def test_symmetric_key_in_the_key_set_is_not_used(sign_in: SignIn, issuers: Issuers) -> None:
    """Even if an issuer published an HMAC key it would not count."""
    secret = base64.urlsafe_b64encode(b"s" * 32).rstrip(b"=").decode()
    issuers.keys[ISSUER].append({"kty": "oct", "k": secret, "kid": "oct", "alg": "HS256"})
    with pytest.raises(NotSignedIn):
        sign_in.person(handmade({"alg": "HS256", "kid": "oct"}, claims(), b"s" * 32))


def test_deeply_nested_header_is_refused(sign_in: SignIn) -> None:
    """A header made to exhaust the JSON reader is a bad token, not a crash."""
    header = base64.urlsafe_b64encode(b"[" * 9000).decode()
    with pytest.raises(NotSignedIn):
        sign_in.person(f"Bearer {header}.e30.c2ln")


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": int(time.time()) - 31},
        {"exp": None},
        {"nbf": int(time.time()) + 86_400},
        {"iat": int(time.time()) + 86_400},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "another-app"},
        {"aud": ["another-app"]},
        {"aud": None},
        {"sub": None},
    ],
    # The times are reckoned when tests are collected, long before they run; ids without them are every worker's same.
    ids=lambda changes: next(iter(changes)),
)
def test_wrong_or_missing_claim_is_not_signed_in(sign_in: SignIn, changes: dict[str, Any]) -> None:
    """Expiry, not-before, issuer, audience and subject are each required and checked."""
    with pytest.raises(NotSignedIn):
        sign_in.person(bearer(claims(**changes)))


def test_clocks_may_differ_a_little(sign_in: SignIn) -> None:
    """Up to half a minute of difference between clocks is nobody's fault."""
    now = int(time.time())
    assert sign_in.person(bearer(claims(exp=now - 15))).role == "owner"
    assert sign_in.person(bearer(claims(nbf=now + 15))).role == "owner"


def test_signature_by_another_key_is_refused(sign_in: SignIn) -> None:
    """A known key id with another key's signature is a forgery."""
    with pytest.raises(NotSignedIn):
        sign_in.person(bearer(claims(), TASKS_KEY, kid="rsa"))


@pytest.mark.parametrize(
    "changes",
    [
        {"practice_id": None},
        {"practice_id": ""},
        {"practice_id": "a/b"},
        {"practice_id": "x" * 65},
        {"practice_id": "demo\n"},
        {"practice_id": 7},
    ],
)
def test_practice_is_required(sign_in: SignIn, changes: dict[str, Any]) -> None:
    """A practice id becomes part of every document path, so only a plain one is taken."""
    with pytest.raises(NotAllowed):
        sign_in.person(bearer(claims(**changes)))


@pytest.mark.parametrize("role", [None, "", "admin", "Owner", ["owner"], {"owner": True}])
def test_role_must_be_known(sign_in: SignIn, role: Any) -> None:
    """A role that is missing, unknown or not a word gives no rights at all."""
    with pytest.raises(NotAllowed):
        sign_in.person(bearer(claims(role=role)))


def test_claim_names_can_be_chosen(issuers: Issuers) -> None:
    """Providers that only allow name-spaced claims are served by configuration."""
    names = {"practice_claim": "https://clinic/practice", "role_claim": "https://clinic/role"}
    sign_in = SignIn(ISSUER, "clinic-ledger", TASKS_ISSUER, "t", ACCOUNT, fetch=issuers.fetch, **names)
    token = bearer(
        claims(practice_id=None, role=None, **{"https://clinic/practice": "p9", "https://clinic/role": "app"})
    )
    assert sign_in.person(token) == Person("u-1", "Olivia Owner", "p9", "app")


def test_refusals_never_quote_the_token(sign_in: SignIn) -> None:
    """Neither the sentence nor the chained errors repeat what was sent."""
    for header in (bearer(claims(aud="other")), bearer(claims(role="x")), "Bearer s3cr3t.s3cr3t.s3cr3t"):
        with pytest.raises((NotSignedIn, NotAllowed)) as caught:
            sign_in.person(header)
        assert header.split()[1] not in repr(caught.value) + repr(caught.value.__cause__)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_tasks_identity_is_accepted(sign_in: SignIn) -> None:
    """The service account's token for our address lets a task in."""
    sign_in.task(task_bearer(task_claims()))


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "someone@clinic.example"},
        {"email": None},
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "true"},
    ],
)
def test_other_accounts_may_not_run_tasks(sign_in: SignIn, changes: dict[str, Any]) -> None:
    """Google signs tokens for everybody: only the one verified e-mail counts."""
    with pytest.raises(NotAllowed):
        sign_in.task(task_bearer(task_claims(**changes)))


def test_task_token_for_another_address_is_refused(sign_in: SignIn) -> None:
    """A token the service account got for another service cannot be replayed here."""
    with pytest.raises(NotSignedIn):
        sign_in.task(task_bearer(task_claims(aud="https://another.example")))


def test_the_two_kinds_never_stand_in_for_each_other(sign_in: SignIn) -> None:
    """A person cannot run tasks, and the task account is nobody at the people's endpoints."""
    with pytest.raises(NotSignedIn):
        sign_in.task(bearer(claims(email=ACCOUNT, email_verified=True)))
    with pytest.raises(NotSignedIn):
        sign_in.person(task_bearer(task_claims()))


def test_one_issuer_for_both_still_separates_them(issuers: Issuers) -> None:
    """With one issuer and even one audience for both, the claims keep people and tasks apart."""
    sign_in = SignIn(ISSUER, "clinic-ledger", ISSUER, "clinic-ledger", ACCOUNT, fetch=issuers.fetch)
    with pytest.raises(NotAllowed):
        sign_in.task(bearer(claims()))
    with pytest.raises(NotAllowed):
        sign_in.person(bearer(claims(email=ACCOUNT, email_verified=True, practice_id=None, role=None)))


def test_every_check_must_be_configured() -> None:
    """An empty setting would switch a check off, so it is an error at the start."""
    with pytest.raises(ValueError, match="service account"):
        SignIn(ISSUER, "clinic-ledger", TASKS_ISSUER, "https://ledger.example", "")


def test_keys_are_fetched_once(sign_in: SignIn, issuers: Issuers) -> None:
    """Signing in again costs no fetch: the discovery document and the keys are kept."""
    for _ in range(5):
        sign_in.person(bearer(claims()))
    assert issuers.fetched == [f"{ISSUER}/.well-known/openid-configuration", f"{ISSUER}/keys"]


def test_unreachable_issuer_is_not_the_callers_fault(sign_in: SignIn, issuers: Issuers) -> None:
    """When the keys cannot be fetched the answer is 503 with a retry, not 401."""
    issuers.down = True
    with pytest.raises(StoreUnavailable, match="sign-in keys") as caught:
        sign_in.person(bearer(claims()))
    assert (caught.value.status, caught.value.retry) == (503, True)
