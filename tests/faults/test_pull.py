"""What changed in Xero comes back, whatever was dropped, doubled, late, odd or cut short."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.times import parse_instant
from shared.services import paths, pull_changes
from shared.services.connections import open_accounting, read_tenant
from shared.services.pull_changes import converge_invoice
from tests.faults.pulling import cursor, in_xero, list_calls, log, make, pull, shown
from tests.hints import event, hint, waiting
from tests.product import TENANTS, Product
from tests.xero_simulator.accounting.demo import HARBOUR_STREET, THAMES_OSTEOPATHY

# -- each outcome --------------------------------------------------------------------------------------------


def test_every_change_comes_out_right(product: Product) -> None:
    """Paid, part paid, credited, part credited and paid, voided, edited, and a deleted draft: one pull, each with
    Xero's amounts to the cent."""
    product.ready()
    made = make(product, 6)
    product.settings(invoice_status="DRAFT")
    draft = product.invoice("a-1").json["invoice_id"]

    ids = list(made.values())
    product.by_hand(f"invoices/{ids[0]}/pay")
    product.by_hand(f"invoices/{ids[1]}/pay", amount="40.05")
    contacts = {each["InvoiceID"]: each["Contact"]["ContactID"] for each in product.invoices()}
    for invoice_id, amount in ((ids[2], 100), (ids[3], 50)):
        line = {"Description": "Credit", "Quantity": 1, "UnitAmount": amount, "AccountCode": "200"}
        note = {
            "Type": "ACCRECCREDIT",
            "Status": "AUTHORISED",
            "Contact": {"ContactID": contacts[invoice_id]},
            "Date": "2026-11-25",
            "LineItems": [line],
        }
        credit = in_xero(product, "PUT", "CreditNotes", {"CreditNotes": [note]})["CreditNotes"][0]
        product.by_hand(f"credit_notes/{credit['CreditNoteID']}/allocate", invoice_id=invoice_id)
    product.by_hand(f"invoices/{ids[3]}/pay")
    product.by_hand(f"invoices/{ids[4]}/void")
    lines = [{"Description": "Longer", "Quantity": "1.5", "UnitAmount": "99.99", "AccountCode": "200"}]
    product.by_hand(f"invoices/{ids[5]}/edit", LineItems=lines)
    product.by_hand(f"invoices/{draft}/delete")

    result = pull(product)

    assert (result.links_changed, result.stopped, result.problems) == (7, None, [])
    assert shown(product, "ap-0") == ("PAID", "110.00", "0.00", "110.00", "0.00")
    assert shown(product, "ap-1") == ("AUTHORISED", "110.00", "69.95", "40.05", "0.00")
    assert shown(product, "ap-2") == ("PAID", "110.00", "0.00", "0.00", "110.00")
    assert shown(product, "ap-3") == ("PAID", "110.00", "0.00", "55.00", "55.00")
    assert shown(product, "ap-4")[:3] == ("VOIDED", "110.00", "0.00")
    assert shown(product, "ap-5") == ("AUTHORISED", "164.99", "164.99", "0.00", "0.00")
    assert shown(product, "a-1")[0] == "DELETED"
    assert len(log(product, "invoice.paid")) == 3
    assert pull(product).links_changed == 0


def test_payment_taken_back(product: Product) -> None:
    """A payment removed in Xero makes the invoice owed again."""
    product.ready()
    invoice_id = product.invoice().json["invoice_id"]
    product.by_hand(f"invoices/{invoice_id}/pay")
    pull(product)
    assert shown(product)[0] == "PAID"
    product.advance(2)
    product.by_hand(f"payments/{product.books()['payments'][0]['PaymentID']}/delete")
    pull(product)
    assert shown(product) == ("AUTHORISED", "110.00", "110.00", "0.00", "0.00")


def test_older_answer_never_overwrites_a_newer_one(product: Product) -> None:
    """What was read before the payment arrives after what was read later: the invoice stays paid, without an entry."""
    product.ready()
    invoice_id = product.invoice().json["invoice_id"]
    accounting = open_accounting(product.ports, "demo")
    older = accounting.invoice(invoice_id)
    product.advance(2)
    product.by_hand(f"invoices/{invoice_id}/pay")
    newer = accounting.invoice(invoice_id)
    assert older is not None
    assert newer is not None
    path = paths.invoice_link("demo", "a-1")
    assert converge_invoice(product.ports, "demo", product.ports.store.get(path), newer)
    assert not converge_invoice(product.ports, "demo", product.ports.store.get(path), older)
    assert shown(product)[0] == "PAID"
    assert log(product, "invoice.changed_in_xero") == []


# -- lost, doubled, late -------------------------------------------------------------------------------------


