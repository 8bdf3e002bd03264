"""Proof that whoever asks may also speak for another practice: a second bearer token, checked like the first."""

from __future__ import annotations

from shared.bootstrap import get_sign_in
from shared.domain.errors import InvalidInput, NotAllowed, NotSignedIn
from shared.domain.people import OWNER, Person


def owner_of(practice_id: str, token: str) -> Person:
    """The owner behind the token. InvalidInput for a token that is none or has expired; NotAllowed for one that is of
    another practice or another role. A token names one practice, so nothing less proves it."""
    try:
        person = get_sign_in().person(f"Bearer {token}")
    except NotSignedIn as refused:
        raise InvalidInput.of("from_token", refused.detail) from None
    if person.practice_id != practice_id or person.role != OWNER:
        raise NotAllowed(f"This needs a token of an owner of the practice {practice_id!r}")
    return person
