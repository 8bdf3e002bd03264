"""Webhooks: signature, payload, delivery modes, retries, intent to receive."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.simulator.conftest import Inbox
from tests.simulator.tiny_books import FIRST, SECOND, tiny_books
from tests.xero_simulator.applications import WEBHOOK_KEY
from tests.xero_simulator.server import Simulator
from tests.xero_simulator.visitor import Visitor

Eventually = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def simulator(inbox: Inbox) -> Iterator[Simulator]:
    """One that delivers to the inbox."""
    with Simulator(make_books=tiny_books, webhook_url=inbox.url).running() as running:
        yield running


def put(visitor: Visitor, times: int = 1, tenant: str = FIRST) -> list[str]:
    answers = [visitor.call("PUT", "Invoices", json={}, tenant=tenant).json() for _ in range(times)]
    return [str(answer["Invoices"][0]["InvoiceID"]) for answer in answers]


def ids(inbox: Inbox) -> list[str]:
    """The resources of all received events, in order."""
    return [event["resourceId"] for body, _ in list(inbox.received) for event in json.loads(body)["events"]]


def state(visitor: Visitor) -> dict[str, Any]:
    return dict(visitor.control("GET", "webhooks").json())


def mode(visitor: Visitor, **settings: str) -> None:
    assert visitor.control("POST", "webhooks", settings).ok


def test_a_change_is_announced_signed(visitor: Visitor, inbox: Inbox, eventually: Eventually) -> None:
    """The signature is over the raw bytes, whose spaces are irregular; the event is thin."""
    (invoice,) = put(visitor)
    eventually(lambda: inbox.received)
    body, headers = inbox.received[0]
    digest = hmac.new(WEBHOOK_KEY.encode(), body, hashlib.sha256).digest()
    assert headers["x-xero-signature"] == base64.b64encode(digest).decode()
    payload = json.loads(body)
    assert json.dumps(payload).encode() != body
    assert json.dumps(payload, separators=(",", ":")).encode() != body
    assert payload["firstEventSequence"] == payload["lastEventSequence"] == 1
    assert payload["entropy"]
    (event,) = payload["events"]
    assert event.pop("eventDateUtc")[-4] == "."
    assert event == {
        "resourceUrl": f"https://api.xero.com/api.xro/2.0/Invoices/{invoice}",
        "resourceId": invoice,
        "eventType": "CREATE",
        "eventCategory": "INVOICE",
        "tenantId": FIRST,
        "tenantType": "ORGANISATION",
    }


def test_what_a_person_does_in_xero_is_announced(
    visitor: Visitor, inbox: Inbox, eventually: Eventually
) -> None:
    """An action by hand gives an UPDATE."""
    (invoice,) = put(visitor)
    eventually(lambda: len(inbox.received) == 1)
    visitor.control("POST", f"tenants/{FIRST}/invoices/{invoice}/edit", {"n": 2})
    eventually(lambda: len(inbox.received) == 2)
    assert json.loads(inbox.received[1][0])["events"][0]["eventType"] == "UPDATE"


def test_events_close_together_share_a_payload(
    simulator: Simulator, inbox: Inbox, eventually: Eventually
) -> None:
    """Several organisations may be mixed; sequences count on per app."""
    someone = Visitor(simulator.url)
    someone.connect(tenants=[FIRST, SECOND])
    mode(someone, mode="hold")
    expected = put(someone, 2) + put(someone, 1, SECOND)
    mode(someone, mode="on")
    eventually(lambda: len(ids(inbox)) == 3)
    assert ids(inbox) == expected
    assert len(inbox.received) == 1
    payload = json.loads(inbox.received[0][0])
    assert (payload["firstEventSequence"], payload["lastEventSequence"]) == (1, 3)
    assert {event["tenantId"] for event in payload["events"]} == {FIRST, SECOND}


def test_an_organisation_nobody_connected_announces_nothing(simulator: Simulator, visitor: Visitor) -> None:
    """After the disconnect a change in Xero is not told."""
    (invoice,) = put(visitor)
    mode(visitor, mode="hold")
    before = state(visitor)
    visitor.control("POST", "revoke", {"tenantId": FIRST})
    visitor.control("POST", f"tenants/{FIRST}/invoices/{invoice}/edit", {})
    after = state(visitor)
    assert (after["pending"], after["lost"]) == (before["pending"], before["lost"])


def test_hold_keeps_and_on_delivers(visitor: Visitor, inbox: Inbox, eventually: Eventually) -> None:
    """What was held comes in order."""
    mode(visitor, mode="hold")
    invoices = put(visitor, 3)
    assert state(visitor)["pending"] == 3
    assert not inbox.received
    mode(visitor, mode="on")
    eventually(lambda: state(visitor)["delivered"] == 3)
    assert ids(inbox) == invoices
    assert state(visitor)["pending"] == 0


def test_off_loses_events_for_good(visitor: Visitor, inbox: Inbox, eventually: Eventually) -> None:
    """Neither those of the time nor those held before are ever delivered."""
    mode(visitor, mode="hold")
    put(visitor)
    mode(visitor, mode="off")
    put(visitor)
    mode(visitor, mode="on")
    (last,) = put(visitor)
    eventually(lambda: inbox.received)
    assert ids(inbox) == [last]
    assert state(visitor)["lost"] == 2


def test_duplicate_delivers_twice(visitor: Visitor, inbox: Inbox, eventually: Eventually) -> None:
    """The very same payload again."""
    mode(visitor, mode="duplicate")
    put(visitor)
    eventually(lambda: len(inbox.received) == 2)
    assert inbox.received[0][0] == inbox.received[1][0]


def test_reverse_delivers_the_newest_first(visitor: Visitor, inbox: Inbox, eventually: Eventually) -> None:
    """One event a payload, last one first."""
    mode(visitor, mode="hold")
    invoices = put(visitor, 3)
    mode(visitor, mode="reverse")
    eventually(lambda: len(inbox.received) == 3)
    assert ids(inbox) == invoices[::-1]


def test_an_unknown_mode_is_refused(visitor: Visitor) -> None:
    """400 that names the modes."""
    answer = visitor.control("POST", "webhooks", {"mode": "sideways"})
    assert answer.status_code == 400
    assert "duplicate" in answer.json()["error"]


def test_url_and_key_can_be_changed(visitor: Visitor, inbox: Inbox, eventually: Eventually) -> None:
    """A rotated key signs from then on."""
    mode(visitor, key="another", url=inbox.url + "elsewhere")
    put(visitor)
    eventually(lambda: inbox.received)
    body, headers = inbox.received[0]
    digest = hmac.new(b"another", body, hashlib.sha256).digest()
    assert headers["x-xero-signature"] == base64.b64encode(digest).decode()
    assert state(visitor)["url"].endswith("elsewhere")


def test_without_a_url_nothing_is_delivered(simulator: Simulator, visitor: Visitor, inbox: Inbox) -> None:
    """Nobody listens: the events are lost and nothing fails."""
    mode(visitor, url="")
    put(visitor)
    assert state(visitor)["pending"] == 0
    assert not inbox.received


def test_a_refused_delivery_is_retried_at_once(
    visitor: Visitor, inbox: Inbox, eventually: Eventually
) -> None:
    """One failure, then success without any waiting."""
    inbox.answers = [500]
    put(visitor)
    eventually(lambda: len(inbox.received) == 2)
    eventually(lambda: state(visitor)["status"] == "ok")
    assert state(visitor)["delivered"] == 1


def test_after_that_every_fifteen_minutes(
    simulator: Simulator, visitor: Visitor, inbox: Inbox, eventually: Eventually
) -> None:
    """The third attempt comes 15 minutes later on the simulator's clock; new events wait their turn."""
    inbox.always = 500
    (first,) = put(visitor)
    eventually(lambda: len(inbox.received) == 2)
    eventually(lambda: state(visitor)["status"] == "retrying")
    (second,) = put(visitor)
    simulator.advance(14 * 60)
    assert len(inbox.received) == 2
    inbox.always = 200
    simulator.advance(61)
    eventually(lambda: state(visitor)["delivered"] == 2)
    assert ids(inbox)[2:] == [first, second]