def test_all_webhooks_lost_for_two_days(product: Product) -> None:
    """Payments of two days and not one webhook: the next sweep finds every one of them."""
    product.ready()
    made = make(product, 8)
    pull(product)
    for invoice_id in made.values():
        product.advance(6 * 3600)
        product.by_hand(f"invoices/{invoice_id}/pay")
    product.reconcile()
    assert [shown(product, appointment)[0] for appointment in made] == ["PAID"] * 8
    assert product.ok("GET", "/xero/connections/status/")["last_webhook_at"] is None


def test_doubled_and_reversed_hints_change_nothing_twice(product: Product) -> None:
    """Every hint three times, the last first: each payment is recorded once."""
    product.ready()
    made = make(product, 3)
    product.settle(10)
    for invoice_id in made.values():
        product.by_hand(f"invoices/{invoice_id}/pay")
    for invoice_id in [*reversed(made.values())] * 3:
        hint(product, event(invoice_id))
        product.advance(1)
        product.run_tasks()
    product.settle(10)
    assert [shown(product, appointment)[0] for appointment in made] == ["PAID"] * 3
    assert len(log(product, "invoice.paid")) == 3


def test_hint_while_a_pull_runs_is_not_lost(product: Product) -> None:
    """Xero has already answered the pull under way when a payment and its webhook come: another pull follows and
    brings it."""
    product.ready()
    invoice_id = product.invoice().json["invoice_id"]
    product.settle(10)
    hint(product, event())
    product.advance(3)
    product.simulator.fault("delay", method="GET", path="/api.xro/2.0/Invoices", seconds=0.6, when="after")
    pending, asked = len(product.simulator.world.faults.pending()), len(list_calls(product))
    running = threading.Thread(target=product.run_tasks)
    running.start()
    while len(product.simulator.world.faults.pending()) == pending:
        threading.Event().wait(0.01)
    threading.Event().wait(0.2)  # the answer is decided, and on its way
    product.by_hand(f"invoices/{invoice_id}/pay")
    hint(product, event(invoice_id))
    running.join()
    product.advance(3)
    product.run_tasks()
    pulls = list_calls(product)[asked:]
    assert len(pulls) == 2
    assert "PAID" not in str(pulls[0]["response"])
    assert shown(product)[0] == "PAID"


def test_outage_leaves_one_retry(product: Product) -> None:
    """Thirty hints while Xero does not answer: the retries fold into one, and the payment comes when Xero is back."""
    product.ready()
    invoice_id = product.invoice().json["invoice_id"]
    product.settle(10)
    product.by_hand(f"invoices/{invoice_id}/pay")
    product.simulator.fault("drop_before", path="/api.xro/", count=10_000)
    for _ in range(30):
        hint(product, event(invoice_id))
        product.advance(3)
        product.run_tasks()
    assert len(waiting(product)) <= 2
    product._control("DELETE", "faults")
    product.settle(60)
    assert shown(product)[0] == "PAID"


def test_unknown_and_foreign_tenants_are_harmless(product: Product) -> None:
    """Nobody's organisation, and one that the practice has given up for another: no call, no change, no alarm."""
    product.ready()
    assert pull_changes.pull_changes(product.ports, "nobody").stopped == "unknown_tenant"
    product.consent(tenants=[THAMES_OSTEOPATHY])
    product.ok("POST", "/xero/connections/select/", json={"tenant_id": THAMES_OSTEOPATHY})
    asked = len(product.xero_calls())
    assert pull(product).stopped == "unknown_tenant"
    # also when the store still names the practice, as after a half-finished change of organisation
    product.ports.store.put(paths.tenant(HARBOUR_STREET), {"practice_id": "demo"})
    assert pull(product).stopped == "unknown_tenant"
    assert len(product.xero_calls()) == asked
    assert log(product, "pull") == []


# -- the cursor ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong_by", [-3600, 3600])
def test_our_clock_an_hour_wrong_loses_nothing(product: Product, wrong_by: int) -> None:
    """The cursor is Xero's clock: with ours an hour behind or ahead, every payment is still found."""
    product.connect()
    product.clock.offset += timedelta(seconds=wrong_by)
    product.settings(invoice_status="AUTHORISED")
    made = make(product, 3)
    for appointment, invoice_id in made.items():
        pull(product)
        product.advance(2)
        product.by_hand(f"invoices/{invoice_id}/pay")
        pull(product)
        assert shown(product, appointment)[0] == "PAID"
    kept = parse_instant(str(cursor(product)))
    assert abs(kept - product.simulator.world.clock.now()) < timedelta(seconds=20)


