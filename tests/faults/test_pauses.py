"""Limits, offline organisations, missing scopes and removed organisations: wait exactly as long as needed."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.domain.errors import ConnectionLost
from shared.domain.times import instant, parse_instant
from shared.services.connections import pause, paused_until, recover_or_lose
from tests.consents import status, token_calls
from tests.hints import event, hint
from tests.product import TENANTS, Product, running_product
from tests.xero_simulator.accounting.demo import HARBOUR_STREET, THAMES_OSTEOPATHY

SCOPE_BODY = {"Type": None, "Title": "Forbidden", "Detail": "AuthorizationUnsuccessful"}


def calls_for(product: Product, practice: str = "demo") -> int:
    """How often Xero was asked anything for the practice's organisation."""
    return sum(
        {name.lower(): value for name, value in call["headers"].items()}.get("xero-tenant-id")
        == TENANTS[practice]
        for call in product.xero_calls()
    )


def invoices_put(product: Product) -> int:
    """How many documents Xero was asked to create, however many went together."""
    calls = [call for call in product.xero_calls("PUT") if call["path"].endswith("/Invoices")]
    return sum(len(json.loads(call["body"])["Invoices"]) for call in calls)


def limit(problem: str, retry_after: int | None) -> dict[str, Any]:
    return {"kind": "rate_limit", "problem": problem, "retry_after": retry_after}


KINDS = [
    (limit("minute", 42), "minute", 42),
    (limit("minute", None), "minute", 60),
    (limit("day", 73451), "day", 73451),
    (limit("day", None), "day", 3600),
    (limit("concurrent", None), "concurrent", 5),
    (limit("concurrent", 9), "concurrent", 9),
    (limit("appminute", 30), "appminute", 30),
    (limit("appminute", None), "appminute", 60),
    (limit("lunar_cycle", None), "lunar_cycle", 60),
    (limit("not a word", 77), "unknown", 77),
    ({"kind": "offline"}, "offline", 300),
]


@pytest.mark.parametrize(("fault", "reason", "seconds"), KINDS, ids=[f"{k[1]}-{k[2]}" for k in KINDS])
def test_whole_tenant_waits_until_then(
    product: Product, fault: dict[str, Any], reason: str, seconds: int
) -> None:
    """One refusal pauses the organisation: until Xero's moment nothing of it calls Xero, its work is kept and is
    scheduled for that moment, the other clinic goes on, the status tells; then everything flows, once."""
    product.ready("demo")
    product.ready("other")
    product.advance(5)
    product.run_tasks()
    product.simulator.fault(path="/api.xro/", tenant=HARBOUR_STREET, **fault)

    asked_at = product.clock.now()
    first = product.invoice()
    assert first.status_code == 202
    assert first.json["reason"]
    seen = status(product)
    until = parse_instant(seen["paused_until"])
    assert asked_at + timedelta(seconds=seconds) <= until <= asked_at + timedelta(seconds=seconds + 3)
    assert (seen["status"], seen["pause_reason"]) == ("connected", reason)
    # the wait of the very operation, whose floor is two seconds
    assert abs(parse_instant(first.json["next_attempt_at"]) - until) < timedelta(seconds=1)

    asked = calls_for(product)
    for n in range(2, 5):
        product.appointment(f"a-{n}")
        assert product.invoice(f"a-{n}").status_code == 202
    hint(product, event())
    for left in (0.7, 0.5, 0.3):  # of the pause, as time goes on
        moment = until - timedelta(seconds=seconds * left)
        product.advance(max(0.0, (moment - product.clock.now()).total_seconds()))
        product.run_tasks()
    assert calls_for(product) == asked
    assert product.invoice(practice="other").status_code == 201

    product.advance(max(0.0, (until - product.clock.now()).total_seconds()))
    product.settle(30)
    assert status(product)["paused_until"] is None
    assert len(product.invoices()) == invoices_put(product) - 1 == 4
    product.settle(300, step=60)
    assert len(product.invoices()) == 4


def test_one_refused_call_per_pause(product: Product) -> None:
    """Ten invoices wait and Xero refuses three times in a row: three refused calls in all, not one per invoice."""
    product.ready()
    product.simulator.fault("rate_limit", path="/api.xro/", problem="minute", retry_after=30, count=3)
    for n in range(10):
        product.patient(f"q-{n}")
        product.appointment(f"q-{n}", f"q-{n}")
        product.invoice(f"q-{n}")
    product.settle(180)
    assert len([call for call in product.xero_calls() if call["status"] == 429]) == 3
    assert len(product.invoices()) == 10


