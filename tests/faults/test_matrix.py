"""Every write against every way in which the network or Xero can let it down: done once, or a person is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from shared.services import invoice_actions, invoice_corrections
from tests.faults.clinic import Clinic

#: The client gives up after this while the case's fault strikes; a delayed answer takes longer.
IMPATIENT, SLOW = 0.15, 0.3

REFUSED = {"Type": None, "Title": "Unauthorized", "Status": 401, "Detail": "AuthenticationUnsuccessful"}
FAULTS: dict[str, dict[str, Any]] = {
    "drop_before": {"kind": "drop_before"},
    "drop_after_commit": {"kind": "drop_after_commit"},
    "500": {"kind": "status", "status": 500},
    "500_after_commit": {"kind": "status_after_commit", "status": 500},
    "truncated": {"kind": "garbage", "variant": "truncated"},
    "html": {"kind": "garbage", "variant": "html"},
    "wrong_content_type": {"kind": "garbage", "variant": "wrong_content_type"},
    "slow_to_arrive": {"kind": "delay", "seconds": SLOW, "when": "before"},
    "slow_to_answer": {"kind": "delay", "seconds": SLOW, "when": "after"},
    "429_minute": {"kind": "rate_limit", "problem": "minute", "retry_after": 41},
    "429_day": {"kind": "rate_limit", "problem": "day", "retry_after": 73451},
    "429_concurrent": {"kind": "rate_limit", "problem": "concurrent"},
    "429_appminute": {"kind": "rate_limit", "problem": "appminute", "retry_after": 9},
    "429_unknown": {"kind": "rate_limit", "problem": "somethingnew"},
    "503_offline": {"kind": "offline"},
    "401": {"kind": "status", "status": 401, "body": REFUSED},
    "403": {"kind": "status", "status": 403, "body": REFUSED | {"Status": 403, "Title": "Forbidden"}},
}
#: Xero certainly did nothing, so what was asked for is done in the end, whatever it is.
CERTAIN = {name for name in FAULTS if name.startswith("429") or name in ("503_offline", "401", "403")}


@dataclass(frozen=True)
class Write:
    """``first`` sets the scene, ``ask`` is what meets the fault, ``count`` how often Xero did it.

    ``name`` where it is not the kind's.
    """

    kind: str
    method: str
    path: str  # glob below /api.xro/2.0
    first: Callable[[Clinic], Any]
    ask: Callable[[Clinic], Any]
    count: Callable[[Clinic], int]
    name: str = ""


def numbered_by_xero(clinic: Clinic) -> None:
    clinic.sync()
    clinic.set("numbering", "xero")


def changed_patient(clinic: Clinic) -> None:
    clinic.sync()
    clinic.put_patient(phone="0400 000 000", email="new@example.com")


def up_to_date(clinic: Clinic) -> int:
    return sum(c.text("EmailAddress") == "new@example.com" for c in clinic.contacts())


def in_status(status: str) -> Callable[[Clinic], int]:
    return lambda clinic: sum(i.status == status for i in clinic.invoices())


def applied(clinic: Clinic) -> int:
    return sum(len(c.allocations) for c in clinic.credit_notes())


WRITES = [
    Write(
        "contact_create", "PUT", "contacts*", lambda c: None, lambda c: c.sync(), lambda c: len(c.contacts())
    ),
    Write("contact_update", "POST", "contacts/*", changed_patient, lambda c: c.sync(), up_to_date),
    Write(
        "invoice_create",
        "PUT",
        "invoices*",
        lambda c: c.sync(),
        lambda c: c.create(),
        lambda c: len(c.invoices()),
    ),
    Write(
        "invoice_create",
        "PUT",
        "invoices*",
        numbered_by_xero,
        lambda c: c.create(),
        lambda c: len(c.invoices()),
        name="invoice_create_numbered_by_xero",
    ),
    Write(
        "invoice_edit",
        "POST",
        "invoices/*",
        lambda c: c.invoiced_then_changed(),
        lambda c: c.act(invoice_corrections.update, request={}),
        lambda c: sum(i.total == 165 for i in c.invoices()),
    ),
    Write(
        "invoice_note",
        "PUT",
        "invoices/*/history",
        lambda c: c.invoiced(),
        lambda c: c.act(invoice_actions.note, text="Asked to pay in March"),
        lambda c: len(c.history()),
    ),
    Write(
        "invoice_approve",
        "POST",
        "invoices/*",
        lambda c: c.invoiced("DRAFT"),
        lambda c: c.act(invoice_actions.approve),
        in_status("AUTHORISED"),
    ),
    Write(
        "invoice_void",
        "POST",
        "invoices/*",
        lambda c: c.invoiced(),
        lambda c: c.act(invoice_actions.void),
        in_status("VOIDED"),
    ),
    Write(
        "invoice_email",
        "POST",
        "invoices/*/email",
        lambda c: c.invoiced(),
        lambda c: c.act(invoice_actions.email),
        lambda c: c.emails(),
    ),
    Write(
        "payment_create",
        "PUT",
        "payments*",
        lambda c: c.invoiced(),
        lambda c: c.pay(),
        lambda c: len(c.payments()),
    ),
    Write(
        "refund_note",
        "PUT",
        "creditnotes",
        lambda c: c.paid(),
        lambda c: c.give_back(),
        lambda c: len(c.refund_notes()),
    ),
    Write(
        "refund_create",
        "PUT",
        "payments*",
        lambda c: c.paid(),
        lambda c: c.give_back(),
        lambda c: len(c.refunds()),
    ),
    Write(
        "credit_note_create",
        "PUT",
        "creditnotes",
        lambda c: c.invoiced(),
        lambda c: c.act(invoice_actions.credit),
        lambda c: len(c.credit_notes()),
    ),
    Write(
        "credit_note_allocate",
        "PUT",
        "creditnotes/*/allocations",
        lambda c: c.invoiced(),
        lambda c: c.act(invoice_actions.credit),
        applied,
    ),
]


#: An e-mail is answered with nothing, which cannot be cut short nor have a wrong type.
CASES = [
    pytest.param(write, fault, id=f"{write.name or write.kind}-{fault}")
    for write in WRITES
    for fault in FAULTS
    if (write.kind, fault) not in [("invoice_email", "truncated"), ("invoice_email", "wrong_content_type")]
]


@pytest.mark.parametrize("late", [False, True], ids=["soon", "after_the_key"])
@pytest.mark.parametrize(("write", "fault"), CASES)
def test_once_whatever_happens(
    shared_clinic: Clinic, monkeypatch: pytest.MonkeyPatch, write: Write, fault: str, late: bool
) -> None:
    """Exactly one in Xero, the link right, the log whole, nothing waiting; an e-mail never twice."""
    clinic, product = shared_clinic, shared_clinic.product
    clinic.case()
    write.first(clinic)
    product.simulator.fault(method=write.method, path=f"/api.xro/2.0/{write.path}", **FAULTS[fault])
    with monkeypatch.context() as patch:
        if "slow" in fault:
            patch.setattr(product.ports.xero._transport, "read_timeout", IMPATIENT)  # type: ignore[attr-defined]
        write.ask(clinic)
    assert product.simulator.world.faults.pending() == []  # it struck
    first_try = clinic.operation(write.kind)
    assert (first_try.state in ("pending", "uncertain"), first_try.reason_code is None) == (True, False)
    assert clinic.log(first_try) == ["waiting"]

    if late:  # the queue rests: nobody looks until Xero has forgotten the key
        clinic.quiet()
        product.advance(460)
    if fault == "403":
        assert first_try.next_attempt_at is None
        product.connect()
    clinic.let_time_pass()
    clinic.quiet()

    operation, count = clinic.operation(write.kind), write.count(clinic)
    clinic.assert_nothing_waits()
    clinic.assert_linked()
    clinic.assert_log_is_whole()
    if write.kind == "invoice_email" and fault not in CERTAIN:
        assert (operation.state, operation.reason_code, count) in [
            ("done", None, 1),
            ("failed", "maybe_done", 0),
        ]
    else:
        assert (operation.state, count) == ("done", 1)
