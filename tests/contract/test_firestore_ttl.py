"""What Firestore deletes by itself once its time is over: the field that says so, and that nobody else sees it."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.adapters.firestore.documents import EXPIRING, TTL_FIELD
from shared.ports.store import Update
from tests.emulators import emulated_store
from tests.infra.stack_files import block

STATE = {"practice_id": "demo", "expires_at": "2026-11-24T21:10:00.000000Z"}


def test_a_state_says_when_it_may_go() -> None:
    """As a timestamp of Firestore's own, after every write; what is read is what was written."""
    store = emulated_store()
    created = store.create("oauth_states/abc", STATE)
    store.batch([Update("oauth_states/abc", STATE | {"used": True}, created.version)])
    raw = store._client.document("oauth_states/abc").get().to_dict() or {}
    assert raw[TTL_FIELD] == datetime(2026, 11, 24, 21, 10, tzinfo=UTC)
    (found,) = store.query("oauth_states").items
    assert found.data == STATE | {"used": True}


def test_nothing_else_goes_by_itself() -> None:
    """A grant has an ``expires_at`` too; deleting it would cut a practice off."""
    store = emulated_store()
    store.create("grants/abc", STATE)
    assert TTL_FIELD not in (store._client.document("grants/abc").get().to_dict() or {})


def test_terraform_says_the_same() -> None:
    """One policy, on this collection and field."""
    (collection,) = EXPIRING
    policy = block("firestore.tf", 'resource "google_firestore_field" "ttl"')
    assert f'collection = "{collection}"' in policy
    assert f'field      = "{TTL_FIELD}"' in policy