def test_real_minute_limit_is_survived(tmp_path: Path) -> None:
    """The organisation allows 12 calls a minute and 15 invoices are wanted: all are made, once, with a few refusals."""
    with running_product(tmp_path, RESERVED_CALLS_MINUTE="3") as product:
        product.ready()
        product._control("POST", f"tenants/{HARBOUR_STREET}/limits", {"minute": 12})
        for n in range(15):
            product.patient(f"q-{n}")
            product.appointment(f"q-{n}", f"q-{n}")
            assert product.invoice(f"q-{n}").status_code in (201, 202)
        product.settle(900)
        assert len(product.invoices()) == 15
        assert len({invoice["Reference"] for invoice in product.invoices()}) == 15


def test_pull_waits_too_and_brings_the_payment_afterwards(product: Product) -> None:
    """The limit hits the pull that a webhook asked for: the payment arrives right after the pause, without another
    webhook."""
    product.ready()
    invoice_id = product.invoice().json["invoice_id"]
    product.by_hand(f"invoices/{invoice_id}/pay")
    product.simulator.fault("rate_limit", path="/api.xro/", problem="minute", retry_after=120)
    hint(product, event(invoice_id))
    product.advance(5)
    product.run_tasks()
    asked = calls_for(product)
    product.settle(100)
    assert calls_for(product) == asked
    product.settle(30)
    assert product.ok("GET", "/xero/invoices/a-1/", "reception")["status"] == "PAID"


def test_an_invoice_does_not_outwait_its_contact(product: Product) -> None:
    """The contact backs off for an hour, then somebody syncs the patient and it is there: the invoice that waited for
    it follows within seconds."""
    product.ready()
    product.simulator.fault("drop_before", path="/api.xro/2.0/Contacts", count=2)
    assert product.invoice().status_code == 202
    contact = next(
        d
        for d in product.ports.store.query("practices/demo/operations").items
        if d.data["kind"] == "contact_create"
    )
    product.ports.store.update(contact.path, contact.data | {"attempts": 8}, version=contact.version)
    product.advance(4000)
    assert product.invoice().status_code == 202
    waits = parse_instant(str(product.ports.store.get(contact.path).data["next_attempt_at"]))
    assert waits - product.clock.now() > timedelta(minutes=50)
    product.ok("POST", "/xero/contacts/sync_patient/", "reception", json={"patient_id": "p-1"})
    product.advance(10)
    product.run_tasks()
    assert product.ok("GET", "/xero/invoices/a-1/", "reception")["status"] == "AUTHORISED"


def test_pause_is_never_shortened(product: Product) -> None:
    """A day's pause stays when a shorter refusal comes after it; a longer one extends it."""
    product.connect()
    day = pause(product.ports, HARBOUR_STREET, "day", 5000)
    assert pause(product.ports, HARBOUR_STREET, "minute", 10) == day
    assert paused_until(product.ports, HARBOUR_STREET) == day
    assert status(product)["pause_reason"] == "day"
    longer = pause(product.ports, HARBOUR_STREET, "day", 9000)
    assert longer > day
    assert status(product)["paused_until"] == instant(longer)


def test_limit_of_the_token_endpoint(product: Product) -> None:
    """Xero's identity service asks for a wait: the work waits and nothing is taken for lost."""
    product.ready()
    product.advance(1900)
    product.simulator.fault("rate_limit", path="/connect/token", problem="appminute", retry_after=40)
    assert product.invoice().status_code == 202
    assert status(product)["status"] == "connected"
    product.settle(30)
    assert len(token_calls(product)) == 1
    product.settle(60)
    assert len(product.invoices()) == 1


def test_connecting_asks_nothing_of_an_organisation_that_rests(product: Product) -> None:
    """An owner connects again during a pause, and another time meets the limit just then: either way the organisation
    is asked at the end of the pause and not before."""
    product.ready()
    product.advance(5)
    product.run_tasks()
    for meets_it in (False, True):
        asked = calls_for(product) + meets_it
        if meets_it:
            product.simulator.fault(path="/api.xro/", **limit("day", 9000))
        else:
            pause(product.ports, HARBOUR_STREET, "day", 5000)
        product.connect()
        product.settle(600, step=30)
        assert calls_for(product) == asked
        assert status(product)["pause_reason"] == "day"
        product.settle(9000, step=300)
        assert calls_for(product) > asked