def test_overlap_finds_what_became_visible_late(product: Product) -> None:
    """Xero answers a pull before a change of the same minute is visible: the next pull asks again from five minutes
    before, and finds it."""
    product.ready()
    invoice_id = product.invoice().json["invoice_id"]
    product.by_hand(f"invoices/{invoice_id}/pay")
    product.advance(60)
    stamp = int(product.simulator.world.clock.time() * 1000)
    nothing = {"DateTimeUTC": f"/Date({stamp})/", "Invoices": []}
    product.simulator.fault("status", method="GET", path="/api.xro/2.0/Invoices", status=200, body=nothing)
    assert pull(product).invoices_seen == 0
    kept = parse_instant(str(cursor(product)))
    assert shown(product)[0] == "AUTHORISED"
    product.advance(60)
    pull(product)
    assert shown(product)[0] == "PAID"
    asked = list_calls(product)[-1]["headers"]["If-Modified-Since"]
    since = datetime.strptime(asked + "+0000", "%Y-%m-%dT%H:%M:%S%z")
    assert timedelta(0) <= (kept - timedelta(minutes=5)) - since < timedelta(seconds=1)


def test_cursor_never_goes_back(product: Product) -> None:
    """A slow pull that ends after a later one leaves the later cursor in place."""
    product.ready()
    pull(product)
    product.advance(600)
    pull(product)
    later = cursor(product)
    stamp = int((product.simulator.world.clock.time() - 500) * 1000)
    old = {"DateTimeUTC": f"/Date({stamp})/", "Invoices": []}
    product.simulator.fault("status", method="GET", path="/api.xro/2.0/Invoices", status=200, body=old)
    pull(product)
    assert cursor(product) == later


# -- pages ---------------------------------------------------------------------------------------------------


def test_all_pages_are_read(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven changed invoices in pages of two: four pages, all seven brought up to date, in a fixed order."""
    monkeypatch.setattr(pull_changes, "PAGE_SIZE", 2)
    product.ready()
    made = make(product, 7)
    for invoice_id in made.values():
        product.by_hand(f"invoices/{invoice_id}/pay")
    result = pull(product, "INVOICE")
    assert (result.invoices_seen, result.links_changed) == (7, 7)
    assert [call["query"]["page"] for call in list_calls(product)] == ["1", "2", "3", "4"]
    assert {call["query"]["order"] for call in list_calls(product)} == {"InvoiceID"}


def test_broken_off_between_pages(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line breaks at the third page: the cursor has not moved, the pull comes back by itself and brings the
    rest."""
    monkeypatch.setattr(pull_changes, "PAGE_SIZE", 2)
    product.ready()
    made = make(product, 7)
    product.settle(10)
    before = cursor(product)
    product.advance(600)
    for invoice_id in made.values():
        product.by_hand(f"invoices/{invoice_id}/pay")
    product.simulator.fault("drop_before", method="GET", path="/api.xro/2.0/Invoices", skip=2)
    hint(product, event())
    product.advance(3)
    product.run_tasks()
    assert cursor(product) == before
    product.settle(60)
    assert [shown(product, appointment)[0] for appointment in made] == ["PAID"] * 7


class Killed(BaseException):
    """What nothing catches."""


def test_killed_between_records(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies after three of seven invoices: the next pull brings the other four, and the three are not
    recorded twice."""
    product.ready()
    made = make(product, 7)
    for invoice_id in made.values():
        product.by_hand(f"invoices/{invoice_id}/pay")
    batch, left = product.ports.store.batch, [3]

    def dies(writes: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return batch(writes)

    monkeypatch.setattr(product.ports.store, "batch", dies)
    with pytest.raises(Killed):
        pull(product, "INVOICE")
    monkeypatch.undo()
    assert cursor(product) is None
    assert pull(product, "INVOICE").links_changed == 4
    assert len(log(product, "invoice.paid")) == 7


def test_sweep_reaches_every_practice(product: Product) -> None:
    """The scheduled sweep pulls each connected clinic, contacts included, and no other."""
    for practice in ("demo", "other"):
        product.connect(practice)
    product.settle(10)
    asked = len(product.xero_calls("GET"))
    product.reconcile()
    calls = product.xero_calls("GET")[asked:]
    lists = {(call["headers"]["xero-tenant-id"], call["path"].rsplit("/", 1)[1]) for call in calls}
    assert lists == {(tenant, kind) for tenant in TENANTS.values() for kind in ("Invoices", "Contacts")}


def test_long_outage_does_not_use_up_the_day(product: Product) -> None:
    """Eight hours in which Xero drops every pull cost some dozens of calls; once it is back the payment comes, and
    the next outage is met with short waits again."""
    product.ready()
    invoice_id = product.invoice().json["invoice_id"]
    product.settle(10)
    product.by_hand(f"invoices/{invoice_id}/pay")
    product.simulator.fault("drop_before", path="/api.xro/", count=None)
    before = len(product.xero_calls())
    hint(product, event(invoice_id))
    product.settle(8 * 3600, step=30)
    assert 20 < len(product.xero_calls()) - before < 90
    product._control("DELETE", "faults")
    product.settle(660, step=30)
    assert shown(product)[0] == "PAID"
    assert read_tenant(product.ports, TENANTS["demo"])["failing_since"] is None