def test_after_a_day_of_failures_the_subscription_is_disabled(
    simulator: Simulator, visitor: Visitor, inbox: Inbox, eventually: Eventually
) -> None:
    """Then nothing is sent, events are stored, and enabling it again replays them in order."""
    inbox.always = 503
    invoices = put(visitor)
    eventually(lambda: len(inbox.received) == 2)
    eventually(lambda: state(visitor)["next_attempt_at"])
    simulator.advance(24 * 3600 + 1)
    eventually(lambda: state(visitor)["status"] == "disabled")
    inbox.received.clear()
    inbox.always = 200
    visitor.tokens = visitor.refresh().json()
    invoices += put(visitor, 2)
    simulator.advance(24 * 3600)
    assert state(visitor)["pending"] == 3
    assert not inbox.received
    mode(visitor, mode="on")
    eventually(lambda: state(visitor)["delivered"] == 3)
    assert ids(inbox) == invoices


def verifies(body: bytes, signature: str) -> int:
    digest = hmac.new(WEBHOOK_KEY.encode(), body, hashlib.sha256).digest()
    return 200 if hmac.compare_digest(base64.b64encode(digest).decode(), signature) else 401


def intent(visitor: Visitor) -> dict[str, Any]:
    return dict(visitor.control("POST", "webhooks/intent_to_receive").json())


def test_intent_to_receive_passes_whoever_verifies(visitor: Visitor, inbox: Inbox) -> None:
    """Good signatures 200, spoilt ones (one character) 401, payloads without events, sequences 0."""
    inbox.judge = verifies
    outcome = intent(visitor)
    assert outcome["ok"]
    assert {(each["good"], each["status"]) for each in outcome["results"]} == {(True, 200), (False, 401)}
    body, _ = inbox.received[0]
    payload = json.loads(body)
    assert payload["events"] == []
    assert payload["firstEventSequence"] == payload["lastEventSequence"] == 0


@pytest.mark.parametrize("flaw", ["accepts everything", "body", "cookie", "refuses everything"])
def test_intent_to_receive_fails_otherwise(visitor: Visitor, inbox: Inbox, flaw: str) -> None:
    """Nor may any answer carry a body or a cookie."""
    inbox.judge = verifies
    if flaw == "accepts everything":
        inbox.judge = lambda body, signature: 200
    elif flaw == "refuses everything":
        inbox.judge = lambda body, signature: 401
    elif flaw == "body":
        inbox.body = b"ok"
    else:
        inbox.cookie = True
    outcome = intent(visitor)
    assert not outcome["ok"]
    assert (outcome["results"][0]["body_length"], outcome["results"][0]["set_cookie"]) == (
        2 if flaw == "body" else 0,
        flaw == "cookie",
    )


def test_intent_to_receive_needs_a_url(visitor: Visitor) -> None:
    """Without one it says so."""
    mode(visitor, url="")
    assert visitor.control("POST", "webhooks/intent_to_receive").status_code == 400