@pytest.mark.parametrize("http_status", [401, 403])
@pytest.mark.parametrize("word", ["insufficient_scope", "insufficent_scope"])
def test_missing_scope_needs_an_owner_not_a_retry(product: Product, word: str, http_status: int) -> None:
    """A missing scope, in either of Xero's spellings: the status and the list of what needs attention name it, no
    call follows, and after consenting anew the invoice is made, once."""
    product.ready()
    challenge = {"WWW-Authenticate": f'Bearer error="{word}"'}
    product.simulator.fault(
        "status", path="/api.xro/", status=http_status, body=SCOPE_BODY, headers=challenge, count=99
    )
    assert product.invoice().status_code == 202
    seen = status(product)
    assert (seen["status"], seen["reason"]) == ("needs_attention", "insufficient_scope")
    assert "permission" in seen["advice"]
    causes = [each["cause"] for each in product.ok("GET", "/xero/attention/", "reception")["items"]]
    assert causes[0] == "connection.insufficient_scope"
    asked = len(product.simulator.requests())
    product.settle(3600, step=300)
    product.reconcile()
    assert len(product.simulator.requests()) == asked

    product._control("DELETE", "faults")
    product.connect()
    product.settle(30)
    assert len(product.invoices()) == invoices_put(product) == 1


@pytest.mark.parametrize("first_refusal", [403, 401])
def test_removed_organisation_never_falls_to_another(product: Product, first_refusal: int) -> None:
    """The organisation is gone from /connections while another of the same user is still there: the write is refused
    with the reason, and the other organisation's books stay empty."""
    product.consent(tenants=[HARBOUR_STREET, THAMES_OSTEOPATHY])
    product.ok("POST", "/xero/connections/select/", json={"tenant_id": HARBOUR_STREET})
    product.patient()
    product.appointment()
    product._control("POST", "revoke", {"tenantId": HARBOUR_STREET})
    if first_refusal == 401:
        product.simulator.fault("status", path="/api.xro/", status=401, body={"Detail": "TokenExpired"})
    assert product.invoice().status_code == 202
    product.settle(600, step=30)
    product.reconcile()
    seen = status(product)
    assert (seen["status"], seen["reason"]) == ("needs_attention", "wrong_organisation")
    assert seen["tenant_id"] == HARBOUR_STREET
    for tenant in (THAMES_OSTEOPATHY, HARBOUR_STREET):
        assert product._control("GET", f"tenants/{tenant}/books")["invoices"] == []
    tenants_asked = {call["headers"].get("xero-tenant-id") for call in product.xero_calls("PUT")}
    assert THAMES_OSTEOPATHY not in tenants_asked


def test_renewed_bearer_must_still_cover_the_organisation(product: Product) -> None:
    """The bearer is refused, renewing works, but the organisation is not among the consent's any more: that is known
    at once, and nothing is repeated."""
    product.connect(tenants=[HARBOUR_STREET], user="shared-person")
    product.connect("other", user="shared-person")
    product._control("POST", "revoke", {"tenantId": HARBOUR_STREET})
    assert not recover_or_lose(product.ports, "demo", ConnectionLost("expired_token"))
    assert status(product)["reason"] == "wrong_organisation"
    assert status(product, "other")["status"] == "connected"


def test_expired_bearer_is_renewed_silently(product: Product) -> None:
    """Xero refuses the bearer once as expired: it is renewed, the invoice is made seconds later, and nobody sees an
    alarm."""
    product.ready()
    product.simulator.fault("status", path="/api.xro/", status=401, body={"Detail": "TokenExpired"})
    assert product.invoice().status_code in (201, 202)
    assert status(product)["status"] == "connected"
    product.settle(15)
    assert len(product.invoices()) == 1
    assert len(token_calls(product)) == 1
    assert product.ok("GET", "/xero/attention/", "reception")["items"] == []
    assert product.ok("GET", "/xero/logs/?outcome=failed")["items"] == []
